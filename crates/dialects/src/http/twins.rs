//! Requests that are sent twice at the same moment.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

/// Lets one request at a time through under a key. A twin waits here instead of in the store's queue, where it would
/// take another request's place.
///
/// It is per node, and nothing hangs on it: the store finds twins by itself. A process that dies forgets all of it.
pub(crate) struct Twins<K: Eq + Hash>(Mutex<HashMap<K, watch::Receiver<()>>>);

/// The turn of a request. The next twin's begins when it is dropped.
pub(crate) struct Turn<'a, K: Eq + Hash> {
    twins: &'a Twins<K>,
    key: K,
    /// Its end is what twins wait for.
    _ends: watch::Sender<()>,
}

impl<K: Eq + Hash> Default for Twins<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone> Twins<K> {
    /// Waits until no other request has its turn under this key; nothing where that takes longer than `patience`.
    pub(crate) async fn turn(&self, key: K, patience: Duration) -> Option<Turn<'_, K>> {
        let end = Instant::now() + patience;
        loop {
            let mut first = match self.taken().entry(key.clone()) {
                Entry::Vacant(place) => {
                    let (ends, first) = watch::channel(());
                    place.insert(first);
                    return Some(Turn { twins: self, key, _ends: ends });
                }
                Entry::Occupied(place) => place.get().clone(),
            };
            // It changes in one way only: by its end.
            let _ = timeout_at(end, first.changed()).await.ok()?;
        }
    }
}

impl<K: Eq + Hash> Twins<K> {
    fn taken(&self) -> MutexGuard<'_, HashMap<K, watch::Receiver<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for Turn<'_, K> {
    fn drop(&mut self) {
        self.twins.taken().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn a_twin_gets_its_turn_when_the_first_has_ended() {
        let twins = Twins::default();
        let first = twins.turn("a", LONG).await.unwrap();
        assert!(twins.turn("b", Duration::ZERO).await.is_some());
        let ((), second) = tokio::join!(async { drop(first) }, twins.turn("a", LONG));
        assert!(second.is_some());
        drop(second);
        assert!(twins.taken().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_twin_does_not_wait_for_ever() {
        let twins = Twins::default();
        let _first = twins.turn("a", LONG).await.unwrap();
        assert!(twins.turn("a", LONG).await.is_none());
        assert_eq!(twins.taken().len(), 1);
    }
}

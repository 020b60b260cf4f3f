//! The scripts that are watched, in memory: a question for every output of every block.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, DefaultHasher, Hasher},
    sync::Arc,
};

use crate::RailError;

/// The scripts that are watched, as fingerprints of 8 bytes.
///
/// What was inserted is always found again. What was not is found by mistake about once in 2⁶⁴ questions for each
/// script watched; the store, which knows the scripts themselves, tells it apart. Nobody gains by forging such a
/// mistake: it costs its maker a transaction, and us one look into the store.
///
/// A script takes between 10.3 and 20.6 bytes (9 bytes a slot, and the slots are doubled when 7 of 8 are full): 18.9 MB
/// for a million. While they are doubled, the old slots are there too.
#[derive(Clone, Debug, Default)]
pub struct WatchSet {
    fingerprints: HashSet<u64, BuildHasherDefault<AsItIs>>,
}

impl WatchSet {
    /// A set with room for this many scripts.
    pub fn with_capacity(scripts: usize) -> Self {
        Self { fingerprints: HashSet::with_capacity_and_hasher(scripts, BuildHasherDefault::default()) }
    }

    /// Watches the script with these bytes from now on.
    pub fn insert(&mut self, script: &[u8]) {
        self.fingerprints.insert(fingerprint(script));
    }

    /// Forgets these bytes.
    pub(crate) fn remove(&mut self, script: &[u8]) {
        self.fingerprints.remove(&fingerprint(script));
    }

    /// Whether the script with these bytes may be watched. A "no" is certain.
    pub fn contains(&self, script: &[u8]) -> bool {
        self.fingerprints.contains(&fingerprint(script))
    }

    /// How many scripts are watched, as far as their fingerprints tell them apart.
    pub fn len(&self) -> usize {
        self.fingerprints.len()
    }

    /// Whether nothing is watched.
    pub fn is_empty(&self) -> bool {
        self.fingerprints.is_empty()
    }
}

impl<'a> Extend<&'a [u8]> for WatchSet {
    fn extend<T: IntoIterator<Item = &'a [u8]>>(&mut self, scripts: T) {
        self.fingerprints.extend(scripts.into_iter().map(fingerprint));
    }
}

/// The hash is the same for as long as the process lives, which is as long as a set does.
fn fingerprint(script: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(script);
    hasher.finish()
}

/// Knows which scripts are watched. A rail asks once it has fetched its blocks, so that an address that was given out
/// before they were made is among them.
pub trait Watched: Send {
    /// Why it may not know: a rail that asked fails by it.
    type Error: From<RailError>;

    /// The scripts that are watched now.
    ///
    /// # Errors
    /// Whatever kept it from knowing.
    fn scripts(&mut self) -> impl Future<Output = Result<Arc<WatchSet>, Self::Error>> + Send;
}

/// A set that does not change.
impl Watched for Arc<WatchSet> {
    type Error = RailError;

    async fn scripts(&mut self) -> Result<Self, RailError> {
        Ok(Self::clone(self))
    }
}

/// Hashes a fingerprint to itself: it is a hash already.
#[derive(Clone, Copy, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }

    /// Not called for a set of `u64`; it keeps the promise of a hasher all the same.
    fn write(&mut self, bytes: &[u8]) {
        self.0 = fingerprint(bytes);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_watched_at_first() {
        let set = WatchSet::default();
        assert!(set.is_empty() && !set.contains(b"") && !set.contains(&[0; 20]));
    }

    #[test]
    fn a_script_that_was_not_inserted_is_not_found() {
        let mut set = WatchSet::with_capacity(100_000);
        let scripts: Vec<[u8; 20]> = (0_u32..200_000).map(account).collect();
        let (watched, others) = scripts.split_at(100_000);
        set.extend(watched.iter().map(<[u8; 20]>::as_slice));
        assert_eq!(set.len(), watched.len());
        assert!(watched.iter().all(|script| set.contains(script)));
        // By chance one of them would be found in one of 10¹¹ runs of other numbers; with these none is.
        assert!(!others.iter().any(|script| set.contains(script)));
    }

    #[test]
    fn scripts_that_differ_in_length_only_are_told_apart() {
        let mut set = WatchSet::default();
        set.insert(&[0; 20]);
        assert!(set.contains(&[0; 20]));
        assert!(!set.contains(&[0; 19]) && !set.contains(&[0; 21]) && !set.contains(&[]));
    }

    fn account(number: u32) -> [u8; 20] {
        let mut account = [0; 20];
        account[16..].copy_from_slice(&number.to_be_bytes());
        account
    }

    proptest! {
        #[test]
        fn what_was_inserted_is_found(scripts: Vec<Vec<u8>>) {
            let mut set = WatchSet::default();
            for script in &scripts {
                set.insert(script);
                prop_assert!(set.contains(script));
            }
            prop_assert!(scripts.iter().all(|script| set.contains(script)));
        }
    }
}

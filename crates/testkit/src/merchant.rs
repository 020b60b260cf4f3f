//! A merchant's server. It records what arrives, to the byte, and answers as a test says, politely or not.
//!
//! It speaks plain HTTP/1.1 over raw sockets, because no well-kept server would reset, garble or trickle an answer.
//! Every wait is bounded by [`PATIENCE`]: a test fails with a word about what did not happen, and never hangs.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::{JoinHandle, JoinSet},
    time,
};

mod answer;
mod hit;

pub use answer::Answer;
pub use hit::Hit;

use answer::After;
use hit::Reader;

/// How long a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A server on a free port of 127.0.0.1. It takes any number of connections and keeps them open between requests.
///
/// Until a test says otherwise it answers 200 with an empty body. When it is dropped, so are its connections, hanging
/// ones too.
pub struct Merchant {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    standing: Answer,
    queued: VecDeque<Answer>,
    /// What is answered where a path begins like this.
    at: Vec<(String, Answer)>,
    hits: Vec<Hit>,
    /// How many hits [`Merchant::next`] has handed out.
    taken: usize,
    connections: usize,
    /// Bytes written in answer to a hit, once that has ended.
    ended: BTreeMap<usize, u64>,
}

impl Merchant {
    /// Starts a server.
    ///
    /// # Panics
    /// When 127.0.0.1 has no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on 127.0.0.1");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::<Shared>::default();
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self { address, shared, server }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers every further request like this.
    pub fn answer(&self, answer: Answer) {
        self.shared.state().standing = answer;
    }

    /// Answers the next request like this, after those that were queued before; then as before.
    pub fn answer_next(&self, answer: Answer) {
        self.shared.state().queued.push_back(answer);
    }

    /// Answers every further request like this whose path with its query begins so, in place of what was said of the
    /// same beginning before.
    pub fn answer_at(&self, beginning: &str, answer: Answer) {
        let at = &mut self.shared.state().at;
        at.retain(|(known, _)| known != beginning);
        at.push((beginning.to_owned(), answer));
    }

    /// The next request that was not yet taken from here, in the order of arrival; waits for it.
    ///
    /// # Panics
    /// When none arrives within [`PATIENCE`].
    pub async fn next(&self) -> Hit {
        self.wait("a request arrives", |state| {
            let hit = state.hits.get(state.taken).cloned()?;
            state.taken += 1;
            Some(hit)
        })
        .await
    }

    /// Waits until the answer to a request has ended, because it was complete or because the other side went away. How
    /// many bytes of it were written.
    ///
    /// # Panics
    /// When it has not ended within [`PATIENCE`].
    pub async fn ended(&self, index: usize) -> u64 {
        self.wait("an answer ends", |state| state.ended.get(&index).copied()).await
    }

    /// All requests so far.
    pub fn hits(&self) -> Vec<Hit> {
        self.shared.state().hits.clone()
    }

    /// How many connections were made, also those without a request.
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// Stops: from here on connections to its address are refused.
    pub async fn stop(mut self) {
        self.server.abort();
        // The listener is closed once the task is gone. The error says that it was aborted.
        let _ = (&mut self.server).await;
    }

    async fn wait<T>(&self, what: &str, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        let found = time::timeout(PATIENCE, async {
            loop {
                // Interest is registered before the look, so that nothing slips in between.
                let mut changed = std::pin::pin!(self.shared.changed.notified());
                changed.as_mut().enable();
                if let Some(found) = look(&mut self.shared.state()) {
                    return found;
                }
                changed.await;
            }
        });
        found.await.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain until {what}"))
    }
}

impl Drop for Merchant {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    /// The state. A test that panicked while it held the lock fails by itself.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request, and finds out how it is answered.
    fn arrived(&self, mut hit: Hit) -> (usize, Answer) {
        let mut state = self.state();
        let index = state.hits.len();
        hit.index = index;
        let queued = state.queued.pop_front();
        let at = state.at.iter().find(|(beginning, _)| hit.path.starts_with(beginning));
        let standing = at.map_or(&state.standing, |(_, answer)| answer);
        let answer = queued.unwrap_or_else(|| standing.clone());
        state.hits.push(hit);
        drop(state);
        self.changed.notify_waiters();
        (index, answer)
    }

    fn ended(&self, index: usize, written: u64) {
        self.state().ended.insert(index, written);
        self.changed.notify_waiters();
    }
}

/// Takes connections until it is aborted, and with it all of them.
async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        shared.state().connections += 1;
        connections.spawn(converse(stream, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

/// Reads requests of one connection and answers them, until one side is done with it.
async fn converse(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut reader = Reader::default();
    while let Some(hit) = reader.read(&mut stream).await {
        let (index, answer) = shared.arrived(hit);
        let mut written = 0;
        let after = answer.play(&mut stream, &mut written).await;
        if after == After::Keep {
            shared.ended(index, written);
        } else {
            // Closed before it is told, so that whoever waits for it finds it closed.
            drop(stream);
            return shared.ended(index, written);
        }
    }
}

#[cfg(test)]
mod tests;

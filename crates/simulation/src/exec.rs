//! Runs futures one poll at a time. Between two polls whatever a future waits for has been answered, so that nothing
//! but the choice of the next one decides what happens.

use std::{
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::Thread,
    time::Duration,
};

/// How long an answer of the store may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Something that somebody does.
pub(crate) struct Task {
    /// On which node.
    pub(crate) node: usize,
    /// What the trace calls it.
    pub(crate) name: &'static str,
    /// Whether something that it waited for failed on purpose.
    pub(crate) faulted: bool,
    future: Pin<Box<dyn Future<Output = ()>>>,
}

impl Task {
    pub(crate) fn new(node: usize, name: &'static str, future: impl Future<Output = ()> + 'static) -> Self {
        Self { node, name, faulted: false, future: Box::pin(future) }
    }

    /// Polls it once, and waits until it can be polled again; whether it has ended.
    pub(crate) fn step(&mut self, gate: &Gate) -> bool {
        poll(self.future.as_mut(), Some(gate)).is_some()
    }
}

/// Runs a future to its end.
pub(crate) fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    loop {
        if let Some(answer) = poll(future.as_mut(), None) {
            return answer;
        }
    }
}

/// Keeps the store's threads from what they are asked for until whoever asked has gone to wait for the answer: else it
/// would be a matter of luck whether an answer is there already when it is first looked for.
pub(crate) struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Default for Gate {
    fn default() -> Self {
        Self { is_open: Mutex::new(true), opened: Condvar::new() }
    }
}

impl Gate {
    /// Goes on once the gate is open.
    pub(crate) fn pass(&self) {
        let is_open = self.is_open.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.opened.wait_timeout_while(is_open, PATIENCE, |is_open| !*is_open);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn set(&self, is_open: bool) {
        *self.is_open.lock().unwrap_or_else(PoisonError::into_inner) = is_open;
        self.opened.notify_all();
    }
}

struct Bell {
    thread: Thread,
    rung: AtomicBool,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

fn poll<T>(future: Pin<&mut (impl Future<Output = T> + ?Sized)>, gate: Option<&Gate>) -> Option<T> {
    let bell = Arc::new(Bell { thread: std::thread::current(), rung: AtomicBool::new(false) });
    let waker = Waker::from(Arc::clone(&bell));
    if let Some(gate) = gate {
        gate.set(false);
    }
    let polled = future.poll(&mut Context::from_waker(&waker));
    if let Some(gate) = gate {
        gate.set(true);
    }
    if let Poll::Ready(answer) = polled {
        return Some(answer);
    }
    let begun = std::time::Instant::now();
    while !bell.rung.load(Ordering::SeqCst) {
        assert!(begun.elapsed() < PATIENCE, "something waits for what nobody does");
        std::thread::park_timeout(PATIENCE);
    }
    None
}

/// A moment at which others may go on.
pub(crate) async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

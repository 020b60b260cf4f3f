//! What every driver has to keep. The suite is a list of functions over a store, so that a second driver runs the same.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::{
    pin::Pin,
    sync::{Arc, mpsc},
    task::Poll,
};

use domain::{
    id::{Entropy, Id, MerchantId},
    merchant::{Merchant, Name},
    refusal::{Failure, Refusal},
    time::{Clock, Timestamp},
};
use store::{Abort, Settings, Store, merchants};

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_781_611_200)
    }
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn open(folder: &tempfile::TempDir) -> Store {
    let settings = Settings { path: folder.path().join("test.db"), readers: 2 };
    Store::open(&settings, Arc::new(Still), Arc::new(Zeros)).expect("a database")
}

fn fresh() -> (tempfile::TempDir, Arc<Store>) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(&folder);
    (folder, Arc::new(store))
}

fn merchant(number: u8) -> Merchant {
    let created_at = Timestamp::from_seconds(i64::from(number));
    Merchant { id: Id::from_bytes([number; 16]), name: Name::parse("Merchant").unwrap(), created_at }
}

async fn add(store: &Store, number: u8) -> Result<(), Failure> {
    store.transact("test.add", move |tx| Ok(merchants::insert(tx, &merchant(number))?)).await
}

async fn there(store: &Store, number: u8) -> bool {
    let id: MerchantId = Id::from_bytes([number; 16]);
    store.read("test.there", move |rx| Ok(merchants::get(rx, id)?.is_some())).await.unwrap()
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    add(&open(&folder), 1).await.unwrap();
    assert!(there(&open(&folder), 1).await);
}

#[tokio::test]
async fn a_refusal_undoes_everything_that_the_job_did() {
    let (_folder, store) = fresh();
    let refused: Result<(), Failure> = store
        .transact("test.refuse", |tx| {
            merchants::insert(tx, &merchant(1))?;
            Err(Refusal::NothingDue.into())
        })
        .await;
    assert_eq!(refused, Err(Failure::Refused(Refusal::NothingDue)));
    assert!(!there(&store, 1).await);
}

/// Holds the writer inside a job until the returned sender is used or dropped.
async fn hold_writer(store: &Arc<Store>) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Result<(), Failure>>) {
    let (go, wait) = mpsc::channel::<()>();
    let (entered, has_entered) = tokio::sync::oneshot::channel();
    let entered = std::sync::Mutex::new(Some(entered));
    let wait = std::sync::Mutex::new(wait);
    let store = Arc::clone(store);
    let held = tokio::spawn(async move {
        let job = move |_: &mut store::Tx<'_>| -> Result<(), Abort> {
            if let Some(entered) = entered.lock().unwrap().take() {
                let _ = entered.send(());
            }
            let _ = wait.lock().unwrap().recv();
            Ok(())
        };
        store.transact("test.hold", job).await
    });
    has_entered.await.unwrap();
    (go, held)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_job_of_a_group_that_fails_takes_no_other_with_it() {
    let (_folder, store) = fresh();
    let (go, held) = hold_writer(&store).await;
    let mut jobs = Vec::new();
    for number in 1..=6 {
        let job = move |tx: &mut store::Tx<'_>| -> Result<(), Abort> {
            merchants::insert(tx, &merchant(number))?;
            match number {
                2 => Err(Refusal::NothingDue.into()),
                3 => panic!("a planted panic"),
                // The key is taken: a fault in the middle of the group.
                4 => Ok(merchants::insert(tx, &merchant(1))?),
                _ => Ok(()),
            }
        };
        let mut job = Box::pin(store.transact("test.group", job));
        // Polled once it stands in the queue. They wait there together, and so become one group.
        assert_eq!(poll_once(job.as_mut()).await, None);
        jobs.push(job);
    }
    drop(go);
    held.await.unwrap().unwrap();
    let mut results = Vec::new();
    for job in jobs {
        results.push(job.await);
    }
    assert_eq!(results[0], Ok(()));
    assert_eq!(results[1], Err(Failure::Refused(Refusal::NothingDue)));
    assert!(matches!(results[2], Err(Failure::Internal { .. })));
    assert!(matches!(results[3], Err(Failure::Internal { .. })));
    assert_eq!(results[4..], [Ok(()), Ok(())]);
    for (number, expected) in [(1, true), (2, false), (3, false), (4, false), (5, true), (6, true)] {
        assert_eq!(there(&store, number).await, expected, "merchant {number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_do_not_wait_for_writes_and_see_only_what_is_committed() {
    let (_folder, store) = fresh();
    add(&store, 1).await.unwrap();
    let (go, held) = hold_writer(&store).await;
    assert!(there(&store, 1).await);
    assert!(!there(&store, 2).await);
    drop(go);
    held.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_refuses_at_once_and_heals() {
    let (_folder, store) = fresh();
    let (go, held) = hold_writer(&store).await;
    let mut queued = Vec::new();
    let refused = loop {
        let mut job = Box::pin(store.transact("test.many", |_| Ok(())));
        match poll_once(job.as_mut()).await {
            None => queued.push(job),
            Some(answer) => break answer,
        }
    };
    assert!(matches!(refused, Err(Failure::Unavailable { .. })));
    assert!(queued.len() >= 256, "a queue takes more than one group");
    drop(go);
    held.await.unwrap().unwrap();
    for job in queued {
        assert_eq!(job.await, Ok(()));
    }
    assert_eq!(add(&store, 1).await, Ok(()));
}

#[tokio::test]
async fn a_job_of_a_caller_who_left_is_done_all_the_same() {
    let (_folder, store) = fresh();
    let (go, held) = hold_writer(&store).await;
    {
        let mut left = Box::pin(add(&store, 1));
        assert_eq!(poll_once(left.as_mut()).await, None, "it stands in the queue when its caller goes");
    }
    drop(go);
    held.await.unwrap().unwrap();
    // The next write stands behind it in the queue.
    add(&store, 2).await.unwrap();
    assert!(there(&store, 1).await);
}

/// Polls a future once: its answer, where it has one at once.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

#[tokio::test]
async fn a_panicking_read_harms_nobody() {
    let (_folder, store) = fresh();
    for _ in 0..8 {
        let broken: Result<(), Failure> = store.read("test.panic", |_| panic!("a planted panic")).await;
        assert!(matches!(broken, Err(Failure::Internal { .. })));
    }
    assert!(!there(&store, 1).await);
}

/// Begins a job that holds the last reference to its store, lets go of everything else, and says whether its thread
/// went on to end in order.
async fn ends_in_order(begin: impl FnOnce(Arc<Store>, mpsc::Receiver<()>, Last)) -> bool {
    let (_folder, store) = fresh();
    let (open_gate, gate) = mpsc::channel();
    let (ended, end) = tokio::sync::oneshot::channel();
    begin(store, gate, Last(Some(ended)));
    open_gate.send(()).unwrap();
    end.await.unwrap()
}

/// Dropped after the store that is dropped with it, and tells whether that went well.
struct Last(Option<tokio::sync::oneshot::Sender<bool>>);

impl Drop for Last {
    fn drop(&mut self) {
        let _ = self.0.take().map(|ended| ended.send(!std::thread::panicking()));
    }
}

/// What a job keeps: fields are dropped in their order.
struct Kept {
    _store: Arc<Store>,
    _last: Last,
}

fn leave<T>(future: impl Future<Output = T>) {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let _ = std::pin::pin!(future).poll(&mut context);
}

#[tokio::test]
async fn the_last_owner_of_a_store_may_be_one_of_its_own_jobs() {
    let writes = |store: Arc<Store>, gate: mpsc::Receiver<()>, last| {
        let kept = Kept { _store: Arc::clone(&store), _last: last };
        let job = move |_: &mut store::Tx<'_>| -> Result<(), Abort> {
            let _ = (&kept, gate.recv());
            Ok(())
        };
        leave(store.transact("test.last", job));
    };
    assert!(ends_in_order(writes).await, "a write");
    let reads = |store: Arc<Store>, gate: mpsc::Receiver<()>, last| {
        let kept = Kept { _store: Arc::clone(&store), _last: last };
        let job = move |_: &mut store::Rx<'_>| -> Result<(), Abort> {
            let _ = (&kept, gate.recv());
            Ok(())
        };
        leave(store.read("test.last", job));
    };
    assert!(ends_in_order(reads).await, "a read");
}

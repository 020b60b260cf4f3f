//! What both drivers have to keep.

use std::{
    pin::Pin,
    sync::{Arc, mpsc},
    task::Poll,
};

use domain::{
    id::{Id, MerchantId},
    merchant::{Merchant, Name},
    refusal::{Failure, Refusal},
    time::Timestamp,
};
use store::{Abort, Store, merchants};

use crate::support::{Database, on_both};

on_both! {
    what_was_answered_is_there_after_a_restart;
    a_refusal_undoes_everything_that_the_job_did;
    one_job_that_fails_takes_no_other_with_it;
    reads_do_not_wait_for_writes_and_see_only_what_is_committed;
    a_read_sees_one_moment;
    a_full_queue_refuses_at_once_and_heals;
    a_job_of_a_caller_who_left_is_done_all_the_same;
    a_panicking_read_harms_nobody;
    the_last_owner_of_a_store_may_be_one_of_its_own_jobs;
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

async fn what_was_answered_is_there_after_a_restart(database: Database) {
    add(&database.open(), 1).await.unwrap();
    assert!(there(&database.open(), 1).await);
}

async fn a_refusal_undoes_everything_that_the_job_did(database: Database) {
    let store = Arc::new(database.open());
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

async fn one_job_that_fails_takes_no_other_with_it(database: Database) {
    let store = Arc::new(database.open());
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

async fn reads_do_not_wait_for_writes_and_see_only_what_is_committed(database: Database) {
    let store = Arc::new(database.open());
    add(&store, 1).await.unwrap();
    let (go, held) = hold_writer(&store).await;
    assert!(there(&store, 1).await);
    assert!(!there(&store, 2).await);
    drop(go);
    held.await.unwrap().unwrap();
}

async fn a_read_sees_one_moment(database: Database) {
    let store = Arc::new(database.open());
    add(&store, 1).await.unwrap();
    let (look, looks) = mpsc::channel::<()>();
    let (seen, has_seen) = tokio::sync::oneshot::channel();
    let (looks, seen) = (std::sync::Mutex::new(looks), std::sync::Mutex::new(Some(seen)));
    let reading = Arc::clone(&store);
    let read = tokio::spawn(async move {
        let job = move |rx: &mut store::Rx<'_>| -> Result<(bool, bool), Abort> {
            let first = merchants::get(rx, Id::from_bytes([2; 16]))?.is_some();
            if let Some(seen) = seen.lock().unwrap().take() {
                let _ = seen.send(());
            }
            let _ = looks.lock().unwrap().recv();
            Ok((first, merchants::get(rx, Id::from_bytes([2; 16]))?.is_some()))
        };
        reading.read("test.moment", job).await
    });
    has_seen.await.unwrap();
    add(&store, 2).await.unwrap();
    look.send(()).unwrap();
    assert_eq!(read.await.unwrap(), Ok((false, false)), "what is committed meanwhile is not in the view");
    assert!(there(&store, 2).await);
}

async fn a_full_queue_refuses_at_once_and_heals(database: Database) {
    let store = Arc::new(database.open());
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
    assert!(queued.len() >= 64, "a queue takes a burst");
    drop(go);
    held.await.unwrap().unwrap();
    for job in queued {
        assert_eq!(job.await, Ok(()));
    }
    assert_eq!(add(&store, 1).await, Ok(()));
}

async fn a_job_of_a_caller_who_left_is_done_all_the_same(database: Database) {
    let store = Arc::new(database.open());
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

async fn a_panicking_read_harms_nobody(database: Database) {
    let store = Arc::new(database.open());
    for _ in 0..8 {
        let broken: Result<(), Failure> = store.read("test.panic", |_| panic!("a planted panic")).await;
        assert!(matches!(broken, Err(Failure::Internal { .. })));
    }
    assert!(!there(&store, 1).await);
}

/// Begins a job that holds the last reference to its store, lets go of everything else, and says whether its thread
/// went on to end in order.
async fn ends_in_order(
    database: &Database,
    begin: impl FnOnce(Arc<Store>, mpsc::Receiver<()>, Last),
) -> bool {
    let store = Arc::new(database.open());
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

async fn the_last_owner_of_a_store_may_be_one_of_its_own_jobs(database: Database) {
    let writes = |store: Arc<Store>, gate: mpsc::Receiver<()>, last| {
        let kept = Kept { _store: Arc::clone(&store), _last: last };
        let job = move |_: &mut store::Tx<'_>| -> Result<(), Abort> {
            let _ = (&kept, gate.recv());
            Ok(())
        };
        leave(store.transact("test.last", job));
    };
    assert!(ends_in_order(&database, writes).await, "a write");
    let reads = |store: Arc<Store>, gate: mpsc::Receiver<()>, last| {
        let kept = Kept { _store: Arc::clone(&store), _last: last };
        let job = move |_: &mut store::Rx<'_>| -> Result<(), Abort> {
            let _ = (&kept, gate.recv());
            Ok(())
        };
        leave(store.read("test.last", job));
    };
    assert!(ends_in_order(&database, reads).await, "a read");
}

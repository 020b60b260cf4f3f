//! The threads that only read: each has a connection, and sees one consistent moment per job.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread::JoinHandle,
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    Abort, OpenError, Verdict,
    fault::Fault,
    probe::{self, Probe},
    sqlite::{health, slices::Slices},
    tx::Rx,
};

/// Reads that may wait for each connection.
const QUEUE_PER_READER: usize = 256;

/// Kibibytes of pages that each reader keeps; the kernel keeps the rest.
const CACHE_KIB: i64 = 8_192;

type Job = Box<dyn FnOnce(&Connection, &Slices) + Send>;

pub(crate) struct Reader {
    queue: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Reader {
    pub(crate) fn start(
        path: &Path,
        count: usize,
        slices: &Arc<Slices>,
        probe: Option<&Arc<dyn Probe>>,
    ) -> Result<Self, OpenError> {
        let count = count.max(1);
        let (queue, jobs) = bounded::<Job>(QUEUE_PER_READER * count);
        let start = |number| start_one(path, number, jobs.clone(), Arc::clone(slices), probe.cloned());
        let threads = (0..count).map(start).collect::<Result<_, _>>()?;
        Ok(Self { queue: Some(queue), threads })
    }

    pub(crate) async fn run<T, F>(&self, _name: &'static str, job: F) -> Result<T, Verdict>
    where
        T: Send + 'static,
        F: Fn(&mut Rx<'_>) -> Result<T, Abort> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection, slices| {
            let result = catch_unwind(AssertUnwindSafe(|| look(connection, slices, &job)));
            let answer = result.map_or(Err(Verdict::Panicked), |looked| looked.map_err(Verdict::Aborted));
            let _ = caller.send(answer);
        });
        match self.queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => answer.await.unwrap_or(Err(Verdict::Later("the readers have ended"))),
            Some(Err(TrySendError::Full(_))) => Err(Verdict::Later("the queue of reads is full")),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(Verdict::Later("the readers have ended")),
        }
    }
}

fn start_one(
    path: &Path,
    number: usize,
    jobs: Receiver<Job>,
    slices: Arc<Slices>,
    probe: Option<Arc<dyn Probe>>,
) -> Result<JoinHandle<()>, OpenError> {
    let connection = super::connect(path)?;
    let prepare = || -> rusqlite::Result<()> {
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)
    };
    prepare().map_err(|source| OpenError::Unusable { path: path.to_owned(), source })?;
    std::thread::Builder::new()
        .name(format!("store-reader-{number}"))
        .spawn(move || {
            probe::attach(probe);
            jobs.iter().for_each(|job| job(&connection, &slices));
        })
        .map_err(|error| OpenError::Migration(format!("no thread for a reader: {error}")))
}

/// Runs `job` inside a read transaction, so that all its statements see the same moment.
fn look<T>(
    connection: &Connection,
    slices: &Slices,
    job: impl Fn(&mut Rx<'_>) -> Result<T, Abort>,
) -> Result<T, Abort> {
    let execute = |text: &str| -> Result<(), Fault> {
        connection.prepare_cached(text)?.execute([])?;
        Ok(())
    };
    probe::begin();
    execute("begin")?;
    let view = EndView(connection);
    let result = job(&mut Rx::sqlite(connection, slices));
    if let Err(Abort::Fault(fault)) = &result {
        health::stop_on_damage(fault);
    }
    drop(view);
    result
}

/// Ends the view whatever becomes of the job: a view that stayed open would keep the log from ever being moved.
struct EndView<'c>(&'c Connection);

impl Drop for EndView<'_> {
    fn drop(&mut self) {
        let ended = self.0.prepare_cached("rollback").and_then(|mut statement| statement.execute([]));
        if let Err(error) = ended {
            tracing::error!(%error, "a view of the database did not end");
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        drop(self.queue.take());
        // As for the writer: a thread that is the last owner does not wait for itself.
        for thread in self.threads.drain(..).filter(|thread| !super::is_this(thread)) {
            let _ = thread.join();
        }
    }
}

//! Threads that each own a connection, and take jobs from one queue.
//!
//! A job whose transaction met another's (a deadlock, a key that was taken in the same moment) simply runs again. A
//! connection that was lost before the commit has changed nothing, so the job runs again on a new one, once; one that
//! was lost while committing has changed something or nothing, and its caller is told exactly that.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio_postgres::error::SqlState;

use super::{
    gate,
    session::{CommitError, Session},
    url::PostgresUrl,
};
use crate::{
    Abort, OpenError, Verdict,
    fault::{Fault, Severity},
    job::{self, Job},
    tx::Tx,
};

/// Jobs that may wait for each connection.
const QUEUE_PER_CONNECTION: usize = 64;

/// How often a job runs again because it met another.
const RUNS: u32 = 10;

/// How long nobody tries to connect after a try that failed: what waits meanwhile is told to come back later.
const PAUSE: Duration = Duration::from_millis(250);

/// What the connections of a pool are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Transactions that see what others commit while they run, and lock what they change.
    Write,
    /// Views of one moment.
    Read,
}

impl Kind {
    const fn begin(self) -> &'static str {
        match self {
            Self::Write => "begin isolation level read committed",
            Self::Read => "begin isolation level repeatable read read only",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Write => "store-writer",
            Self::Read => "store-reader",
        }
    }
}

pub(crate) struct Pool {
    queue: Option<Sender<Box<dyn Job>>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts `count` threads. They connect when they have something to do.
    pub(crate) fn start(url: &PostgresUrl, kind: Kind, count: usize) -> Result<Self, OpenError> {
        let count = count.max(1);
        let (queue, jobs) = bounded(QUEUE_PER_CONNECTION.saturating_mul(count));
        let outage = Arc::new(Outage::default());
        let start = |number: usize| {
            let mut worker = Worker { url: url.clone(), kind, session: None, outage: Arc::clone(&outage) };
            let jobs: Receiver<Box<dyn Job>> = jobs.clone();
            std::thread::Builder::new()
                .name(format!("{}-{number}", kind.name()))
                .spawn(move || jobs.iter().for_each(|job| worker.take(job)))
                .map_err(|error| OpenError::Migration(format!("no thread for a connection: {error}")))
        };
        let threads = (0..count).map(start).collect::<Result<_, _>>()?;
        Ok(Self { queue: Some(queue), threads })
    }

    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, Verdict>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Abort> + Send + 'static,
    {
        let (job, answer) = job::job(work);
        match self.queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => answer.await.unwrap_or(Err(Verdict::Later("the connections have ended"))),
            Some(Err(TrySendError::Full(_))) => Err(Verdict::Later("the queue for connections is full")),
            Some(Err(TrySendError::Disconnected(_))) | None => {
                Err(Verdict::Later("the connections have ended"))
            }
        }
    }
}

impl Drop for Pool {
    /// Lets the threads finish what waits.
    fn drop(&mut self) {
        drop(self.queue.take());
        // The last owner may be a job: a thread cannot wait for its own end, and ends by itself.
        for thread in self.threads.drain(..) {
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

/// When a connection was last tried for and not had. Without it, each waiting job would wait for its own try.
#[derive(Default)]
struct Outage(Mutex<Option<Instant>>);

impl Outage {
    fn is_fresh(&self) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last.elapsed() < PAUSE)
    }

    /// Notes how a try ended; whether that is news.
    fn note(&self, failed: bool) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let was_failing = last.is_some();
        *last = failed.then(Instant::now);
        was_failing != failed
    }
}

/// How one run of a job ended.
enum Ran {
    /// It is over: this is its verdict, if it has one.
    Over(Option<Verdict>),
    /// It met another job.
    Again(Fault),
    /// The connection was lost before anything was kept.
    Lost,
}

struct Worker {
    url: PostgresUrl,
    kind: Kind,
    session: Option<Session>,
    outage: Arc<Outage>,
}

impl Worker {
    /// Runs a job until it has an answer.
    fn take(&mut self, mut job: Box<dyn Job>) {
        let verdict = self.verdict(&mut *job);
        job.answer(verdict);
        // A view has nothing to keep, and nobody waits for its end.
        if self.kind == Kind::Read && self.session.as_mut().is_some_and(|session| !session.roll_back()) {
            self.session = None;
        }
    }

    fn verdict(&mut self, job: &mut dyn Job) -> Option<Verdict> {
        let mut was_lost = false;
        let mut met = None;
        for _ in 0..RUNS {
            let kind = self.kind;
            let Some(session) = self.session() else {
                return Some(Verdict::Later("there is no connection to the database"));
            };
            match run(session, kind, job) {
                Ran::Over(verdict) => {
                    if matches!(verdict, Some(Verdict::Unknown)) {
                        self.session = None;
                    }
                    return verdict;
                }
                Ran::Again(fault) => met = Some(fault),
                Ran::Lost => {
                    self.session = None;
                    if was_lost {
                        return Some(Verdict::Later("the connection to the database was lost"));
                    }
                    was_lost = true;
                }
            }
        }
        // What is taken for good was never a race.
        let taken = met.filter(|fault| fault.code() == Some(&SqlState::UNIQUE_VIOLATION));
        Some(taken.map_or(Verdict::Later("others were quicker, again and again"), |fault| {
            Verdict::Aborted(Abort::Fault(fault))
        }))
    }

    /// The connection, made anew where it was lost.
    fn session(&mut self) -> Option<&mut Session> {
        if self.session.is_none() {
            if self.outage.is_fresh() {
                return None;
            }
            let made = gate::connect(&self.url);
            let is_news = self.outage.note(made.is_err());
            match made {
                Ok(session) => {
                    if is_news {
                        tracing::info!(database = %self.url, "connected again");
                    }
                    self.session = Some(session);
                }
                Err(error) if is_news => {
                    tracing::error!(%error, database = %self.url, "no connection to the database");
                }
                Err(_) => {}
            }
        }
        self.session.as_mut()
    }
}

fn run(session: &mut Session, kind: Kind, job: &mut dyn Job) -> Ran {
    session.begin(kind.begin());
    let ran = catch_unwind(AssertUnwindSafe(|| job.run(&mut Tx::postgres(session))));
    let (abort, can_go_on) = match ran {
        Ok(Ok(())) if kind == Kind::Read => return Ran::Over(None),
        Ok(Ok(())) => match session.commit() {
            Ok(()) => return Ran::Over(None),
            Err(CommitError::Unknown(fault)) => {
                tracing::error!(%fault, "it is not known whether a commit was done");
                return Ran::Over(Some(Verdict::Unknown));
            }
            // The transaction is over: there is nothing to roll back, and the database would warn of that.
            Err(CommitError::Undone(fault)) => (Some(Abort::Fault(fault)), true),
        },
        Ok(Err(abort)) => (Some(abort), session.roll_back()),
        Err(_) => (None, session.roll_back()),
    };
    match abort {
        Some(Abort::Fault(fault)) => match fault.severity() {
            Severity::Again if can_go_on => Ran::Again(fault),
            Severity::Again | Severity::Lost => Ran::Lost,
            Severity::Later | Severity::Ours | Severity::Disk | Severity::Damaged => {
                Ran::Over(Some(Verdict::Aborted(Abort::Fault(fault))))
            }
        },
        Some(refused) => Ran::Over(Some(Verdict::Aborted(refused))),
        None => Ran::Over(Some(Verdict::Panicked)),
    }
}

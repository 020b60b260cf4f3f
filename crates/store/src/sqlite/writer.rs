//! The one thread that writes.
//!
//! It takes what waits in its queue, up to [`GROUP`] jobs, runs them in one transaction, commits them with one sync of
//! the disk, and only then answers any of them, refusals too: a refusal may rest on what another job of the group
//! wrote.
//!
//! A job that fails before it has changed anything, as nearly all do that fail, leaves nothing to undo. Where one fails
//! later than that, the whole group is undone and run again, each job in a savepoint of its own: savepoints cost every
//! job something, and are needed for hardly any.
//!
//! A crash before the commit loses the whole group, of which nobody was told anything; a crash after it loses nothing.
//! A job may be durable though its caller never heard: whoever asks again with the same key gets the same answer.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread::JoinHandle,
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use rusqlite::Connection;

use crate::{
    Abort, OpenError, Verdict,
    fault::Fault,
    job::{self, Job},
    probe::{self, Probe},
    sqlite::{health, slices::Turner},
    tx::Tx,
};

/// Jobs that one commit makes durable, at most.
const GROUP: usize = 256;

/// Jobs that may wait: a few commits' worth. A longer queue would only hide that the disk cannot keep up.
const QUEUE: usize = 4 * GROUP;

/// Kibibytes of pages that the writer keeps in memory; the kernel keeps the rest. More would cost more than it saves: a
/// page of SQLite's that was moved while it balanced a tree makes the next commit walk through all of them.
const CACHE_KIB: i64 = 16_384;

pub(crate) struct Writer {
    queue: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(
        path: &Path,
        turner: Turner,
        probe: Option<Arc<dyn Probe>>,
    ) -> Result<Self, OpenError> {
        let connection = super::connect(path)?;
        connection
            .pragma_update(None, "cache_size", -CACHE_KIB)
            .map_err(|source| OpenError::Unusable { path: path.to_owned(), source })?;
        let (queue, jobs) = bounded(QUEUE);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                probe::attach(probe);
                work(&connection, &turner, &jobs);
            })
            .map_err(|error| OpenError::Migration(format!("no thread for the writer: {error}")))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub(crate) async fn run<T, F>(&self, _name: &'static str, job: F) -> Result<T, Verdict>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Abort> + Send + 'static,
    {
        let (job, answer) = job::job(job);
        match self.queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => answer.await.unwrap_or(Err(Verdict::Later("the writer has ended"))),
            Some(Err(TrySendError::Full(_))) => Err(Verdict::Later("the queue of writes is full")),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(Verdict::Later("the writer has ended")),
        }
    }
}

impl Drop for Writer {
    /// Lets the thread finish what waits, and close the file in order.
    fn drop(&mut self) {
        drop(self.queue.take());
        // The last owner may be a job: a thread cannot wait for its own end, and ends by itself.
        if let Some(thread) = self.thread.take().filter(|thread| !super::is_this(thread)) {
            let _ = thread.join();
        }
    }
}

fn work(connection: &Connection, turner: &Turner, jobs: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        group.extend(jobs.try_iter().take(GROUP - 1));
        commit_group(connection, turner, group);
    }
    // The last one out moves the log into the file; the file is whole without it, only slower to open.
    if let Err(error) = connection.pragma_update(None, "wal_checkpoint", "truncate") {
        tracing::debug!(%error, "the log was not moved into the file at the end");
    }
}

/// Runs a group until every job of it is answered.
fn commit_group(connection: &Connection, turner: &Turner, mut group: Vec<Box<dyn Job>>) {
    let mut run: RunJob = run_plainly;
    while !group.is_empty() {
        let tried = attempt(connection, turner, group, run);
        if tried.needs_marks {
            run = run_in_savepoint;
        }
        group = tried.again;
    }
}

/// How one job of a group is run.
type RunJob = fn(&Connection, &Turner, &mut dyn Job) -> Ran;

/// How one job of a group ended.
enum Ran {
    Well,
    Badly(Verdict),
    /// It failed after it had changed something, and nothing marks where it began.
    Unmarked,
    /// SQLite took the whole transaction back, not only this job.
    TookAllBack(Verdict),
}

/// What is left of a group that was run.
struct Tried {
    /// Jobs that have to run again, because everything was taken back for another's sake.
    again: Vec<Box<dyn Job>>,
    /// Whether one of them may have to be undone alone.
    needs_marks: bool,
}

impl Tried {
    const DONE: Self = Self { again: Vec::new(), needs_marks: false };
}

/// Runs a group once.
fn attempt(connection: &Connection, turner: &Turner, mut group: Vec<Box<dyn Job>>, run: RunJob) -> Tried {
    probe::begin();
    if let Err(fault) = execute(connection, "begin immediate") {
        answer_all(group, &fault, "the database is locked");
        return Tried::DONE;
    }
    let mut verdicts: Vec<Option<Verdict>> = Vec::with_capacity(group.len());
    for index in 0..group.len() {
        let Some(job) = group.get_mut(index) else { break };
        match run(connection, turner, &mut **job) {
            Ran::Well => verdicts.push(None),
            Ran::Badly(verdict) => verdicts.push(Some(verdict)),
            Ran::Unmarked => {
                let _ = execute(connection, "rollback");
                return Tried { again: group, needs_marks: true };
            }
            Ran::TookAllBack(verdict) => {
                // Neither those before it nor those after it are to blame.
                group.remove(index).answer(Some(verdict));
                return Tried { again: group, needs_marks: false };
            }
        }
    }
    match probe::before_commit().and_then(|()| execute(connection, "commit")) {
        Ok(()) => {
            probe::after_commit();
            turner.committed();
            group.into_iter().zip(verdicts).for_each(|(job, verdict)| job.answer(verdict));
        }
        Err(fault) => {
            health::stop_on(&fault);
            let _ = execute(connection, "rollback");
            answer_all(group, &fault, "the commit failed");
        }
    }
    Tried::DONE
}

fn run_plainly(connection: &Connection, turner: &Turner, job: &mut dyn Job) -> Ran {
    let before = connection.total_changes();
    let Err(verdict) = work_on(connection, turner, job) else { return Ran::Well };
    if connection.is_autocommit() {
        return Ran::TookAllBack(verdict);
    }
    if connection.total_changes() == before { Ran::Badly(verdict) } else { Ran::Unmarked }
}

fn run_in_savepoint(connection: &Connection, turner: &Turner, job: &mut dyn Job) -> Ran {
    if let Err(fault) = execute(connection, "savepoint job") {
        return after_fault(connection, Verdict::Aborted(fault.into()));
    }
    match work_on(connection, turner, job) {
        Ok(()) => match execute(connection, "release job") {
            Ok(()) => Ran::Well,
            Err(fault) => after_fault(connection, Verdict::Aborted(fault.into())),
        },
        Err(verdict) => after_fault(connection, verdict),
    }
}

fn work_on(connection: &Connection, turner: &Turner, job: &mut dyn Job) -> Result<(), Verdict> {
    match catch_unwind(AssertUnwindSafe(|| job.run(&mut Tx::sqlite(connection, turner.slices())))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(abort)) => {
            if let Abort::Fault(fault) = &abort {
                health::stop_on(fault);
            }
            Err(Verdict::Aborted(abort))
        }
        Err(_) => Err(Verdict::Panicked),
    }
}

/// Undoes one job, where the transaction is still there to undo it in. SQLite rolls a whole transaction back by itself
/// on some faults (a full disk, no memory), and says so only by being in autocommit again.
fn after_fault(connection: &Connection, verdict: Verdict) -> Ran {
    if connection.is_autocommit() {
        return Ran::TookAllBack(verdict);
    }
    if execute(connection, "rollback to job").and_then(|()| execute(connection, "release job")).is_ok() {
        return Ran::Badly(verdict);
    }
    let _ = execute(connection, "rollback");
    Ran::TookAllBack(verdict)
}

fn answer_all(group: Vec<Box<dyn Job>>, fault: &Fault, why: &'static str) {
    tracing::warn!(%fault, jobs = group.len(), "a group of transactions was not committed");
    health::stop_on(fault);
    for job in group {
        job.answer(Some(Verdict::Later(why)));
    }
}

fn execute(connection: &Connection, text: &str) -> Result<(), Fault> {
    connection.prepare_cached(text)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::refusal::Refusal;

    use super::*;
    use crate::{
        job::Answer,
        sql::{Sql, values},
        sqlite::Builder,
    };

    const TAKE_ALL_BACK: Sql = Sql::new("test::TAKE_ALL_BACK", "rollback");
    const ADD: Sql = Sql::new("test::ADD", "insert into things (id) values (?1)");

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("create table things (id integer not null primary key) strict").unwrap();
        connection
    }

    /// How a job ends.
    #[derive(Clone, Copy, PartialEq)]
    enum End {
        Well,
        Refused,
        AddedAndRefused,
        AllTakenBack,
    }

    fn job(id: i64, end: End) -> (Box<dyn Job>, Answer<i64>) {
        job::job(move |tx: &mut Tx<'_>| {
            if end == End::Refused {
                return Err(Refusal::AmountZero.into());
            }
            tx.run(&ADD, values![id])?;
            match end {
                End::AddedAndRefused => Err(Refusal::AmountZero.into()),
                End::AllTakenBack => {
                    // As SQLite does by itself when the disk is full.
                    tx.run(&TAKE_ALL_BACK, values![])?;
                    Err(Fault::broken("the disk is full").into())
                }
                End::Well | End::Refused => Ok(id),
            }
        })
    }

    /// Runs a group in which one job ends otherwise, and gives how that one was answered.
    fn with_one(end: End) -> Result<i64, Verdict> {
        let connection = connection();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db");
        crate::migrate::run(&path).unwrap();
        let builder = Builder::start(&path).unwrap();
        let (jobs, mut answers): (Vec<_>, Vec<_>) =
            (1..=5).map(|id| job(id, if id == 3 { end } else { End::Well })).unzip();
        commit_group(&connection, &builder.turner(), jobs);
        let other = answers.remove(2).try_recv().unwrap();
        for (id, answer) in [1, 2, 4, 5].into_iter().zip(&mut answers) {
            assert_eq!(answer.try_recv().unwrap().unwrap(), id);
        }
        let there: Vec<i64> = connection
            .prepare("select id from things order by id")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(there, if end == End::Well { vec![1, 2, 3, 4, 5] } else { vec![1, 2, 4, 5] });
        other
    }

    #[test]
    fn a_job_for_whose_sake_everything_was_taken_back_fails_alone() {
        let answer = with_one(End::AllTakenBack);
        assert!(matches!(answer, Err(Verdict::Aborted(Abort::Fault(_)))), "{answer:?}");
    }

    #[test]
    fn a_refused_job_leaves_nothing_whether_it_had_written_or_not() {
        for end in [End::Refused, End::AddedAndRefused] {
            let answer = with_one(end);
            assert!(matches!(answer, Err(Verdict::Aborted(Abort::Refused(_)))), "{answer:?}");
        }
        assert_eq!(with_one(End::Well).unwrap(), 3);
    }
}

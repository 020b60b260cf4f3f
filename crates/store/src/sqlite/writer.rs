//! The one thread that writes.
//!
//! It takes what waits in its queue, up to [`GROUP`] jobs, runs each in a savepoint of its own, commits them with one
//! sync of the disk, and only then answers any of them, refusals too: a refusal may rest on what another job of the
//! group wrote.
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
    sqlite::health,
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
    pub(crate) fn start(path: &Path, probe: Option<Arc<dyn Probe>>) -> Result<Self, OpenError> {
        let connection = super::connect(path)?;
        connection
            .pragma_update(None, "cache_size", -CACHE_KIB)
            .map_err(|source| OpenError::Unusable { path: path.to_owned(), source })?;
        let (queue, jobs) = bounded(QUEUE);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                probe::attach(probe);
                work(&connection, &jobs);
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

fn work(connection: &Connection, jobs: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        group.extend(jobs.try_iter().take(GROUP - 1));
        commit_group(connection, group);
    }
    // The last one out moves the log into the file; the file is whole without it, only slower to open.
    if let Err(error) = connection.pragma_update(None, "wal_checkpoint", "truncate") {
        tracing::debug!(%error, "the log was not moved into the file at the end");
    }
}

/// Runs a group until every job of it is answered.
fn commit_group(connection: &Connection, mut group: Vec<Box<dyn Job>>) {
    while !group.is_empty() {
        group = attempt(connection, group);
    }
}

/// How one job of a group ended.
enum Ran {
    Well,
    Badly(Verdict),
    /// SQLite took the whole transaction back, not only this job.
    TookAllBack(Verdict),
}

/// Runs a group once. Gives back the jobs that have to run again, because SQLite took everything back for another's
/// sake.
fn attempt(connection: &Connection, mut group: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
    probe::begin();
    if let Err(fault) = execute(connection, "begin immediate") {
        answer_all(group, &fault, "the database is locked");
        return Vec::new();
    }
    let mut verdicts: Vec<Option<Verdict>> = Vec::with_capacity(group.len());
    for index in 0..group.len() {
        let Some(job) = group.get_mut(index) else { break };
        match run_job(connection, &mut **job) {
            Ran::Well => verdicts.push(None),
            Ran::Badly(verdict) => verdicts.push(Some(verdict)),
            Ran::TookAllBack(verdict) => {
                // Neither those before it nor those after it are to blame.
                group.remove(index).answer(Some(verdict));
                return group;
            }
        }
    }
    match probe::before_commit().and_then(|()| execute(connection, "commit")) {
        Ok(()) => {
            probe::after_commit();
            group.into_iter().zip(verdicts).for_each(|(job, verdict)| job.answer(verdict));
        }
        Err(fault) => {
            health::stop_on(&fault);
            let _ = execute(connection, "rollback");
            answer_all(group, &fault, "the commit failed");
        }
    }
    Vec::new()
}

fn run_job(connection: &Connection, job: &mut dyn Job) -> Ran {
    if let Err(fault) = execute(connection, "savepoint job") {
        return after_fault(connection, Verdict::Aborted(fault.into()));
    }
    let ran = catch_unwind(AssertUnwindSafe(|| job.run(&mut Tx::sqlite(connection))));
    match ran {
        Ok(Ok(())) => match execute(connection, "release job") {
            Ok(()) => Ran::Well,
            Err(fault) => after_fault(connection, Verdict::Aborted(fault.into())),
        },
        Ok(Err(abort)) => {
            if let Abort::Fault(fault) = &abort {
                health::stop_on(fault);
            }
            after_fault(connection, Verdict::Aborted(abort))
        }
        Err(_) => after_fault(connection, Verdict::Panicked),
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
    use super::*;
    use crate::{
        job::Answer,
        sql::{Sql, values},
    };

    const TAKE_ALL_BACK: Sql = Sql::new("test::TAKE_ALL_BACK", "rollback");
    const ADD: Sql = Sql::new("test::ADD", "insert into things (id) values (?1)");

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("create table things (id integer not null primary key) strict").unwrap();
        connection
    }

    fn job(id: i64, takes_all_back: bool) -> (Box<dyn Job>, Answer<i64>) {
        job::job(move |tx: &mut Tx<'_>| {
            tx.run(&ADD, values![id])?;
            if takes_all_back {
                // As SQLite does by itself when the disk is full.
                tx.run(&TAKE_ALL_BACK, values![])?;
                return Err(Fault::broken("the disk is full").into());
            }
            Ok(id)
        })
    }

    #[test]
    fn a_job_for_whose_sake_everything_was_taken_back_fails_alone() {
        let connection = connection();
        let (jobs, mut answers): (Vec<_>, Vec<_>) = (1..=5).map(|id| job(id, id == 3)).unzip();
        commit_group(&connection, jobs);
        for (id, answer) in (1..).zip(&mut answers) {
            let answer = answer.try_recv().unwrap();
            if id == 3 {
                assert!(matches!(answer, Err(Verdict::Aborted(_))), "{answer:?}");
            } else {
                assert_eq!(answer.unwrap(), id);
            }
        }
        let there: Vec<i64> = connection
            .prepare("select id from things order by id")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(there, [1, 2, 4, 5]);
    }
}

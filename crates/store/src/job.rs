//! A piece of work that waits for a connection, and the caller who waits for it.

use tokio::sync::oneshot;

use crate::{Abort, Verdict, tx::Tx};

/// A job whose result has a type of its own.
pub(crate) trait Job: Send {
    /// Runs it, and keeps its result.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Abort>;
    /// Tells its caller what became of it: the kept result where there is no verdict against it.
    fn answer(self: Box<Self>, verdict: Option<Verdict>);
}

/// Where a job's caller waits.
pub(crate) type Answer<T> = oneshot::Receiver<Result<T, Verdict>>;

/// A job, and where its caller waits.
pub(crate) fn job<T, F>(work: F) -> (Box<dyn Job>, Answer<T>)
where
    T: Send + 'static,
    F: Fn(&mut Tx<'_>) -> Result<T, Abort> + Send + 'static,
{
    let (caller, answer) = oneshot::channel();
    (Box::new(Typed { work, result: None, caller }), answer)
}

struct Typed<T, F> {
    work: F,
    result: Option<T>,
    caller: oneshot::Sender<Result<T, Verdict>>,
}

impl<T, F> Job for Typed<T, F>
where
    T: Send,
    F: Fn(&mut Tx<'_>) -> Result<T, Abort> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Abort> {
        self.result = None;
        self.result = Some((self.work)(tx)?);
        Ok(())
    }

    fn answer(self: Box<Self>, verdict: Option<Verdict>) {
        let Self { result, caller, .. } = *self;
        let answer = match (verdict, result) {
            (None, Some(result)) => Ok(result),
            (None, None) => Err(Verdict::Panicked),
            (Some(verdict), _) => Err(verdict),
        };
        // A caller who left changes nothing: what was committed is committed.
        let _ = caller.send(answer);
    }
}

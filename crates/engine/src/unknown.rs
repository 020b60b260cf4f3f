//! What is done where it is not known whether a transaction was kept.
//!
//! A connection that is lost between a commit and its answer leaves both possible. The caller of such a command must
//! not be told that nothing happened, nor that all did, so we look for what the command would have made.

use domain::refusal::Failure;
use store::{Abort, Tx};

use crate::Engine;

impl Engine {
    /// Runs a job as [`store::Store::transact`] does. Where it is unknown whether it was kept, `look` is run, which
    /// gives the same answer from what it finds.
    ///
    /// `look` has to lock what it finds. So it commits something itself, and no commit is answered before everything
    /// that came earlier is as durable as it is: where a standby has to have it too, what was only found on a primary
    /// could be gone a moment later.
    ///
    /// # Errors
    /// As the store's; [`Failure::Unknown`] where nothing was found, or nobody could look. The commit may still be on
    /// its way then, so this is no word that it was not done.
    pub(crate) async fn transact_or_look<T, J, L>(
        &self,
        name: &'static str,
        job: J,
        look: L,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        J: Fn(&mut Tx<'_>) -> Result<T, Abort> + Send + 'static,
        L: Fn(&mut Tx<'_>) -> Result<Option<T>, Abort> + Send + 'static,
    {
        match self.store().transact(name, job).await {
            Err(Failure::Unknown) => {}
            done => return done,
        }
        let found = self.store().transact("unknown.look", look).await.ok().flatten();
        tracing::warn!(transaction = name, found = found.is_some(), "looked for what a lost commit had made");
        found.ok_or(Failure::Unknown)
    }
}

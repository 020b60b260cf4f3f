//! The two clocks, and moving the one that may be moved.

use domain::{
    id::{IdMaker, IdSeed},
    merchant::Environment,
    refusal::{Failure, Refusal},
    time::{Span, Timestamp},
};
use store::{Abort, Fault, Rx, installation};

use crate::Engine;

/// The furthest that the business clock may be ahead of the wall clock.
const MAX_OFFSET: Span = Span::days(3_660);

/// The wall time at which a command came, and the seed of the ids that it makes. Taken before its transaction begins,
/// so that a job that runs again decides the same.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    /// The wall time.
    pub(crate) wall: Timestamp,
    seed: IdSeed,
}

impl Moment {
    /// The business time: the offset is read in the transaction that uses it.
    pub(crate) fn business(&self, rx: &mut Rx<'_>) -> Result<Timestamp, Fault> {
        Ok(self.wall + installation::clock_offset(rx)?)
    }

    /// A maker of ids of the moment `now`.
    pub(crate) const fn ids(&self, now: Timestamp) -> IdMaker {
        self.seed.maker(now)
    }
}

impl Engine {
    pub(crate) fn moment(&self) -> Moment {
        Moment { wall: self.0.setup.clock.now(), seed: IdSeed::new(self.entropy()) }
    }

    /// The wall time.
    pub fn wall_time(&self) -> Timestamp {
        self.0.setup.clock.now()
    }

    /// The business time: the wall time, and how far the clock of a sandbox was moved.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn business_time(&self) -> Result<Timestamp, Failure> {
        let moment = self.moment();
        self.store().read("clock.read", move |rx| Ok(moment.business(rx)?)).await
    }

    /// Moves the business clock forward, and gives the new business time.
    ///
    /// # Errors
    /// [`Refusal::NotSimulated`] where money is real; [`Refusal::ClockOutOfRange`] for a span that is not positive, or
    /// too far ahead.
    pub async fn advance_clock(&self, by: Span) -> Result<Timestamp, Failure> {
        let moment = self.moment();
        if self.environment() == Environment::Production {
            return Err(Refusal::NotSimulated.into());
        }
        let job = move |tx: &mut store::Tx<'_>| -> Result<Timestamp, Abort> {
            let mut offset = installation::lock(tx)?;
            *offset = *offset + by;
            if by <= Span::ZERO || *offset > MAX_OFFSET {
                return Err(Refusal::ClockOutOfRange.into());
            }
            installation::set_clock_offset(tx, &offset)?;
            Ok(moment.wall + *offset)
        };
        let now = self.store().transact("clock.advance", job).await?;
        self.hint_everything();
        Ok(now)
    }
}

//! Ending payments whose deadline has passed, once it is certain that nothing more came in time.

use domain::{payment::Fact, refusal::Failure, time::Timestamp};
use store::{
    Abort, Rx, Tx,
    payments::{Awaits, Overdue},
};

use crate::{
    Engine,
    clock::Moment,
    networks,
    record::{OpenRecord, Written},
};

/// Payments that one transaction looks at.
const PER_TRANSACTION: u32 = 100;

impl Engine {
    /// Expires every payment that is certain to have expired; how many there were.
    ///
    /// A payment that was asked for money on a network expires only once that network was followed past the deadline,
    /// and one whose money has to become final in time only once its networks were followed past that limit. A network
    /// that cannot be seen delays it, and moves no time that was published.
    ///
    /// # Errors
    /// Only when the store fails; what was expired before stays so.
    pub async fn expire_payments(&self) -> Result<usize, Failure> {
        let short = self.expire_that_await(Awaits::Money).await?;
        let unconfirmed = self.expire_that_await(Awaits::Confirmation).await?;
        Ok(short + unconfirmed)
    }

    async fn expire_that_await(&self, awaits: Awaits) -> Result<usize, Failure> {
        let mut after = None;
        let mut expired = 0;
        loop {
            let page = self.overdue(awaits, after).await?;
            after = page.last;
            if !page.ready.is_empty() {
                let (engine, moment) = (self.clone(), self.moment());
                let job = move |tx: &mut Tx<'_>| expire(tx, &engine, moment, awaits, &page.ready);
                let (count, written) = self.store().transact("payments.expire", job).await?;
                expired += count;
                self.wake(written);
            }
            if after.is_none() {
                return Ok(expired);
            }
        }
    }

    async fn overdue(&self, awaits: Awaits, after: Option<Overdue>) -> Result<OverduePage, Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        let job = move |rx: &mut Rx<'_>| -> Result<OverduePage, Abort> {
            let now = moment.business(rx)?;
            let page = store::payments::overdue(rx, awaits, now, after, PER_TRANSACTION)?;
            let last = page.last().copied();
            let mut ready = Vec::with_capacity(page.len());
            for overdue in page {
                if horizon(rx, &engine, awaits, &overdue, now)? > overdue.deadline {
                    ready.push(overdue);
                }
            }
            Ok(OverduePage { ready, last })
        };
        self.store().read("payments.overdue", job).await
    }
}

/// A page of payments whose limit has passed.
struct OverduePage {
    /// Those whose networks were followed past it; the others wait, and cost no transaction.
    ready: Vec<Overdue>,
    /// Where the next page begins; `None` after the last.
    last: Option<Overdue>,
}

/// The moment up to which every network has been followed on which what a payment waits for may happen.
fn horizon(
    rx: &mut Rx<'_>,
    engine: &Engine,
    awaits: Awaits,
    overdue: &Overdue,
    now: Timestamp,
) -> Result<Timestamp, Abort> {
    #[cfg(feature = "planted")]
    if store::planted::is(store::planted::Bug::HastyExpiry) {
        return Ok(now);
    }
    let mut horizon = now;
    for network in store::payments::networks(rx, awaits, overdue.id)? {
        horizon = horizon.min(networks::horizon(rx, engine, network)?.unwrap_or(overdue.deadline));
    }
    Ok(horizon)
}

fn expire(
    tx: &mut Tx<'_>,
    engine: &Engine,
    moment: Moment,
    awaits: Awaits,
    page: &[Overdue],
) -> Result<(usize, Written), Abort> {
    let now = moment.business(tx)?;
    let mut ids = moment.ids(now);
    let mut rows = page.to_vec();
    // Rows are locked in one order everywhere, so that two transactions never wait for each other.
    rows.sort_unstable_by_key(|overdue| overdue.id);
    let (mut expired, mut written) = (0, Written::default());
    for overdue in rows {
        let mut open = OpenRecord::open(tx, overdue.shop, overdue.id)?;
        // With the payment held, nobody lets it ask for money on one more network.
        let limit = horizon(tx, engine, awaits, &overdue, now)?;
        if limit > overdue.deadline && open.record().has_expired(limit) {
            open.apply(Fact::Expired, now)?;
            written.join(open.write(tx, engine, &mut ids, now)?);
            expired += 1;
        }
    }
    Ok((expired, written))
}

//! Judges what is in the database, with statements and rules of its own.

mod addresses;
mod books;
mod chains;
mod events;
mod expiry;
mod facts;
mod healed;
mod mails;
mod numbers;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use domain::time::Timestamp;
use rusqlite::{Connection, OpenFlags};
use store::Store;
use testkit::clock::{HandClock, Seeded};

use self::facts::{Facts, Key};
use crate::world::World;

/// Something that is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What always holds: one of [`invariants`].
    pub invariant: &'static str,
    /// What was found instead.
    pub detail: String,
}

/// What always holds.
pub mod invariants {
    /// The books balance.
    pub const ZERO: &str = "every entry of the ledger sums to zero";
    /// The books tell of the receipts.
    pub const BOOKS: &str = "the ledger says of each receipt what its standing says";
    /// What was received is what the books say.
    pub const BALANCES: &str =
        "what a shop has received is what the ledger says, and never less than nothing";
    /// Nothing is derived twice, and differently.
    pub const STATE: &str = "the saved state is what follows from the facts";
    /// Money is seen.
    pub const CHAIN: &str = "what the cursor has passed is recorded as its chain has it";
    /// Absence is certain.
    pub const EXPIRY: &str = "nothing expires before its chains were followed past the deadline";
    /// Requests may be repeated.
    pub const KEYS: &str =
        "there is one payment for each idempotency key, and every retry is answered with it";
    /// Answers are true.
    pub const ANSWERED: &str = "what was answered is so";
    /// Events are a sequence.
    pub const EVENTS: &str = "the events of a payment follow one another without a gap";
    /// Nobody is forgotten.
    pub const DELIVERIES: &str = "every event has one delivery for every endpoint that listens";
    /// Nobody is told twice at once.
    pub const LEASES: &str = "a delivery is with one sender at a time";
    /// Buyers are told what they may ask back.
    pub const MAILS: &str = "every fact that a buyer is to be told has one mail";
    /// Whatever waits is done in the end.
    pub const TOLD: &str = "once the world is well, everything is delivered or parked";
    /// Money can be told apart.
    pub const ADDRESSES: &str = "an address belongs to one payment, or to one client of a shop";
    /// Numbers can be told apart.
    pub const NUMBERS: &str = "a number of a shop names one thing";
    /// What the chain says is what counts.
    pub const MODEL: &str = "once the world is well, each payment is what its chains say";
    /// Faults have causes.
    pub const CAUSES: &str = "no command fails without a cause";
    /// Faults pass.
    pub const HEALS: &str = "once the world is well, everything comes to rest";
}

/// The result of a look.
type Judged = Result<(), Violation>;

/// The finding that `invariant` does not hold.
fn broken(invariant: &'static str, detail: impl Into<String>) -> Violation {
    Violation { invariant, detail: detail.into() }
}

/// Fails by `invariant` unless something is so.
fn hold(is_so: bool, invariant: &'static str, detail: impl FnOnce() -> String) -> Judged {
    if is_so { Ok(()) } else { Err(broken(invariant, detail())) }
}

/// Looks at a database, and remembers what it saw.
pub(crate) struct Oracle {
    connection: Connection,
    books: Store,
    seen_events: BTreeSet<Key>,
    seen_endpoints: BTreeSet<Key>,
    expired: BTreeSet<Key>,
    confirmed: BTreeSet<Key>,
    horizons: BTreeMap<String, i64>,
}

impl Oracle {
    pub(crate) fn open(path: &Path, now: Timestamp) -> Result<Self, String> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| error.to_string())?;
        connection.set_prepared_statement_cache_capacity(64);
        let settings = store::Settings::Sqlite { path: path.to_owned(), readers: 1 };
        let books = Store::open(&settings, Arc::new(HandClock::new(now)), Arc::new(Seeded::new(1)))
            .map_err(|error| error.to_string())?;
        let (seen_events, seen_endpoints, expired, confirmed, horizons) = Default::default();
        Ok(Self { connection, books, seen_events, seen_endpoints, expired, confirmed, horizons })
    }

    /// Everything that always holds, as far as the database tells without deriving anything anew.
    pub(crate) fn look(&mut self, world: &World) -> Judged {
        let facts = Facts::read(&self.connection)?;
        self.judge(world, &facts)
    }

    /// The same, and what has to be derived.
    pub(crate) fn look_closely(&mut self, world: &World) -> Judged {
        let facts = Facts::read(&self.connection)?;
        self.judge(world, &facts)?;
        books::state(&self.books)
    }

    /// What holds once the world is well.
    pub(crate) fn look_at_the_end(&mut self, world: &World) -> Judged {
        self.look_closely(world)?;
        let facts = Facts::read(&self.connection)?;
        healed::told(world, &facts)?;
        mails::told(&facts)?;
        healed::model(world, &facts)?;
        count(world, &facts);
        Ok(())
    }

    /// Whether anything is still on its way: something that waits to be sent, or that may yet expire.
    pub(crate) fn is_at_rest(&self) -> Result<bool, Violation> {
        Ok(healed::is_at_rest(&Facts::read(&self.connection)?))
    }

    fn judge(&mut self, world: &World, facts: &Facts) -> Judged {
        addresses::judge(facts)?;
        addresses::answered(world, facts)?;
        books::judge(facts)?;
        books::balances(facts)?;
        numbers::judge(facts)?;
        events::sequence(facts)?;
        events::facts_of_the_moment(facts)?;
        events::deliveries(facts, &mut self.seen_events, &mut self.seen_endpoints)?;
        events::attempts(world, facts)?;
        mails::judge(world, facts)?;
        expiry::judge(world, facts, &mut self.expired)?;
        expiry::windows(world, facts)?;
        chains::horizons(facts, &mut self.horizons)?;
        chains::confirmed(world, facts, &mut self.confirmed)?;
        chains::inclusions(facts)?;
        chains::scripted(world, facts)?;
        chains::simulated(facts)
    }
}

fn count(world: &World, facts: &Facts) {
    let mut figures = world.figures.borrow_mut();
    let size = |length: usize| u64::try_from(length).unwrap_or_default();
    figures.add("receipts", size(facts.receipts.len()));
    figures.add("events", size(facts.events.len()));
    figures.add("payments of clients", size(addresses::paid_by_clients(facts)));
    figures.add("deliveries", size(facts.deliveries.len()));
    let with = |status: &str| size(facts.payments.iter().filter(|one| one.status == status).count());
    for (what, status) in [
        ("payments paid", "paid"),
        ("payments expired", "expired"),
        ("payments cancelled", "cancelled"),
        ("payments failed", "failed"),
    ] {
        figures.add(what, with(status));
    }
    let unconfirmed = facts
        .payments
        .iter()
        .filter(|one| one.expired_at.is_some() && expiry::status_before(facts, one) == Some("processing"));
    figures.add("payments expired unconfirmed", size(unconfirmed.count()));
    figures
        .add("parked deliveries", size(facts.deliveries.iter().filter(|one| one.status == "failed").count()));
}

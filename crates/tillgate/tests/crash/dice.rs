//! Chance that can be had again: everything that a run picks follows from its seed.

use std::hash::{BuildHasher, RandomState};

use domain::id::Entropy;
use testkit::clock::Seeded;

/// The variable that gives a run the seed of an earlier one.
const VARIABLE: &str = "TILLGATE_CRASH_SEED";

/// Seeds are below this, so that there is room for the numbers of the dice.
const SEEDS: u64 = 1 << 24;

/// What a run picks by.
#[derive(Clone, Copy)]
pub(crate) struct Seed(u64);

/// One sequence of picks.
pub(crate) struct Dice(Seeded);

impl Seed {
    /// The seed that was asked for, or any. It is printed, and so stands beside the failure of a run.
    #[expect(clippy::disallowed_methods, reason = "the seed of a test is no setting of the gateway")]
    #[expect(clippy::print_stdout, reason = "a test that fails shows what it printed")]
    pub(crate) fn pick() -> Self {
        let given = std::env::var(VARIABLE).ok();
        let given = given.map(|text| text.parse().unwrap_or_else(|_| panic!("{VARIABLE} is {text:?}")));
        let seed = given.unwrap_or_else(|| RandomState::new().hash_one(VARIABLE)) % SEEDS;
        println!("picked by {VARIABLE}={seed}; what falls between two picks is up to the machine");
        Self(seed)
    }

    /// The dice with this number, one of 256.
    pub(crate) const fn dice(self, number: u8) -> Dice {
        Dice(Seeded::new(self.0 << 8 | number as u64))
    }
}

impl Dice {
    /// A number below `sides`.
    pub(crate) fn below(&self, sides: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % sides
    }

    /// Whether a thing comes true that does so one time in `times`.
    pub(crate) fn one_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }
}

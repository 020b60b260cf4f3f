//! For tests only: the engine, what its workers do, and scripted rails, run on one seed, with a clock of its own and
//! faults wherever faults can be; and an oracle that judges what became of it.
//!
//! From a seed follows everything: who does what, in which order everybody's steps interleave, and what goes wrong
//! where. The database is real (SQLite, a file), and so is the engine; at any moment one thing waits for the store at
//! most, and the seed says who goes on next. So a seed that fails, fails again.

mod chain;
mod chance;
mod exec;
mod faults;
mod figures;
mod heal;
mod merchant;
mod node;
pub mod oracle;
mod people;
mod rail;
mod run;
mod steps;
mod template;
mod world;

use std::ops::RangeInclusive;

pub use crate::{
    figures::Figures,
    run::{Outcome, STEPS, run},
};
pub use store::planted;

/// The seeds that the tests run.
pub const COMMITTED: RangeInclusive<u64> = 1..=240;

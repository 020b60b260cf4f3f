//! Every command of the engine takes part in the simulation, or has a reason not to.

use simulation::{Figures, run};
use testkit::commands::of_the_engine;

/// Commands that no seed gives, and why not.
const EXCUSED: &[(&str, &str)] = &[
    ("open", "every node opens the engine, at its beginning and after every crash; it is no command"),
    ("hear", "waits for hints of other processes, which come over PostgreSQL alone"),
    ("create_shop", "given once, before the seeds begin: two hundred addresses are derived for it"),
    ("create_first_shop", "as create_shop, and never where there is a shop"),
    ("set_wallet", "given once, before the seeds begin: a hundred addresses are derived for it"),
];

/// Seeds that are enough for every command to be given.
const SEEDS: u64 = 20;

#[test]
fn every_command_of_the_engine_is_given_or_excused() {
    let there = of_the_engine();
    let mut figures = Figures::default();
    (1..=SEEDS).for_each(|seed| figures.join(&run(seed).figures));
    let given = figures.commands();
    let excused = |name: &str| EXCUSED.iter().any(|(known, _)| *known == name);
    let missing: Vec<_> =
        there.iter().filter(|name| !given.contains(name.as_str()) && !excused(name)).collect();
    assert!(missing.is_empty(), "no seed gives {missing:?}: give them in people/, or excuse them here");
    let idle: Vec<_> =
        EXCUSED.iter().filter(|(name, _)| !there.contains(*name) || given.contains(name)).collect();
    assert!(idle.is_empty(), "excused without need: {idle:?}");
    let unknown: Vec<_> = given.iter().filter(|name| !there.contains(**name)).collect();
    assert!(unknown.is_empty(), "the engine has no command {unknown:?}");
}

//! Every command of the engine takes part in the simulation, or has a reason not to.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::{collections::BTreeSet, fs, path::Path};

use simulation::{Figures, run};

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

/// The names behind `pub async fn` in the files of a folder.
fn commands(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            commands(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let after = text.split("pub async fn ").skip(1);
        found.extend(after.filter_map(|rest| Some(rest.split(['(', '<']).next()?.to_owned())));
    }
}

#[test]
fn every_command_of_the_engine_is_given_or_excused() {
    let mut there = BTreeSet::new();
    commands(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/src"), &mut there);
    assert!(there.len() > 40, "the engine has more commands than {there:?}");
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

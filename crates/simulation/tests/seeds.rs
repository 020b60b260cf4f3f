//! Every committed seed passes, and each kind of fault was there.

#![expect(clippy::print_stdout, reason = "a run tells what happened in it")]

use std::ops::RangeInclusive;

use simulation::{COMMITTED, Figures, run};

/// What has to happen among forty seeds, and how often at least: where nothing goes wrong, nothing is proven.
const HAPPENS: &[(&str, u64)] = &[
    ("crashes at a statement", 30),
    ("crashes at an outside call", 10),
    ("crashes before a commit", 8),
    ("crashes after a commit", 30),
    ("crashes while beginning", 4),
    ("failed statements", 8),
    ("lost hints", 20),
    ("duplicate and late batches", 30),
    ("stale batches", 20),
    ("reorganisations", 60),
    ("reorganisations as deep as the limit", 2),
    ("orphans mined again", 10),
    ("orphans replaced", 4),
    ("orphans dropped", 4),
    ("orphans that wait", 4),
    ("blocks that do not connect", 8),
    ("blocks without what they held", 8),
    ("nodes whose head went back", 8),
    ("nodes on an old branch", 8),
    ("silent nodes", 8),
    ("stalled nodes", 5),
    ("transfers to foreign scripts", 10),
    ("transfers to addresses before their time", 5),
    ("rude answers", 40),
    ("mails taken", 20),
    ("mails taken twice", 1),
    ("mails put off", 1),
    ("mails refused", 1),
    ("moves of the business clock", 8),
    ("jumps of the clock", 10),
    ("clocks set back", 20),
    ("twins", 25),
    ("answers given again", 60),
    ("conflicts of keys", 5),
    ("references used again", 3),
    ("methods chosen by the shop", 10),
    ("missing rates", 1),
    ("addresses of clients", 20),
    ("payments of clients", 20),
    ("payments paid", 40),
    ("payments expired", 60),
    ("payments cancelled", 10),
    ("payments failed", 2),
    ("parked deliveries", 5),
];

/// Runs seeds that all have to pass.
fn pass(seeds: RangeInclusive<u64>) {
    let mut figures = Figures::default();
    for seed in seeds.clone() {
        assert!(COMMITTED.contains(&seed), "seed {seed} is not among the committed ones");
        let outcome = run(seed);
        assert!(outcome.violation.is_none(), "{}", outcome.report());
        figures.join(&outcome.figures);
    }
    println!("seeds {seeds:?}: {}", figures.line());
    for (what, least) in HAPPENS {
        let count = figures.of(what);
        assert!(
            count >= *least,
            "{what}: {count} times in the seeds {seeds:?}, and at least {least} are due"
        );
    }
}

#[test]
fn the_first_forty_seeds_pass() {
    pass(1..=40);
}

#[test]
fn the_second_forty_seeds_pass() {
    pass(41..=80);
}

#[test]
fn the_third_forty_seeds_pass() {
    pass(81..=120);
}

#[test]
fn the_fourth_forty_seeds_pass() {
    pass(121..=160);
}

#[test]
fn the_fifth_forty_seeds_pass() {
    pass(161..=200);
}

#[test]
fn the_last_forty_seeds_pass() {
    pass(201..=*COMMITTED.end());
}

#[test]
fn a_seed_that_runs_twice_does_the_same_twice() {
    for seed in [2, 3, 20] {
        let (once, again) = (run(seed), run(seed));
        assert!(once.trace.len() > 500, "seed {seed} did next to nothing");
        let differs = once.trace.iter().zip(&again.trace).position(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {seed} went another way in this line of its trace");
        assert_eq!((once.trace.len(), once.figures), (again.trace.len(), again.figures), "seed {seed}");
    }
}

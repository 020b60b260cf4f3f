//! Runs seeds, and tells what happened.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to the person who called it")]

use std::process::ExitCode;

use simulation::{COMMITTED, Figures, planted, run};

const HELP: &str = "\
cargo run -p simulation -- --seed N              one seed, with the trace of its steps where it fails
cargo run -p simulation -- --seeds N [--from S]  as many seeds, and what happened in them
    --trace       with --seed: the trace even where nothing fails
    --planted B   with a bug on purpose; --planted list names them";

/// What the caller asked for.
struct Options {
    from: u64,
    count: u64,
    trace: bool,
    bug: Option<planted::Bug>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(options) = read(&arguments) else {
        eprintln!("{HELP}");
        for bug in planted::Bug::ALL {
            eprintln!("    a bug on purpose: {}", bug.code());
        }
        return ExitCode::from(2);
    };
    planted::choose(options.bug);
    let mut figures = Figures::default();
    for seed in options.from..options.from.saturating_add(options.count) {
        let outcome = run(seed);
        figures.join(&outcome.figures);
        if outcome.violation.is_some() {
            println!("{}", outcome.report());
            return ExitCode::FAILURE;
        }
        if options.trace {
            println!("{}", outcome.trace.join("\n"));
        }
    }
    println!("nothing was wrong: {}", figures.line());
    ExitCode::SUCCESS
}

fn read(arguments: &[String]) -> Option<Options> {
    let (first, last) = (*COMMITTED.start(), *COMMITTED.end());
    let mut options = Options { from: first, count: last - first + 1, trace: false, bug: None };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--seed" => (options.from, options.count) = (rest.next()?.parse().ok()?, 1),
            "--seeds" => options.count = rest.next()?.parse().ok()?,
            "--from" => options.from = rest.next()?.parse().ok()?,
            "--trace" => options.trace = true,
            "--planted" => {
                let name = rest.next()?;
                options.bug = Some(*planted::Bug::ALL.iter().find(|bug| bug.code() == name)?);
            }
            _ => return None,
        }
    }
    Some(options)
}

//! Everything the project checks, from cheap to dear. The first step that fails ends the run.

mod docs;
mod hygiene;
mod suite;
mod tools;

use std::time::{Duration, Instant};

use crate::{dependencies, error::Error, rooms, shell, tidy};

/// One step of the run.
struct Step {
    name: &'static str,
    /// What it proves.
    about: &'static str,
    run: fn(&Options) -> Result<Outcome, Error>,
}

/// How a step ended that did not fail.
enum Outcome {
    Passed,
    /// It, or a part of it, was left out, for this reason.
    Skipped(String),
}

/// What the caller asked for.
struct Options {
    /// Leave out the tests that need a browser, a proxy, PHP, a chain's node, or PostgreSQL.
    skip_tools: bool,
}

/// The steps, from cheap to dear.
const STEPS: &[Step] = &[
    Step { name: "fmt", about: "the code is formatted", run: |_| cargo(&["fmt", "--all", "--check"]) },
    Step { name: "tidy", about: "the style of the house", run: |_| passed(tidy::run(shell::root())) },
    Step { name: "rooms", about: "which room may do what", run: |_| passed(rooms::run(shell::root())) },
    Step {
        name: "tree",
        about: "what the gateway is built from",
        run: |_| passed(dependencies::run(shell::root())),
    },
    Step { name: "deny", about: "licences and sources of dependencies", run: |_| hygiene::deny() },
    Step { name: "machete", about: "no dependency without use", run: |_| hygiene::machete() },
    Step { name: "clippy", about: "every lint of the workspace", run: |_| clippy() },
    Step { name: "docs", about: "the documentation builds, links included", run: |_| docs::build() },
    Step { name: "tools", about: "the programs that tests need are there", run: tools::run },
    Step { name: "tests", about: "every test of the workspace", run: suite::tests },
    Step {
        name: "postgres",
        about: "engine, workers and edges on the other database",
        run: suite::on_postgres,
    },
    Step { name: "doctests", about: "every example in the documentation", run: |_| docs::examples() },
];

/// Runs what `arguments` ask for: every step, or those after `--only`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Error> {
    let mut only: Vec<&Step> = Vec::new();
    let mut options = Options { skip_tools: false };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--list" => {
                for step in STEPS {
                    println!("{:<10}{}", step.name, step.about);
                }
                return Ok(());
            }
            "--only" => only.push(step(rest.next().map_or("", String::as_str))?),
            "--skip-tools" => options.skip_tools = true,
            other => return Err(Error::Usage(format!("`test` does not know {other}"))),
        }
    }
    if options.skip_tools && shell::is_ci() {
        return Err(Error::Usage("--skip-tools would leave tests out, and this is the CI".to_owned()));
    }
    if only.is_empty() {
        only = STEPS.iter().collect();
    }
    run_steps(&only, &options)
}

fn step(name: &str) -> Result<&'static Step, Error> {
    STEPS
        .iter()
        .find(|step| step.name == name)
        .ok_or_else(|| Error::Usage(format!("there is no step `{name}`")))
}

fn run_steps(steps: &[&Step], options: &Options) -> Result<(), Error> {
    let mut done: Vec<String> = Vec::new();
    let start = Instant::now();
    for step in steps {
        println!("\n== {}: {}", step.name, step.about);
        let begun = Instant::now();
        let outcome = (step.run)(options);
        let took = seconds(begun.elapsed());
        match outcome {
            Ok(Outcome::Passed) => done.push(format!("{:<10}{took:>9}", step.name)),
            Ok(Outcome::Skipped(what)) => {
                println!("SKIPPED: {what}");
                done.push(format!("{:<10}{took:>9}  skipped: {what}", step.name));
            }
            Err(error) => {
                println!("\n{} failed after {took}; again: cargo xtask test --only {}", step.name, step.name);
                return Err(error);
            }
        }
    }
    println!("\n{}\n{:<10}{:>9}", done.join("\n"), "together", seconds(start.elapsed()));
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn passed(result: Result<(), Error>) -> Result<Outcome, Error> {
    result.map(|()| Outcome::Passed)
}

/// Runs cargo.
fn cargo(arguments: &[&str]) -> Result<Outcome, Error> {
    passed(shell::run(shell::command("cargo", arguments)))
}

fn clippy() -> Result<Outcome, Error> {
    cargo(&["clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_asked_for_by_name() {
        assert!(step("tidy").is_ok());
        assert!(matches!(step("tidiness"), Err(Error::Usage(_))));
        assert!(matches!(run(&["--only".to_owned()]), Err(Error::Usage(_))));
        assert!(matches!(run(&["--faster".to_owned()]), Err(Error::Usage(_))));
    }

    #[test]
    fn the_first_failure_ends_the_run() {
        let fails = Step { name: "fails", about: "", run: |_| Err(Error::Findings(1)) };
        let never = Step { name: "never", about: "", run: |_| Err(Error::Findings(2)) };
        let skips = Step { name: "skips", about: "", run: |_| Ok(Outcome::Skipped("a reason".to_owned())) };
        let options = Options { skip_tools: false };
        assert!(matches!(run_steps(&[&skips, &fails, &never], &options), Err(Error::Findings(1))));
        assert!(run_steps(&[&skips], &options).is_ok());
    }
}

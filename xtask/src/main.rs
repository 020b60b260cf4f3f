//! The project's own commands: `cargo xtask help` says what there is.
//!
//! - `tidy`, `rooms` and `tree` read the repository and print findings, each on a line of its own:
//!   `path:line: what is wrong, what to do`. They build nothing, and take less than a second.
//! - `test` runs everything that the project checks, those three included.
//! - `bench` measures the released binary.
//!
//! Exceptions to the rules stand in `exceptions.rs`, each with its reason; what a room may import, in `rooms/table.rs`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "xtask talks to the person who called it")]

mod bench;
mod dependencies;
mod error;
mod exceptions;
mod finding;
mod modules;
mod rooms;
mod shell;
mod source;
mod test;
mod text;
mod tidy;
mod tree;

use std::process::ExitCode;

use crate::error::Error;

/// What `cargo xtask help` prints.
const HELP: &str = "\
cargo xtask test    everything the project checks, from cheap to dear; installs what it needs, or names it
    --list          name the steps
    --only STEP     run this step alone; may be given again
    --skip-tools    without the tests that need a browser, a proxy, PHP, a database or a chain's node
cargo xtask bench   how fast the released binary is, beside its goals; builds it first
    --quick         a minute or two: everything works, and little is said about speed
    --help          what else there is
cargo xtask tidy    the style of the house: line width, file length, words, manifests, links, dead files
cargo xtask rooms   which room may import which, and who may open transactions, write SQL, reach a network
cargo xtask tree    what the gateway is built from: refused crates, and crates in two versions

Findings are printed as path:line: what is wrong, what to do. The exit code is 1 where there is one.
Exceptions stand in xtask/src/exceptions.rs, the rooms' rules in xtask/src/rooms/table.rs.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Error> {
    let (command, rest) =
        arguments.split_first().map_or(("help", arguments), |(first, rest)| (first.as_str(), rest));
    match (command, rest) {
        ("test", options) => test::run(options),
        ("bench", options) => bench::run(options),
        ("tidy", []) => tidy::run(shell::root()),
        ("rooms", []) => rooms::run(shell::root()),
        ("tree", []) => dependencies::run(shell::root()),
        ("help" | "--help" | "-h", _) => {
            println!("{HELP}");
            Ok(())
        }
        ("tidy" | "rooms" | "tree", _) => Err(Error::Usage(format!("`{command}` takes no arguments"))),
        _ => Err(Error::Usage(format!("there is no command `{command}`"))),
    }
}

//! `cargo xtask bench`: builds the real binary as it is released, and the tool that measures it, and runs it.
//!
//! What is measured and how stands in `crates/bench` and in `docs/benchmark.md`.

use crate::{error::Error, shell};

/// The tool, as `[profile.measure]` builds it.
const TOOL: &str = "target/measure/bench";

/// Builds both and runs the tool with these arguments.
pub(crate) fn run(arguments: &[String]) -> Result<(), Error> {
    shell::run(shell::command(
        "cargo",
        &["build", "--locked", "--profile", "measure", "--package", "bench"],
    ))?;
    let is_running = !arguments.iter().any(|argument| matches!(argument.as_str(), "--help" | "-h"));
    if is_running {
        shell::run(shell::command("cargo", &["build", "--locked", "--release", "--package", "tillgate"]))?;
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    shell::run(shell::command(TOOL, &arguments))
}

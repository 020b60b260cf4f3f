//! Tools that take minutes to install, and so are run only where they are.

use super::{Outcome, cargo};
use crate::{error::Error, shell};

/// cargo-deny, by `deny.toml`. Advisories are left to whoever has a fresh copy of their database.
pub(super) fn deny() -> Result<Outcome, Error> {
    where_installed("deny", &["deny", "check", "licenses", "bans", "sources"])
}

/// cargo-machete: dependencies that a manifest names and no file uses.
pub(super) fn machete() -> Result<Outcome, Error> {
    where_installed("machete", &["machete"])
}

fn where_installed(tool: &str, arguments: &[&str]) -> Result<Outcome, Error> {
    if shell::version("cargo", &[tool, "--version"]).is_none() {
        return Ok(Outcome::Skipped(format!("not installed; cargo install --locked cargo-{tool}")));
    }
    cargo(arguments)
}

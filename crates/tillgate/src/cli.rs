//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser};

use crate::commands::Command;

/// A self-hosted payment gateway. Without a command it runs the gateway, as `tillgate serve` does.
#[derive(Debug, Parser)]
#[command(name = "tillgate", version, max_term_width = 110, subcommand_required = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Common {
    /// The configuration file; tillgate.toml in the working directory where nothing is said
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The data directory
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// One JSON document on standard output, and nothing else
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}

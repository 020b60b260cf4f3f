//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser};

use crate::commands::{Command, Serve};

/// A self-hosted payment gateway. Without a command it runs the gateway, as `tillgate serve` does.
#[derive(Debug, Parser)]
#[command(name = "tillgate", version, max_term_width = 110, subcommand_required = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) serve: Serve,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Under which every command's help shows what all of them take.
const EVERYWHERE: &str = "With every command";

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Common {
    /// The configuration file; tillgate.toml in the working directory where nothing is said
    #[arg(long, global = true, value_name = "FILE", help_heading = EVERYWHERE)]
    pub(crate) config: Option<PathBuf>,
    /// The data directory
    #[arg(long, global = true, value_name = "DIR", help_heading = EVERYWHERE)]
    pub(crate) data: Option<PathBuf>,
    /// One JSON document on standard output, and nothing else
    #[arg(long, global = true, help_heading = EVERYWHERE)]
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

    #[test]
    fn a_command_shows_its_own_options_apart_from_those_of_all() {
        let mut cli = Cli::command();
        cli.build();
        let serve = cli.find_subcommand_mut("serve").map(|serve| serve.render_help().to_string());
        let help = serve.unwrap_or_default();
        let (own, of_all) = help.split_once("With every command:").unwrap();
        assert!(own.contains("--listen") && !of_all.contains("--listen"), "{help}");
        for option in ["--config", "--data ", "--json"] {
            assert!(of_all.contains(option) && !own.contains(option), "{help}");
        }
    }
}

//! What the caller asks for.

use std::{path::PathBuf, time::Duration};

use clap::{Parser, Subcommand, ValueEnum};

/// Measures the real binary under load, beside what this machine can do at all.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", max_term_width = 110)]
pub(crate) struct Options {
    /// The binary that is measured
    #[arg(long, value_name = "FILE", default_value = "target/release/tillgate")]
    pub(crate) binary: PathBuf,
    /// A minute or two with small numbers: says that everything works, and little about speed
    #[arg(long)]
    pub(crate) quick: bool,
    /// With 10 million payments as well: some 12 GB of disk and half an hour
    #[arg(long)]
    pub(crate) large: bool,
    /// This part alone; may be given again
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) only: Vec<Part>,
    /// Write every reading to this file as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Where databases are made; what an older run left there is deleted
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    pub(crate) dir: PathBuf,
    /// Another database to measure creations on besides SQLite, empty before; may be given again
    #[arg(long, value_name = "URL")]
    pub(crate) database: Vec<String>,
    /// Leave PostgreSQL out, which is measured wherever its programs are installed
    #[arg(long)]
    pub(crate) no_postgres: bool,
    /// How often each reading is taken
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=99))]
    pub(crate) rounds: Option<u32>,
    #[command(subcommand)]
    pub(crate) act: Option<Act>,
}

/// What else there is to do.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Act {
    /// Write the script for pgbench that does what a creation does on PostgreSQL, from two that are recorded now
    Pgbench {
        /// Write nothing, and fail if the script in the tree is another
        #[arg(long)]
        check: bool,
        /// Where it is written
        #[arg(default_value = "crates/bench/create.pgbench")]
        file: PathBuf,
    },
}

/// A part of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Requests to an empty gateway, and the disk
    Http,
    /// The same with more and more payments stored
    Growth,
    /// Creations beside reads
    Mixed,
    /// Callbacks
    Webhooks,
    /// Start, memory, size
    Start,
    /// Blocks against watched addresses
    Blocks,
}

/// How much is measured, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    /// How often each reading is taken.
    pub(crate) rounds: u32,
    /// How long a load runs before it counts.
    pub(crate) warm: Duration,
    /// How long it counts.
    pub(crate) run: Duration,
    /// Payments stored, from few to many.
    pub(crate) stored: Vec<u64>,
    /// Callbacks that wait when their dispatch is measured.
    pub(crate) backlog: u64,
    /// How long callbacks go to nine endpoints while the tenth hangs.
    pub(crate) hanging: Duration,
    /// Addresses that are watched.
    pub(crate) watched: usize,
}

impl Options {
    /// How much is measured.
    pub(crate) fn scale(&self) -> Scale {
        let mut scale = if self.quick { Scale::quick() } else { Scale::full() };
        if self.large {
            scale.stored.push(10_000_000);
        }
        scale.rounds = self.rounds.unwrap_or(scale.rounds);
        scale
    }

    /// Whether a part is asked for.
    pub(crate) fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

impl Scale {
    fn quick() -> Self {
        Self {
            rounds: 1,
            warm: Duration::from_millis(100),
            run: Duration::from_millis(500),
            stored: vec![0, 20_000],
            backlog: 2_000,
            hanging: Duration::from_secs(3),
            watched: 100_000,
        }
    }

    fn full() -> Self {
        Self {
            rounds: 3,
            warm: Duration::from_millis(500),
            run: Duration::from_secs(2),
            stored: vec![0, 100_000, 1_000_000],
            backlog: 20_000,
            hanging: Duration::from_secs(15),
            watched: 1_000_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
        let options = Options::parse_from(["bench", "--large", "--only", "growth", "--rounds", "5"]);
        assert!(options.wants(Part::Growth) && !options.wants(Part::Http));
        let scale = options.scale();
        assert_eq!((scale.rounds, scale.stored.last()), (5, Some(&10_000_000)));
    }
}

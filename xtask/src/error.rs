//! Why a command ends badly.

use std::{io, path::PathBuf, process::ExitStatus};

/// Why a command ends badly. Each says what failed; where it is not plain, what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Rules are broken; the findings were printed.
    #[error("{0} finding(s)")]
    Findings(usize),
    /// A program could not be started.
    #[error("`{command}` cannot be started: {cause}")]
    Start {
        /// The program and its arguments.
        command: String,
        /// What the system says.
        cause: io::Error,
    },
    /// A program ended badly; what it said was printed.
    #[error("`{command}` ended with {status}")]
    Ended {
        /// The program and its arguments.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A file could not be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Cargo could not describe the workspace.
    #[error("the workspace cannot be read: {0}")]
    Metadata(#[from] cargo_metadata::Error),
    /// Programs that the tests need are not there.
    #[error("{0}")]
    Tools(String),
    /// The command line makes no sense.
    #[error("{0}. `cargo xtask help` says what there is")]
    Usage(String),
}

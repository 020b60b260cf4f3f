//! Why a command did not do what it was asked for.

use std::fmt;

/// What to do about a disk that did not take what had to be written.
pub(crate) const NO_ROOM: &str =
    "Where the disk is full, make room; else check the disk, and who may write there.";

/// The reason, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommandError {
    reason: String,
    cure: Option<String>,
}

impl CommandError {
    /// A reason that says itself what to do.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), cure: None }
    }

    /// The same with a cure of its own.
    #[must_use]
    pub(crate) fn cure(self, cure: impl Into<String>) -> Self {
        Self { cure: Some(cure.into()), ..self }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)?;
        self.cure.as_ref().map_or(Ok(()), |cure| write!(f, "\n  {cure}"))
    }
}

impl std::error::Error for CommandError {}

impl From<crate::config::Problems> for CommandError {
    fn from(problems: crate::config::Problems) -> Self {
        Self::new(problems.to_string())
    }
}

/// What a command leads to.
pub(crate) type Done = Result<(), CommandError>;

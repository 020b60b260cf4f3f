//! What is wrong with a configuration, where, and how to mend it.

use std::{fmt, path::PathBuf};

/// Where a setting stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file, on this line.
    Line(PathBuf, usize),
    /// In a file, wherever.
    File(PathBuf),
    /// In an environment variable.
    Variable(String),
    /// In a flag of the command line.
    Flag(String),
    /// Nowhere: it is the default.
    Default,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(path, line) => write!(f, "{}, line {line}", path.display()),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One thing that is wrong. It never repeats what was written: that may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What.
    pub what: String,
    /// What to do about it, where the first sentence does not say so.
    pub fix: Option<String>,
}

impl Problem {
    /// A problem whose cure is a sentence of its own.
    pub(crate) fn new(place: Place, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { place, what: what.into(), fix: Some(fix.into()) }
    }

    /// A problem that says itself how to mend it.
    pub(crate) fn plain(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into(), fix: None }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            // It stands nowhere: that is the problem.
            Place::Default => write!(f, "configuration: {}", self.what)?,
            place => write!(f, "{place}: {}", self.what)?,
        }
        self.fix.as_ref().map_or(Ok(()), |fix| write!(f, "\n  {fix}"))
    }
}

/// Everything that is wrong, as far as it could be told at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let line_end = if index > 0 { "\n" } else { "" };
            write!(f, "{line_end}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

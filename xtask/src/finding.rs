//! What a rule finds, and how it is told.

use std::fmt;

use crate::error::Error;

/// One place where a rule of the house is broken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// The file, from the root of the repository.
    pub(crate) path: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong, and what to do.
    pub(crate) text: String,
}

impl Finding {
    /// A finding on `line` of `path`.
    pub(crate) fn new(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.text)
    }
}

/// Prints the findings, in the order of files and lines. One or more of them fail the command.
pub(crate) fn report(mut findings: Vec<Finding>, clean: &str) -> Result<(), Error> {
    findings.sort();
    findings.dedup();
    if findings.is_empty() {
        println!("{clean}");
        return Ok(());
    }
    for finding in &findings {
        println!("{finding}");
    }
    Err(Error::Findings(findings.len()))
}

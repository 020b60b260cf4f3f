//! A question to a source, and what was heard.

use domain::{money::Rate, pair::Pair, time::Timestamp};

use crate::excerpt::Excerpt;

/// What is asked for, and where.
pub(super) struct Question {
    /// The path, with its query.
    pub(super) path: String,
    /// The pairs that it is about.
    pub(super) pairs: Vec<Pair>,
}

/// What a source says of one pair.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// The pair.
    pub(super) pair: Pair,
    /// The rate; `None` for what is no rate at all: nothing, less than nothing, no number.
    pub(super) rate: Option<Rate>,
    /// When it says so, or was asked where it does not tell.
    pub(super) at: Timestamp,
}

/// Everything that a source says.
pub(super) type Heard = Vec<Said>;

/// Why nothing was heard.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unheard {
    /// A pair that was asked for is not traded there.
    Unlisted,
    /// It says that something went wrong.
    Error(String),
    /// It is not what its documentation says.
    Unreadable,
}

impl Unheard {
    /// An error in the source's own words, as many as can be shown.
    pub(super) fn error(words: &str) -> Self {
        let mut excerpt = Excerpt::default();
        excerpt.push(words.as_bytes());
        Self::Error(excerpt.text())
    }
}

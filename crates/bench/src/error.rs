//! Why a measurement could not be made.

use std::{fmt::Display, io};

/// Why a measurement could not be made. It is told to the person who asked for it, and to nobody else.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Trouble(pub(crate) String);

/// What comes of a step.
pub(crate) type Done<T = ()> = Result<T, Trouble>;

impl Trouble {
    /// A trouble in these words.
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Says what was being done when something failed.
pub(crate) trait During<T> {
    /// The same, with what was being done.
    fn during(self, what: impl Display) -> Done<T>;
}

impl<T, E: Display> During<T> for Result<T, E> {
    fn during(self, what: impl Display) -> Done<T> {
        self.map_err(|error| Trouble(format!("{what}: {error}")))
    }
}

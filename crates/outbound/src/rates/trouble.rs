//! Why a source is not heard, in words for the log.

use std::{fmt, time::Duration};

use domain::pair::Pair;

use crate::fault::Fault;

/// What went wrong with a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There was no answer; why not, in a few stable words.
    Unanswered(String),
    /// A status that is no answer.
    Status(u16),
    /// It is asked too often, or cannot answer now.
    Busy {
        /// The status that says so.
        status: u16,
        /// How long it is left alone.
        pause: Duration,
    },
    /// It says that something went wrong, in its own words.
    Error(String),
    /// Its answer has another form than its documentation says.
    Unreadable,
    /// It answered, and said nothing of what it was asked.
    Silent,
    /// What it says of these could be no price.
    NoPrice(Vec<Pair>),
    /// It took longer than a round may take.
    TooSlow,
    /// It does not trade what it was asked for.
    Unlisted,
}

impl Trouble {
    pub(super) fn unanswered(fault: Fault) -> Self {
        Self::Unanswered(fault.to_string())
    }

    pub(super) fn url() -> Self {
        Self::Unanswered(Fault::AddressNotAllowed.to_string())
    }

    pub(super) const fn pause(&self) -> Option<Duration> {
        match self {
            Self::Busy { pause, .. } => Some(*pause),
            _ => None,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unanswered(why) => f.write_str(why),
            Self::Status(status) => write!(f, "answered {status}"),
            Self::Busy { status, pause } => {
                write!(f, "answered {status}, and is left alone for {} s", pause.as_secs())
            }
            Self::Error(said) => write!(f, "said: {said}"),
            Self::Unreadable => f.write_str("its answer cannot be read"),
            Self::Silent => f.write_str("said nothing of what it was asked"),
            Self::NoPrice(pairs) => write!(f, "what it says of {pairs:?} could be no price"),
            Self::TooSlow => f.write_str("took too long"),
            Self::Unlisted => f.write_str("does not trade what it was asked for"),
        }
    }
}

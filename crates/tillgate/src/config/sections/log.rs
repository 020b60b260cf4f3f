//! What the log says, and how.

use crate::config::{
    documented::documented,
    word::{Setting, names},
};

documented! {
    /// The log. It goes to standard error, and never holds a secret.
    pub struct Log {
        /// error | warn | info | debug | trace
        pub level: Setting<LogLevel> = Setting(LogLevel::Info),
        /// auto | human | json. auto: human on a terminal, JSON otherwise.
        pub format: Setting<LogFormat> = Setting(LogFormat::Auto),
    }
}

/// How much the log says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// What is broken.
    Error,
    /// What somebody should look at.
    Warn,
    /// What happens.
    Info,
    /// Why.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// The level's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// What a line of the log looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For whoever reads it: a person at a terminal, or else a program.
    Auto,
    /// Words.
    Human,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    const ALL: [Self; 3] = [Self::Auto, Self::Human, Self::Json];

    const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Human => "human",
            Self::Json => "json",
        }
    }
}

names!(LogLevel, Self::ALL, Self::name);
names!(LogFormat, Self::ALL, Self::name);

//! Moments and spans, in whole microseconds. Nothing here reads a clock: whoever needs the time is handed a
//! [`Clock`].

use std::ops::{Add, Sub};

/// Microseconds in a second.
const MICROS: i64 = 1_000_000;

/// A moment: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `micros` microseconds after the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The moment `seconds` seconds after the Unix epoch; the far end of time where that does not fit.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS))
    }

    /// Microseconds since the Unix epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS)
    }

    /// Whole milliseconds since the Unix epoch, rounded down; zero before it.
    pub const fn millis(self) -> u64 {
        if self.0 < 0 { 0 } else { self.0.div_euclid(1_000).unsigned_abs() }
    }

    /// How long ago `earlier` was; negative when it lies ahead.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

/// A length of time in microseconds; it may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `micros` microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// A span of `seconds` seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS))
    }

    /// A span of `minutes` minutes.
    pub const fn minutes(minutes: i64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }

    /// A span of `hours` hours.
    pub const fn hours(hours: i64) -> Self {
        Self::minutes(hours.saturating_mul(60))
    }

    /// A span of `days` days.
    pub const fn days(days: i64) -> Self {
        Self::hours(days.saturating_mul(24))
    }

    /// Microseconds.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds, rounded down.
    pub const fn whole_seconds(self) -> i64 {
        self.0.div_euclid(MICROS)
    }

    /// The same span for the standard library; a negative span is no time.
    pub const fn to_std(self) -> std::time::Duration {
        if self.0 <= 0 {
            std::time::Duration::ZERO
        } else {
            std::time::Duration::from_micros(self.0.unsigned_abs())
        }
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Tells the wall time.
///
/// There are two clocks in a gateway. This is the wall clock: signatures, sessions, rate limits, the age of a node's
/// newest block. Deadlines, retries and simulated blocks follow the *business clock*, which is this one plus an offset
/// that the operator of a sandbox may move; the engine reads that offset inside the transaction that uses it.
pub trait Clock: Send + Sync {
    /// The wall time.
    fn now(&self) -> Timestamp;
}

//! Time and chance, in the hand of a test.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use domain::{
    id::Entropy,
    time::{Clock, Span, Timestamp},
};
use sha2::{Digest, Sha256};

/// Where the clock of a test begins: 2026-06-16T12:00:00Z.
pub const START: Timestamp = Timestamp::from_seconds(1_781_611_200);

/// A wall clock that stands still until it is moved.
pub struct HandClock(AtomicI64);

impl HandClock {
    /// A clock that shows `at`.
    pub const fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.micros()))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Span) {
        self.0.fetch_add(by.micros(), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that look random and are the same in every run.
pub struct Seeded(Mutex<u64>);

impl Seeded {
    /// Bytes that follow from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(seed << 32))
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(32) {
            *count += 1;
            let block = Sha256::digest(count.to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

//! Numbers that look random and are the same in every run. Nothing here is a secret.

use domain::id::Entropy;

/// `SplitMix64` (Steele, Lea and Flood, 2014): a few nanoseconds a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// The sequence with this number.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    /// Fills `text` with hexadecimal digits.
    pub(crate) fn hex(&mut self, text: &mut [u8]) {
        for chunk in text.chunks_mut(16) {
            let mut number = self.next();
            for digit in chunk {
                *digit = b"0123456789abcdef"[usize::try_from(number & 15).unwrap_or_default()];
                number >>= 4;
            }
        }
    }
}

/// Entropy that is none: for ids that are made again from their place in the stock.
pub(crate) struct Placed(pub(crate) u64);

impl Entropy for Placed {
    fn fill(&self, bytes: &mut [u8]) {
        let mut random = Random::new(self.0);
        for chunk in bytes.chunks_mut(8) {
            let number = random.next().to_be_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }
}

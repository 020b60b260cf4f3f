//! Addresses in a row that no money came to.
//!
//! A wallet that looks for its money looks at one address after the other, and stops after some that were never used:
//! after 20, as BIP-44 says. A gateway gives out an address for each payment that asks for money, and most people who
//! look at a price do not pay it. So what a shop receives can lie beyond what its wallet looks at.

use domain::{chain::Network, merchant::Wallet};
use store::{Fault, Rx};

/// Addresses without money after which most wallets stop to look (BIP-44, "Address gap limit").
pub const GAP_LIMIT: u32 = 20;

/// Addresses that are looked at, from the newest one down. Whoever has more in a row needs no exact number.
const LOOKED_AT: u32 = 10_000;

/// How the addresses of a wallet that received money lie among those that did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gap {
    /// Addresses that were given out after the last one that received money.
    pub unpaid: u32,
    /// The most addresses in a row without money before one that received some.
    pub widest: u32,
}

impl Gap {
    /// The gap limit with which a wallet sees all money that came, and all that may still come to an address that was
    /// given out. A wallet with the usual limit does where this is not above [`GAP_LIMIT`].
    pub const fn limit(self) -> u32 {
        let before = self.widest.saturating_add(1);
        if before > self.unpaid { before } else { self.unpaid }
    }

    /// The gaps between these positions, which are in order, where addresses below `issued` were given out.
    fn between(first: u32, used: &[u32], issued: u32) -> Self {
        let mut next = first;
        let mut widest = 0;
        for position in used {
            widest = widest.max(position.saturating_sub(next));
            next = position.saturating_add(1);
        }
        Self { unpaid: issued.saturating_sub(next), widest }
    }
}

/// The gaps of a wallet on a network.
pub(super) fn find(rx: &mut Rx<'_>, wallet: &Wallet, network: Network) -> Result<Gap, Fault> {
    let first = wallet.derived.saturating_sub(LOOKED_AT);
    let used = store::addresses::used(rx, wallet.id, first..wallet.derived, network)?;
    Ok(Gap::between(first, &used, wallet.issued))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_before_and_after_the_money() {
        let gap = |used: &[u32], issued| {
            let gap = Gap::between(0, used, issued);
            (gap.widest, gap.unpaid, gap.limit())
        };
        assert_eq!(gap(&[], 0), (0, 0, 1));
        assert_eq!(gap(&[], 20), (0, 20, 20));
        assert_eq!(gap(&[], 21), (0, 21, 21));
        assert_eq!(gap(&[0, 1, 2], 3), (0, 0, 1));
        // The twentieth unused address is the last that is looked at, and so money on the twenty-first is not seen.
        assert_eq!(gap(&[19], 20), (19, 0, 20));
        assert_eq!(gap(&[20], 21), (20, 0, 21));
        assert_eq!(gap(&[3, 30, 31], 40), (26, 8, 27));
        // Used elsewhere, ahead of what was given out here.
        assert_eq!(gap(&[50], 10), (50, 0, 51));
    }
}

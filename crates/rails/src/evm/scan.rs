//! Which transfers of a block may be ours. No network, no store: what the node said, and what is watched.

use std::sync::Arc;

use domain::{
    chain::{Network, Script, Transfer},
    money::{Amount, AssetCode},
};

use super::wire::{Account, Body, Bytes, Data, Log, Payment, Quantity, Receipt, Word};
use crate::watch::WatchSet;

/// The first topic of a token's transfer: the Keccak-256 of `Transfer(address,address,uint256)` (ERC-20).
pub const TRANSFER: Word = Bytes([
    0xdd, 0xf2, 0x52, 0xad, 0x1b, 0xe2, 0xc8, 0x9b, 0x69, 0xc2, 0xb0, 0x68, 0xfc, 0x37, 0x8d, 0xaa, 0x95,
    0x2b, 0xa7, 0xf1, 0x63, 0xc4, 0xa1, 0x16, 0x28, 0xf5, 0x5a, 0x4d, 0xf5, 0x23, 0xb3, 0xef,
]);

/// The largest transfer that is counted, in minor units: 112 bits. That is five thousand million million coins of 18
/// places, and leaves room for 32,000 such transfers in one line of a ledger, which is signed and has 128 bits.
/// Contracts that keep other people's tokens draw the same line.
pub const MAX_AMOUNT: u128 = (1 << 112) - 1;

/// A token that is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The asset that it is.
    pub asset: AssetCode,
    /// The contract that keeps it. Nothing else tells a token from its imitations: names and symbols are free.
    pub contract: [u8; 20],
}

/// What counts on a network.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The network.
    pub network: Network,
    /// The chain's own coin, where the node is believed about it.
    pub native: Option<AssetCode>,
    /// The tokens.
    pub tokens: Arc<[Token]>,
}

/// A block that may hold something for us.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The block.
    pub body: &'a Body,
    /// The transactions that carry coins to a watched account, as far as their callers say: those that failed are among
    /// them.
    pub payments: Vec<&'a Payment>,
    /// Whether anything can come of it. A block without transactions has no receipts either.
    pub needs_receipts: bool,
}

impl Candidate<'_> {
    /// Whether these receipts tell of every payment.
    pub fn is_told(&self, receipts: &[Receipt]) -> bool {
        let is_told = |payment: &&Payment| {
            receipts.iter().any(|receipt| receipt.transaction_hash == payment.transaction)
        };
        self.payments.iter().all(is_told)
    }
}

impl Assets {
    /// A block as far as its transactions tell without their receipts.
    pub fn candidate<'a>(&self, body: &'a Body, watched: &WatchSet) -> Candidate<'a> {
        let payments: Vec<_> = match self.native {
            Some(_) => body.transactions.payments.iter().filter(|one| watched.contains(&one.to.0)).collect(),
            None => Vec::new(),
        };
        // A block's bloom filter could spare some more, but it is not believed: there are nodes that leave it empty.
        let needs_receipts = !payments.is_empty() || (body.transactions.count > 0 && !self.tokens.is_empty());
        Candidate { body, payments, needs_receipts }
    }

    /// The transfers to watched accounts in the receipts of a block: every receipt there is, or at least those of the
    /// candidate's payments and of tokens for watched accounts.
    ///
    /// A token's transfer is what the token's contract says, not what its caller asked for: some keep a fee. The
    /// ordinal of a transfer is 0 for a transaction's own coins, and else the place of its log among those of the
    /// transaction, from 1. So it is the same in whatever block the transaction is mined again; `logIndex` counts
    /// through the block.
    pub fn transfers(
        &self,
        block: &Candidate<'_>,
        receipts: &[Receipt],
        watched: &WatchSet,
    ) -> Vec<Transfer> {
        let mut transfers = Vec::new();
        for receipt in receipts {
            let succeeded = receipt.status.map(|status| status.number() == Some(1));
            // What failed moved nothing. Its value field stays, and there are nodes that keep its logs.
            if succeeded == Some(false) {
                continue;
            }
            let payment =
                block.payments.iter().find(|payment| payment.transaction == receipt.transaction_hash);
            let (native, payment) = (self.native, payment.filter(|_| succeeded == Some(true)));
            if let Some((asset, payment)) = native.zip(payment) {
                transfers.extend(self.transfer(receipt, 0, payment.to, asset, payment.value));
            }
            for (ordinal, log) in (1..).zip(&receipt.logs) {
                if let Some((asset, to, value)) = self.arrival(log, watched) {
                    transfers.extend(self.transfer(receipt, ordinal, to, asset, value));
                }
            }
        }
        transfers
    }

    /// What a log says of a transfer to a watched account.
    fn arrival(&self, log: &Log, watched: &WatchSet) -> Option<(AssetCode, Account, Quantity)> {
        let token = self.tokens.iter().find(|token| token.contract == log.address.0)?;
        // Collectibles (ERC-721) have a fourth topic and no data under the same name.
        let (&[event, _, to], Data(Some(value))) = (log.topics.as_three()?, log.data) else { return None };
        if event != TRANSFER || log.removed == Some(true) {
            return None;
        }
        let to = to.account().filter(|to| watched.contains(&to.0))?;
        Some((token.asset, to, value.quantity()))
    }

    /// A transfer that can be counted. What is too large is refused aloud and never cut: the rest of the block counts.
    fn transfer(
        &self,
        receipt: &Receipt,
        ordinal: u32,
        to: Account,
        asset: AssetCode,
        value: Quantity,
    ) -> Option<Transfer> {
        let transaction = receipt.transaction_hash.to_string();
        let Some(amount) = value.number().filter(|amount| *amount <= MAX_AMOUNT) else {
            tracing::error!(
                network = %self.network,
                transaction,
                ordinal,
                %asset,
                "a transfer is larger than can be counted, and is left out"
            );
            return None;
        };
        let script = Script::new(&to.0).filter(|_| amount > 0)?;
        let amount = Amount::from_minor(amount);
        Some(Transfer { transaction, ordinal, script, asset, amount, least_depth: 1 })
    }
}

#[cfg(test)]
mod tests;

//! Which outputs of a block may be ours. No network, no store: raw bytes, and what is watched.
//!
//! A block is read transaction by transaction, and only what is ours is kept of it. Its transactions must be those that
//! its header commits to, so that an answer that was cut or mixed up is not taken for a block.
//!
//! Dust, an output that costs more to spend than the network thinks it is worth (294 sats on a native segwit address,
//! 330 on a taproot one, by the rule that Bitcoin Core relays by), is money like any other: it is recorded, and counts
//! at its face value. The log remarks on it, since whoever pays in dust leaves the shop with the fees.

use bitcoin::{
    Transaction, TxMerkleNode, TxOut, Txid, VarInt,
    block::Header,
    consensus::{Decodable, encode},
    constants::COINBASE_MATURITY,
    merkle_tree,
};
use domain::{
    chain::{Network, Script, Transfer},
    money::{Amount, AssetCode},
};

use crate::watch::WatchSet;

/// Bytes of a block's header.
pub(super) const HEADER_BYTES: usize = 80;

/// What counts on a network.
#[derive(Clone, Copy, Debug)]
pub struct Coin {
    /// The network.
    pub network: Network,
    /// The code of its coin.
    pub asset: AssetCode,
}

/// Bytes that are not what they should be, and how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(&'static str);

impl Coin {
    /// The transfers of a block to watched scripts.
    ///
    /// # Errors
    /// [`Unreadable`] for bytes that are no block, or one whose transactions are not those of its header.
    pub fn of_block(self, raw: &[u8], watched: &WatchSet) -> Result<Vec<Transfer>, Unreadable> {
        let mut rest = raw;
        let header: Header = decode(&mut rest)?;
        let count: VarInt = decode(&mut rest)?;
        let mut transfers = Vec::new();
        // No more is set aside than bytes are there.
        let mut ids = Vec::with_capacity(usize::try_from(count.0).unwrap_or_default().min(rest.len() / 60));
        for place in 0..count.0 {
            let transaction: Transaction = decode(&mut rest)?;
            let id = transaction.compute_txid();
            ids.push(TxMerkleNode::from_raw_hash(id.to_raw_hash()));
            // New coins cannot be spent before, and until then no one can say that they were received.
            let least_depth = if place == 0 { COINBASE_MATURITY } else { 1 };
            transfers.extend(self.outputs(&transaction, id, least_depth, watched));
        }
        if !rest.is_empty() {
            return Err(Unreadable("bytes after the last transaction"));
        }
        if merkle_tree::calculate_root_inline(&mut ids) != Some(header.merkle_root) {
            return Err(Unreadable("other transactions than its header says"));
        }
        Ok(transfers)
    }

    /// The transfers of a transaction that waits to be mined.
    ///
    /// # Errors
    /// [`Unreadable`] for bytes that are not the transaction with this id.
    pub fn of_transaction(
        self,
        raw: &[u8],
        id: Txid,
        watched: &WatchSet,
    ) -> Result<Vec<Transfer>, Unreadable> {
        let transaction: Transaction = encode::deserialize(raw).map_err(|_| Unreadable("no transaction"))?;
        if transaction.compute_txid() != id {
            return Err(Unreadable("another transaction than was asked for"));
        }
        Ok(self.outputs(&transaction, id, 1, watched).collect())
    }

    /// What a transaction pays to watched scripts. The ordinal of a transfer is the place of its output: it is the same
    /// in whatever block the transaction is mined again.
    fn outputs(
        self,
        transaction: &Transaction,
        id: Txid,
        least_depth: u32,
        watched: &WatchSet,
    ) -> impl Iterator<Item = Transfer> {
        let ours = (0..).zip(&transaction.output);
        let ours = ours.filter(|(_, output)| watched.contains(output.script_pubkey.as_bytes()));
        ours.filter_map(move |(ordinal, output)| self.transfer(id, ordinal, output, least_depth))
    }

    /// An output that can be counted. What is more than there can be is refused aloud: the rest of the block counts.
    fn transfer(self, id: Txid, ordinal: u32, output: &TxOut, least_depth: u32) -> Option<Transfer> {
        let (network, asset, sats) = (self.network, self.asset, output.value.to_sat());
        if output.value > bitcoin::Amount::MAX_MONEY {
            tracing::error!(%network, %id, ordinal, "an output is larger than all coins, and is left out");
            return None;
        }
        if output.value < output.script_pubkey.minimal_non_dust() {
            tracing::info!(%network, %id, ordinal, sats, "an output is dust: it counts, and costs more to spend");
        }
        let script = Script::new(output.script_pubkey.as_bytes()).filter(|_| sats > 0)?;
        let (transaction, amount) = (id.to_string(), Amount::from_minor(sats.into()));
        Some(Transfer { transaction, ordinal, script, asset, amount, least_depth })
    }
}

fn decode<T: Decodable>(rest: &mut &[u8]) -> Result<T, Unreadable> {
    T::consensus_decode(rest).map_err(|_| Unreadable("no whole block"))
}

#[cfg(test)]
mod tests;

//! Money that was seen.

use crate::{
    chain::{BlockRef, ChainKey, Method, Script},
    id::{QuoteId, ReceiptId},
    money::Amount,
    time::Timestamp,
};

/// One arrival of money at a script of ours. It is recorded once, valued once, and never deleted: when its block leaves
/// the chain it is [`Standing::Gone`], and when its transaction is mined again it is the same receipt that comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// Its number among everything of its shop, where the dialect gives one.
    pub number: Option<u32>,
    /// Network and asset.
    pub method: Method,
    /// The chain under the network's name.
    pub chain: ChainKey,
    /// The transaction's hash, as its chain writes it.
    pub transaction: String,
    /// Which transfer of the transaction it is.
    pub ordinal: u32,
    /// Where it arrived.
    pub script: Script,
    /// Minor units of the asset; never nothing.
    pub amount: Amount,
    /// The quote that it counts by; `None` while there was no trusted rate to value it with.
    pub valued_by: Option<QuoteId>,
    /// Confirmations that make it final.
    pub depth: u32,
    /// When this gateway first saw it.
    pub first_seen: Timestamp,
    /// When it moved: the earlier of its first sight and the time of a block that held it. Whether it came in time is
    /// judged by this, so that a gateway that was down makes nobody late.
    pub moment: Timestamp,
    /// Whether it counts.
    pub standing: Standing,
    /// The block that holds it now.
    pub inclusion: Option<Inclusion>,
}

/// Whether a receipt counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// In no block of the chain, and not waiting for one: it counts for nothing, until it comes back.
    Gone,
    /// Seen, in a block or waiting for one, and not yet final.
    Seen,
    /// As deep in the chain as its payment asks.
    Confirmed,
}

/// A block that holds a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The block.
    pub block: BlockRef,
    /// The time that the block states.
    pub time: Timestamp,
}

impl Receipt {
    /// Whether the money is there, final or not.
    pub fn counts(&self) -> bool {
        self.standing != Standing::Gone
    }

    /// Blocks that confirm it where the chain's newest is at `head`: one when it is in the newest itself.
    pub fn confirmations(&self, head: u64) -> u64 {
        self.inclusion.as_ref().map_or(0, |inclusion| match head.checked_sub(inclusion.block.height) {
            Some(above) => above.saturating_add(1),
            None => 0,
        })
    }

    /// Whether the chain whose newest block is at `head` has made it final.
    pub fn is_final(&self, head: u64) -> bool {
        self.confirmations(head) >= u64::from(self.depth.max(1))
    }
}

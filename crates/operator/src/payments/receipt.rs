//! Money that came, and the blocks that held it.

use domain::{
    chain::BlockRef,
    receipt::{Inclusion, Standing},
    time::Timestamp,
};
use engine::payments::ReceiptView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ids, time};

/// Money that came.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentReceipt {
    /// Its id.
    pub id: String,
    /// The network.
    pub network: String,
    /// The asset.
    pub asset: String,
    /// How much of it; null where the network is no longer served.
    pub amount: Option<String>,
    /// The same in minor units.
    pub minor_units: String,
    /// Where it arrived.
    pub address: Option<String>,
    /// The transaction.
    pub transaction: String,
    /// Which transfer of the transaction it is.
    pub ordinal: u32,
    /// Whether it counts: `gone`, `seen` or `confirmed`.
    pub standing: String,
    /// Blocks that confirm it.
    pub confirmations: u64,
    /// Confirmations that make it final.
    pub depth: u32,
    /// When it was first seen.
    pub first_seen: String,
    /// When it moved: by this it is in time or late.
    pub moved_at: String,
    /// The quote that it counts by; null while no rate values it.
    pub quote: Option<String>,
    /// Every block that ever held it, oldest first.
    pub blocks: Vec<BlockInclusion>,
}

/// A block that holds a receipt, or did.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BlockInclusion {
    /// Its height.
    pub height: u64,
    /// Its hash.
    pub hash: String,
    /// The time that it states.
    pub time: String,
    /// When it left the chain; null while it is part of it.
    pub orphaned_at: Option<String>,
}

impl From<&ReceiptView> for PaymentReceipt {
    fn from(view: &ReceiptView) -> Self {
        let receipt = &view.receipt;
        let standing = match receipt.standing {
            Standing::Gone => "gone",
            Standing::Seen => "seen",
            Standing::Confirmed => "confirmed",
        };
        Self {
            id: ids::write(receipt.id),
            network: receipt.method.network.to_string(),
            asset: receipt.method.asset.to_string(),
            amount: view.asset.as_ref().map(|asset| receipt.amount.to_decimal(asset.asset.decimals)),
            minor_units: receipt.amount.minor().to_string(),
            address: view.address.clone(),
            transaction: receipt.transaction.clone(),
            ordinal: receipt.ordinal,
            standing: standing.to_owned(),
            confirmations: view.confirmations,
            depth: receipt.depth,
            first_seen: time::write(receipt.first_seen),
            moved_at: time::write(receipt.moment),
            quote: receipt.valued_by.map(ids::write),
            blocks: view.inclusions.iter().map(BlockInclusion::from).collect(),
        }
    }
}

impl From<&(Inclusion, Option<Timestamp>)> for BlockInclusion {
    fn from((inclusion, orphaned_at): &(Inclusion, Option<Timestamp>)) -> Self {
        let BlockRef { height, hash } = &inclusion.block;
        Self {
            height: *height,
            hash: hash.clone(),
            time: time::write(inclusion.time),
            orphaned_at: orphaned_at.map(time::write),
        }
    }
}

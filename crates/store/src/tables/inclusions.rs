//! Which blocks held a receipt. A block that leaves the chain is marked, never deleted: the trail of a payment tells
//! it.

use domain::{
    chain::BlockRef,
    id::{ReceiptId, ShopId},
    receipt::Inclusion,
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{statements, values},
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into inclusions (receipt_id, block_hash, shop_id, block_height, block_time, orphaned_at)
              values (?1, ?2, ?3, ?4, ?5, null)
              on conflict (receipt_id, block_hash, shop_id) do update set orphaned_at = null";
    ORPHAN = "update inclusions set orphaned_at = ?4 where receipt_id = ?1 and shop_id = ?2 and block_hash = ?3";
    OF_RECEIPT = "select block_height, block_hash, block_time, orphaned_at from inclusions
                  where receipt_id = ?1 and shop_id = ?2 order by block_height";
}

/// Notes that a block holds a receipt, for the first time or again.
pub fn insert(tx: &mut Tx<'_>, shop: ShopId, receipt: ReceiptId, inclusion: &Inclusion) -> Result<(), Fault> {
    let block = &inclusion.block;
    tx.put(&INSERT, values![&receipt, block.hash.as_str(), &shop, block.height, inclusion.time])
}

/// Notes that a block which held a receipt left the chain.
pub fn orphan(
    tx: &mut Tx<'_>,
    shop: ShopId,
    receipt: ReceiptId,
    block: &BlockRef,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.put(&ORPHAN, values![&receipt, &shop, block.hash.as_str(), at])
}

/// Every block that ever held a receipt, lowest first, and when it left the chain.
pub fn of_receipt(
    rx: &mut Rx<'_>,
    shop: ShopId,
    receipt: ReceiptId,
) -> Result<Vec<(Inclusion, Option<Timestamp>)>, Fault> {
    rx.all(&OF_RECEIPT, values![&receipt, &shop], |row| {
        let block = BlockRef { height: row.u64(0)?, hash: row.text(1)? };
        Ok((Inclusion { block, time: row.time(2)? }, row.opt_time(3)?))
    })
}

//! Money that was seen.

use domain::{
    chain::{BlockRef, ChainKey, Method, Network, Script, Transfer},
    id::{PaymentId, ReceiptId, ShopId},
    money::AssetCode,
    receipt::{Inclusion, Receipt, Standing},
};

use crate::{
    fault::Fault,
    sql::{Row, statements, values},
    tx::{Rx, Tx},
};

macro_rules! columns {
    () => {
        "id, network, chain, txid, ordinal, asset, script, amount, valued_by, depth, first_seen, moment, standing,
         block_height, block_hash, block_time, number"
    };
}

statements! {
    INSERT = concat!("insert into receipts (shop_id, payment_id, ", columns!(), ")
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)");
    UPDATE = "update receipts set valued_by = ?3, moment = ?4, standing = ?5, block_height = ?6, block_hash = ?7,
                block_time = ?8
              where id = ?1 and shop_id = ?2";
    OF_PAYMENT = concat!("select ", columns!(), " from receipts where payment_id = ?1 and shop_id = ?2 order by id");
    FIND = "select id, shop_id, payment_id from receipts
            where txid = ?1 and ordinal = ?2 and network = ?3 and chain = ?4 and script = ?5 and asset = ?6
              and amount = ?7";
    PAYMENT_OF = "select payment_id from receipts where id = ?1 and shop_id = ?2";
    OF_TRANSACTION = "select payment_id from receipts where txid = ?1 and shop_id = ?2 order by id desc limit ?3";
    ABOVE = "select id, shop_id, payment_id from receipts
             where network = ?1 and chain = ?2 and block_height > ?3 and block_height is not null
             order by payment_id, id";
    UNCONFIRMED = "select id, shop_id, payment_id, depth, block_height from receipts
                   where standing = 'seen' and network = ?1 and chain = ?2 order by payment_id, id";
    UNVALUED = "select id, shop_id, payment_id from receipts where valued_by is null and id > ?1 order by id limit ?2";
}

/// The stable name of a standing.
const fn standing_code(standing: Standing) -> &'static str {
    match standing {
        Standing::Gone => "gone",
        Standing::Seen => "seen",
        Standing::Confirmed => "confirmed",
    }
}

fn standing_from_code(code: &str) -> Option<Standing> {
    [Standing::Gone, Standing::Seen, Standing::Confirmed]
        .into_iter()
        .find(|standing| standing_code(*standing) == code)
}

fn read(row: &Row<'_>) -> Result<Receipt, Fault> {
    let inclusion = match (row.opt_u64(13)?, row.opt_text(14)?, row.opt_time(15)?) {
        (Some(height), Some(hash), Some(time)) => Some(Inclusion { block: BlockRef { height, hash }, time }),
        _ => None,
    };
    Ok(Receipt {
        id: row.id(0)?,
        number: row.opt_u32(16)?,
        method: Method { network: row.named(1, Network::parse)?, asset: row.named(5, AssetCode::parse)? },
        chain: ChainKey::new(row.text(2)?),
        transaction: row.text(3)?,
        ordinal: row.u32(4)?,
        script: Script::new(&row.bytes(6)?).ok_or(Fault::undecodable(6))?,
        amount: row.amount(7)?,
        valued_by: row.opt_id(8)?,
        depth: row.u32(9)?,
        first_seen: row.time(10)?,
        moment: row.time(11)?,
        standing: row.parsed(12, standing_from_code)?,
        inclusion,
    })
}

/// Adds money that was never seen before.
pub fn insert(tx: &mut Tx<'_>, shop: ShopId, payment: PaymentId, receipt: &Receipt) -> Result<(), Fault> {
    let block = receipt.inclusion.as_ref();
    tx.put(
        &INSERT,
        values![
            &shop,
            &payment,
            &receipt.id,
            receipt.method.network.as_str(),
            receipt.chain.as_str(),
            receipt.transaction.as_str(),
            receipt.ordinal,
            receipt.method.asset.as_str(),
            receipt.script.bytes(),
            receipt.amount,
            receipt.valued_by.as_ref(),
            receipt.depth,
            receipt.first_seen,
            receipt.moment,
            standing_code(receipt.standing),
            block.map(|at| at.block.height),
            block.map(|at| at.block.hash.as_str()),
            block.map(|at| at.time),
            receipt.number
        ],
    )
}

/// Writes what may change of a receipt. Its payment is locked, and so is it.
pub fn update(tx: &mut Tx<'_>, shop: ShopId, receipt: &Receipt) -> Result<(), Fault> {
    let block = receipt.inclusion.as_ref();
    let changed = tx.run(
        &UPDATE,
        values![
            &receipt.id,
            &shop,
            receipt.valued_by.as_ref(),
            receipt.moment,
            standing_code(receipt.standing),
            block.map(|at| at.block.height),
            block.map(|at| at.block.hash.as_str()),
            block.map(|at| at.time)
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(Fault::broken("a receipt was not there to be changed")) }
}

/// All the money of a payment, oldest first.
pub fn of_payment(rx: &mut Rx<'_>, shop: ShopId, payment: PaymentId) -> Result<Vec<Receipt>, Fault> {
    rx.all(&OF_PAYMENT, values![&payment, &shop], read)
}

/// The payment that money of a shop is of.
pub fn payment_of(rx: &mut Rx<'_>, shop: ShopId, id: ReceiptId) -> Result<Option<PaymentId>, Fault> {
    rx.one(&PAYMENT_OF, values![&id, &shop], |row| row.id(0))
}

/// The payments of a shop that money of a transaction is of, newest first, a payment for each piece of it.
pub fn of_transaction(
    rx: &mut Rx<'_>,
    shop: ShopId,
    transaction: &str,
    limit: u32,
) -> Result<Vec<PaymentId>, Fault> {
    rx.all(&OF_TRANSACTION, values![transaction, &shop, limit], |row| row.id(0))
}

/// Where a receipt belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The receipt.
    pub receipt: ReceiptId,
    /// Its shop.
    pub shop: ShopId,
    /// Its payment.
    pub payment: PaymentId,
}

fn place(row: &Row<'_>) -> Result<Place, Fault> {
    Ok(Place { receipt: row.id(0)?, shop: row.id(1)?, payment: row.id(2)? })
}

/// The receipt of this transfer, where it was seen before.
pub fn find(
    rx: &mut Rx<'_>,
    network: Network,
    chain: &ChainKey,
    transfer: &Transfer,
) -> Result<Option<Place>, Fault> {
    rx.one(
        &FIND,
        values![
            transfer.transaction.as_str(),
            transfer.ordinal,
            network.as_str(),
            chain.as_str(),
            transfer.script.bytes(),
            transfer.asset.as_str(),
            transfer.amount
        ],
        place,
    )
}

/// Receipts whose block is above `height`.
pub fn above(rx: &mut Rx<'_>, network: Network, chain: &ChainKey, height: u64) -> Result<Vec<Place>, Fault> {
    rx.all(&ABOVE, values![network.as_str(), chain.as_str(), height], place)
}

/// A receipt that is not final yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unconfirmed {
    /// Where it belongs.
    pub place: Place,
    /// Confirmations that make it final.
    pub depth: u32,
    /// The height of its block; `None` while it waits for one.
    pub height: Option<u64>,
}

/// Receipts of a chain that are not final yet.
pub fn unconfirmed(rx: &mut Rx<'_>, network: Network, chain: &ChainKey) -> Result<Vec<Unconfirmed>, Fault> {
    rx.all(&UNCONFIRMED, values![network.as_str(), chain.as_str()], |row| {
        Ok(Unconfirmed { place: place(row)?, depth: row.u32(3)?, height: row.opt_u64(4)? })
    })
}

/// Receipts that no rate valued yet, after `after`.
pub fn unvalued(rx: &mut Rx<'_>, after: ReceiptId, limit: u32) -> Result<Vec<Place>, Fault> {
    rx.all(&UNVALUED, values![&after, limit], place)
}

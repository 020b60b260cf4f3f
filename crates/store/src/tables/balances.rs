//! What is final of all that shops received, by network and asset.

use domain::{
    chain::{Method, Network},
    id::ShopId,
    money::{AssetCode, SignedAmount},
};

use crate::{
    fault::Fault,
    sql::{Row, statements, values},
    tx::{Locked, Rx, Tx},
};

statements! {
    // What changes nothing holds the row all the same, on either database.
    LOCK = "insert into balances (shop_id, network, asset, decimals, amount) values (?1, ?2, ?3, ?4, '0')
            on conflict (shop_id, network, asset) do update set decimals = balances.decimals
            returning network, asset, decimals, amount";
    SAVE = "update balances set amount = ?4 where shop_id = ?1 and network = ?2 and asset = ?3";
    OF_SHOP = "select network, asset, decimals, amount from balances where shop_id = ?1 order by network, asset";
}

/// What a shop has received by one method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Network and asset.
    pub method: Method,
    /// Decimal places of the asset, as they were when it was first received.
    pub decimals: u8,
    /// How much, in minor units. Money that is booked is never taken back twice, so it is not negative.
    pub amount: SignedAmount,
}

fn read(row: &Row<'_>) -> Result<Balance, Fault> {
    Ok(Balance {
        method: Method { network: row.named(0, Network::parse)?, asset: row.named(1, AssetCode::parse)? },
        decimals: u8::try_from(row.int(2)?).map_err(|_| Fault::undecodable(2))?,
        amount: row.signed_amount(3)?,
    })
}

/// Holds what a shop has received by a method, which is nothing where it never received any, against everybody else who
/// would change it.
pub fn lock(tx: &mut Tx<'_>, shop: ShopId, method: Method, decimals: u8) -> Result<Locked<Balance>, Fault> {
    let (network, asset) = (method.network.as_str(), method.asset.as_str());
    let found = tx.one(&LOCK, values![&shop, network, asset, u32::from(decimals)], read)?;
    found.map(Locked::new).ok_or(Fault::broken("a balance was neither there nor made"))
}

/// Keeps a balance.
pub fn save(tx: &mut Tx<'_>, shop: ShopId, balance: &Locked<Balance>) -> Result<(), Fault> {
    let Method { network, asset } = balance.method;
    tx.put(&SAVE, values![&shop, network.as_str(), asset.as_str(), balance.amount])
}

/// What a shop has received, by every method by which it ever received anything.
pub fn of_shop(rx: &mut Rx<'_>, shop: ShopId) -> Result<Vec<Balance>, Fault> {
    rx.all(&OF_SHOP, values![&shop], read)
}

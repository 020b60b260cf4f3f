//! What things are worth for a payment whose rates were fixed when it was made.

use domain::{
    id::{PaymentId, ShopId},
    money::{AssetCode, Rate},
    quote::Provenance,
    time::Timestamp,
};

use super::sources;
use crate::{
    fault::Fault,
    sql::{statements, values},
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into fixed_rates (payment_id, shop_id, asset, rate_numerator, rate_denominator, sources,
                valid_until)
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    GET = "select rate_numerator, rate_denominator, sources from fixed_rates
           where payment_id = ?1 and asset = ?3 and shop_id = ?2";
    PRUNE = "delete from fixed_rates where (payment_id, asset, shop_id) in (
               select payment_id, asset, shop_id from fixed_rates where valid_until < ?1
               order by valid_until limit ?2)";
}

/// Fixes what an asset is worth for a payment.
pub fn insert(
    tx: &mut Tx<'_>,
    (shop, payment): (ShopId, PaymentId),
    asset: AssetCode,
    worth: &Provenance,
    valid_until: Timestamp,
) -> Result<(), Fault> {
    let (numerator, denominator) = worth.rate.parts();
    let sources = sources::write(&worth.sources)?;
    tx.put(
        &INSERT,
        values![
            &payment,
            &shop,
            asset.as_str(),
            numerator.to_string(),
            denominator.to_string(),
            sources,
            valid_until
        ],
    )
}

/// What an asset is worth for a payment, where that was fixed.
pub fn get(
    rx: &mut Rx<'_>,
    shop: ShopId,
    payment: PaymentId,
    asset: AssetCode,
) -> Result<Option<Provenance>, Fault> {
    rx.one(&GET, values![&payment, &shop, asset.as_str()], |row| {
        let rate = Rate::ratio(row.u128(0)?, row.u128(1)?).map_err(|_| Fault::undecodable(0))?;
        Ok(Provenance { rate, sources: row.parsed(2, sources::read)? })
    })
}

/// Deletes at most `limit` of the rates that hold no more at `now`; how many there were.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<usize, Fault> {
    tx.run(&PRUNE, values![now, limit])
}

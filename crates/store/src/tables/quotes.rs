//! What methods asked for.

use domain::{
    chain::{Method, Network, Script},
    id::{PaymentId, ShopId},
    money::{AssetCode, Rate},
    quote::{Provenance, Quote},
};

use super::sources;
use crate::{
    fault::Fault,
    sql::{Row, statements, values},
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into quotes (id, shop_id, payment_id, number, network, asset, script, covers, asks, depth,
                created_at, valid_until, rate_numerator, rate_denominator, sources)
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    OF_PAYMENT = "select id, network, asset, script, covers, asks, depth, created_at, valid_until, rate_numerator,
                    rate_denominator, sources
                  from quotes where payment_id = ?1 and shop_id = ?2 order by number";
}

fn read(row: &Row<'_>) -> Result<Quote, Fault> {
    let rate = Rate::ratio(row.u128(9)?, row.u128(10)?).map_err(|_| Fault::undecodable(9))?;
    let sources = row.parsed(11, sources::read)?;
    Ok(Quote {
        id: row.id(0)?,
        method: Method { network: row.named(1, Network::parse)?, asset: row.named(2, AssetCode::parse)? },
        script: Script::new(&row.bytes(3)?).ok_or(Fault::undecodable(3))?,
        covers: row.amount(4)?,
        asks: row.amount(5)?,
        depth: row.u32(6)?,
        created_at: row.time(7)?,
        valid_until: row.opt_time(8)?,
        provenance: Provenance { rate, sources },
    })
}

/// Adds a quote of a payment: its `number`th.
pub fn insert(
    tx: &mut Tx<'_>,
    shop: ShopId,
    payment: PaymentId,
    number: u32,
    quote: &Quote,
) -> Result<(), Fault> {
    let (numerator, denominator) = quote.provenance.rate.parts();
    let sources = sources::write(&quote.provenance.sources)?;
    tx.put(
        &INSERT,
        values![
            &quote.id,
            &shop,
            &payment,
            number,
            quote.method.network.as_str(),
            quote.method.asset.as_str(),
            quote.script.bytes(),
            quote.covers,
            quote.asks,
            quote.depth,
            quote.created_at,
            quote.valid_until,
            numerator.to_string(),
            denominator.to_string(),
            sources
        ],
    )
}

/// Every quote of a payment, oldest first.
pub fn of_payment(rx: &mut Rx<'_>, shop: ShopId, payment: PaymentId) -> Result<Vec<Quote>, Fault> {
    rx.all(&OF_PAYMENT, values![&payment, &shop], read)
}

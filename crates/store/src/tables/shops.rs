//! Places that sell.

use domain::{
    id::ShopId,
    merchant::{Name, Shop, ShopPolicy},
    terms::Tolerance,
    time::Span,
};

use crate::{
    fault::Fault,
    sql::{Row, Sql, statements, values},
    tx::{Locked, Rx, Tx},
};

statements! {
    INSERT = "insert into shops (id, merchant_id, name, active, order_validity, depth, tolerance_absolute,
                tolerance_ppm, spread_ppm, created_at)
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    UPDATE = "update shops set name = ?2, active = ?3, order_validity = ?4, depth = ?5, tolerance_absolute = ?6,
                tolerance_ppm = ?7, spread_ppm = ?8
              where id = ?1";
    GET = "select id, merchant_id, name, active, order_validity, depth, tolerance_absolute, tolerance_ppm, spread_ppm,
             created_at
           from shops where id = ?1";
    LIST = "select id, merchant_id, name, active, order_validity, depth, tolerance_absolute, tolerance_ppm, spread_ppm,
              created_at
            from shops where id > ?1 order by id limit ?2";
}

macro_rules! lock {
    ($end:literal) => {
        concat!(
            "select id, merchant_id, name, active, order_validity, depth, tolerance_absolute, tolerance_ppm, spread_ppm,
               created_at
             from shops where id = ?1",
            $end
        )
    };
}

const LOCK: Sql = Sql::differing(concat!(module_path!(), "::LOCK"), lock!(""), lock!(" for update"));
pub(crate) const LOCKING: &[&Sql] = &[&LOCK];

fn read(row: &Row<'_>) -> Result<Shop, Fault> {
    Ok(Shop {
        id: row.id(0)?,
        merchant: row.id(1)?,
        name: row.named(2, Name::parse)?,
        active: row.bool(3)?,
        policy: ShopPolicy {
            order_validity: row.opt_int(4)?.map(Span::from_micros),
            depth: row.opt_u32(5)?,
            tolerance: Tolerance { absolute: row.amount(6)?, parts_per_million: row.u32(7)? },
            spread_parts_per_million: row.u32(8)?,
        },
        created_at: row.time(9)?,
    })
}

/// Adds a shop.
pub fn insert(tx: &mut Tx<'_>, shop: &Shop) -> Result<(), Fault> {
    let policy = &shop.policy;
    tx.put(
        &INSERT,
        values![
            &shop.id,
            &shop.merchant,
            shop.name.as_str(),
            shop.active,
            policy.order_validity.map(Span::micros),
            policy.depth,
            policy.tolerance.absolute,
            policy.tolerance.parts_per_million,
            policy.spread_parts_per_million,
            shop.created_at
        ],
    )
}

/// Holds a shop against everybody else who would change it, or count what belongs to it.
pub fn lock(tx: &mut Tx<'_>, id: ShopId) -> Result<Option<Locked<Shop>>, Fault> {
    Ok(tx.one(&LOCK, values![&id], read)?.map(Locked::new))
}

/// Writes what may change of a shop.
pub fn save(tx: &mut Tx<'_>, shop: &Locked<Shop>) -> Result<(), Fault> {
    let policy = &shop.policy;
    tx.put(
        &UPDATE,
        values![
            &shop.id,
            shop.name.as_str(),
            shop.active,
            policy.order_validity.map(Span::micros),
            policy.depth,
            policy.tolerance.absolute,
            policy.tolerance.parts_per_million,
            policy.spread_parts_per_million
        ],
    )
}

/// The shop with this id.
pub fn get(rx: &mut Rx<'_>, id: ShopId) -> Result<Option<Shop>, Fault> {
    rx.one(&GET, values![&id], read)
}

/// Says that [`get`] will be asked for.
pub fn foresee(rx: &mut Rx<'_>, id: ShopId) -> Result<(), Fault> {
    rx.foresee(&GET, values![&id])
}

/// The next shops after `after`, oldest first.
pub fn list(rx: &mut Rx<'_>, after: ShopId, limit: u32) -> Result<Vec<Shop>, Fault> {
    rx.all(&LIST, values![&after, limit], read)
}

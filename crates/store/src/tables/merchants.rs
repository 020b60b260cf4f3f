//! Who is paid.

use domain::{
    id::MerchantId,
    merchant::{Merchant, Name},
};

use crate::{
    fault::Fault,
    sql::{Row, statements, values},
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into merchants (id, name, created_at) values (?1, ?2, ?3)";
    GET = "select id, name, created_at from merchants where id = ?1";
    FIRST = "select id, name, created_at from merchants order by id limit 1";
}

fn read(row: &Row<'_>) -> Result<Merchant, Fault> {
    Ok(Merchant { id: row.id(0)?, name: row.named(1, Name::parse)?, created_at: row.time(2)? })
}

/// Adds a merchant.
pub fn insert(tx: &mut Tx<'_>, merchant: &Merchant) -> Result<(), Fault> {
    tx.put(&INSERT, values![&merchant.id, merchant.name.as_str(), merchant.created_at])
}

/// The merchant with this id.
pub fn get(rx: &mut Rx<'_>, id: MerchantId) -> Result<Option<Merchant>, Fault> {
    rx.one(&GET, values![&id], read)
}

/// The oldest merchant, where there is any.
pub fn first(rx: &mut Rx<'_>) -> Result<Option<Merchant>, Fault> {
    rx.one(&FIRST, values![], read)
}

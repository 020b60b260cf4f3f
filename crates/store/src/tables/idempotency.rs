//! Keys under which creations were asked for: a twin finds the first one's payment.

use domain::{
    dialect::DialectName,
    id::{PaymentId, ShopId},
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{statements, values},
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into idempotency (shop_id, dialect, key, fingerprint, payment_id, created_at)
              values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (shop_id, dialect, key) do nothing";
    GET = "select fingerprint, payment_id from idempotency where shop_id = ?1 and dialect = ?2 and key = ?3";
    OLDEST = "select shop_id, dialect, key from idempotency where created_at < ?1 order by created_at limit ?2";
    DELETE = "delete from idempotency where shop_id = ?1 and dialect = ?2 and key = ?3";
}

/// A key and what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// The shop.
    pub shop: ShopId,
    /// The dialect.
    pub dialect: DialectName,
    /// The key as the caller wrote it.
    pub key: &'a str,
    /// SHA-256 of what was asked for.
    pub fingerprint: &'a [u8; 32],
}

/// What a key was used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// SHA-256 of what was asked for.
    pub fingerprint: Vec<u8>,
    /// What was made.
    pub payment: PaymentId,
}

/// Takes a key for a payment; whether it was free.
pub fn claim(tx: &mut Tx<'_>, key: &Key<'_>, payment: PaymentId, at: Timestamp) -> Result<bool, Fault> {
    let taken = tx.run(
        &INSERT,
        values![&key.shop, key.dialect.as_str(), key.key, &key.fingerprint[..], &payment, at],
    )?;
    Ok(taken > 0)
}

/// What a key was used for.
pub fn get(rx: &mut Rx<'_>, key: &Key<'_>) -> Result<Option<Used>, Fault> {
    rx.one(&GET, values![&key.shop, key.dialect.as_str(), key.key], |row| {
        Ok(Used { fingerprint: row.bytes(0)?, payment: row.id(1)? })
    })
}

/// Deletes at most `limit` of the keys that are older than `before`; how many there were.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp, limit: u32) -> Result<usize, Fault> {
    let old = tx.all(&OLDEST, values![before, limit], |row| {
        Ok((row.id::<domain::id::kind::Shop>(0)?, row.text(1)?, row.text(2)?))
    })?;
    for (shop, dialect, key) in &old {
        tx.run(&DELETE, values![shop, dialect.as_str(), key.as_str()])?;
    }
    Ok(old.len())
}

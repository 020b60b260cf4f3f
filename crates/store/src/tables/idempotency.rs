//! Keys under which creations were asked for: a twin finds the first one's payment.

use domain::{
    dialect::DialectName,
    id::{PaymentId, ShopId},
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{Sql, statements, values},
    sqlite::slices,
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into idempotency (slice, shop_id, dialect, key, fingerprint, payment_id, created_at)
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict do nothing";
    GET = "select fingerprint, payment_id from idempotency
           where slice = ?1 and shop_id = ?2 and dialect = ?3 and key = ?4";
    OLDEST = "select slice, shop_id, dialect, key from idempotency where created_at < ?1 order by created_at limit ?2";
    DELETE = "delete from idempotency where slice = ?1 and shop_id = ?2 and dialect = ?3 and key = ?4";
    ANY_OF_SLICE = "select 1 from idempotency where slice = ?1 limit 1";
}

/// What an embedded database asks besides: `Slices` runs these itself, on connections of its own.
pub(crate) const NEXT_SLICE: Sql =
    Sql::new(concat!(module_path!(), "::NEXT_SLICE"), "select min(slice) from idempotency where slice > ?1");
pub(crate) const KEYS_OF_SLICE: Sql = Sql::new(
    concat!(module_path!(), "::KEYS_OF_SLICE"),
    "select shop_id, dialect, key from idempotency where slice = ?1",
);
pub(crate) const OF_SLICES: &[&Sql] = &[&NEXT_SLICE, &KEYS_OF_SLICE];

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

impl Key<'_> {
    fn hash(&self) -> u64 {
        slices::fingerprint(self.shop.bytes(), self.dialect.as_str(), self.key)
    }
}

/// What a key was used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// SHA-256 of what was asked for.
    pub fingerprint: Vec<u8>,
    /// What was made.
    pub payment: PaymentId,
}

/// Takes a key for a payment; what it was used for where it is taken already.
pub fn claim(
    tx: &mut Tx<'_>,
    key: &Key<'_>,
    payment: PaymentId,
    at: Timestamp,
) -> Result<Option<Used>, Fault> {
    for slice in tx.closed_slices(|| key.hash()) {
        if let Some(used) = in_slice(tx, key, slice)? {
            return Ok(Some(used));
        }
    }
    let slice = tx.open_slice();
    let dialect = key.dialect;
    let row = values![slice, &key.shop, dialect.as_str(), key.key, &key.fingerprint[..], &payment, at];
    if tx.run(&INSERT, row)? > 0 {
        tx.note_key();
        return Ok(None);
    }
    let used = in_slice(tx, key, slice)?.ok_or(Fault::broken("a key that is taken has no payment"))?;
    Ok(Some(used))
}

/// What a key was used for.
pub fn get(rx: &mut Rx<'_>, key: &Key<'_>) -> Result<Option<Used>, Fault> {
    let mut slices = rx.closed_slices(|| key.hash());
    slices.push(rx.open_slice());
    for slice in slices {
        if let Some(used) = in_slice(rx, key, slice)? {
            return Ok(Some(used));
        }
    }
    Ok(None)
}

fn in_slice(rx: &mut Rx<'_>, key: &Key<'_>, slice: i64) -> Result<Option<Used>, Fault> {
    rx.one(&GET, values![slice, &key.shop, key.dialect.as_str(), key.key], |row| {
        Ok(Used { fingerprint: row.bytes(0)?, payment: row.id(1)? })
    })
}

/// Deletes at most `limit` of the keys that are older than `before`; how many there were.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp, limit: u32) -> Result<usize, Fault> {
    let old = tx.all(&OLDEST, values![before, limit], |row| {
        Ok((row.int(0)?, row.id::<domain::id::kind::Shop>(1)?, row.text(2)?, row.text(3)?))
    })?;
    for (slice, shop, dialect, key) in &old {
        tx.run(&DELETE, values![*slice, shop, dialect.as_str(), key.as_str()])?;
    }
    // Where this transaction is undone, what comes back into a slice that was forgotten is too old to be asked for.
    if let Some(slice) = tx.oldest_closed_slice()
        && tx.one(&ANY_OF_SLICE, values![slice], |_| Ok(()))?.is_none()
    {
        tx.forget_slice(slice);
    }
    Ok(old.len())
}

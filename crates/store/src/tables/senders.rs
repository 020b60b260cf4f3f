//! Who buyers said they are, sealed.

use domain::{
    id::{PaymentId, ShopId},
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{statements, values},
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into senders (payment_id, shop_id, sealed, given_at) values (?1, ?2, ?3, ?4)
              on conflict (payment_id, shop_id) do nothing";
    GET = "select sealed from senders where payment_id = ?1 and shop_id = ?2";
    ANY = "select 1 from senders where payment_id = ?1 and shop_id = ?2";
}

/// Keeps who pays, unless that is known.
pub fn insert(
    tx: &mut Tx<'_>,
    shop: ShopId,
    payment: PaymentId,
    sealed: &[u8],
    now: Timestamp,
) -> Result<(), Fault> {
    tx.put(&INSERT, values![&payment, &shop, sealed, now])
}

/// Who pays, sealed.
pub fn get(rx: &mut Rx<'_>, shop: ShopId, payment: PaymentId) -> Result<Option<Vec<u8>>, Fault> {
    rx.one(&GET, values![&payment, &shop], |row| row.bytes(0))
}

/// Whether it is known who pays.
pub fn any(rx: &mut Rx<'_>, shop: ShopId, payment: PaymentId) -> Result<bool, Fault> {
    Ok(rx.one(&ANY, values![&payment, &shop], |_| Ok(()))?.is_some())
}

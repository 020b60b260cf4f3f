//! References that name one payment for ever.

use domain::{
    dialect::DialectName,
    id::{PaymentId, ShopId},
};

use crate::{
    fault::Fault,
    sql::{statements, values},
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into payment_references (shop_id, dialect, reference, payment_id) values (?1, ?2, ?3, ?4)
              on conflict (shop_id, dialect, reference) do nothing";
    GET = "select payment_id from payment_references where shop_id = ?1 and dialect = ?2 and reference = ?3";
}

/// Takes a reference for a payment; whether it was free. Of two at once, the second waits for what becomes of the
/// first.
pub fn claim(
    tx: &mut Tx<'_>,
    shop: ShopId,
    dialect: DialectName,
    reference: &str,
    payment: PaymentId,
) -> Result<bool, Fault> {
    Ok(tx.run(&INSERT, values![&shop, dialect.as_str(), reference, &payment])? > 0)
}

/// The payment that a reference names.
pub fn get(
    rx: &mut Rx<'_>,
    shop: ShopId,
    dialect: DialectName,
    reference: &str,
) -> Result<Option<PaymentId>, Fault> {
    rx.one(&GET, values![&shop, dialect.as_str(), reference], |row| row.id(0))
}

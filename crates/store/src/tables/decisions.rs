//! What a person has to decide.

use domain::{
    id::{DecisionId, PaymentId, ReceiptId, ShopId},
    payment::{Decision, DecisionKind, DecisionNote},
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{statements, values},
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into decisions (id, shop_id, payment_id, kind, receipt_id, created_at)
              values (?1, ?2, ?3, ?4, ?5, ?6)";
    OF_PAYMENT = "select id, kind, receipt_id, created_at, resolved_at from decisions
                  where payment_id = ?1 and shop_id = ?2 order by id";
    RESOLVE = "update decisions set resolved_at = ?5
               where payment_id = ?1 and shop_id = ?2 and receipt_id = ?3 and kind = ?4 and resolved_at is null";
}

/// Adds something to decide.
pub fn insert(
    tx: &mut Tx<'_>,
    id: DecisionId,
    shop: ShopId,
    payment: PaymentId,
    decision: &Decision,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.put(&INSERT, values![&id, &shop, &payment, decision.kind.code(), decision.receipt.as_ref(), at])
}

/// What there is, or was, to decide about a payment, oldest first.
pub fn of_payment(rx: &mut Rx<'_>, shop: ShopId, payment: PaymentId) -> Result<Vec<DecisionNote>, Fault> {
    rx.all(&OF_PAYMENT, values![&payment, &shop], |row| {
        Ok(DecisionNote {
            id: row.id(0)?,
            decision: Decision { kind: row.parsed(1, DecisionKind::from_code)?, receipt: row.opt_id(2)? },
            created_at: row.time(3)?,
            resolved_at: row.opt_time(4)?,
        })
    })
}

/// Settles what was open of one kind about one receipt.
pub fn resolve(
    tx: &mut Tx<'_>,
    shop: ShopId,
    payment: PaymentId,
    receipt: ReceiptId,
    kind: DecisionKind,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.put(&RESOLVE, values![&payment, &shop, &receipt, kind.code(), at])
}

//! Tries of deliveries, and what came back.

use domain::{
    delivery::{Attempt, Outcome},
    id::{AttemptId, DeliveryId, ShopId},
    time::Span,
};

use crate::{
    fault::Fault,
    sql::{Row, statements, values},
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into attempts (id, shop_id, delivery_id, number, at, http_status, error, excerpt, took)
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    OF_DELIVERY = "select id, delivery_id, number, at, http_status, error, excerpt, took from attempts
                   where delivery_id = ?1 and shop_id = ?2 order by id";
    PRUNE = "delete from attempts where (id, shop_id) in (
               select id, shop_id from attempts where id < ?1 order by id limit ?2)";
}

fn read(row: &Row<'_>) -> Result<Attempt, Fault> {
    Ok(Attempt {
        id: row.id(0)?,
        delivery: row.id(1)?,
        number: row.u32(2)?,
        at: row.time(3)?,
        outcome: Outcome {
            http_status: row.opt_u32(4)?.and_then(|status| u16::try_from(status).ok()),
            error: row.opt_text(5)?,
            excerpt: row.text(6)?,
            took: Span::from_micros(row.int(7)?),
        },
    })
}

/// Adds an attempt.
pub fn insert(tx: &mut Tx<'_>, shop: ShopId, attempt: &Attempt) -> Result<(), Fault> {
    let outcome = &attempt.outcome;
    tx.put(
        &INSERT,
        values![
            &attempt.id,
            &shop,
            &attempt.delivery,
            attempt.number,
            attempt.at,
            outcome.http_status.map(u32::from),
            outcome.error.as_deref(),
            outcome.excerpt.as_str(),
            outcome.took.micros()
        ],
    )
}

/// The attempts of a delivery, oldest first. A schedule bounds them.
pub fn of_delivery(rx: &mut Rx<'_>, shop: ShopId, delivery: DeliveryId) -> Result<Vec<Attempt>, Fault> {
    rx.all(&OF_DELIVERY, values![&delivery, &shop], read)
}

/// Deletes at most `limit` of the attempts before `before`; how many there were.
pub fn prune(tx: &mut Tx<'_>, before: AttemptId, limit: u32) -> Result<usize, Fault> {
    tx.run(&PRUNE, values![&before, limit])
}

//! What happened to payments. A payment knows its last event, and each event the one before it.

use domain::{
    event::{Event, EventKind},
    id::{EventId, ShopId},
    payment::{Balance, State, Status},
};

use super::payments::{flags_from_int, flags_to_int};
use crate::{
    fault::Fault,
    sql::{Row, statements, values},
    tx::{Rx, Tx},
};

macro_rules! columns {
    () => {
        "id, shop_id, payment_id, sequence, kind, at, status, flags, seen, confirmed, receipt_id, previous"
    };
}

statements! {
    INSERT = "insert into events (id, shop_id, payment_id, sequence, kind, at, status, flags, seen, confirmed,
                receipt_id, previous, facts)
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    GET = concat!("select ", columns!(), " from events where id = ?1 and shop_id = ?2");
    GET_WITH_FACTS = concat!("select ", columns!(), ", facts from events where id = ?1 and shop_id = ?2");
}

fn read(row: &Row<'_>) -> Result<Event, Fault> {
    Ok(Event {
        id: row.id(0)?,
        shop: row.id(1)?,
        payment: row.id(2)?,
        sequence: row.u32(3)?,
        kind: row.parsed(4, EventKind::from_code)?,
        at: row.time(5)?,
        state: State {
            status: row.parsed(6, Status::from_code)?,
            flags: flags_from_int(row.int(7)?),
            balance: Balance { seen: row.amount(8)?, confirmed: row.amount(9)? },
        },
        receipt: row.opt_id(10)?,
        previous: row.opt_id(11)?,
    })
}

/// Adds an event, with what its dialect wrote down of its moment.
pub fn insert(tx: &mut Tx<'_>, event: &Event, facts: Option<&str>) -> Result<(), Fault> {
    tx.put(
        &INSERT,
        values![
            &event.id,
            &event.shop,
            &event.payment,
            event.sequence,
            event.kind.code(),
            event.at,
            event.state.status.code(),
            flags_to_int(event.state.flags),
            event.state.balance.seen,
            event.state.balance.confirmed,
            event.receipt.as_ref(),
            event.previous.as_ref(),
            facts
        ],
    )
}

/// The event of this shop with this id.
pub fn get(rx: &mut Rx<'_>, shop: ShopId, id: EventId) -> Result<Option<Event>, Fault> {
    rx.one(&GET, values![&id, &shop], read)
}

/// The same, with what its dialect wrote down of its moment.
pub fn get_with_facts(
    rx: &mut Rx<'_>,
    shop: ShopId,
    id: EventId,
) -> Result<Option<(Event, Option<String>)>, Fault> {
    rx.one(&GET_WITH_FACTS, values![&id, &shop], |row| Ok((read(row)?, row.opt_text(12)?)))
}

/// At most `limit` events of a payment, newest first, from `last` back.
pub fn trail(
    rx: &mut Rx<'_>,
    shop: ShopId,
    last: Option<EventId>,
    limit: usize,
) -> Result<Vec<Event>, Fault> {
    let mut trail = Vec::new();
    let mut next = last;
    while let Some(id) = next.filter(|_| trail.len() < limit) {
        let event = get(rx, shop, id)?.ok_or(Fault::broken("an event of a payment is missing"))?;
        next = event.previous;
        trail.push(event);
    }
    Ok(trail)
}

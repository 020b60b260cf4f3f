//! Events on their way to endpoints.
//!
//! A delivery that is due is leased by whoever sends it: until the lease lapses nobody else takes it, and when the
//! sender died in between, the lease lapses and the same event goes again. At least once, and nowhere else.

use domain::{
    delivery::{Delivery, DeliveryStatus, Lack},
    id::{DeliveryId, EndpointId, NodeId},
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{Row, Sql, statements, values},
    tx::{Locked, Rx, Tx},
};

macro_rules! columns {
    () => {
        "id, shop_id, endpoint_id, event_id, event_name, status, attempts, next_attempt_at, created_at, manual,
         waits_for"
    };
}

statements! {
    INSERT = "insert into deliveries (id, shop_id, endpoint_id, event_id, event_name, status, attempts, next_attempt_at,
                leased_until, manual, created_at)
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10)";
    GET = concat!("select ", columns!(), " from deliveries where id = ?1");
    LIST = concat!("select ", columns!(), " from deliveries where id < ?1 order by id desc limit ?2");
    NEXT_ENDPOINT = "select endpoint_id, next_attempt_at from deliveries
                     where next_attempt_at is not null and endpoint_id > ?1
                     order by endpoint_id, next_attempt_at limit 1";
    FINISH = "update deliveries set status = ?3, next_attempt_at = ?4, leased_until = 0 where id = ?1 and shop_id = ?2";
    WAIT = "update deliveries set attempts = attempts - 1, next_attempt_at = ?3, leased_until = 0, waits_for = ?4
            where id = ?1 and shop_id = ?2";
    PARK = "update deliveries set status = 'failed', next_attempt_at = null, leased_until = 0
            where endpoint_id = ?1 and next_attempt_at is not null";
    RELEASE_OF = "update deliveries set leased_until = 0
                  where next_attempt_at is not null and leased_until > 0 and leased_by = ?1";
    RELEASE = "update deliveries set leased_until = 0 where next_attempt_at is not null and leased_until > 0";
}

macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "update deliveries set attempts = attempts + 1, leased_until = ?4, leased_by = ?6, waits_for = null
             where (id, shop_id) in (
               select id, shop_id from deliveries
               where endpoint_id = ?1 and next_attempt_at is not null and next_attempt_at <= ?2 and leased_until <= ?3
               order by next_attempt_at limit ?5",
            $lock,
            ") returning ",
            columns!()
        )
    };
}

macro_rules! lock {
    ($end:literal) => {
        concat!("select ", columns!(), " from deliveries where id = ?1", $end)
    };
}

/// What another node is about to take is passed over, not waited for: it would be taken twice.
const CLAIM: Sql =
    Sql::differing(concat!(module_path!(), "::CLAIM"), claim!(""), claim!(" for update skip locked"));
const LOCK: Sql = Sql::differing(concat!(module_path!(), "::LOCK"), lock!(""), lock!(" for update"));
pub(crate) const LOCKING: &[&Sql] = &[&CLAIM, &LOCK];

fn read(row: &Row<'_>) -> Result<Delivery, Fault> {
    Ok(Delivery {
        id: row.id(0)?,
        shop: row.id(1)?,
        endpoint: row.id(2)?,
        event: row.id(3)?,
        event_name: row.text(4)?,
        status: row.parsed(5, DeliveryStatus::from_code)?,
        attempts: row.u32(6)?,
        next_attempt_at: row.opt_time(7)?,
        created_at: row.time(8)?,
        manual: row.bool(9)?,
        waits_for: row.opt_text(10)?.as_deref().and_then(Lack::from_code),
    })
}

/// Adds a delivery.
pub fn insert(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<(), Fault> {
    tx.put(
        &INSERT,
        values![
            &delivery.id,
            &delivery.shop,
            &delivery.endpoint,
            &delivery.event,
            delivery.event_name.as_str(),
            delivery.status.code(),
            delivery.attempts,
            delivery.next_attempt_at,
            delivery.manual,
            delivery.created_at
        ],
    )
}

/// The delivery with this id.
pub fn get(rx: &mut Rx<'_>, id: DeliveryId) -> Result<Option<Delivery>, Fault> {
    rx.one(&GET, values![&id], read)
}

/// Deliveries before `before`, newest first.
pub fn list(rx: &mut Rx<'_>, before: DeliveryId, limit: u32) -> Result<Vec<Delivery>, Fault> {
    rx.all(&LIST, values![&before, limit], read)
}

/// The endpoint after `after` for which anything waits, and when the first of it is due.
pub fn next_endpoint(rx: &mut Rx<'_>, after: EndpointId) -> Result<Option<(EndpointId, Timestamp)>, Fault> {
    rx.one(&NEXT_ENDPOINT, values![&after], |row| Ok((row.id(0)?, row.time(1)?)))
}

/// Which deliveries to take.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// What is due by this business time.
    pub due: Timestamp,
    /// The wall time, by which leases lapse.
    pub wall: Timestamp,
    /// When this lease lapses.
    pub leased_until: Timestamp,
    /// How many at most.
    pub limit: u32,
    /// The node that takes them, where there are several.
    pub node: Option<NodeId>,
}

/// Leases deliveries of one endpoint that are due, and counts the attempt that begins.
pub fn claim(tx: &mut Tx<'_>, claim: &Claim) -> Result<Vec<Locked<Delivery>>, Fault> {
    #[cfg(feature = "planted")]
    let claim = &crate::planted::claim(claim);
    let Claim { endpoint, due, wall, leased_until, limit, node } = claim;
    let taken = tx.all(&CLAIM, values![endpoint, *due, *wall, *leased_until, *limit, node.as_ref()], read)?;
    Ok(taken.into_iter().map(Locked::new).collect())
}

/// Holds a delivery against everybody else who would change it.
pub fn lock(tx: &mut Tx<'_>, id: DeliveryId) -> Result<Option<Locked<Delivery>>, Fault> {
    Ok(tx.one(&LOCK, values![&id], read)?.map(Locked::new))
}

/// Writes how an attempt left the delivery.
pub fn finish(
    tx: &mut Tx<'_>,
    delivery: &Locked<Delivery>,
    status: DeliveryStatus,
    next_attempt_at: Option<Timestamp>,
) -> Result<(), Fault> {
    tx.put(&FINISH, values![&delivery.id, &delivery.shop, status.code(), next_attempt_at])
}

/// Gives a delivery back that was just taken and cannot be sent for want of something: until `next_attempt_at`, and
/// with the try that was counted uncounted.
pub fn wait(
    tx: &mut Tx<'_>,
    delivery: &Locked<Delivery>,
    lack: Lack,
    next_attempt_at: Timestamp,
) -> Result<(), Fault> {
    tx.put(&WAIT, values![&delivery.id, &delivery.shop, next_attempt_at, lack.code()])
}

/// Gives up everything that waits for an endpoint that is no longer there.
pub fn park(tx: &mut Tx<'_>, endpoint: EndpointId) -> Result<usize, Fault> {
    tx.run(&PARK, values![&endpoint])
}

/// Lets the leases of a node lapse that is gone.
pub fn release(tx: &mut Tx<'_>, node: NodeId) -> Result<usize, Fault> {
    tx.run(&RELEASE_OF, values![&node])
}

/// Lets every lease lapse: for the start of the only process that uses this database.
pub fn release_all(tx: &mut Tx<'_>) -> Result<usize, Fault> {
    tx.run(&RELEASE, values![])
}

//! Where events go. Secrets are sealed before they come here.

use domain::{
    dialect::DialectName,
    id::{EndpointId, ShopId},
    merchant::Endpoint,
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{Row, Sql, statements, values},
    tx::{Locked, Rx, Tx},
};

macro_rules! columns {
    () => {
        "id, shop_id, dialect, url, subscriptions, created_at, failing_since, secret, previous_secret, previous_until"
    };
}

statements! {
    INSERT = "insert into endpoints (id, shop_id, dialect, url, secret, subscriptions, created_at)
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    GET = concat!("select ", columns!(), " from endpoints where id = ?1 and deleted_at is null");
    OF_SHOP = concat!("select ", columns!(), " from endpoints where shop_id = ?1 and deleted_at is null order by id");
    DELETE = "update endpoints set deleted_at = ?3 where id = ?1 and shop_id = ?2 and deleted_at is null";
    SET_SECRETS = "update endpoints set secret = ?3, previous_secret = ?4, previous_until = ?5
                   where id = ?1 and shop_id = ?2 and deleted_at is null";
    FORGET_PREVIOUS = "update endpoints set previous_secret = null, previous_until = null where previous_until <= ?1";
    FAILING = "update endpoints set failing_since = ?3 where id = ?1 and shop_id = ?2 and failing_since is null";
    WORKS = "update endpoints set failing_since = null where id = ?1 and shop_id = ?2 and failing_since is not null";
}

const LOCK: Sql = Sql::differing(
    concat!(module_path!(), "::LOCK"),
    concat!("select ", columns!(), " from endpoints where id = ?1 and shop_id = ?2 and deleted_at is null"),
    concat!(
        "select ",
        columns!(),
        " from endpoints where id = ?1 and shop_id = ?2 and deleted_at is null for update"
    ),
);
pub(crate) const LOCKING: &[&Sql] = &[&LOCK];

/// An endpoint with its sealed secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointRow {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// What its callbacks are signed with, sealed; after a rotation, from the cutover on.
    pub sealed_secret: Vec<u8>,
    /// What they are signed with until the endpoint's cutover, sealed.
    pub sealed_previous: Option<Vec<u8>>,
}

impl EndpointRow {
    /// The sealed secret that signs at `now`.
    pub fn signing(&self, now: Timestamp) -> &[u8] {
        let is_before_cutover = self.endpoint.cutover_at.is_some_and(|cutover| now < cutover);
        self.sealed_previous.as_ref().filter(|_| is_before_cutover).unwrap_or(&self.sealed_secret)
    }
}

fn read(row: &Row<'_>) -> Result<EndpointRow, Fault> {
    Ok(EndpointRow {
        endpoint: Endpoint {
            id: row.id(0)?,
            shop: row.id(1)?,
            dialect: row.named(2, DialectName::parse)?,
            url: row.text(3)?,
            subscriptions: row.text(4)?.split_whitespace().map(str::to_owned).collect(),
            created_at: row.time(5)?,
            failing_since: row.opt_time(6)?,
            cutover_at: row.opt_time(9)?,
        },
        sealed_secret: row.bytes(7)?,
        sealed_previous: row.opt_bytes(8)?,
    })
}

/// Adds an endpoint.
pub fn insert(tx: &mut Tx<'_>, row: &EndpointRow) -> Result<(), Fault> {
    let endpoint = &row.endpoint;
    tx.put(
        &INSERT,
        values![
            &endpoint.id,
            &endpoint.shop,
            endpoint.dialect.as_str(),
            endpoint.url.as_str(),
            &row.sealed_secret[..],
            endpoint.subscriptions.join(" "),
            endpoint.created_at
        ],
    )
}

/// The endpoint with this id, unless it was deleted.
pub fn get(rx: &mut Rx<'_>, id: EndpointId) -> Result<Option<EndpointRow>, Fault> {
    rx.one(&GET, values![&id], read)
}

/// Holds an endpoint of a shop against everybody else who would change it.
pub fn lock(tx: &mut Tx<'_>, shop: ShopId, id: EndpointId) -> Result<Option<Locked<EndpointRow>>, Fault> {
    Ok(tx.one(&LOCK, values![&id, &shop], read)?.map(Locked::new))
}

/// A shop's endpoints, oldest first. There are at most a few.
pub fn of_shop(rx: &mut Rx<'_>, shop: ShopId) -> Result<Vec<EndpointRow>, Fault> {
    rx.all(&OF_SHOP, values![&shop], read)
}

/// Says that [`of_shop`] will be asked for.
pub fn foresee_of_shop(rx: &mut Rx<'_>, shop: ShopId) -> Result<(), Fault> {
    rx.foresee(&OF_SHOP, values![&shop])
}

/// Ends an endpoint; whether it was still there.
pub fn delete(tx: &mut Tx<'_>, shop: ShopId, id: EndpointId, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.run(&DELETE, values![&id, &shop, at])? > 0)
}

/// Keeps the secrets of an endpoint; whether it was still there.
pub fn set_secrets(tx: &mut Tx<'_>, row: &Locked<EndpointRow>) -> Result<bool, Fault> {
    let endpoint = &row.endpoint;
    let (secret, previous) = (&row.sealed_secret[..], row.sealed_previous.as_deref());
    Ok(tx.run(&SET_SECRETS, values![&endpoint.id, &endpoint.shop, secret, previous, endpoint.cutover_at])?
        > 0)
}

/// Deletes the secrets whose cutover was at `now` or before.
pub fn forget_previous(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    tx.put(&FORGET_PREVIOUS, values![now])
}

/// Marks an endpoint to which a delivery failed for good.
pub fn mark_failing(tx: &mut Tx<'_>, shop: ShopId, id: EndpointId, at: Timestamp) -> Result<(), Fault> {
    tx.put(&FAILING, values![&id, &shop, at])
}

/// Takes the mark back.
pub fn mark_working(tx: &mut Tx<'_>, shop: ShopId, id: EndpointId) -> Result<(), Fault> {
    tx.put(&WORKS, values![&id, &shop])
}

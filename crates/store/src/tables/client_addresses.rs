//! Addresses that stay with clients of shops.

use domain::{
    chain::{Method, Network, Script},
    dialect::DialectName,
    id::{ClientAddressId, ShopId},
    money::{Asset, AssetCode},
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{Row, statements, values},
    tx::{Rx, Tx},
};

macro_rules! columns {
    () => {
        "id, shop_id, dialect, client, network, asset, script, number, settles_in, settles_decimals, details,
         created_at"
    };
}

statements! {
    INSERT = concat!("insert into client_addresses (", columns!(), ")
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
    GET = concat!("select ", columns!(), " from client_addresses where id = ?1 and shop_id = ?2");
    BY_CLIENT = concat!("select ", columns!(), " from client_addresses
                where shop_id = ?1 and dialect = ?2 and client = ?3 and network = ?4 and asset = ?5");
    CHANGE = "update client_addresses set script = ?3, number = ?4, settles_in = ?5, settles_decimals = ?6, details = ?7
              where id = ?1 and shop_id = ?2";
    PAID = "update client_addresses set first_paid_at = ?3 where id = ?1 and shop_id = ?2 and first_paid_at is null";
}

/// An address that stays with a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAddressRow {
    /// Its id.
    pub id: ClientAddressId,
    /// The shop.
    pub shop: ShopId,
    /// The dialect in which it was asked for, which tells of what comes there.
    pub dialect: DialectName,
    /// The shop's own name for the client.
    pub client: String,
    /// What is to be sent there.
    pub method: Method,
    /// Where it is.
    pub script: Script,
    /// Its number, where the dialect gives one.
    pub number: Option<u32>,
    /// What money is worth in that comes there; `None` for itself.
    pub settles_in: Option<Asset>,
    /// What the dialect was given and has to give back with each payment.
    pub details: Option<String>,
    /// When it was first asked for.
    pub created_at: Timestamp,
}

fn read(row: &Row<'_>) -> Result<ClientAddressRow, Fault> {
    let settles_in = match (row.opt_text(8)?, row.opt_u32(9)?) {
        (Some(code), Some(decimals)) => {
            let decimals = u8::try_from(decimals).map_err(|_| Fault::undecodable(9))?;
            Some(Asset::new(&code, decimals).map_err(|_| Fault::undecodable(8))?)
        }
        _ => None,
    };
    Ok(ClientAddressRow {
        id: row.id(0)?,
        shop: row.id(1)?,
        dialect: row.named(2, DialectName::parse)?,
        client: row.text(3)?,
        method: Method { network: row.named(4, Network::parse)?, asset: row.named(5, AssetCode::parse)? },
        script: Script::new(&row.bytes(6)?).ok_or(Fault::undecodable(6))?,
        number: row.opt_u32(7)?,
        settles_in,
        details: row.opt_text(10)?,
        created_at: row.time(11)?,
    })
}

/// Adds an address of a client.
pub fn insert(tx: &mut Tx<'_>, row: &ClientAddressRow) -> Result<(), Fault> {
    let settles_in = row.settles_in.as_ref();
    tx.put(
        &INSERT,
        values![
            &row.id,
            &row.shop,
            row.dialect.as_str(),
            row.client.as_str(),
            row.method.network.as_str(),
            row.method.asset.as_str(),
            row.script.bytes(),
            row.number,
            settles_in.map(|asset| asset.code.as_str()),
            settles_in.map(|asset| u32::from(asset.decimals)),
            row.details.as_deref(),
            row.created_at
        ],
    )
}

/// The address of this shop with this id.
pub fn get(rx: &mut Rx<'_>, shop: ShopId, id: ClientAddressId) -> Result<Option<ClientAddressRow>, Fault> {
    rx.one(&GET, values![&id, &shop], read)
}

/// The address that a client has for a method.
pub fn by_client(
    rx: &mut Rx<'_>,
    shop: ShopId,
    dialect: DialectName,
    client: &str,
    method: Method,
) -> Result<Option<ClientAddressRow>, Fault> {
    let (network, asset) = (method.network.as_str(), method.asset.as_str());
    rx.one(&BY_CLIENT, values![&shop, dialect.as_str(), client, network, asset], read)
}

/// Writes what may change of a client's address.
pub fn change(tx: &mut Tx<'_>, row: &ClientAddressRow) -> Result<(), Fault> {
    let settles_in = row.settles_in.as_ref();
    tx.put(
        &CHANGE,
        values![
            &row.id,
            &row.shop,
            row.script.bytes(),
            row.number,
            settles_in.map(|asset| asset.code.as_str()),
            settles_in.map(|asset| u32::from(asset.decimals)),
            row.details.as_deref()
        ],
    )
}

/// Notes that money came to a client's address, unless some came before.
pub fn note_money(tx: &mut Tx<'_>, shop: ShopId, id: ClientAddressId, now: Timestamp) -> Result<(), Fault> {
    tx.put(&PAID, values![&id, &shop, now])
}

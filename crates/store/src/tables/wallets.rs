//! Extended public keys, their counters, and which networks use them.

use domain::{
    chain::{Network, ScriptKind},
    id::{ShopId, WalletId},
    merchant::Wallet,
};

use crate::{
    fault::Fault,
    sql::{Row, Sql, statements, values},
    tx::{Locked, Rx, Tx},
};

macro_rules! columns {
    () => {
        "id, shop_id, fingerprint, xpub, script_kind, simulated, derived, issued, created_at"
    };
}

statements! {
    INSERT = concat!("insert into wallets (", columns!(), ") values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    BY_FINGERPRINT = concat!("select ", columns!(), " from wallets where fingerprint = ?1");
    BY_NETWORK = "select w.id, w.shop_id, w.fingerprint, w.xpub, w.script_kind, w.simulated, w.derived, w.issued,
                    w.created_at
                  from wallet_networks n join wallets w on w.id = n.wallet_id and w.shop_id = n.shop_id
                  where n.shop_id = ?1 and n.network = ?2";
    NETWORKS = "select network, wallet_id from wallet_networks where shop_id = ?1 order by network";
    ALL = concat!("select ", columns!(), " from wallets where id > ?1 order by id limit ?2");
    UPDATE = "update wallets set derived = ?3, issued = ?4 where id = ?1 and shop_id = ?2";
    ASSIGN = "insert into wallet_networks (shop_id, network, wallet_id) values (?1, ?2, ?3)
              on conflict (shop_id, network) do update set wallet_id = excluded.wallet_id";
}

const LOCK: Sql = Sql::differing(
    concat!(module_path!(), "::LOCK"),
    concat!("select ", columns!(), " from wallets where id = ?1 and shop_id = ?2"),
    concat!("select ", columns!(), " from wallets where id = ?1 and shop_id = ?2 for update"),
);
pub(crate) const LOCKING: &[&Sql] = &[&LOCK];

fn read(row: &Row<'_>) -> Result<Wallet, Fault> {
    Ok(Wallet {
        id: row.id(0)?,
        shop: row.id(1)?,
        fingerprint: row.text(2)?,
        xpub: row.text(3)?,
        script_kind: row.parsed(4, ScriptKind::from_code)?,
        simulated: row.bool(5)?,
        derived: row.u32(6)?,
        issued: row.u32(7)?,
        created_at: row.time(8)?,
    })
}

/// Adds a wallet.
pub fn insert(tx: &mut Tx<'_>, wallet: &Wallet) -> Result<(), Fault> {
    tx.put(
        &INSERT,
        values![
            &wallet.id,
            &wallet.shop,
            wallet.fingerprint.as_str(),
            wallet.xpub.as_str(),
            wallet.script_kind.code(),
            wallet.simulated,
            wallet.derived,
            wallet.issued,
            wallet.created_at
        ],
    )
}

/// The wallet with this fingerprint, whosever it is.
pub fn by_fingerprint(rx: &mut Rx<'_>, fingerprint: &str) -> Result<Option<Wallet>, Fault> {
    rx.one(&BY_FINGERPRINT, values![fingerprint], read)
}

/// The wallet that a shop receives with on a network.
pub fn by_network(rx: &mut Rx<'_>, shop: ShopId, network: Network) -> Result<Option<Wallet>, Fault> {
    rx.one(&BY_NETWORK, values![&shop, network.as_str()], read)
}

/// The networks on which a shop receives, each with its wallet.
pub fn networks(rx: &mut Rx<'_>, shop: ShopId) -> Result<Vec<(Network, WalletId)>, Fault> {
    rx.all(&NETWORKS, values![&shop], |row| Ok((row.named(0, Network::parse)?, row.id(1)?)))
}

/// The next wallets after `after`, oldest first.
pub fn all(rx: &mut Rx<'_>, after: WalletId, limit: u32) -> Result<Vec<Wallet>, Fault> {
    rx.all(&ALL, values![&after, limit], read)
}

/// Holds a wallet against everybody else who would count on.
pub fn lock(tx: &mut Tx<'_>, shop: ShopId, id: WalletId) -> Result<Option<Locked<Wallet>>, Fault> {
    Ok(tx.one(&LOCK, values![&id, &shop], read)?.map(Locked::new))
}

/// Writes the counters of a wallet.
pub fn save(tx: &mut Tx<'_>, wallet: &Locked<Wallet>) -> Result<(), Fault> {
    match tx.run(&UPDATE, values![&wallet.id, &wallet.shop, wallet.derived, wallet.issued])? {
        1 => Ok(()),
        _ => Err(Fault::broken("a locked wallet was not there to be saved")),
    }
}

/// Lets a shop receive on a network with this wallet from now on.
pub fn assign(tx: &mut Tx<'_>, shop: ShopId, network: Network, wallet: WalletId) -> Result<(), Fault> {
    tx.put(&ASSIGN, values![&shop, network.as_str(), &wallet])
}

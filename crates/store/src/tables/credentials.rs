//! What lets programs act for shops. Of a key, only its hash is here; of one that is public, the key itself, and what
//! its callers sign with, which was sealed before it comes here.

use domain::{
    dialect::DialectName,
    id::{CredentialId, ShopId},
    ip_block::IpBlock,
    merchant::{Credential, KeyHash, KeyKind},
    refusal::Refusal,
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{Row, statements, values},
    tx::{Rx, Tx},
};

macro_rules! columns {
    () => {
        "id, shop_id, dialect, kind, scopes, allowed_ips, hint, created_at, expires_at, revoked_at, last_used_at,
         public_key"
    };
}

statements! {
    INSERT = "insert into credentials (id, shop_id, dialect, kind, hash, scopes, allowed_ips, hint, created_at,
                                       expires_at, public_key, secret)
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    BY_HASH = concat!("select ", columns!(), ", secret from credentials where hash = ?1");
    SIGNER = concat!("select ", columns!(), ", secret from credentials
                where shop_id = ?1 and dialect = ?2 and secret is not null and revoked_at is null
                  and (expires_at is null or expires_at > ?3)
                order by id desc limit 1");
    GET = concat!("select ", columns!(), " from credentials where id = ?1");
    LIST = concat!("select ", columns!(), " from credentials where shop_id = ?1 order by id limit ?2");
    REVOKE = "update credentials set revoked_at = ?3 where id = ?1 and shop_id = ?2 and revoked_at is null";
    USED = "update credentials set last_used_at = ?3
            where id = ?1 and shop_id = ?2 and (last_used_at is null or last_used_at < ?3)";
}

fn read(row: &Row<'_>) -> Result<Credential, Fault> {
    Ok(Credential {
        id: row.id(0)?,
        shop: row.id(1)?,
        dialect: row.named(2, DialectName::parse)?,
        kind: row.parsed(3, KeyKind::from_code)?,
        scopes: row.text(4)?.split_whitespace().map(str::to_owned).collect(),
        allowed_ips: row.named(5, blocks)?,
        hint: row.text(6)?,
        created_at: row.time(7)?,
        expires_at: row.opt_time(8)?,
        revoked_at: row.opt_time(9)?,
        last_used_at: row.opt_time(10)?,
        public_key: row.opt_text(11)?,
    })
}

/// A credential with what its callers sign with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialRow {
    /// The credential.
    pub credential: Credential,
    /// The secret, sealed; `None` where the key itself is the proof.
    pub sealed_secret: Option<Vec<u8>>,
}

fn read_row(row: &Row<'_>) -> Result<CredentialRow, Fault> {
    Ok(CredentialRow { credential: read(row)?, sealed_secret: row.opt_bytes(12)? })
}

fn blocks(text: &str) -> Result<Vec<IpBlock>, Refusal> {
    text.split_whitespace().map(IpBlock::parse).collect()
}

/// Adds a credential with the hash of its key.
pub fn insert(tx: &mut Tx<'_>, row: &CredentialRow, hash: &KeyHash) -> Result<(), Fault> {
    let credential = &row.credential;
    tx.put(
        &INSERT,
        values![
            &credential.id,
            &credential.shop,
            credential.dialect.as_str(),
            credential.kind.code(),
            &hash.0[..],
            credential.scopes.join(" "),
            credential.allowed_ips.iter().map(IpBlock::to_string).collect::<Vec<_>>().join(" "),
            credential.hint.as_str(),
            credential.created_at,
            credential.expires_at,
            credential.public_key.as_deref(),
            row.sealed_secret.as_deref()
        ],
    )
}

/// The credential whose key has this hash, working or not.
pub fn by_hash(rx: &mut Rx<'_>, hash: &KeyHash) -> Result<Option<CredentialRow>, Fault> {
    rx.one(&BY_HASH, values![&hash.0[..]], read_row)
}

/// The newest credential of a shop and dialect that has a secret and works at `now`, by the wall clock.
pub fn signer(
    rx: &mut Rx<'_>,
    shop: ShopId,
    dialect: DialectName,
    now: Timestamp,
) -> Result<Option<CredentialRow>, Fault> {
    rx.one(&SIGNER, values![&shop, dialect.as_str(), now], read_row)
}

/// The credential with this id.
pub fn get(rx: &mut Rx<'_>, id: CredentialId) -> Result<Option<Credential>, Fault> {
    rx.one(&GET, values![&id], read)
}

/// A shop's credentials, oldest first.
pub fn list(rx: &mut Rx<'_>, shop: ShopId, limit: u32) -> Result<Vec<Credential>, Fault> {
    rx.all(&LIST, values![&shop, limit], read)
}

/// Ends a credential; whether it still worked.
pub fn revoke(tx: &mut Tx<'_>, shop: ShopId, id: CredentialId, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.run(&REVOKE, values![&id, &shop, at])? > 0)
}

/// Notes that a credential was used; an older moment changes nothing.
pub fn used(tx: &mut Tx<'_>, shop: ShopId, id: CredentialId, at: Timestamp) -> Result<(), Fault> {
    tx.put(&USED, values![&id, &shop, at])
}

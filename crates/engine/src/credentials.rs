//! Who may act for a shop.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use domain::{
    dialect::{DialectName, IssuedKey},
    id::{CredentialId, ShopId},
    ip_block::IpBlock,
    merchant::{Credential, KeyHash, KeyKind, Shop},
    refusal::{Failure, Refusal},
    time::{Span, Timestamp},
};
use sha2::{Digest, Sha256};
use store::{Abort, Fault, Rx, Tx, credentials::CredentialRow};
use zeroize::Zeroizing;

use crate::{Engine, shops};

/// A credential to be made.
#[derive(Clone, Debug)]
pub struct CreateCredential {
    /// The shop that it acts for.
    pub shop: ShopId,
    /// The only dialect that takes it.
    pub dialect: DialectName,
    /// What it may be used for at all.
    pub kind: KeyKind,
    /// Scopes in the dialect's words; none: all that there are.
    pub scopes: Vec<String>,
    /// Where it may be used from, at most [`MAX_ALLOWED_IPS`] blocks; none: anywhere.
    pub allowed_ips: Vec<IpBlock>,
    /// When it stops working; by the wall clock.
    pub expires_at: Option<Timestamp>,
}

/// Who is calling, and what the call has to be signed with. Whoever knows a public key may name it: before anything is
/// done, the signature has to be right.
pub struct Signer {
    /// Whose key was named.
    pub caller: Caller,
    /// What its callers sign with.
    pub secret: Zeroizing<String>,
}

/// Who is calling.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What was shown.
    pub credential: Credential,
    /// For whom it acts.
    pub shop: Shop,
}

/// The most credentials of a shop in one answer.
pub const CREDENTIALS_PER_PAGE: u32 = 500;

/// The most blocks of addresses that a credential may be for.
pub const MAX_ALLOWED_IPS: usize = 50;

/// Characters of a key that are kept to tell keys apart.
const HINT: usize = 4;

impl Engine {
    /// Makes a credential. Its key is in the answer, and nowhere else; nor is the secret that goes with a public key.
    ///
    /// # Errors
    /// [`Refusal::ShopNotFound`], [`Refusal::DialectUnknown`], [`Refusal::KeyKindUnknown`], [`Refusal::ScopeUnknown`],
    /// [`Refusal::ExpiryPast`], [`Refusal::TooMany`] for more blocks of addresses than [`MAX_ALLOWED_IPS`].
    pub async fn create_credential(
        &self,
        command: CreateCredential,
    ) -> Result<(Credential, IssuedKey), Failure> {
        let moment = self.moment();
        let dialect = self.dialect(command.dialect)?;
        if !dialect.key_kinds().contains(&command.kind) {
            return Err(Refusal::KeyKindUnknown.into());
        }
        let known = dialect.scopes();
        if command.scopes.iter().any(|scope| !known.contains(&scope.as_str())) {
            return Err(Refusal::ScopeUnknown.into());
        }
        if command.expires_at.is_some_and(|end| end <= moment.wall) {
            return Err(Refusal::ExpiryPast.into());
        }
        if command.allowed_ips.len() > MAX_ALLOWED_IPS {
            return Err(Refusal::TooMany.into());
        }
        let mut bytes = Zeroizing::new([0_u8; 32]);
        self.entropy().fill(&mut *bytes);
        let key = dialect.issue(command.kind, self.environment(), &bytes);
        let hash = hash(&key.text);
        let hint: String = key.text.chars().rev().take(HINT).collect::<Vec<_>>().into_iter().rev().collect();
        let scopes = match (command.kind, command.scopes.is_empty()) {
            (KeyKind::Secret, true) => known.iter().map(|scope| (*scope).to_owned()).collect(),
            (KeyKind::Secret | KeyKind::Publishable, _) => command.scopes.clone(),
        };
        let (public_key, signs_with) = match &key.secret {
            Some(secret) => (Some(key.text.clone()), Some(Zeroizing::new(secret.text.clone()))),
            None => (None, None),
        };
        let engine = self.clone();
        let job = move |tx: &mut Tx<'_>| -> Result<Credential, Abort> {
            let now = moment.business(tx)?;
            shops::find(tx, command.shop)?;
            let credential = Credential {
                id: moment.ids(now).make(),
                shop: command.shop,
                dialect: command.dialect,
                kind: command.kind,
                scopes: scopes.clone(),
                allowed_ips: command.allowed_ips.clone(),
                hint: hint.clone(),
                public_key: public_key.clone(),
                created_at: now,
                expires_at: command.expires_at,
                revoked_at: None,
                last_used_at: None,
            };
            let seal = |secret: &Zeroizing<String>| engine.seal_secret(credential.id.bytes(), secret);
            let sealed_secret = signs_with.as_ref().map(seal).transpose()?;
            let row = CredentialRow { credential, sealed_secret };
            store::credentials::insert(tx, &row, &hash)?;
            Ok(row.credential)
        };
        let credential = self.store().transact("credentials.create", job).await?;
        // Deliveries may wait for one that signs.
        self.hints().deliver.notify_one();
        Ok((credential, key))
    }

    /// Who shows this key to this dialect, from this address. It is asked anew for every request, so that revoking
    /// works at once.
    ///
    /// # Errors
    /// [`Refusal::CredentialNotFound`] for a key that is unknown, expired, revoked, or another dialect's;
    /// [`Refusal::CallerNotAllowed`] for one that is not for this address; [`Refusal::ShopInactive`] where its shop was
    /// switched off.
    pub async fn authenticate(
        &self,
        dialect: DialectName,
        key: &str,
        from: Option<IpAddr>,
    ) -> Result<Caller, Failure> {
        let (hash, now) = (hash(key), self.wall_time());
        let job = move |rx: &mut Rx<'_>| Ok(caller(rx, &hash, dialect, now)?.0);
        let caller = self.store().read("credentials.authenticate", job).await?;
        self.admit(&caller, from)?;
        Ok(caller)
    }

    /// Whose public key this is, and what its caller has to have signed with: the caller of this proves nothing before
    /// the dialect found the signature right. A key counts as used when it is named.
    ///
    /// # Errors
    /// As [`Engine::authenticate`]; [`Refusal::CredentialNotFound`] for a key without a secret too, and
    /// [`Failure::Internal`] where no master key opens the secret.
    pub async fn authenticate_signed(
        &self,
        dialect: DialectName,
        key: &str,
        from: Option<IpAddr>,
    ) -> Result<Signer, Failure> {
        let (engine, hash, now) = (self.clone(), hash(key), self.wall_time());
        let job = move |rx: &mut Rx<'_>| -> Result<Signer, Abort> {
            let (caller, sealed) = caller(rx, &hash, dialect, now)?;
            let sealed = sealed.ok_or(Refusal::CredentialNotFound)?;
            let secret = engine.open_secret(caller.credential.id.bytes(), &sealed);
            Ok(Signer {
                caller,
                secret: secret.ok_or(Fault::broken("no master key opens a credential's secret"))?,
            })
        };
        let signer = self.store().read("credentials.authenticate_signed", job).await?;
        self.admit(&signer.caller, from)?;
        Ok(signer)
    }

    /// Lets a caller in whose key works, where it may be used.
    fn admit(&self, caller: &Caller, from: Option<IpAddr>) -> Result<(), Refusal> {
        if !caller.credential.allows(from) {
            return Err(Refusal::CallerNotAllowed);
        }
        if !caller.shop.active {
            return Err(Refusal::ShopInactive);
        }
        self.0.last_used.note(&caller.credential, self.wall_time());
        Ok(())
    }

    /// The credentials of a shop, oldest first, at most [`CREDENTIALS_PER_PAGE`].
    ///
    /// # Errors
    /// [`Refusal::ShopNotFound`].
    pub async fn list_credentials(&self, shop: ShopId) -> Result<Vec<Credential>, Failure> {
        let job = move |rx: &mut Rx<'_>| {
            shops::find(rx, shop)?;
            Ok(store::credentials::list(rx, shop, CREDENTIALS_PER_PAGE)?)
        };
        self.store().read("credentials.list", job).await
    }

    /// Ends a credential at once. One that was revoked before stays as it is.
    ///
    /// # Errors
    /// [`Refusal::CredentialNotFound`].
    pub async fn revoke_credential(&self, id: CredentialId) -> Result<Credential, Failure> {
        let moment = self.moment();
        let job = move |tx: &mut Tx<'_>| -> Result<Credential, Abort> {
            let found = store::credentials::get(tx, id)?.ok_or(Refusal::CredentialNotFound)?;
            store::credentials::revoke(tx, found.shop, id, moment.wall)?;
            Ok(store::credentials::get(tx, id)?.ok_or(Refusal::CredentialNotFound)?)
        };
        self.store().transact("credentials.revoke", job).await
    }

    /// Writes down when credentials were last used. A crash loses the last minute of it, and nothing else.
    ///
    /// # Errors
    /// Only when the store fails; what was to be written is lost then.
    pub async fn flush_last_used(&self) -> Result<(), Failure> {
        let used = self.0.last_used.take();
        if used.is_empty() {
            return Ok(());
        }
        let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
            for ((id, shop), at) in &used {
                store::credentials::used(tx, *shop, *id, *at)?;
            }
            Ok(())
        };
        self.store().transact("credentials.flush_last_used", job).await
    }
}

/// Who shows the key with this hash to a dialect, with the sealed secret that goes with it.
fn caller(
    rx: &mut Rx<'_>,
    hash: &KeyHash,
    dialect: DialectName,
    now: Timestamp,
) -> Result<(Caller, Option<Vec<u8>>), Abort> {
    let row = store::credentials::by_hash(rx, hash)?
        .filter(|row| row.credential.dialect == dialect && row.credential.works(now))
        .ok_or(Refusal::CredentialNotFound)?;
    let shop = shops::find(rx, row.credential.shop)?;
    Ok((Caller { credential: row.credential, shop }, row.sealed_secret))
}

fn hash(key: &str) -> KeyHash {
    KeyHash(Sha256::digest(key.as_bytes()).into())
}

/// When credentials were used, until it is written down: a request that reads must not cause a write.
#[derive(Default)]
pub(crate) struct LastUsed(Mutex<BTreeMap<(CredentialId, ShopId), Timestamp>>);

/// How exactly last use is kept.
const RESOLUTION: Span = Span::minutes(1);

impl LastUsed {
    fn note(&self, credential: &Credential, now: Timestamp) {
        if credential.last_used_at.is_some_and(|last| now < last + RESOLUTION) {
            return;
        }
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert((credential.id, credential.shop), now);
    }

    fn take(&self) -> BTreeMap<(CredentialId, ShopId), Timestamp> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

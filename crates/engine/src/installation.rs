//! Opening a database as this installation's own.

use domain::{
    id::{Entropy, IdSeed},
    merchant::Environment,
    refusal::Failure,
    time::Span,
};
use store::{Abort, Store, installation::Installation};
use zeroize::Zeroizing;

use crate::{
    Engine, Parts, Setup,
    credentials::LastUsed,
    hints::Hints,
    nodes::Itself,
    numbers::Stocks,
    sandbox,
    seal::{Keyring, SealError},
    token::Tokens,
};

/// Why a database cannot be used by this process. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It belongs to another environment.
    #[error(
        "this database belongs to the {} environment, and the configuration says {}: use another data directory, or \
         correct `environment`",
        found.code(),
        configured.code()
    )]
    OtherEnvironment {
        /// What the database says.
        found: Environment,
        /// What the configuration says.
        configured: Environment,
    },
    /// Its secrets were sealed with another master key.
    #[error(
        "this database was sealed with another master key: give the key that it was made with (secrets.master_key_file)"
    )]
    OtherMasterKey,
    /// The store failed.
    #[error("the database cannot be read: {0}")]
    Store(#[from] Failure),
}

/// What the master key of a database is recognised by.
const KEY_CHECK: &[u8] = b"tillgate";
const KEY_CHECK_OWNER: &[u8] = b"installation.key_check";
const TOKEN_KEY_OWNER: &[u8] = b"installation.token_key";

impl Engine {
    /// Opens `store` as this installation's, and makes it so where it is new.
    ///
    /// # Errors
    /// [`OpenError`] where it belongs to another environment or was sealed with another key; nothing is changed then.
    pub async fn open(store: Store, setup: Setup) -> Result<Self, OpenError> {
        let fresh = new_installation(&setup)?;
        let (networks, environment) = (setup.networks.clone(), setup.environment);
        let seed = IdSeed::new(&*setup.entropy);
        let job = move |tx: &mut store::Tx<'_>| -> Result<Installation, Abort> {
            let known = store::installation::get(tx)?;
            let found = known.clone().unwrap_or_else(|| fresh.clone());
            if known.is_none() {
                store::installation::insert(tx, &found)?;
            }
            if found.environment == environment {
                let now = fresh.created_at + found.clock_offset;
                sandbox::begin(tx, &networks, &mut seed.maker(now), now)?;
            }
            Ok(found)
        };
        let found = store.transact("installation.open", job).await?;
        if found.environment != setup.environment {
            return Err(OpenError::OtherEnvironment {
                found: found.environment,
                configured: setup.environment,
            });
        }
        let token_key = open_keys(&setup.keyring, &found).map_err(|_| OpenError::OtherMasterKey)?;
        let hints = Hints::new(&setup.networks);
        let tokens = Tokens::new(&token_key);
        let (last_used, itself, numbers) = (LastUsed::default(), Itself::default(), Stocks::default());
        Ok(Self(std::sync::Arc::new(Parts { store, setup, tokens, hints, last_used, itself, numbers })))
    }
}

fn new_installation(setup: &Setup) -> Result<Installation, OpenError> {
    let entropy: &dyn Entropy = &*setup.entropy;
    let mut token_key = Zeroizing::new([0_u8; 32]);
    entropy.fill(&mut *token_key);
    let seal = |owner: &[u8], secret: &[u8]| setup.keyring.seal(owner, secret, entropy);
    let sealed =
        seal(KEY_CHECK_OWNER, KEY_CHECK).and_then(|check| Ok((check, seal(TOKEN_KEY_OWNER, &*token_key)?)));
    let (key_check, token_key) = sealed.map_err(|_| OpenError::OtherMasterKey)?;
    Ok(Installation {
        environment: setup.environment,
        key_check,
        token_key,
        clock_offset: Span::ZERO,
        created_at: setup.clock.now(),
    })
}

fn open_keys(keyring: &Keyring, found: &Installation) -> Result<[u8; 32], SealError> {
    if keyring.open(KEY_CHECK_OWNER, &found.key_check)?.as_slice() != KEY_CHECK {
        return Err(SealError);
    }
    let token_key = keyring.open(TOKEN_KEY_OWNER, &found.token_key)?;
    token_key.as_slice().try_into().map_err(|_| SealError)
}

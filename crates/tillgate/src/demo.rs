//! The demo shop of a test environment, and the keys to it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use domain::{dialect::DialectName, id::ShopId, merchant::Name, refusal::Failure};
use engine::{Engine, credentials::CreateCredential};
use serde::{Deserialize, Serialize};

use crate::{
    data_dir,
    failure::{CommandError, NO_ROOM},
};

/// What the demo shop is called.
const SHOP: &str = "Demo shop";

/// Where the keys are kept.
pub(crate) const FILE: &str = "demo.json";

/// Where the header with the demo key is kept, for command lines that must not show it.
pub(crate) const HEADERS_FILE: &str = "demo.headers";

/// What the demo file says. It is a promise: programs read it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Demo {
    /// What requests go to.
    pub(crate) base_url: String,
    /// The environment.
    pub(crate) environment: String,
    /// The demo shop.
    pub(crate) shop_id: String,
    /// The operator's socket.
    pub(crate) operator_socket: PathBuf,
    /// The keys of each dialect, under its name.
    #[serde(flatten)]
    pub(crate) dialects: BTreeMap<String, BTreeMap<String, String>>,
}

/// Where this gateway is.
pub(crate) struct Whereabouts<'a> {
    /// The data directory.
    pub(crate) data_dir: &'a Path,
    /// What requests go to.
    pub(crate) base_url: &'a str,
    /// The operator's socket.
    pub(crate) socket: &'a Path,
}

/// The demo shop of a database that has none yet, or that of an earlier start; nothing where the operator made do
/// without.
///
/// A crash between shop and file leaves a shop without a file: it is found by its name, and gets new keys.
///
/// # Errors
/// Where the engine or the disk fails.
pub(crate) async fn demo(
    engine: &Engine,
    at: &Whereabouts<'_>,
    dialects: &[DialectName],
) -> Result<Option<Demo>, CommandError> {
    let path = at.data_dir.join(FILE);
    let known = read(&path)?;
    let demo = match known {
        Some(known) => completed(engine, known, dialects).await.map_err(failed)?,
        None => match shop(engine).await.map_err(failed)? {
            Some(shop) => Demo {
                base_url: String::new(),
                environment: engine.environment().code().to_owned(),
                shop_id: operator::ids::write(shop),
                operator_socket: PathBuf::new(),
                dialects: keys(engine, shop, dialects).await.map_err(failed)?,
            },
            None => return Ok(None),
        },
    };
    let demo = Demo { base_url: at.base_url.to_owned(), operator_socket: at.socket.to_owned(), ..demo };
    let text = serde_json::to_vec_pretty(&demo).map_err(|error| unwritable(&path, &error))?;
    data_dir::write_private(&path, &text).map_err(|error| unwritable(&path, &error))?;
    Ok(Some(demo))
}

/// The same with keys of the dialects that were switched on, or came with a version, after the file was written.
async fn completed(engine: &Engine, mut demo: Demo, dialects: &[DialectName]) -> Result<Demo, Failure> {
    let is_missing = |name: &&DialectName| !demo.dialects.contains_key(name.as_str());
    let missing: Vec<DialectName> = dialects.iter().filter(is_missing).copied().collect();
    // Another database's file tells of a shop that is not here. It stays as it is.
    let Ok(shop) = operator::ids::read(&demo.shop_id) else { return Ok(demo) };
    match keys(engine, shop, &missing).await {
        Ok(made) => demo.dialects.extend(made),
        Err(Failure::Refused(_)) => {}
        Err(failure) => return Err(failure),
    }
    Ok(demo)
}

fn read(path: &Path) -> Result<Option<Demo>, CommandError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            CommandError::new(format!("{} is not what it was: line {}", path.display(), error.line()))
                .cure("Delete it: the next start makes new keys for the demo shop.")
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CommandError::new(format!("{} cannot be read: {error}", path.display()))),
    }
}

/// The demo shop, made where there is no shop at all. On a database that other nodes share it may be one that another
/// node made, even a moment ago; each node has keys of its own to it.
async fn shop(engine: &Engine) -> Result<Option<ShopId>, Failure> {
    engine.create_first_shop(Name::parse(SHOP)?).await?;
    // It is as old as the database, and so on the first page.
    let shops = engine.list_shops(None).await?;
    let Some(demo) = shops.iter().find(|shop| shop.name.as_str() == SHOP) else { return Ok(None) };
    // The first payment should find an address ready, however soon it comes.
    engine.fill_pools().await?;
    Ok(Some(demo.id))
}

/// A key of each kind that each dialect has, and what is signed with it where callers sign.
async fn keys(
    engine: &Engine,
    shop: ShopId,
    names: &[DialectName],
) -> Result<BTreeMap<String, BTreeMap<String, String>>, Failure> {
    let mut dialects = BTreeMap::new();
    for name in names {
        let mut keys = BTreeMap::new();
        for kind in engine.dialect(*name)?.key_kinds() {
            let command = CreateCredential {
                shop,
                dialect: *name,
                kind: *kind,
                scopes: Vec::new(),
                allowed_ips: Vec::new(),
                expires_at: None,
            };
            let (_, key) = engine.create_credential(command).await?;
            keys.insert(key.field.to_owned(), key.text);
            keys.extend(key.secret.map(|secret| (secret.field.to_owned(), secret.text)));
        }
        dialects.insert(name.to_string(), keys);
    }
    Ok(dialects)
}

fn failed(failure: Failure) -> CommandError {
    CommandError::new(format!("the demo shop cannot be made: {failure}")).cure(NO_ROOM)
}

fn unwritable(path: &Path, error: &dyn std::fmt::Display) -> CommandError {
    CommandError::new(format!("{} cannot be written: {error}", path.display())).cure(NO_ROOM)
}

//! The master keys, and the first of them.

use std::{fs, io, path::Path};

use domain::id::Entropy;
use engine::seal::Keyring;
use store::{Settings, Store};
use zeroize::Zeroizing;

use crate::{
    config::Config,
    data_dir,
    failure::{CommandError, NO_ROOM},
};

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// The keys that the configuration gives, or those of the data directory. A database that is not there yet gets a key
/// of its own, which is written before anything is sealed with it; one that nodes share is given its key.
///
/// # Errors
/// Where there is no key for a database that has one, and where a text is none. No message holds any of it.
pub(crate) fn keyring(config: &Config, entropy: &dyn Entropy) -> Result<Keyring, CommandError> {
    let given = &config.secrets.master_key;
    if !given.is_empty() {
        return parse(given.reveal(), "secrets.master_key");
    }
    let path = config.master_key_file();
    let is_own = config.secrets.master_key_file.as_os_str().is_empty();
    let text = match fs::read_to_string(&path).map(Zeroizing::new) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_own => {
            refuse_a_second(config, &path)?;
            make(&path, entropy)?
        }
        Err(error) => {
            return Err(CommandError::new(format!(
                "the master key {} cannot be read: {error}",
                path.display()
            ))
            .cure("Check secrets.master_key_file, and who may read the file."));
        }
    };
    parse(&text, &path.display().to_string())
}

/// Refuses to make a key where there is a database that was sealed with another. A file that is no database of ours is
/// refused as such.
fn refuse_a_second(config: &Config, path: &Path) -> Result<(), CommandError> {
    let settings = config.database.settings(&config.data_dir, 1);
    if let Settings::Postgres { .. } = settings {
        return Err(CommandError::new("a database that nodes share needs its master key").cure(
            "Give every node the same one, in secrets.master_key_file or in the variable \
             TILLGATE_SECRETS__MASTER_KEY; `openssl rand -hex 32` makes one.",
        ));
    }
    let plan = Store::plan(&settings).map_err(|error| CommandError::new(error.to_string()))?;
    if plan.current == 0 {
        return Ok(());
    }
    let gone = format!("the master key {} is gone, and the database is sealed with it", path.display());
    Err(CommandError::new(gone).cure("Bring the file back, or give the key in TILLGATE_SECRETS__MASTER_KEY."))
}

fn parse(text: &str, place: &str) -> Result<Keyring, CommandError> {
    Keyring::parse(text).map_err(|error| {
        CommandError::new(format!("{place}: {error}"))
            .cure("`openssl rand -hex 32` makes one; a database opens only with its own.")
    })
}

fn make(path: &Path, entropy: &dyn Entropy) -> Result<Zeroizing<String>, CommandError> {
    let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
    entropy.fill(&mut *key);
    let text = Zeroizing::new(format!("{}\n", *Zeroizing::new(const_hex::encode(*key))));
    data_dir::write_private(path, text.as_bytes()).map_err(|error| {
        CommandError::new(format!("the master key {} cannot be written: {error}", path.display()))
            .cure(NO_ROOM)
    })?;
    tracing::info!(path = %path.display(), "a master key was made: keep a copy of it apart from the database's copies");
    Ok(text)
}

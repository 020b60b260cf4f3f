//! The key that everything secret is sealed with.

use std::path::PathBuf;

use crate::config::{documented::documented, secret::Secret};

documented! {
    /// Secrets of the installation.
    pub struct Secrets {
        /// The file of the master key; empty: `<data_dir>/master.key`, which is made at the first start. A key is 64
        /// hexadecimal digits. Several keys, one a line, are a ring: the first seals, all of them open.
        pub master_key_file: PathBuf = PathBuf::new(),
        /// The master key itself, in place of a file. It is best given as `TILLGATE_SECRETS__MASTER_KEY`.
        pub master_key: Secret = Secret::default(),
    }
}

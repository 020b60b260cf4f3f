//! How mails are sent to buyers.

use std::path::PathBuf;

use crate::config::{documented::documented, secret::Secret};

documented! {
    /// Mails to buyers.
    pub struct Mail {
        /// The mail server: `smtps://USER:PASSWORD@HOST`, or `smtp://USER:PASSWORD@HOST:587` with STARTTLS. It may hold
        /// a password, so nothing shows it. Empty: mails are kept, and `tillgate mails list` shows them.
        pub smtp_url: Secret = Secret::default(),
        /// A file that holds the URL, in place of it.
        pub smtp_url_file: PathBuf = PathBuf::new(),
        /// Whom mails are from: `pay@example.com`, or `Example Pay <pay@example.com>`.
        pub from: String = String::new(),
    }
}

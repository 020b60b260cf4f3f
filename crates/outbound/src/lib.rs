//! Requests to other people's URLs, guarded and bounded.
//!
//! A shop names the URL that its callbacks go to, so whoever holds a shop could point the gateway at its own network:
//! a metadata service, a database, a printer (server-side request forgery). The answer here has three parts:
//!
//! - [`target`] judges the URL, when it is registered and again at each attempt;
//! - [`resolve`] judges the addresses of its name, at every new connection and in the place where the connection takes
//!   them from: the address that was checked is the one connected to;
//! - [`callback`] follows no redirect, so that neither judgement is left behind.
//!
//! Sources of [`rates`] are asked under the same guard: their names are known, and where these lead is not.
//!
//! All of it rests on one question, [`guard::is_public`]. The room knows no vendor's words and no database.
//!
//! [`mail`] reaches the mail server that the operator named, and no other.

pub mod callback;
pub mod client;
mod excerpt;
mod fault;
pub mod fetch;
pub mod guard;
pub mod mail;
pub mod rates;
pub mod resolve;
pub mod target;

/// Makes ring the process's provider of cryptography for TLS.
///
/// It may be called any number of times. A provider that is installed already stays. [`callback::Callbacks::new`] calls
/// it by itself; whoever else in the process uses rustls calls it first.
pub fn install_crypto() {
    // The error says that there is one already, which is what was wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

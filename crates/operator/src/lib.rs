//! The operator's API: JSON over HTTP, on the Unix socket of the data directory.
//!
//! Whoever may open that socket is the operator: no key is asked for, and every shop is seen. The same router will
//! answer people who are signed in. Handlers are a few lines over commands of the engine; the types of each module
//! are what goes over the wire, in both directions, and the binary's commands read them back.
//!
//! It knows no vendor: payments are written in the words of the dialect that made them, by
//! [`domain::dialect::Dialect`].

mod api;
pub mod clock;
pub mod credentials;
pub mod deliveries;
pub mod endpoints;
pub mod error;
mod frame;
pub mod ids;
mod input;
pub mod mails;
pub mod networks;
pub mod page;
pub mod payments;
pub mod shops;
pub mod simulate;
pub mod span;
pub mod time;
pub mod wallets;

pub use api::{Api, BASE, DOCUMENT_PATH, document, router};

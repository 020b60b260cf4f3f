//! The vendors' APIs: routes, words, errors, callbacks, signatures.
//!
//! Each dialect is a folder with the same files: `routes` are its paths, `wire` its words in both directions,
//! `callbacks` what it tells shops, `errors` what every refusal is answered with, `auth` who is calling. It holds no
//! rule about money: it turns a vendor's request into a command of the engine with terms, and a payment into the
//! vendor's words. What dialects share and no vendor owns is in [`http`] and `field`.

pub mod alpha;
pub mod alphapo;
mod api;
mod field;
pub mod http;

use std::sync::Arc;

use domain::dialect::Dialect;

pub use self::api::{Api, Limits, Urls};

/// Every dialect, for the engine, the workers and the operator's API.
pub fn all() -> Vec<Arc<dyn Dialect>> {
    vec![Arc::new(alpha::Alpha), Arc::new(alphapo::Alphapo)]
}

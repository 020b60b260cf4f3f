//! What the routes of a dialect need.

use std::{sync::Arc, time::Duration};

use domain::{id::Entropy, merchant::Environment};
use engine::Engine;

/// What the routes of one dialect need. Each dialect has its own, since limits may differ.
#[derive(Clone)]
pub struct Api {
    /// The engine.
    pub engine: Engine,
    /// The source of randomness: request ids are made from it.
    pub entropy: Arc<dyn Entropy>,
    /// What links begin with.
    pub urls: Urls,
    /// What callers may ask.
    pub limits: Limits,
}

impl Api {
    /// Whether money is real.
    pub fn environment(&self) -> Environment {
        self.engine.environment()
    }
}

/// What links begin with: scheme, host, perhaps a path, and no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    /// Where the API is reached.
    pub public: String,
    /// Where the buyer's pages are reached.
    pub checkout: String,
}

impl Urls {
    /// The origin of the buyer's pages as browsers write it; nothing for a text that is no URL with a host.
    pub(crate) fn checkout_origin(&self) -> Option<String> {
        let origin = url::Url::parse(&self.checkout).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}

/// What callers may ask, per node. Zero requests a minute means any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests in a minute for each credential.
    pub requests_per_minute: u32,
    /// Reads of the public checkout in a minute for each address.
    pub checkout_requests_per_minute: u32,
    /// Requests in a minute for each address that show no credential that works. Those that do are not counted here,
    /// so that nobody is locked out by a neighbour behind the same address.
    pub failed_authentications_per_minute: u32,
    /// How long a twin waits for the first request under its idempotency key.
    pub twin_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_minute: 600,
            checkout_requests_per_minute: 120,
            failed_authentications_per_minute: 60,
            twin_wait: Duration::from_secs(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_of_the_pages_is_their_url_without_its_path() {
        let origin =
            |checkout: &str| Urls { public: String::new(), checkout: checkout.to_owned() }.checkout_origin();
        assert_eq!(origin("https://Pay.example:443/till").as_deref(), Some("https://pay.example"));
        assert_eq!(origin("http://127.0.0.1:8080").as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(origin("mailto:pay@example.com"), None);
        assert_eq!(origin(""), None);
    }
}

//! What a shop is told, believed only where its signature is right.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use testkit::{
    merchant::{Hit, Merchant},
    until::until,
};

use crate::till::text;

/// A shop's server, and the secret that it was given.
pub(crate) struct Shop {
    server: Merchant,
    secret: String,
}

/// An event of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// Ids are in the order of time.
    id: String,
    payment: String,
    name: String,
    /// How the payment stood.
    pub(crate) status: String,
}

impl Shop {
    pub(crate) fn new(server: Merchant, secret: &str) -> Self {
        Self { server, secret: secret.to_owned() }
    }

    /// The next event of this payment with this name; those before it are passed over.
    pub(crate) async fn hears(&self, payment: &str, name: &str) -> Told {
        loop {
            let told = self.read(&self.server.next().await);
            if told.payment == payment && told.name == name {
                return told;
            }
        }
    }

    /// Waits until it was told these events of a payment, and gives all that it was told of it: names and states, each
    /// event once, in the order in which they happened. Callbacks may come in any order.
    pub(crate) async fn heard(&self, payment: &str, events: &[&str]) -> Vec<(String, String)> {
        until(&format!("the shop was told {events:?}"), async || {
            let mut told: Vec<Told> = self.server.hits().iter().map(|hit| self.read(hit)).collect();
            told.retain(|one| one.payment == payment);
            told.sort_by(|one, other| one.id.cmp(&other.id));
            told.dedup_by(|one, other| one.id == other.id);
            let is_all = events.iter().all(|id| told.iter().any(|one| one.id == *id));
            if is_all {
                Ok(told.into_iter().map(|one| (one.name, one.status)).collect())
            } else {
                Err(format!("{told:?}"))
            }
        })
        .await
    }

    /// A callback as its vendor says to verify it: HMAC-SHA256 over time, a point, and body, in hexadecimal.
    fn read(&self, hit: &Hit) -> Told {
        let header = |name: &str| hit.header(name).unwrap_or_else(|| panic!("no {name} in {hit:?}"));
        let signature = const_hex::decode(header("x-alpha-signature")).expect("a signature in hexadecimal");
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("a key of any length");
        mac.update(header("x-alpha-timestamp").as_bytes());
        mac.update(b".");
        mac.update(&hit.body);
        mac.verify_slice(&signature).expect("a signature that is right");
        let body: Value = serde_json::from_slice(&hit.body).expect("a JSON document");
        assert_eq!(header("x-alpha-event"), text(&body, "/type"));
        Told {
            id: text(&body, "/id").to_owned(),
            payment: text(&body, "/data/object/id").to_owned(),
            name: text(&body, "/type").to_owned(),
            status: text(&body, "/data/object/status").to_owned(),
        }
    }
}

/// Names and states as [`Shop::heard`] gives them, without what all names begin with.
pub(crate) fn story(told: &[(&str, &str)]) -> Vec<(String, String)> {
    told.iter().map(|(name, status)| (format!("payment.{name}"), (*status).to_owned())).collect()
}

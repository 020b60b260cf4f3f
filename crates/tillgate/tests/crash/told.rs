//! What the merchant was told.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;
use testkit::merchant::{Hit, Merchant};
use tokio::time;

/// How long nothing may arrive while something is missing: shorter than the merchant's own patience, and much
/// shorter than the lease of a delivery whose sender was killed.
const LULL: Duration = Duration::from_secs(8);

/// Events that arrived.
#[derive(Default)]
pub(crate) struct Told {
    /// The bodies, by event.
    bodies: BTreeMap<String, Vec<u8>>,
    /// The events, by payment and name.
    events: BTreeMap<(String, String), String>,
    /// How many callbacks told them.
    pub(crate) callbacks: usize,
}

impl Told {
    /// Takes callbacks until each of these payments has its event of this name.
    pub(crate) async fn wait(&mut self, merchant: &Merchant, payments: &BTreeSet<String>, name: &str) {
        let mut missing: BTreeSet<&String> =
            payments.iter().filter(|payment| !self.has(payment, name)).collect();
        while !missing.is_empty() {
            let Ok(hit) = time::timeout(LULL, merchant.next()).await else {
                panic!("{} payments never had their {name}: {missing:?}", missing.len());
            };
            let (payment, _) = self.take(&hit);
            missing.retain(|wanted| **wanted != payment || !self.has(wanted, name));
        }
    }

    /// Takes a callback: the same event may come again, but only the same.
    pub(crate) fn take(&mut self, hit: &Hit) -> (String, String) {
        let body: Value = serde_json::from_slice(&hit.body).expect("a callback is JSON");
        let text = |place| body.pointer(place).and_then(Value::as_str).expect("a text").to_owned();
        let (event, name, payment) = (text("/event_id"), text("/type"), text("/data/object/id"));
        let first = self.bodies.entry(event.clone()).or_insert_with(|| hit.body.clone());
        assert_eq!(*first, hit.body, "event {event} has changed");
        let told = (payment, name);
        let known = self.events.entry(told.clone()).or_insert_with(|| event.clone());
        assert_eq!(*known, event, "two events tell the same: {told:?}");
        self.callbacks += 1;
        told
    }

    /// Whether a payment has its event of this name.
    pub(crate) fn has(&self, payment: &str, name: &str) -> bool {
        self.events.contains_key(&(payment.to_owned(), name.to_owned()))
    }

    /// The payments that have an event of this name.
    pub(crate) fn payments(&self, name: &str) -> BTreeSet<String> {
        let named = self.events.keys().filter(|(_, known)| known == name);
        named.map(|(payment, _)| payment.clone()).collect()
    }

    /// How many events there were.
    pub(crate) fn events(&self) -> usize {
        self.bodies.len()
    }
}

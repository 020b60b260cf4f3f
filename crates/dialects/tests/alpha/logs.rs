//! What the log says, and what it never says.

use std::{
    fmt::{Debug, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::http::Method;
use domain::dialect::Dialect;
use serde_json::json;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::{
    exchange::{Ask, example, example_with},
    gate::{Gate, Gated},
    rig::{Plan, Rig},
};

/// Keeps every line of every level, and the fields of every span.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>, Arc<AtomicU64>);

impl Lines {
    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    fn add(&self, what: &str, metadata: &Metadata<'_>, record: impl FnOnce(&mut Fields)) {
        let mut fields = Fields(format!("{what} {} {}", metadata.level(), metadata.name()));
        record(&mut fields);
        *self.0.lock().unwrap() += &(fields.0 + "\n");
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.add("span", span.metadata(), |fields| span.record(fields));
        Id::from_u64(self.1.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.add("line", event.metadata(), |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn no_line_repeats_what_a_caller_sent() {
    let lines = Lines::default();
    let _kept = tracing::subscriber::set_default(lines.clone());
    let gate = Arc::new(Gate::default());
    let dialects: Vec<Arc<dyn Dialect>> = vec![Arc::new(Gated(Arc::clone(&gate)))];
    let rig = Rig::with(Plan { dialects, ..Plan::default() }).await;
    let made = rig.create("a").await;
    let token = made.text_of("checkout_url").rsplit('/').next().unwrap().to_owned();
    let create = |body: serde_json::Value| Ask::create("secret-attempt").key(&rig.key).json(&body);
    let mut asks = vec![
        create(example_with("description", "4242 4242 4242 4242")),
        create(json!({"card_number": "4242424242424242", "cvc": "987"})),
        create(example_with("amount", "4242424242424242")),
        create(example()).bytes("4242424242424242"),
        Ask::get("/v1/payments?reference=order-a1001&customer_email=buyer%40example.com").key(&rig.key),
        Ask::get("/v1/payments?cursor=4242424242424242").key(&rig.key),
        Ask::get("/v1/payments/4242424242424242").key(&rig.key),
        Ask::get(format!("/v1/checkout/{token}")),
        Ask::get("/v1/4242424242424242"),
        Ask::get("/v1/payments").header("Authorization", "Bearer sk_test_4242424242424242"),
        Ask::new(Method::DELETE, "/v1/payments").key(&rig.key),
    ];
    for ask in asks.drain(..) {
        rig.send(ask).await;
    }
    gate.fail();
    let broken = rig.send(create(example())).await;
    assert_eq!(broken.told(), "500 internal_error");
    let text = lines.text();
    // The fault is found by the id that its caller was given.
    let id = broken.header("x-request-id").unwrap();
    let place = text.find(id).unwrap();
    assert!(text[place..].contains("line ERROR"), "{text}");
    let secret = rig.key.strip_prefix("sk_test_").unwrap();
    for hidden in [
        "4242",
        "987\"",
        secret,
        &token[4..],
        "buyer@",
        "buyer%40",
        "order-a1001",
        "secret-attempt",
        "Order A1001",
    ] {
        assert!(!text.contains(hidden), "{hidden}:\n{text}");
    }
}

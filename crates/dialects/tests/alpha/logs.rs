//! What the log says, and what it never says.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::http::Method;
use domain::dialect::Dialect;
use serde_json::json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::{
    exchange::{Ask, example, example_with},
    gate::{Gate, Gated},
    rig::{Plan, Rig},
};

/// What was written, by everybody who has it.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_line_repeats_what_a_caller_sent() {
    let page = Page::default();
    let writer = page.clone();
    let log = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_span_events(FmtSpan::NEW);
    let log = log.with_ansi(false).with_writer(move || writer.clone()).finish();
    let _kept = tracing::subscriber::set_default(log);
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
    let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    // The fault is found by the id that its caller was given.
    let id = broken.header("x-request-id").unwrap();
    assert!(text.lines().any(|line| line.contains("ERROR") && line.contains(id)), "{text}");
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

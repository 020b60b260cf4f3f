//! Every error of the contract, made by a request.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::http::Method;
use dialects::Limits;
use domain::{dialect::Dialect, merchant::KeyKind};
use engine::shops::ChangeShop;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    contract::Contract,
    exchange::{Answer, Ask, example, example_with},
    gate::{Gate, Gated},
    rig::{Plan, Rig, unlimited},
};

/// The codes of section 6 of the contract.
const CODES: &[&str] = &[
    "checkout_not_found",
    "idempotency_conflict",
    "idempotency_in_progress",
    "idempotency_key_invalid",
    "idempotency_key_required",
    "insufficient_scope",
    "internal_error",
    "invalid_api_key",
    "invalid_cursor",
    "invalid_json",
    "merchant_not_active",
    "method_not_allowed",
    "missing_api_key",
    "not_found",
    "payload_too_large",
    "payment_credentials_not_allowed",
    "payment_not_found",
    "publishable_key_not_allowed",
    "rate_limited",
    "service_unavailable",
    "unsupported_api_version",
    "unsupported_media_type",
    "validation_failed",
];

/// Headers that say something about an error.
const TELLING: &[&str] = &["allow", "retry-after", "www-authenticate"];

/// An answer as it is kept: without what differs in every run.
fn kept(ask: &Ask, answer: &Answer) -> String {
    let request_id = answer.header("x-request-id").unwrap();
    let headers: String =
        TELLING.iter().filter_map(|name| Some(format!("{name}: {}\n", answer.header(name)?))).collect();
    let text = answer.text.replace(request_id, "req_...");
    format!("{} {}\n{}\n{headers}{text}\n", ask.method, ask.path, answer.status.as_u16())
}

/// Requests that meet each error that needs no preparation.
async fn plain(rig: &Rig) -> Vec<Ask> {
    let create = |key: &str| Ask::create(key).key(&rig.key);
    let get = |path: &str| Ask::get(path).key(&rig.key);
    let publishable = rig.credential(&rig.shop, KeyKind::Publishable, &[], None).await;
    let reader = rig.key_for(&rig.shop, &["payments:read"]).await;
    let maker = rig.key_for(&rig.shop, &["payments:create"]).await;
    rig.create("taken").await;
    let twice = example().to_string().replacen('{', "{\"amount\":\"1.00\",", 1);
    let missing = {
        let mut body = example();
        body.as_object_mut().unwrap().remove("amount");
        body
    };
    vec![
        create("a").bytes(twice),
        create("a").without("Idempotency-Key"),
        create("a b"),
        get("/v1/payments?cursor=x"),
        Ask::get("/v1/payments"),
        Ask::get("/v1/payments").key("sk_test_x"),
        Ask::get("/v1/payments").key(&publishable),
        Ask::create("a").key(&reader),
        Ask::get("/v1/payments").key(&maker),
        get("/v1/payments/pay_000000000000000000000000"),
        Ask::get("/v1/checkout/chk_0000000000000000000000"),
        Ask::get("/v1/refunds"),
        Ask::get("/v2/payments"),
        Ask::new(Method::DELETE, "/v1/payments"),
        create("taken").json(&example_with("amount", "26.00")),
        create("a").bytes(vec![b' '; 64 * 1024 + 1]),
        create("a").without("Content-Type").header("Content-Type", "text/plain"),
        create("a").json(&missing),
        get("/v1/payments?limit=0"),
        create("a").json(&example_with("metadata", json!({"card_number": "x"}))),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_error_of_the_contract_is_met_and_is_as_the_document_shows_it() {
    let gate = Arc::new(Gate::default());
    let dialects: Vec<Arc<dyn Dialect>> = vec![Arc::new(Gated(Arc::clone(&gate)))];
    let limits = Limits { twin_wait: Duration::ZERO, ..unlimited() };
    let plan = Plan { dialects, limits: Some(limits), own_host: true, ..Plan::default() };
    let rig = Arc::new(Rig::with(plan).await);
    let mut met = Vec::new();
    for ask in plain(&rig).await {
        let answer = rig.send(ask.clone()).await;
        met.push((ask, answer));
    }
    met.extend(gated(&rig, &gate).await);
    let few =
        Rig::with(Plan { limits: Some(Limits { requests_per_minute: 1, ..unlimited() }), ..Plan::default() });
    let few = few.await;
    few.get("/v1/payments").await;
    let ask = Ask::get("/v1/payments").key(&few.key);
    met.push((ask.clone(), few.send(ask).await));
    let change = ChangeShop { active: Some(false), ..ChangeShop::default() };
    rig.gateway.engine.change_shop(rig.shop.id, change).await.unwrap();
    let ask = Ask::get("/v1/payments").key(&rig.key);
    met.push((ask.clone(), rig.send(ask).await));

    let mut by_code: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (ask, answer) in &met {
        let code = answer.json()["error"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{ask:?} {answer:?}"))
            .to_owned();
        compare_with_document(ask, answer, &code);
        by_code.entry(code).or_default().push(kept(ask, answer));
    }
    assert_eq!(by_code.keys().map(String::as_str).collect::<Vec<_>>(), CODES);
    let text: Vec<String> =
        by_code.iter().map(|(code, exchanges)| format!("# {code}\n\n{}", exchanges.join("\n"))).collect();
    insta::assert_snapshot!(text.join("\n"));
}

/// Errors that take a store which hangs, is full, or fails.
async fn gated(rig: &Arc<Rig>, gate: &Arc<Gate>) -> Vec<(Ask, Answer)> {
    let mut met = Vec::new();
    gate.fail();
    let ask = Ask::create("broken").key(&rig.key);
    met.push((ask.clone(), rig.send(ask).await));
    gate.shut();
    let first = tokio::spawn({
        let rig = Arc::clone(rig);
        async move { rig.create("held").await }
    });
    gate.reached().await;
    let ask = Ask::create("held").key(&rig.key);
    met.push((ask.clone(), rig.send(ask).await));
    // The one writer stands at the gate: what comes now fills the queue, and the first to be answered is too many.
    let mut crowd = JoinSet::new();
    for number in 0..2_000 {
        let (rig, ask) = (Arc::clone(rig), Ask::create(&format!("crowd-{number}")).key(&rig.key));
        crowd.spawn(async move { rig.router.clone().oneshot_answer(ask).await });
    }
    let (ask, answer) = crowd.join_next().await.unwrap().unwrap();
    gate.open();
    assert_eq!(first.await.unwrap().told(), "201");
    while let Some(answered) = crowd.join_next().await {
        let (_, answer) = answered.unwrap();
        assert!(["201", "503 service_unavailable"].contains(&answer.told().as_str()), "{answer:?}");
    }
    met.push((ask.without("Idempotency-Key").header("Idempotency-Key", "crowd"), answer));
    met
}

trait OneshotAnswer {
    async fn oneshot_answer(self, ask: Ask) -> (Ask, Answer);
}

impl OneshotAnswer for axum::Router {
    /// Sends a request past the judge, who takes longer than the gateway.
    async fn oneshot_answer(self, ask: Ask) -> (Ask, Answer) {
        let response = tower::ServiceExt::oneshot(self, ask.clone().request()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        (ask, Answer { status: parts.status, headers: parts.headers, text })
    }
}

/// Holds an error against the example that the document shows of it, to the letter.
fn compare_with_document(ask: &Ask, answer: &Answer, code: &str) {
    let contract = Contract::new();
    contract.check(ask, answer);
    let Some(operation) = contract.operation(ask) else { return };
    let content = &operation["responses"][answer.status.as_str()]["content"]["application/json"];
    let mut shown = content["examples"][code]["value"].clone();
    let mut told: Value = answer.json();
    for body in [&mut shown, &mut told] {
        body["error"]["request_id"] = Value::Null;
    }
    assert_eq!(told, shown, "{} {}", ask.method, ask.path);
}

//! One request makes one payment, however often it is sent.

use std::{sync::Arc, time::Duration};

use dialects::Limits;
use domain::time::Span;
use serde_json::{Value, json};

use crate::{
    exchange::{Ask, example, example_with},
    gate::{Gate, Gated},
    rig::{Plan, Rig, unlimited},
};

async fn count(rig: &Rig) -> usize {
    rig.get("/v1/payments?limit=100").await.data().as_array().unwrap().len()
}

#[tokio::test]
async fn a_replay_is_the_first_answer_byte_for_byte() {
    let rig = Rig::new().await;
    let first = rig.create("a").await;
    assert_eq!((first.told().as_str(), first.header("idempotent-replayed")), ("201", None));
    let id = rig.payment_of(&first).await;
    rig.gateway.advance(Span::minutes(7)).await;
    rig.pay(id, None).await;
    let read = rig.get(&format!("/v1/payments/{}", first.text_of("id"))).await;
    assert_eq!(read.text_of("status"), "completed");
    assert_ne!(read.text, first.text);
    rig.gateway.advance(Span::days(3)).await;
    let again = rig.create("a").await;
    assert_eq!((again.told().as_str(), again.header("idempotent-replayed")), ("201", Some("true")));
    assert_eq!(again.text, first.text);
    assert_eq!(count(&rig).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_at_the_same_moment_make_one_payment() {
    let rig = Arc::new(Rig::new().await);
    let twins: Vec<_> = (0..20)
        .map(|_| {
            let rig = Arc::clone(&rig);
            tokio::spawn(async move { rig.create("a").await })
        })
        .collect();
    let mut answers = Vec::new();
    for twin in twins {
        answers.push(twin.await.unwrap());
    }
    assert!(answers.iter().all(|answer| answer.told() == "201" && answer.text == answers[0].text));
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotent-replayed").is_none()).count(), 1);
    assert_eq!(count(&rig).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_different_requests_at_the_same_moment_one_wins() {
    let rig = Arc::new(Rig::new().await);
    let rivals: Vec<_> = (1..=20)
        .map(|number| {
            let rig = Arc::clone(&rig);
            let body = example_with("amount", format!("{number}.00"));
            tokio::spawn(async move { rig.create_with("a", &body).await.told() })
        })
        .collect();
    let mut told = Vec::new();
    for rival in rivals {
        told.push(rival.await.unwrap());
    }
    told.sort_unstable();
    let expected = [vec!["201"], vec!["409 idempotency_conflict"; 19]].concat();
    assert_eq!(told, expected);
    assert_eq!(count(&rig).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_twin_waits_for_the_first_and_gets_its_answer() {
    let (rig, gate) = gated(unlimited()).await;
    gate.shut();
    let first = spawn(&rig, "a");
    gate.reached().await;
    let second = spawn(&rig, "a");
    gate.open();
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_eq!((first.told().as_str(), first.text), ("201", second.text.clone()));
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_twin_does_not_wait_longer_than_its_limit() {
    let (rig, gate) = gated(Limits { twin_wait: Duration::ZERO, ..unlimited() }).await;
    gate.shut();
    let first = spawn(&rig, "a");
    gate.reached().await;
    let second = rig.create("a").await;
    assert_eq!(second.told(), "409 idempotency_in_progress");
    gate.open();
    let first = first.await.unwrap();
    let third = rig.create("a").await;
    assert_eq!((third.told().as_str(), third.text), ("201", first.text));
}

async fn gated(limits: Limits) -> (Arc<Rig>, Arc<Gate>) {
    let gate = Arc::new(Gate::default());
    let dialects: Vec<Arc<dyn domain::dialect::Dialect>> = vec![Arc::new(Gated(Arc::clone(&gate)))];
    let rig = Rig::with(Plan { limits: Some(limits), dialects, ..Plan::default() }).await;
    (Arc::new(rig), gate)
}

fn spawn(rig: &Arc<Rig>, key: &'static str) -> tokio::task::JoinHandle<crate::exchange::Answer> {
    let rig = Arc::clone(rig);
    tokio::spawn(async move { rig.create(key).await })
}

#[tokio::test]
async fn another_request_under_the_same_key_is_a_conflict() {
    let rig = Rig::new().await;
    let first = rig.create("a").await;
    for other in [
        example_with("amount", "26.00"),
        example_with("currency", "EUR"),
        example_with("reference", "order-a1002"),
        example_with("reference", Value::Null),
        example_with("metadata", json!({})),
        example_with("unknown", 1),
    ] {
        assert_eq!(rig.create_with("a", &other).await.told(), "409 idempotency_conflict", "{other}");
    }
    assert_eq!(rig.create("a").await.text, first.text);
    assert_eq!(count(&rig).await, 1);
}

#[tokio::test]
async fn the_same_request_in_other_writing_is_the_same() {
    let rig = Rig::new().await;
    let first = rig.create("a").await;
    let pretty = serde_json::to_string_pretty(&example()).unwrap();
    let mut members: Vec<String> =
        example().as_object().unwrap().iter().map(|(name, value)| format!("{name:?} : {value}")).collect();
    members.reverse();
    let reversed = format!("{{{}}}", members.join(" , "));
    let escaped = example().to_string().replace("Order", "\\u004frder");
    let null = example_with("metadata", Value::Null).to_string();
    let amount = example_with("amount", "25").to_string();
    for text in [pretty, reversed, escaped, null, amount] {
        let again = rig.send(Ask::create("a").key(&rig.key).bytes(text.clone())).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{text}");
        assert_eq!(again.text, first.text);
    }
}

#[tokio::test]
async fn metadata_is_compared_by_what_it_says() {
    let rig = Rig::new().await;
    let send = async |metadata: &str| {
        let whole = example().to_string();
        let body = format!("{},\"metadata\":{metadata}}}", whole.trim_end_matches('}'));
        rig.send(Ask::create("a").key(&rig.key).bytes(body)).await
    };
    let first = send(r#"{"a":{"x":100,"y":["é",1.5]},"b":null}"#).await;
    assert_eq!(first.told(), "201");
    for same in [
        r#"{"b":null,"a":{"y":["\u00e9",15e-1],"x":1e2}}"#,
        "{ \"a\" : { \"x\" : 100.0,\r\n\"y\" : [ \"\\u00E9\", 1.50 ] }, \"b\":null }",
    ] {
        let again = send(same).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{same}");
        assert_eq!(again.text, first.text);
    }
    for other in [
        r#"{"a":{"x":100,"y":["é",1.5]}}"#,
        r#"{"a":{"x":"100","y":["é",1.5]},"b":null}"#,
        r#"{"a":{"x":100,"y":[1.5,"é"]},"b":null}"#,
        r#"{"a":{"x":101,"y":["é",1.5]},"b":null}"#,
        r#"{"a":{"x":100,"y":["e\u0301",1.5]},"b":null}"#,
        "null",
    ] {
        assert_eq!(send(other).await.told(), "409 idempotency_conflict", "{other}");
    }
}

#[tokio::test]
async fn a_key_belongs_to_the_merchant_and_not_to_who_sent_it() {
    let rig = Rig::new().await;
    let first = rig.create("a").await;
    let rotated = rig.key_for(&rig.shop, &["payments:create"]).await;
    let again = rig.send(Ask::create("a").key(&rotated)).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.text, first.text);
}

#[tokio::test]
async fn a_request_that_was_refused_leaves_no_key() {
    let rig = Rig::new().await;
    assert_eq!(rig.create_with("a", &example_with("amount", "x")).await.told(), "422 validation_failed");
    assert_eq!(rig.send(Ask::create("a")).await.told(), "401 missing_api_key");
    let first = rig.create("a").await;
    assert_eq!((first.told().as_str(), first.header("idempotent-replayed")), ("201", None));
}

#[tokio::test]
async fn a_key_is_new_again_once_it_was_forgotten() {
    let rig = Rig::new().await;
    let first = rig.create("a").await;
    rig.gateway.advance(Span::days(7) + Span::seconds(-1)).await;
    rig.gateway.engine.prune().await.unwrap();
    assert_eq!(rig.create("a").await.text, first.text);
    rig.gateway.advance(Span::seconds(2)).await;
    rig.gateway.engine.prune().await.unwrap();
    let second = rig.create("a").await;
    assert_eq!((second.told().as_str(), second.header("idempotent-replayed")), ("201", None));
    assert_ne!(second.text_of("id"), first.text_of("id"));
}

#[tokio::test]
async fn keys_have_their_form() {
    let rig = Rig::new().await;
    let longest = "k".repeat(255);
    for key in ["order-a1001", "!~", &longest] {
        assert_eq!(rig.create(key).await.told(), "201", "{key}");
    }
    for key in ["", "a b", &format!("{longest}k")] {
        assert_eq!(rig.create(key).await.told(), "400 idempotency_key_invalid", "{key}");
    }
    let twice = Ask::create("a").key(&rig.key).header("Idempotency-Key", "a");
    assert_eq!(rig.send(twice).await.told(), "400 idempotency_key_invalid");
    let none = Ask::create("a").key(&rig.key).without("Idempotency-Key");
    assert_eq!(rig.send(none).await.told(), "400 idempotency_key_required");
}

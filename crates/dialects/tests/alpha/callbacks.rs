//! What endpoints are told, held against the document.

use dialects::alpha::Alpha;
use domain::{
    dialect::{Announcement, CallbackAttempt, Dialect},
    merchant::Environment,
    time::Span,
};
use engine::{deliveries::Capacity, endpoints::CreateEndpoint};
use serde_json::Value;

use crate::{
    contract::Contract,
    rig::{Rig, alpha},
};

/// A callback: its name, its headers, and its body.
type Told = (String, Vec<(&'static str, String)>, Value);

/// What waits to be told, in order.
async fn told(rig: &Rig) -> Vec<Told> {
    let capacity = Capacity { per_endpoint: 100, total: 100, lease: Span::minutes(1), ..Capacity::default() };
    let taken = rig.gateway.engine.take_deliveries(capacity).await.unwrap();
    let mut told: Vec<Told> = Vec::new();
    for dispatch in taken.dispatches {
        let (event, name) = (&dispatch.event, dispatch.delivery.event_name.as_str());
        let environment = Environment::Test;
        let body = Alpha.callback_body(&Announcement {
            event,
            name,
            payment: &dispatch.payment,
            facts: None,
            environment,
        });
        let attempt = CallbackAttempt {
            delivery: dispatch.delivery.id,
            event,
            name,
            key: None,
            secret: dispatch.secret.as_deref().unwrap(),
            at: rig.gateway.engine.wall_time(),
            body: &body,
        };
        let headers = Alpha.callback_headers(&attempt);
        told.push((name.to_owned(), headers, serde_json::from_slice(&body).unwrap()));
    }
    told.sort_by_key(|(_, _, body)| body["id"].as_str().unwrap().to_owned());
    told
}

async fn endpoint(rig: &Rig, subscriptions: &[&str]) -> String {
    let subscriptions = subscriptions.iter().map(|name| (*name).to_owned()).collect();
    let url = "https://merchant.example/hook".to_owned();
    let command = CreateEndpoint { shop: rig.shop.id, dialect: alpha(), url, subscriptions };
    rig.gateway.engine.create_endpoint(command).await.unwrap().1
}

#[tokio::test]
async fn a_payment_s_life_is_told_as_the_document_says() {
    let rig = Rig::new().await;
    let secret = endpoint(&rig, &[]).await;
    assert!(secret.starts_with("whsec_") && secret.len() == 49, "{secret}");
    let minute = async || rig.gateway.advance(Span::minutes(1)).await;
    let made = rig.create("a").await;
    let id = rig.payment_of(&made).await;
    minute().await;
    rig.pay(id, Some(1)).await;
    minute().await;
    rig.gateway.engine.mine(domain::chain::Network::parse("bitcoin").unwrap(), 1).await.unwrap();
    rig.gateway.settle().await;
    minute().await;
    let second = rig.create("b").await;
    minute().await;
    rig.gateway.engine.cancel_payment(rig.shop.id, rig.payment_of(&second).await, None).await.unwrap();
    minute().await;
    rig.create("c").await;
    rig.gateway.advance(Span::minutes(31)).await;
    let told = told(&rig).await;
    let stories: Vec<String> = told
        .iter()
        .map(|(name, _, body)| format!("{name} {}", body["data"]["object"]["status"].as_str().unwrap()))
        .collect();
    assert_eq!(
        stories,
        [
            "payment.created pending",
            "payment.processing processing",
            "payment.completed completed",
            "payment.created pending",
            "payment.cancelled cancelled",
            "payment.created pending",
            "payment.expired expired",
        ]
    );
    assert_eq!(told[2].2["data"]["object"]["id"], made.data()["id"]);
    assert_eq!(told[2].2["data"]["object"]["reference"], "order-a1001");
    let contract = Contract::new();
    for (name, headers, body) in &told {
        let operation = &contract.document["webhooks"][name]["post"];
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{name} is not in the document");
        contract.valid(schema, body, name);
        assert_eq!((&body["type"], &body["event_id"]), (&Value::from(name.as_str()), &body["id"]));
        let declared: Vec<&str> = operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        let sent: Vec<&str> =
            headers.iter().map(|(header, _)| *header).filter(|header| *header != "Content-Type").collect();
        assert_eq!(sent, declared);
    }
}

#[tokio::test]
async fn an_endpoint_hears_what_it_listens_to() {
    let rig = Rig::new().await;
    endpoint(&rig, &["payment.completed", "refund.created"]).await;
    let made = rig.create("a").await;
    rig.pay(rig.payment_of(&made).await, None).await;
    let names: Vec<String> = told(&rig).await.into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["payment.completed"]);
}

#[tokio::test]
async fn an_endpoint_may_hear_everything() {
    let rig = Rig::new().await;
    endpoint(&rig, &["*"]).await;
    rig.create("a").await;
    let names: Vec<String> = told(&rig).await.into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["payment.created"]);
    let subscriptions = vec!["payment.*".to_owned()];
    let url = "https://merchant.example/hook".to_owned();
    let command = CreateEndpoint { shop: rig.shop.id, dialect: alpha(), url, subscriptions };
    let refused = rig.gateway.engine.create_endpoint(command).await.unwrap_err();
    assert_eq!(refused, domain::refusal::Refusal::EventUnknown.into());
}

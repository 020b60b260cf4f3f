//! Over a real connection, with a real client.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use dialects::http::RequestId;
use domain::{dialect::Dialect, time::Span};
use reqwest::{Client, Method, Response};
use serde_json::Value;
use testkit::{
    clock::{START, Seeded},
    merchant::PATIENCE,
};
use tokio::net::TcpListener;

use crate::{
    exchange::example,
    gate::{Gate, Gated},
    rig::{Plan, Rig},
};

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn client() -> Client {
    // Whoever comes first installs it; all install the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

async fn create(
    client: &Client,
    address: SocketAddr,
    key: &str,
    name: &str,
    body: Vec<u8>,
) -> reqwest::Result<Response> {
    client
        .request(Method::POST, format!("http://{address}/v1/payments"))
        .bearer_auth(key)
        .header("Idempotency-Key", name)
        .header("Content-Type", "application/json")
        .body(body)
        .send()
        .await
}

#[tokio::test]
async fn a_payment_is_made_read_and_listed() {
    let rig = Rig::new().await;
    let (address, client) = (serve(rig.router.clone()).await, client());
    let made = create(&client, address, &rig.key, "a", example().to_string().into_bytes()).await.unwrap();
    assert_eq!(made.status(), 201);
    assert!(made.headers().contains_key("x-request-id"));
    let made: Value = made.json().await.unwrap();
    let id = made["data"]["id"].as_str().unwrap();
    let get = async |path: String| {
        let response =
            client.get(format!("http://{address}{path}")).bearer_auth(&rig.key).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json::<Value>().await.unwrap()
    };
    assert_eq!(get(format!("/v1/payments/{id}")).await, made);
    assert_eq!(get("/v1/payments".to_owned()).await["data"][0], made["data"]);
    let head =
        client.head(format!("http://{address}/v1/payments")).bearer_auth(&rig.key).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.text().await.unwrap()), (200, String::new()));
}

#[tokio::test]
async fn whoever_sends_too_much_is_told_so() {
    let rig = Rig::new().await;
    let (address, client) = (serve(rig.router.clone()).await, client());
    for size in [65_537, 300_000, 1_000_000] {
        let answer = create(&client, address, &rig.key, "a", vec![b' '; size]).await.unwrap();
        assert_eq!(answer.status(), 413, "{size}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"]["code"], "payload_too_large");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_leaves_changes_nothing() {
    let gate = Arc::new(Gate::default());
    let dialects: Vec<Arc<dyn Dialect>> = vec![Arc::new(Gated(Arc::clone(&gate)))];
    let rig = Rig::with(Plan { dialects, ..Plan::default() }).await;
    let (address, client) = (serve(rig.router.clone()).await, client());
    gate.shut();
    let key = rig.key.clone();
    let leaving =
        tokio::spawn(
            async move { create(&client, address, &key, "a", example().to_string().into_bytes()).await },
        );
    gate.reached().await;
    leaving.abort();
    assert!(leaving.await.unwrap_err().is_cancelled());
    gate.open();
    // The first is still under way, or has ended; the same request finds its payment, and makes no other.
    let again = rig.create("a").await;
    assert_eq!((again.told().as_str(), again.header("idempotent-replayed")), ("201", Some("true")));
    assert_eq!(rig.get("/v1/payments").await.data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_server_that_drains_answers_in_the_dialect_s_form() {
    let draining = Router::new().fallback(async || {
        let id = RequestId::new(&Seeded::new(5), START);
        dialects::alpha::unavailable(&id, Span::seconds(3))
    });
    let (address, client) = (serve(draining).await, client());
    let answer = tokio::time::timeout(
        Duration::from_secs(10),
        client.get(format!("http://{address}/v1/payments")).send(),
    );
    let answer = answer.await.unwrap().unwrap();
    assert_eq!(answer.status(), 503);
    let header = |name: &str| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!((header("retry-after"), header("x-alpha-api-version")), ("3".to_owned(), "v1".to_owned()));
    let id = header("x-request-id");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(
        (body["error"]["code"].as_str(), body["error"]["request_id"].as_str()),
        (Some("service_unavailable"), Some(id.as_str()))
    );
}

//! Over a real connection, with a real client.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::Router;
use dialects::http::RequestId;
use domain::{dialect::Dialect, time::Span};
use futures_util::stream;
use reqwest::{Body, Client, Method};
use testkit::{
    clock::{START, Seeded},
    merchant::PATIENCE,
};
use tokio::net::TcpListener;

use crate::{
    contract::Contract,
    exchange::{Answer, Ask, example},
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

/// Sends a request as it is, with `body` in the place of its own, and compares the exchange with the document.
async fn send_with(
    client: &Client,
    address: SocketAddr,
    ask: &Ask,
    body: impl Into<Body>,
) -> reqwest::Result<Answer> {
    let request = client.request(ask.method.clone(), format!("http://{address}{}", ask.path));
    let response = request.headers(ask.headers.clone()).body(body).send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let answer = Answer { status, headers, text: response.text().await? };
    Contract::new().check(ask, &answer);
    Ok(answer)
}

async fn send(client: &Client, address: SocketAddr, ask: &Ask) -> reqwest::Result<Answer> {
    send_with(client, address, ask, ask.body.clone()).await
}

#[tokio::test]
async fn a_payment_is_made_read_and_listed() {
    let rig = Rig::new().await;
    let (address, client) = (serve(rig.router.clone()).await, client());
    let made = send(&client, address, &Ask::create("a").key(&rig.key)).await.unwrap();
    assert_eq!(made.told(), "201");
    let get = async |path: String| send(&client, address, &Ask::get(path).key(&rig.key)).await.unwrap();
    assert_eq!(get(format!("/v1/payments/{}", made.text_of("id"))).await.text, made.text);
    assert_eq!(get("/v1/payments".to_owned()).await.data()[0], made.data());
    let token = made.text_of("checkout_url").rsplit('/').next().unwrap().to_owned();
    assert_eq!(get(format!("/v1/checkout/{token}")).await.text_of("token"), token);
    assert_eq!(get("/openapi.json".to_owned()).await.json()["openapi"], "3.1.0");
}

#[tokio::test]
async fn every_method_is_answered_in_one_form() {
    let rig = Rig::new().await;
    let (address, client) = (serve(rig.router.clone()).await, client());
    let path = "/v1/payments";
    for (method, path, status, allow) in [
        ("HEAD", path, 200, None),
        ("HEAD", "/v1/payments/pay_x", 404, None),
        ("HEAD", "/v1/checkout/chk_x", 404, None),
        ("HEAD", "/v1/refunds", 404, None),
        ("HEAD", "/openapi.json", 200, None),
        ("OPTIONS", path, 405, Some("POST,GET,HEAD")),
        ("TRACE", path, 405, Some("POST,GET,HEAD")),
        ("PATCH", "/v1/payments/pay_x", 405, Some("GET,HEAD")),
        ("BREW", "/v1/checkout/chk_x", 405, Some("GET,HEAD")),
        ("get", path, 405, Some("POST,GET,HEAD")),
        ("BREW", "/openapi.json", 405, Some("GET,HEAD")),
        ("BREW", "/v1/refunds", 404, None),
    ] {
        let ask = Ask::new(Method::from_bytes(method.as_bytes()).unwrap(), path).key(&rig.key);
        let answer = send(&client, address, &ask).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (status, allow), "{method} {path}");
        assert_eq!(answer.text.is_empty(), method == "HEAD", "{method} {path}: {answer:?}");
    }
}

#[tokio::test]
async fn a_body_of_unknown_length_is_read_up_to_the_limit() {
    let rig = Rig::new().await;
    let (address, client) = (serve(rig.router.clone()).await, client());
    let whole = example().to_string();
    let chunked = async |name: &str, length: usize| {
        let text = format!("{whole}{}", " ".repeat(length - whole.len())).into_bytes();
        let chunks: Vec<_> = text.chunks(1_000).map(|chunk| Ok::<_, Infallible>(chunk.to_vec())).collect();
        let body = Body::wrap_stream(stream::iter(chunks));
        let ask = Ask::create(name).key(&rig.key);
        send_with(&client, address, &ask, body).await.unwrap().told()
    };
    assert_eq!(chunked("a", 64 * 1024).await, "201");
    assert_eq!(chunked("b", 64 * 1024 + 1).await, "413 payload_too_large");
    assert_eq!(chunked("b", 64 * 1024).await, "201");
}

#[tokio::test]
async fn whoever_sends_too_much_is_told_so() {
    let rig = Rig::new().await;
    let (address, client) = (serve(rig.router.clone()).await, client());
    for size in [65_537, 300_000, 1_000_000] {
        let ask = Ask::create("a").key(&rig.key).bytes(vec![b' '; size]);
        assert_eq!(send(&client, address, &ask).await.unwrap().told(), "413 payload_too_large", "{size}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_leaves_changes_nothing() {
    let gate = Arc::new(Gate::default());
    let dialects: Vec<Arc<dyn Dialect>> = vec![Arc::new(Gated(Arc::clone(&gate)))];
    let rig = Rig::with(Plan { dialects, ..Plan::default() }).await;
    let (address, client) = (serve(rig.router.clone()).await, client());
    gate.shut();
    let ask = Ask::create("a").key(&rig.key);
    let leaving = tokio::spawn(async move { send(&client, address, &ask).await });
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
    let answer = send(&client, address, &Ask::get("/v1/payments")).await.unwrap();
    assert_eq!(
        (answer.told().as_str(), answer.header("retry-after")),
        ("503 service_unavailable", Some("3"))
    );
}

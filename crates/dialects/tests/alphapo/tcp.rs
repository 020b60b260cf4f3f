//! Over a real connection, with a real client.

use std::net::SocketAddr;

use axum::Router;
use dialects::http::RequestId;
use domain::time::Span;
use reqwest::{Client, Method};
use testkit::{
    clock::{START, Seeded},
    merchant::PATIENCE,
};
use tokio::net::TcpListener;

use crate::{
    contract::Contract,
    exchange::{Answer, Ask, fixed},
    rig::Rig,
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

async fn send(client: &Client, address: SocketAddr, ask: &Ask) -> Answer {
    let request = client.request(ask.method.clone(), format!("http://{address}{}", ask.path));
    let response = request.headers(ask.headers.clone()).body(ask.body.clone()).send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let answer = Answer { status, headers, text: response.text().await.unwrap() };
    Contract::new().check(ask, &answer);
    answer
}

#[tokio::test]
async fn an_invoice_is_made_and_read_with_a_body_in_a_get() {
    let rig = Rig::new().await;
    let (address, client) = (serve(rig.router.clone()).await, client());
    let made = send(&client, address, &Ask::create(&fixed("a", "BTC")).signed(&rig.key)).await;
    assert_eq!(made.told(), "201");
    let body = format!(r#"{{"id":{}}}"#, made.data()["id"]);
    let info = Ask { method: Method::GET, ..Ask::post("/transactions/info", body) };
    let read = send(&client, address, &info.signed(&rig.key)).await;
    assert_eq!(read.json()["foreign_id"], "a");
    assert_eq!(send(&client, address, &Ask::get("/ping").bytes("{}")).await.text, "OK");
}

#[tokio::test]
async fn every_method_is_answered_in_one_form() {
    let rig = Rig::new().await;
    let (address, client) = (serve(rig.router.clone()).await, client());
    for (method, path, status, allow) in [
        ("HEAD", "/ping", 200, None),
        ("HEAD", "/nothing", 404, None),
        ("OPTIONS", "/invoices/create", 405, Some("POST")),
        ("PATCH", "/currencies/list", 405, Some("POST")),
        ("BREW", "/transactions/info", 405, Some("GET,HEAD")),
        ("BREW", "/nothing", 404, None),
    ] {
        let ask = Ask::new(Method::from_bytes(method.as_bytes()).unwrap(), path).signed(&rig.key);
        let answer = send(&client, address, &ask).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (status, allow), "{method} {path}");
    }
}

#[tokio::test]
async fn whoever_sends_too_much_is_told_so() {
    let rig = Rig::new().await;
    let (address, client) = (serve(rig.router.clone()).await, client());
    for size in [65_537, 300_000, 1_000_000] {
        let ask = Ask::post("/invoices/create", vec![b' '; size]).signed(&rig.key);
        assert_eq!(send(&client, address, &ask).await.told(), "413 payload_too_large", "{size}");
    }
}

#[tokio::test]
async fn a_server_that_drains_answers_in_the_dialect_s_form() {
    let draining = Router::new().fallback(async || {
        let id = RequestId::new(&Seeded::new(5), START);
        dialects::alphapo::unavailable(&id, Span::seconds(3))
    });
    let (address, client) = (serve(draining).await, client());
    let answer = send(&client, address, &Ask::post("/currencies/list", "[]")).await;
    assert_eq!(answer.text, r#"{"errors":{"service":"Service unavailable"}}"#);
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, Some("3")));
}

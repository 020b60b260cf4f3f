//! What the tests have in common.

use serde_json::Value;
use testkit::process::Launch;

/// A launch of the binary of this build.
pub(crate) fn launch() -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_tillgate"))
}

/// A client of anybody's.
pub(crate) fn client() -> reqwest::Client {
    outbound::install_crypto();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// An answer: its status, its headers, and its body as JSON, or nothing.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.expect("a body") }
}

pub(crate) async fn get(url: &str) -> Answer {
    send(client().get(url)).await
}

/// What a payment of 25 dollars is asked for with.
pub(crate) const BODY: &str = concat!(
    r#"{"amount":"25.00","currency":"USD","#,
    r#""success_url":"https://shop.example/s","cancel_url":"https://shop.example/c"}"#
);

/// Creates a payment of 25 dollars with this key.
pub(crate) async fn create(base: &str, key: &str, idempotency_key: &str) -> Answer {
    let request = client()
        .post(format!("{base}/v1/payments"))
        .header("Authorization", format!("Bearer {key}"))
        .header("Idempotency-Key", idempotency_key)
        .header("Content-Type", "application/json");
    send(request.body(BODY)).await
}

/// The text at this place of a document.
pub(crate) fn text<'a>(document: &'a Value, place: &str) -> &'a str {
    document.pointer(place).and_then(Value::as_str).unwrap_or_else(|| panic!("no {place} in {document}"))
}

//! A shop with nodes to talk to: any of them is as good as any other.

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use testkit::{
    merchant::Merchant,
    process::Launch,
    until::{PATIENCE, until},
};
use tokio::time;

/// A shop's program.
pub(crate) struct Shop {
    key: String,
    client: Client,
}

/// An answer that came whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) replayed: bool,
    pub(crate) body: Value,
}

impl Shop {
    /// The program of the shop with this key.
    pub(crate) fn new(key: String) -> Self {
        Self { key, client: Client::builder().no_proxy().build().expect("a client") }
    }

    /// Makes a shop on the gateway that was launched so. Its events go to the merchant.
    pub(crate) async fn open(launch: &Launch, merchant: &Merchant) -> Self {
        let shop = launch.json(&["shop", "create", "--name", "Kiosk"]).await;
        let shop = shop["id"].as_str().expect("an id");
        let (of_shop, hook) = (["--shop", shop, "--dialect", "alpha"], merchant.url("/hook"));
        let issued = launch.json(&[&["credential", "create"], &of_shop[..]].concat()).await;
        launch.json(&[&["endpoint", "create", "--url", &hook], &of_shop[..]].concat()).await;
        Self::new(issued["secret_key"].as_str().expect("a key").to_owned())
    }

    /// Sends a request, and takes its answer whole or not at all.
    pub(crate) fn try_ask(
        &self,
        request: RequestBuilder,
    ) -> impl Future<Output = Result<Answer, reqwest::Error>> + use<> {
        let request = request.bearer_auth(&self.key);
        let exchange = async {
            let response = request.send().await?;
            let status = response.status().as_u16();
            let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
            let retry_after = header("retry-after");
            let replayed = header("idempotent-replayed").is_some_and(|value| value == "true");
            let text = response.text().await?;
            let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
            Ok(Answer { status, retry_after, replayed, body })
        };
        async { time::timeout(PATIENCE, exchange).await.expect("an answer, or the end of the connection") }
    }

    /// A request for a payment under this key, which is its reference too. The same key asks for the same.
    pub(crate) fn order(&self, at: &str, key: &str) -> RequestBuilder {
        let body = json!({
            "amount": "25.00",
            "currency": "USD",
            "reference": key,
            "success_url": "https://shop.example/s",
            "cancel_url": "https://shop.example/c",
        });
        self.client.post(format!("{at}/v1/payments")).header("Idempotency-Key", key).json(&body)
    }

    /// A request to read what is at a path.
    pub(crate) fn look(&self, at: &str, path: &str) -> RequestBuilder {
        self.client.get(format!("{at}/v1{path}"))
    }

    /// Makes a payment, and gives its id.
    pub(crate) async fn create(&self, at: &str, key: &str) -> String {
        let answer = self.try_ask(self.order(at, key)).await.expect("an answer");
        assert_eq!(answer.status, 201, "{key}: {}", answer.body);
        text(&answer.body, "/data/id")
    }

    /// What is at a path.
    pub(crate) async fn read(&self, at: &str, path: &str) -> Value {
        let answer = self.try_ask(self.look(at, path)).await.expect("an answer");
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// The status of a payment.
    pub(crate) async fn status(&self, at: &str, id: &str) -> String {
        text(&self.read(at, &format!("/payments/{id}")).await, "/data/status")
    }

    /// Waits for a status of a payment.
    pub(crate) async fn reaches(&self, at: &str, id: &str, wanted: &str) {
        until(&format!("{id} is {wanted}"), async || self.is(at, id, wanted).await).await;
    }

    /// Whether a payment has this status, or which one it has instead.
    pub(crate) async fn is(&self, at: &str, id: &str, wanted: &str) -> Result<(), String> {
        let status = self.status(at, id).await;
        if status == wanted { Ok(()) } else { Err(status) }
    }

    /// Every payment: reference and id, newest first.
    pub(crate) async fn list(&self, at: &str) -> Vec<(String, String)> {
        let mut listed = Vec::new();
        let mut path = "/payments?limit=100".to_owned();
        loop {
            let page = self.read(at, &path).await;
            let payments = page["data"].as_array().expect("payments");
            listed.extend(payments.iter().map(|payment| (text(payment, "/reference"), text(payment, "/id"))));
            let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { return listed };
            path = format!("/payments?limit=100&cursor={cursor}");
        }
    }
}

/// The text at this place of a document.
pub(crate) fn text(document: &Value, place: &str) -> String {
    let found = document.pointer(place).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {place} in {document}")).to_owned()
}

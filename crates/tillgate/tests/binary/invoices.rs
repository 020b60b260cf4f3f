//! From an invoice to a confirmed one, over TCP: signed requests, signed callbacks.

use dialects::alphapo;
use serde_json::{Value, json};
use testkit::{
    merchant::{Answer as Reply, Hit, Merchant},
    process::{Launch, Process},
};

use crate::asked::{Answer, client, get, launch, send, text};

/// A demo shop with a server that hears its callbacks.
struct Shop {
    launch: Launch,
    process: Process,
    server: Merchant,
    key: String,
    secret: String,
    id: String,
}

impl Shop {
    async fn open(launch: Launch) -> Self {
        let process = launch.start().await;
        let (demo, server) = (launch.demo(), Merchant::start().await);
        let field = |place: &str| text(&demo, place).to_owned();
        let (key, secret, id) = (field("/alphapo/key"), field("/alphapo/secret"), field("/shop_id"));
        let hook = server.url("/callback");
        let made = ["endpoint", "create", "--shop", &id, "--dialect", "alphapo", "--url", &hook];
        let endpoint = launch.json(&made).await;
        assert_eq!(endpoint["secret"], Value::Null);
        Self { launch, process, server, key, secret, id }
    }

    /// Sends these bytes, signed.
    async fn post(&self, path: &str, body: String) -> Answer {
        let request = client()
            .post(format!("{}/api/v2{path}", self.process.url))
            .header("X-Processing-Key", &self.key)
            .header("X-Processing-Signature", alphapo::sign(&self.secret, body.as_bytes()))
            .header("Content-Type", "application/json");
        send(request.body(body)).await
    }

    /// The next callback, after its signature was found right over the bytes as they came.
    async fn heard(&self) -> (Hit, Value) {
        let hit = self.server.next().await;
        let header =
            |name: &str| hit.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        // The names in this very case: some receivers find no other.
        assert_eq!(header("X-Processing-Key"), Some(self.key.as_str()), "{:?}", hit.headers);
        assert_eq!(header("X-Processing-Signature"), Some(alphapo::sign(&self.secret, &hit.body).as_str()));
        assert_eq!(header("Content-Type"), Some("application/json"));
        let body = serde_json::from_slice(&hit.body).expect("JSON");
        (hit, body)
    }
}

/// An invoice with a timer and a coin, as a PHP client writes it.
fn invoice(foreign_id: &str) -> String {
    format!(
        concat!(
            r#"{{"timer":"1","title":"Caf\u00e9","currency":"EUR","amount":"106.75","foreign_id":"{}","#,
            r#""sender_currency":"BTC","url_success":"https:\/\/example.com\/success","#,
            r#""url_failed":"https:\/\/example.com\/failed","email_user":"buyer@example.com"}}"#
        ),
        foreign_id
    )
}

#[tokio::test]
async fn an_invoice_is_paid_and_its_shop_is_told() {
    let shop = Shop::open(launch()).await;
    let made = shop.post("/invoices/create", invoice("order-17")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!((text(&made, "/data/status"), text(&made, "/data/title")), ("pending", "Café"));
    let twice = shop.post("/invoices/create", invoice("order-17")).await;
    assert_eq!(twice.text, r#"{"errors":{"foreign_id":"The foreign id has already been taken."}}"#);
    let page = get(text(&made, "/data/url")).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains(text(&made, "/data/address")), "{}", page.text);
    let pay = ["simulate", "pay", text(&made, "/data/address"), "--confirmations", "0"];
    let paid = shop.launch.json(&pay).await;
    // What is asked for in the answer is what is due.
    let asked = text(&made, "/data/sender_amount");
    assert_eq!((text(&paid, "/amount"), text(&paid, "/asset")), (asked, "BTC"));
    for (status, confirmations) in [("processing", "0"), ("confirmed", "2")] {
        let (_, body) = shop.heard().await;
        assert_eq!((text(&body, "/status"), &body["id"]), (status, &made["data"]["id"]), "{body}");
        assert_eq!(body["currency_sent"]["remaining_amount"], "0.00000000");
        assert_eq!(body["transactions"][0]["txid"], paid["transaction"]);
        assert_eq!(body["transactions"][0]["confirmations"], confirmations);
        if status == "processing" {
            shop.launch.json(&["simulate", "mine", "bitcoin", "2"]).await;
        }
    }
    let read = client()
        .get(format!("{}/api/v2/transactions/info?foreign_id=order-17", shop.process.url))
        .header("X-Processing-Key", &shop.key)
        .header("X-Processing-Signature", alphapo::sign(&shop.secret, b""));
    assert_eq!(text(&send(read).await.json(), "/status"), "confirmed");
    let balances = shop.post("/accounts/list", "[]".to_owned()).await.json();
    let bitcoin = &balances["data"][0];
    assert_eq!((text(bitcoin, "/currency"), text(bitcoin, "/balance")), ("BTC", asked));
}

#[tokio::test]
async fn a_callback_that_is_not_taken_comes_again_with_the_same_bytes() {
    let shop = Shop::open(launch()).await;
    // Only 200 says that it was taken.
    shop.server.answer_next(Reply::Status(204));
    let made = shop.post("/invoices/create", invoice("order-18")).await.json();
    shop.launch.json(&["clock", "advance", "16m"]).await;
    let (first, body) = shop.heard().await;
    assert_eq!((text(&body, "/status"), text(&body, "/error")), ("failed", "Timer expired. User not paid."));
    assert_eq!(body["id"], made["data"]["id"]);
    shop.server.ended(first.index).await;
    shop.launch.json(&["clock", "advance", "1m"]).await;
    let (second, _) = shop.heard().await;
    assert_eq!(second.body, first.body);
    let delivered = shop.launch.json(&["deliveries", "list"]).await;
    assert_eq!(delivered["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_dialect_that_is_switched_off_answers_nothing_and_its_invoices_go_on() {
    let shop = Shop::open(launch()).await;
    let made = shop.post("/invoices/create", invoice("order-19")).await.json();
    let Shop { launch, process, server, key, secret, id } = shop;
    process.stop().await;
    let launch = launch.config("[dialects.alphapo]\nenabled = false\n");
    let process = launch.start().await;
    let shop = Shop { launch, process, server, key, secret, id };
    assert_eq!(shop.post("/currencies/list", "[]".to_owned()).await.status, 404);
    let slug = text(&made, "/data/url").rsplit('/').next().expect("a slug").to_owned();
    assert_eq!(get(&format!("{}/invoice/{slug}", shop.process.url)).await.status, 200);
    // Seen and final at once, it is told once.
    shop.launch.json(&["simulate", "pay", &slug]).await;
    assert_eq!(text(&shop.heard().await.1, "/status"), "confirmed");
    let listed = shop.launch.json(&["credential", "list", "--shop", &shop.id]).await;
    assert!(listed["items"].as_array().is_some_and(|all| !all.is_empty()));
}

#[tokio::test]
async fn a_client_s_address_takes_deposits() {
    let shop = Shop::open(launch()).await;
    let take = json!({"currency": "BTC", "foreign_id": "user-2048"}).to_string();
    let taken = shop.post("/addresses/take", take.clone()).await;
    assert_eq!(taken.status, 201, "{}", taken.text);
    assert_eq!(shop.post("/addresses/take", take).await.text, taken.text);
    assert_eq!(text(&taken.json(), "/data/foreign_id"), "user-2048");
}

#[tokio::test]
async fn what_a_buyer_does_leads_back_to_the_invoice() {
    let shop = Shop::open(launch()).await;
    let body = invoice("order-20").replace(r#""timer":"1""#, r#""timer":"0""#).replace(r#""BTC""#, "null");
    let made = shop.post("/invoices/create", body).await.json();
    assert_eq!(text(&made, "/data/status"), "created");
    let page = text(&made, "/data/url").to_owned();
    assert_eq!(get(&page).await.status, 200);
    let form = page.replace("/invoice/", "/pay/") + "/method";
    let request = client()
        .post(form)
        .header("Origin", &shop.process.url)
        .header("Sec-Fetch-Site", "same-origin")
        .header("Content-Type", "application/x-www-form-urlencoded");
    // The answer is followed to the page, which shows what was chosen.
    let chosen = send(request.body("network=ethereum&asset=USDT&version=1")).await;
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    let (_, told) = shop.heard().await;
    assert_eq!((text(&told, "/status"), text(&told, "/currency_sent/currency")), ("pending", "USDTE"));
    assert!(chosen.text.contains(text(&told, "/crypto_address/address")), "{}", chosen.text);
}

//! An order's whole way with nothing but what is printed: the curl line's request, the page in a real browser, commands
//! that pay, and the shop's server that is told.

use serde_json::Value;
use testkit::{
    browser::{Browser, Scripts},
    merchant::{Hit, Merchant},
    process::{Launch, PATIENCE},
};

/// Waits until the page shows this state: by itself where scripts are on, else after it is loaded again.
async fn sees(browser: &Browser, scripts: Scripts, state: &str) {
    let shown = format!("main[data-state=\"{state}\"]");
    let reload = async {
        while scripts == Scripts::Off && browser.count(&shown).await == 0 {
            browser.reload().await;
        }
    };
    let _ = tokio::time::timeout(PATIENCE, reload).await;
    browser.wait_for(&shown).await;
}

/// Creates a payment with the request of the printed curl line.
async fn create(launch: &Launch, url: &str, back: &str) -> Value {
    outbound::install_crypto();
    let body = serde_json::json!({
        "amount": "25.00", "currency": "USD", "description": "Two coffees",
        "success_url": back, "cancel_url": back,
    });
    let request = reqwest::Client::new()
        .post(format!("{url}/v1/payments"))
        .header("Authorization", format!("Bearer {}", launch.demo_key("alpha")))
        .header("Idempotency-Key", "order-1")
        .header("Content-Type", "application/json")
        .body(body.to_string());
    let text = request.send().await.expect("an answer").text().await.expect("a body");
    serde_json::from_str::<Value>(&text).expect("JSON")["data"].clone()
}

/// The next callback with this name.
async fn told(shop_server: &Merchant, name: &str) -> Hit {
    loop {
        let hit = shop_server.next().await;
        if hit.header("x-alpha-event") == Some(name) {
            return hit;
        }
    }
}

async fn buy(scripts: Scripts) {
    let launch = Launch::new(env!("CARGO_BIN_EXE_tillgate"));
    let process = launch.start().await;
    let (shop_server, shop_pages) = (Merchant::start().await, Merchant::start().await);
    let (demo, hook) = (launch.demo(), shop_server.url("/hook"));
    let shop = demo["shop_id"].as_str().expect("a shop");
    launch.json(&["endpoint", "create", "--shop", shop, "--dialect", "alpha", "--url", &hook]).await;
    let thanks = shop_pages.url("/thanks?order=1");
    let payment = create(&launch, &process.url, &thanks).await;
    let id = payment["id"].as_str().expect("an id");

    let browser = Browser::start(scripts).await;
    browser.open(payment["checkout_url"].as_str().expect("a link")).await;
    assert_eq!(browser.title().await, "Choose how to pay · Demo shop");
    browser.click("input[value=\"ethereum\"] ~ input[value=\"ETH\"] ~ button").await;
    browser.wait_for("main[data-state=\"pay\"]").await;
    assert_eq!(browser.text("h1").await, "Send 0.00833334 ETH on Ethereum");

    let paid = launch.json(&["simulate", "pay", id, "--amount", "0.005", "--confirmations", "0"]).await;
    assert_eq!(paid["amount"], "0.005");
    sees(&browser, scripts, "short").await;
    launch.json(&["simulate", "pay", id, "--confirmations", "1"]).await;
    sees(&browser, scripts, "seen").await;
    told(&shop_server, "payment.processing").await;
    launch.json(&["simulate", "mine", "ethereum", "12"]).await;
    let callback = told(&shop_server, "payment.completed").await;
    assert!(String::from_utf8_lossy(&callback.body).contains(id));
    sees(&browser, scripts, "paid").await;

    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.click(".way a").await;
    shop_pages.next().await;
    assert_eq!(browser.address().await, thanks);
    browser.close().await;
    assert_eq!(process.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_pays_with_scripts() {
    buy(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_pays_without_scripts() {
    buy(Scripts::Off).await;
}

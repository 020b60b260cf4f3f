//! Prices by live sources, from a shop's request to what the operator is shown.

use testkit::{
    merchant::{Answer, Merchant},
    process::Launch,
    recorded,
};

use crate::asked::{create, get, launch, text};

/// What the log says where a price has nobody to vouch for it.
const ALARM: &str = "no rate can be trusted: what is priced by these pairs waits";

/// Three exchanges on this machine, and a gateway that is told to ask them there.
struct Market {
    kraken: Merchant,
    coinbase: Merchant,
    bitfinex: Merchant,
    launch: Launch,
}

impl Market {
    async fn open() -> Self {
        let said = |body: &str| Answer::Text(200, body.to_owned());
        let (kraken, coinbase) = (Merchant::start().await, Merchant::start().await);
        let bitfinex = Merchant::start().await;
        kraken.answer(said(recorded::KRAKEN));
        bitfinex.answer(said(recorded::BITFINEX));
        coinbase.answer(Answer::Text(400, recorded::COINBASE_UNKNOWN.to_owned()));
        for (base, answer) in recorded::COINBASE {
            coinbase.answer_at(&format!("/v2/exchange-rates?currency={base}"), said(answer));
        }
        let at = [("kraken", &kraken), ("coinbase", &coinbase), ("bitfinex", &bitfinex)];
        let urls: String = at.map(|(name, server)| format!("{name} = \"{}\"\n", server.url(""))).concat();
        let config =
            format!("[rates]\nsources = [\"kraken\", \"coinbase\", \"bitfinex\"]\n[rates.base_urls]\n{urls}");
        let launch = launch().config(&config);
        Self { kraken, coinbase, bitfinex, launch }
    }
}

#[tokio::test]
async fn a_payment_is_priced_by_live_sources_and_shows_what_each_of_them_said() {
    let market = Market::open().await;
    let mut process = market.launch.start().await;
    // One of them alone knows what a dirham is worth: that is told once all were heard.
    let alarm = process.line(ALARM).await;
    assert!(text(&alarm, "/pairs").contains("BTC/AED"), "{alarm}");
    assert!(!text(&alarm, "/pairs").contains("/USD"), "{alarm}");
    let shop = text(&market.launch.demo(), "/shop_id").to_owned();
    let set = market.launch.json(&["shop", "set", &shop, "--spread-percent", "0.5"]).await;
    assert_eq!(text(&set, "/spread_percent"), "0.5");
    let made = create(&process.url, &market.launch.demo_key("alpha"), "order-1").await;
    let payment = text(&made.json(), "/data/id").to_owned();
    let pay = ["simulate", "pay", &payment, "--network", "ethereum", "--asset", "ETH"];
    assert_eq!(text(&market.launch.json(&pay).await, "/amount"), "0.00837521");
    let shown = market.launch.json(&["payments", "show", &payment]).await;
    let quote = &shown["quotes"][0];
    assert_eq!((text(quote, "/rate"), text(&shown, "/terms/spread_percent")), ("2985", "0.5"));
    let sources: Vec<_> = quote["sources"].as_array().unwrap().iter().collect();
    let told: Vec<_> = sources
        .iter()
        .map(|said| [text(said, "/source"), text(said, "/pair"), text(said, "/rate")])
        .collect();
    assert_eq!(
        told,
        [
            ["bitfinex", "ETH/USD", "2999.6"],
            ["coinbase", "ETH/USD", "3000.615"],
            ["kraken", "ETH/USD", "3000"]
        ]
    );
    assert!(sources.iter().all(|said| text(said, "/age").ends_with('s') && said["at"].is_string()));
    let human = market.launch.run(&["payments", "show", &payment]).await.output;
    for line in ["rate", "2985 USD for one ETH", "kraken ETH/USD = 3000, ", "less", "0.5 % spread"] {
        assert!(human.contains(line), "{line:?} in\n{human}");
    }
}

#[tokio::test]
async fn where_nobody_can_be_trusted_the_page_the_command_and_the_log_say_so() {
    let market = Market::open().await;
    market.kraken.answer(Answer::Text(200, "<html>Just a moment...</html>".to_owned()));
    market.bitfinex.answer(Answer::Text(200, r#"[["tETHUSD",4500,1,4500,1,0,0,0,0,0,0]]"#.to_owned()));
    let mut process = market.launch.start().await;
    process.line(ALARM).await;
    let made = create(&process.url, &market.launch.demo_key("alpha"), "order-1").await;
    assert_eq!(made.status, 201, "the payment is made all the same");
    let page = get(text(&made.json(), "/data/checkout_url")).await.text;
    assert!(page.contains("There is no price for Ether right now"), "{page}");
    let payment = text(&made.json(), "/data/id").to_owned();
    let pay = ["simulate", "pay", &payment, "--network", "ethereum", "--asset", "ETH"];
    let refused = market.launch.run(&pay).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.log.contains("there is no trusted rate for that pair"), "{}", refused.log);
    // Dollars by card are dollars.
    let card = market.launch.json(&["simulate", "pay", &payment, "--network", "card"]).await;
    assert_eq!(text(&card, "/amount"), "25.00");
    let said = process.said();
    assert!(
        said.contains("the sources do not agree") && said.contains("its answer cannot be read"),
        "{said}"
    );
    assert!(market.coinbase.hits().iter().all(|hit| hit.method == "GET"));
}

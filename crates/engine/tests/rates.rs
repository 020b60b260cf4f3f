//! What sources said, and what payments are asked for by it.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    merchant::Shop,
    money::{Amount, Asset, AssetCode, Price, Rate},
    pair::Pair,
    payment::{DecisionKind, Payment, Status},
    quote::SourcedRate,
    rates::{NoRate, RatePolicy, Sources},
    refusal::{Failure, Refusal},
    time::Span,
};
use engine::{
    payments::CreatePayment,
    sandbox::SimulatePay,
    shops::{ChangePolicy, ChangeShop},
};
use testkit::{creation::creation, gateway::Gateway, postgres::Server, scene::Scene};

const UNAVAILABLE: Result<(), Failure> = Err(Failure::Refused(Refusal::RateUnavailable));

fn live() -> RatePolicy {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let markets = names(&["kraken", "coinbase", "bitfinex"]);
    RatePolicy::Live(Sources { markets, references: names(&["ecb"]), quorum: 2 })
}

fn said(gateway: &Gateway, source: &str, pair: &str, rate: &str) -> SourcedRate {
    let (pair, rate) = (Pair::parse(pair).unwrap(), Rate::parse(rate).unwrap());
    SourcedRate { source: source.to_owned(), pair, rate, at: gateway.engine.wall_time() }
}

async fn tell(gateway: &Gateway, table: &[(&str, &str, &str)]) {
    let said = table.iter().map(|(source, pair, rate)| said(gateway, source, pair, rate)).collect();
    gateway.engine.record_rates(said).await.unwrap();
}

/// What three markets agree on.
const AGREED: [(&str, &str, &str); 3] =
    [("kraken", "ETH/USD", "3000"), ("coinbase", "ETH/USD", "3001"), ("bitfinex", "ETH/USD", "2990")];

/// A gateway that asks, a shop, and a payment of 25 dollars.
async fn scene() -> Scene {
    let gateway = Gateway::start_with_rates(live()).await;
    let shop = gateway.shop("Kiosk").await;
    let payment = gateway.payment(&shop, 2_500).await;
    Scene { gateway, shop, payment }
}

/// What the page says that ether would cost, or why it cannot be chosen.
async fn offered(scene: &Scene) -> Result<String, String> {
    let token = scene.gateway.engine.token(scene.payment.id);
    let view = scene.gateway.engine.checkout(&token).await.unwrap();
    let ether = view.offers.into_iter().find(|offer| offer.asset.asset.code.as_str() == "ETH").unwrap();
    ether.amount.map(|amount| amount.to_trimmed_decimal(18, 0))
}

async fn set_spread(gateway: &Gateway, shop: &Shop, parts_per_million: u32) -> Result<Shop, Failure> {
    let policy =
        ChangePolicy { spread_parts_per_million: Some(parts_per_million), ..ChangePolicy::default() };
    gateway.engine.change_shop(shop.id, ChangeShop { policy, ..ChangeShop::default() }).await
}

async fn missing(gateway: &Gateway) -> Vec<(String, NoRate)> {
    let currencies = vec![AssetCode::parse("USD").unwrap(), AssetCode::parse("EUR").unwrap()];
    let missing = gateway.engine.missing_rates(currencies).await.unwrap();
    missing.into_iter().map(|(pair, reason)| (pair.to_string(), reason)).collect()
}

#[tokio::test]
async fn a_quote_is_made_of_what_agrees_and_keeps_who_said_it_and_when() {
    let scene = scene().await;
    let gateway = &scene.gateway;
    tell(gateway, &AGREED).await;
    gateway.clock.advance(Span::minutes(2));
    tell(gateway, &[("bitfinex", "ETH/USD", "0.0003"), ("coinbase", "ETH/USD", "3002")]).await;
    assert_eq!(offered(&scene).await, Ok("0.00833056".to_owned()));
    scene.choose("ethereum", "ETH").await.unwrap();
    let quote = scene.view().await.record.quotes[0].clone();
    assert_eq!(quote.provenance.rate, Rate::parse("3001").unwrap(), "the middle of the two that agree");
    let told: Vec<_> = quote
        .provenance
        .sources
        .iter()
        .map(|said| {
            (said.source.as_str(), said.pair.to_string(), quote.created_at.since(said.at).whole_seconds())
        })
        .collect();
    assert_eq!(told, [("coinbase", "ETH/USD".to_owned(), 0), ("kraken", "ETH/USD".to_owned(), 120)]);
    // The promise holds, whatever is said from now on.
    tell(gateway, &[("kraken", "ETH/USD", "1"), ("coinbase", "ETH/USD", "1")]).await;
    scene.simulate(scene.pay()).await;
    assert_eq!(scene.status().await, Status::Paid);
}

#[tokio::test]
async fn where_nothing_can_be_trusted_the_method_waits_and_the_payment_does_not() {
    let scene = scene().await;
    let gateway = &scene.gateway;
    let waits = Err("There is no price for Ether right now".to_owned());
    assert_eq!((offered(&scene).await, scene.choose("ethereum", "ETH").await), (waits.clone(), UNAVAILABLE));
    for table in [
        &[("kraken", "ETH/USD", "3000")][..],
        &[("kraken", "ETH/USD", "3000"), ("coinbase", "ETH/USD", "3100"), ("bitfinex", "ETH/USD", "2900")],
    ] {
        tell(gateway, table).await;
        assert_eq!(
            (offered(&scene).await, scene.choose("ethereum", "ETH").await),
            (waits.clone(), UNAVAILABLE)
        );
    }
    // A card takes dollars for dollars, and needs nobody's word.
    scene.choose("card", "USD").await.unwrap();
    tell(gateway, &AGREED).await;
    scene.choose("ethereum", "ETH").await.unwrap();
    // What could be no price does not take the place of what was said before.
    tell(gateway, &[("kraken", "ETH/USD", "0.00000001"), ("coinbase", "ETH/USD", "1000000000000")]).await;
    assert_eq!(offered(&scene).await, Ok("0.00833334".to_owned()));
}

#[tokio::test]
async fn what_was_said_counts_for_ten_minutes() {
    let scene = scene().await;
    let gateway = &scene.gateway;
    tell(gateway, &AGREED).await;
    gateway.clock.advance(Span::minutes(10));
    assert!(offered(&scene).await.is_ok());
    gateway.clock.advance(Span::seconds(1));
    assert!(offered(&scene).await.is_err());
    let stale = missing(gateway).await;
    for pair in ["ETH/USD", "ETH/EUR"] {
        assert!(stale.contains(&(pair.to_owned(), NoRate::Stale)), "{stale:?}");
    }
    // The business clock of a sandbox moves deadlines, and makes nobody's word older.
    tell(gateway, &AGREED).await;
    gateway.engine.advance_clock(Span::minutes(15)).await.unwrap();
    scene.choose("ethereum", "ETH").await.unwrap();
    let quote = scene.view().await.record.quotes[0].clone();
    assert!(quote.provenance.sources.iter().all(|said| said.at == quote.created_at), "it was said just now");
}

#[tokio::test]
async fn money_that_comes_while_nothing_can_be_trusted_is_kept_and_valued_later() {
    let scene = scene().await;
    let gateway = &scene.gateway;
    tell(gateway, &AGREED).await;
    scene.choose("ethereum", "ETH").await.unwrap();
    gateway.advance(Span::minutes(16)).await;
    // The quote has lapsed, and so has all that was said.
    assert_eq!(scene.choose("ethereum", "ETH").await, UNAVAILABLE);
    let pay = SimulatePay { amount: Some("0.00833334".to_owned()), ..scene.pay() };
    let refused = gateway.engine.simulate_pay(pay.clone()).await.unwrap_err();
    assert_eq!(refused, Failure::Refused(Refusal::RateUnavailable));
    // A buyer who sends all the same is no command of ours: the money is there once the order is over.
    gateway.advance(Span::minutes(20)).await;
    assert_eq!(scene.status().await, Status::Expired);
    scene.simulate(pay).await;
    assert!(scene.decisions().await.contains(&DecisionKind::Unvalued));
    assert!(scene.view().await.record.receipts[0].valued_by.is_none());
    tell(gateway, &AGREED).await;
    gateway.settle().await;
    let record = scene.view().await.record;
    let quote = record.quotes.iter().find(|quote| Some(quote.id) == record.receipts[0].valued_by).unwrap();
    assert_eq!((quote.covers, quote.provenance.sources.len()), (Amount::from_minor(2_500), 3));
}

#[tokio::test]
async fn a_spread_makes_ether_dearer_for_payments_that_are_made_from_then_on() {
    let scene = scene().await;
    let gateway = &scene.gateway;
    tell(gateway, &AGREED).await;
    let shop = set_spread(gateway, &scene.shop, 20_000).await.unwrap();
    assert_eq!(shop.policy.spread_parts_per_million, 20_000);
    assert_eq!(set_spread(gateway, &shop, 100_001).await, Err(Failure::Refused(Refusal::PolicyInvalid)));
    assert_eq!(offered(&scene).await, Ok("0.00833334".to_owned()), "what was agreed before stays");
    let payment = gateway.payment(&shop, 2_500).await;
    assert_eq!(payment.terms.spread_parts_per_million, 20_000);
    let scene = Scene { payment, ..scene };
    scene.choose("ethereum", "ETH").await.unwrap();
    let quote = scene.view().await.record.quotes[0].clone();
    assert_eq!(quote.provenance.rate, Rate::parse("2940").unwrap());
    assert!(quote.provenance.sources.iter().any(|said| said.rate == Rate::parse("3000").unwrap()));
    assert_eq!(offered(&scene).await, Ok("0.00850341".to_owned()));
    // Dollars for dollars are no conversion.
    scene.choose("card", "USD").await.unwrap();
    assert_eq!(scene.due().await, "25.00");
}

#[tokio::test]
async fn a_spread_holds_for_a_table_and_for_money_that_came_unasked() {
    let scene = Scene::new().await;
    let shop = set_spread(&scene.gateway, &scene.shop, 100_000).await.unwrap();
    let scene = Scene { payment: scene.gateway.payment(&shop, 2_700).await, ..scene };
    scene.choose("ethereum", "ETH").await.unwrap();
    assert_eq!(scene.due().await, "0.01");
    scene.gateway.advance(Span::minutes(31)).await;
    scene.send("0.01").await;
    let record = scene.view().await.record;
    let spot = record.quotes.iter().find(|quote| quote.valid_until.is_none()).unwrap();
    assert_eq!(spot.covers, Amount::from_minor(2_700));
}

/// A payment of this many whole ether.
async fn in_ether(gateway: &Gateway, shop: &Shop, amount: &str) -> Payment {
    let currency = Asset::new("ETH", 18).unwrap();
    let price = Price { amount: Amount::parse(amount, 18).unwrap(), currency };
    let command = CreatePayment { price, ..creation(shop, 0) };
    gateway.engine.create_payment(command).await.unwrap().payment
}

#[tokio::test]
async fn a_payment_that_is_priced_in_the_asset_itself_goes_on_whatever_is_said() {
    let scene = scene().await;
    let shop = set_spread(&scene.gateway, &scene.shop, 20_000).await.unwrap();
    let payment = in_ether(&scene.gateway, &shop, "0.5").await;
    let scene = Scene { payment, ..scene };
    scene.choose("ethereum", "ETH").await.unwrap();
    assert_eq!(scene.due().await, "0.50");
    let quote = scene.view().await.record.quotes[0].clone();
    assert_eq!((quote.provenance.rate, quote.provenance.sources.len()), (Rate::ONE, 0));
    assert_eq!(scene.choose("bitcoin", "BTC").await, UNAVAILABLE);
    let both = [("kraken", "BTC/USD", "60000"), ("coinbase", "BTC/USD", "60000")];
    tell(&scene.gateway, &[&both[..], &AGREED].concat()).await;
    scene.choose("bitcoin", "BTC").await.unwrap();
    assert_eq!(scene.due().await, "0.02551021", "half of an ether through the dollar, two percent dearer");
}

#[tokio::test]
async fn what_is_missing_is_told_with_the_reason() {
    let gateway = Gateway::start_with_rates(live()).await;
    assert_eq!(missing(&gateway).await.len(), 9, "four coins in two currencies, and dollars in euros");
    let all: Vec<_> = ["BTC/USD", "ETH/USD", "TRX/USD", "USDT/USD"]
        .into_iter()
        .flat_map(|pair| [("kraken", pair, "2"), ("coinbase", pair, "2")])
        .chain([("ecb", "EUR/USD", "1.15")])
        .collect();
    tell(&gateway, &all).await;
    assert_eq!(missing(&gateway).await, []);
    tell(&gateway, &[("kraken", "EUR/USD", "1.5")]).await;
    let contradicted = missing(&gateway).await;
    assert!(contradicted.contains(&("BTC/EUR".to_owned(), NoRate::Contradicted)), "{contradicted:?}");
    assert!(contradicted.iter().all(|(pair, _)| pair.ends_with("/EUR")), "{contradicted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_taken_for_dead_writes_no_rates() {
    let gateway = Gateway::start_on(Server::shared().database()).await;
    let engine = &gateway.engine;
    let node = engine.join().await.unwrap();
    let lease = engine.lease("rates", node).await.unwrap();
    let said = || vec![said(&gateway, "kraken", "ETH/USD", "3000")];
    engine.record_rates_under(said(), lease.clone()).await.unwrap();
    let other = engine.join().await.unwrap();
    let beats = engine.beat(other).await.unwrap();
    let beat = beats.iter().find(|(known, _)| *known == node).unwrap().1;
    assert!(engine.bury(node, beat).await.unwrap());
    let refused = engine.record_rates_under(said(), lease).await;
    assert_eq!(refused, Err(Failure::Refused(Refusal::LeaseLost)));
}

/// What a new order was promised holds for whichever coin its buyer chooses, until its deadline and no longer.
#[tokio::test]
async fn rates_that_were_fixed_with_the_order_hold_for_as_long_as_it_is_open() {
    let gateway = Gateway::start_with_rates(live()).await;
    let shop = gateway.shop("Kiosk").await;
    tell(&gateway, &AGREED).await;
    let fixed = CreatePayment { fixes_rates: true, ..creation(&shop, 2_500) };
    let payment = gateway.engine.create_payment(fixed).await.unwrap().payment;
    let scene = Scene { gateway, shop, payment };
    let others =
        [("kraken", "ETH/USD", "1500"), ("coinbase", "ETH/USD", "1500"), ("bitfinex", "ETH/USD", "1500")];
    scene.gateway.advance(Span::minutes(14)).await;
    tell(&scene.gateway, &others).await;
    assert_eq!(offered(&scene).await, Ok("0.00833334".to_owned()));
    scene.choose("ethereum", "ETH").await.unwrap();
    let first = scene.view().await.record.quotes[0].clone();
    assert_eq!(first.provenance.rate, Rate::parse("3000").unwrap());
    assert_eq!(
        first.created_at.since(first.provenance.sources[0].at),
        Span::minutes(14),
        "it says how old it is"
    );
    // The order is open longer than one quote holds, and the next one has the same rate.
    scene.gateway.advance(Span::minutes(15) + Span::seconds(1)).await;
    tell(&scene.gateway, &others).await;
    scene.choose("ethereum", "ETH").await.unwrap();
    assert_eq!(scene.view().await.record.quotes[1].provenance.rate, first.provenance.rate);
    // What nobody could value then is valued when it is chosen.
    assert_eq!(scene.choose("bitcoin", "BTC").await, UNAVAILABLE);
    tell(&scene.gateway, &[("kraken", "BTC/USD", "50000"), ("coinbase", "BTC/USD", "50000")]).await;
    assert_eq!(scene.choose("bitcoin", "BTC").await, Ok(()));
    // Another order is asked for by what is said now.
    let payment = scene.gateway.payment(&scene.shop, 2_500).await;
    let other = Scene { payment, ..scene };
    assert_eq!(offered(&other).await, Ok("0.01666667".to_owned()));
}

//! Sources of rates, the worker that asks them, and a payment that is priced by what they say: over real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::{
    money::{AssetCode, Rate},
    payment::Status,
    rates::{RatePolicy, Sources},
    refusal::{Failure, Refusal},
    time::Span,
};
use engine::Engine;
use outbound::{
    client::Settings,
    rates::{RateSource, Source},
    target::TargetPolicy,
};
use testkit::{
    clock::START,
    gateway::Gateway,
    merchant::{Answer, Merchant, PATIENCE},
    postgres::Server,
    recorded,
    scene::Scene,
};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::LevelFilter;
use workers::{
    rates::{self, Asker},
    reconcile::{Look, Next},
};

/// Three markets and a reference on this machine.
struct Market {
    kraken: Merchant,
    coinbase: Merchant,
    bitfinex: Merchant,
    ecb: Merchant,
}

fn text(body: &str) -> Answer {
    Answer::Text(200, body.to_owned())
}

impl Market {
    /// All of them say what was recorded.
    async fn open() -> Self {
        let market = Self {
            kraken: Merchant::start().await,
            coinbase: Merchant::start().await,
            bitfinex: Merchant::start().await,
            ecb: Merchant::start().await,
        };
        market.kraken.answer(text(recorded::KRAKEN));
        market.coinbase.answer(Answer::Text(400, recorded::COINBASE_UNKNOWN.to_owned()));
        for (base, answer) in recorded::COINBASE {
            market.coinbase.answer_at(&format!("/v2/exchange-rates?currency={base}"), text(answer));
        }
        market.bitfinex.answer(text(recorded::BITFINEX));
        market.ecb.answer(text(&recorded::ecb("2026-06-15")));
        market
    }

    /// An asker that has asked nobody yet.
    fn asker(&self, engine: &Engine) -> Asker {
        let all = [
            (Source::Kraken, &self.kraken),
            (Source::Coinbase, &self.coinbase),
            (Source::Bitfinex, &self.bitfinex),
            (Source::Ecb, &self.ecb),
        ];
        let sources = all.map(|(source, server)| source_at(source, server)).into_iter().collect();
        Asker::new(engine.clone(), sources, currencies())
    }

    /// How often each was asked.
    fn asked(&self) -> [usize; 4] {
        [&self.kraken, &self.coinbase, &self.bitfinex, &self.ecb].map(|server| server.hits().len())
    }
}

fn source_at(source: Source, server: &Merchant) -> RateSource {
    let policy = TargetPolicy { allow_private: true };
    let settings = Settings { timeout: PATIENCE, policy, ..Settings::default() };
    RateSource::at(source, &server.url(""), settings).unwrap()
}

fn currencies() -> Vec<AssetCode> {
    ["USD", "EUR", "GBP"].map(|code| AssetCode::parse(code).unwrap()).to_vec()
}

fn policy() -> RatePolicy {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let markets = names(&["kraken", "coinbase", "bitfinex"]);
    RatePolicy::Live(Sources { markets, references: names(&["ecb"]), quorum: 2 })
}

/// A payment of 25 dollars at a gateway that asks this market.
async fn scene() -> (Scene, Market) {
    let gateway = Gateway::start_with_rates(policy()).await;
    let shop = gateway.shop("Kiosk").await;
    let payment = gateway.payment(&shop, 2_500).await;
    (Scene { gateway, shop, payment }, Market::open().await)
}

/// Lets this much time pass for whoever paces himself. Sockets are not waited for meanwhile.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

const UNAVAILABLE: Result<(), Failure> = Err(Failure::Refused(Refusal::RateUnavailable));

#[tokio::test]
async fn a_payment_is_asked_for_by_what_the_sources_say_and_keeps_their_words() {
    let (scene, market) = scene().await;
    assert_eq!(scene.choose("ethereum", "ETH").await, UNAVAILABLE, "nobody was asked yet");
    assert_eq!(market.asker(&scene.gateway.engine).look().await.unwrap(), Next::WhenDue);
    scene.gateway.clock.advance(Span::seconds(90));
    scene.choose("ethereum", "ETH").await.unwrap();
    assert_eq!(scene.due().await, "0.00833334");
    let quote = scene.view().await.record.quotes[0].clone();
    assert_eq!(quote.provenance.rate, Rate::parse("3000").unwrap());
    let told: Vec<_> = quote
        .provenance
        .sources
        .iter()
        .map(|said| format!("{} {} {}", said.source, said.pair, said.rate.to_decimal(3)))
        .collect();
    assert_eq!(told, ["bitfinex ETH/USD 2999.600", "coinbase ETH/USD 3000.615", "kraken ETH/USD 3000.000"]);
    assert!(quote.provenance.sources.iter().all(|said| said.at == START), "when they were asked");
    scene.simulate(scene.pay()).await;
    assert_eq!(scene.status().await, Status::Paid);
}

#[tokio::test]
async fn one_liar_is_left_out_and_three_who_differ_are_not_believed() {
    let lie = |ether: &str| text(&format!(r#"[["tETHUSD",{ether},1,{ether},1,0,0,0,0,0,0]]"#));
    for ether in ["0", "-3000", "1e-8", "0.000333", "4500"] {
        let (scene, market) = scene().await;
        market.bitfinex.answer(lie(ether));
        market.asker(&scene.gateway.engine).look().await.unwrap();
        scene.choose("ethereum", "ETH").await.unwrap();
        let quote = scene.view().await.record.quotes[0].clone();
        assert_eq!(quote.provenance.rate, Rate::parse("3000.3075").unwrap(), "{ether}");
        let honest: Vec<_> = quote.provenance.sources.iter().map(|said| said.source.as_str()).collect();
        assert_eq!(honest, ["coinbase", "kraken"], "{ether}");
    }
    let (scene, market) = scene().await;
    market.bitfinex.answer(lie("4500"));
    market.kraken.answer(text("<html></html>"));
    market.asker(&scene.gateway.engine).look().await.unwrap();
    assert_eq!(scene.choose("ethereum", "ETH").await, UNAVAILABLE);
    market.kraken.answer(text(recorded::KRAKEN));
    market.asker(&scene.gateway.engine).look().await.unwrap();
    scene.choose("ethereum", "ETH").await.unwrap();
}

#[tokio::test]
async fn a_price_that_has_not_changed_for_long_does_not_count() {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let sources = Sources { markets: names(&["kraken", "coingecko"]), references: Vec::new(), quorum: 2 };
    let gateway = Gateway::start_with_rates(RatePolicy::Live(sources)).await;
    let shop = gateway.shop("Kiosk").await;
    let scene = Scene { payment: gateway.payment(&shop, 2_500).await, gateway, shop };
    let (market, coingecko) = (Market::open().await, Merchant::start().await);
    for (age, result) in [(Span::hours(2), UNAVAILABLE), (Span::minutes(5), Ok(()))] {
        coingecko.answer(text(&recorded::coingecko(START - age)));
        let both = vec![source_at(Source::Kraken, &market.kraken), source_at(Source::CoinGecko, &coingecko)];
        Asker::new(scene.gateway.engine.clone(), both, currencies()).look().await.unwrap();
        assert_eq!(scene.choose("ethereum", "ETH").await, result);
    }
    let quote = scene.view().await.record.quotes[0].clone();
    let ages = quote.provenance.sources.iter().map(|said| START.since(said.at).whole_seconds());
    assert_eq!(ages.collect::<Vec<_>>(), [300, 0], "CoinGecko tells when its price changed, Kraken does not");
}

#[tokio::test]
async fn while_the_sources_are_away_what_they_said_holds_for_ten_minutes() {
    let (scene, market) = scene().await;
    market.asker(&scene.gateway.engine).look().await.unwrap();
    for server in [&market.kraken, &market.coinbase, &market.bitfinex, &market.ecb] {
        for base in ["BTC", "ETH", "EUR", "USDT"] {
            server.answer_at(&format!("/v2/exchange-rates?currency={base}"), Answer::Status(500));
        }
        server.answer(Answer::Close);
    }
    scene.gateway.clock.advance(Span::minutes(10));
    market.asker(&scene.gateway.engine).look().await.unwrap();
    scene.choose("ethereum", "ETH").await.unwrap();
    scene.gateway.clock.advance(Span::minutes(1));
    market.asker(&scene.gateway.engine).look().await.unwrap();
    assert_eq!(scene.choose("bitcoin", "BTC").await, UNAVAILABLE);
}

#[tokio::test]
async fn each_source_is_asked_at_its_own_pace_and_left_alone_when_it_says_so() {
    let (scene, market) = scene().await;
    let mut asker = market.asker(&scene.gateway.engine);
    let busy = b"HTTP/1.1 429 \r\nRetry-After: 150\r\nContent-Length: 0\r\n\r\n".to_vec();
    market.kraken.answer_next(Answer::Raw(busy));
    asker.look().await.unwrap();
    let first = market.asked();
    assert_eq!((first[0], first[2], first[3]), (1, 1, 1));
    asker.look().await.unwrap();
    assert_eq!(market.asked(), first, "nobody is due");
    let mut counts = Vec::new();
    for _ in 0..3 {
        pass(Duration::from_secs(61)).await;
        asker.look().await.unwrap();
        counts.push((market.kraken.hits().len(), market.bitfinex.hits().len()));
    }
    assert_eq!(counts, [(1, 2), (1, 3), (2, 4)]);
    assert_eq!(market.ecb.hits().len(), 1);
    pass(Duration::from_hours(1)).await;
    market.ecb.answer_next(Answer::Status(500));
    asker.look().await.unwrap();
    pass(Duration::from_mins(5)).await;
    asker.look().await.unwrap();
    assert_eq!(market.ecb.hits().len(), 3, "a reference that failed is asked again soon");
}

#[tokio::test]
async fn a_source_that_hangs_delays_the_others_for_no_longer_than_a_request() {
    let (scene, market) = scene().await;
    market.bitfinex.answer(Answer::Hang);
    let policy = TargetPolicy { allow_private: true };
    let settings = Settings { timeout: Duration::from_millis(300), policy, ..Settings::default() };
    let hanging = RateSource::at(Source::Bitfinex, &market.bitfinex.url(""), settings).unwrap();
    let others = [source_at(Source::Kraken, &market.kraken), source_at(Source::Coinbase, &market.coinbase)];
    let sources = others.into_iter().chain([hanging]).collect();
    let mut asker = Asker::new(scene.gateway.engine.clone(), sources, currencies());
    tokio::time::timeout(PATIENCE, asker.look()).await.expect("it ends by itself").unwrap();
    scene.choose("ethereum", "ETH").await.unwrap();
}

/// What was logged, by everybody who has it.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Page {
    /// The lines since the last time that somebody looked.
    fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8(bytes).unwrap().lines().map(|line| line.trim().to_owned()).collect()
    }
}

#[tokio::test]
async fn the_log_is_told_when_trust_is_lost_and_when_it_is_back_and_not_in_between() {
    let (page, (scene, market)) = (Page::default(), scene().await);
    let writer = page.clone();
    let log = tracing_subscriber::fmt().with_max_level(LevelFilter::INFO).with_ansi(false).with_target(false);
    let _kept =
        tracing::subscriber::set_default(log.without_time().with_writer(move || writer.clone()).finish());
    let mut asker = market.asker(&scene.gateway.engine);
    asker.look().await.unwrap();
    let said = page.take();
    assert_eq!(
        said,
        ["INFO does not trade these pairs source=\"coinbase\" pairs=[TRX/EUR, TRX/GBP, TRX/USD]"]
    );
    let look = async |asker: &mut Asker| {
        pass(Duration::from_secs(61)).await;
        asker.look().await.unwrap();
        page.take()
    };
    assert_eq!(look(&mut asker).await, [""; 0], "all is well");
    market.kraken.answer(text("<html></html>"));
    market.bitfinex.answer(text(r#"[["tETHUSD",4500,1,4500,1,0,0,0,0,0,0]]"#));
    let lost = look(&mut asker).await;
    assert_eq!(
        lost,
        ["WARN a source of rates is not heard source=\"kraken\" trouble=its answer cannot be read"]
    );
    scene.gateway.clock.advance(Span::minutes(11));
    let lost = look(&mut asker).await;
    let told = "no rate can be trusted: what is priced by these pairs waits pairs=";
    let reasons = ["too few sources say it: 1 of 2", "the sources do not agree"];
    assert_eq!(lost.len(), reasons.len() + 1, "TRX is said by nobody else: {lost:#?}");
    for reason in reasons {
        assert!(
            lost.iter().any(|line| line.contains(told) && line.ends_with(&format!("reason={reason}"))),
            "{lost:#?}"
        );
    }
    assert!(
        lost.iter()
            .any(|line| line.contains("[TRX/EUR") && line.ends_with("reason=what sources said is too old"))
    );
    assert_eq!(look(&mut asker).await, [""; 0], "nothing is told twice");
    market.kraken.answer(text(recorded::KRAKEN));
    market.bitfinex.answer(text(recorded::BITFINEX));
    let back = look(&mut asker).await;
    assert_eq!(back[0], "INFO a source of rates is heard again source=\"kraken\"");
    assert!(back[1].starts_with("INFO these pairs have a rate again pairs=[BTC/EUR"), "{back:#?}");
    assert_eq!(back.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_nodes_one_asks_and_another_one_when_it_is_gone() {
    let database = Server::shared().database();
    let (one, other) = (Gateway::start_on(database.clone()).await, Gateway::start_on(database).await);
    let (near, far) = (Market::open().await, Market::open().await);
    // Ids are made from the time and from chance, which both gateways have from the same seed.
    other.clock.advance(Span::seconds(1));
    let stop = CancellationToken::new();
    one.engine.join().await.unwrap();
    let first = tokio::spawn(rates::run(near.asker(&one.engine), stop.clone()));
    near.ecb.next().await;
    other.engine.join().await.unwrap();
    let second = tokio::spawn(rates::run(far.asker(&other.engine), stop.clone()));
    // The second one has looked as often as it takes to be told that the first one has the lease.
    let node = other.engine.node().unwrap();
    assert_eq!(other.engine.lease("rates", node).await, Ok(None));
    assert_eq!(far.asked(), [0; 4]);
    one.engine.leave().await.unwrap();
    far.ecb.next().await;
    stop.cancel();
    first.await.unwrap();
    second.await.unwrap();
}

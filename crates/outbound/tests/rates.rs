//! Sources of rates: what each of them says in its own form, and what is made of those that lie, stall or babble.

use std::time::Duration;

use domain::{
    money::Rate,
    pair::Pair,
    quote::SourcedRate,
    time::{Span, Timestamp},
};
use outbound::{
    callback::USER_AGENT,
    client::Settings,
    rates::{Answer, RateSource, Source, Trouble},
    target::TargetPolicy,
};
use testkit::{
    clock::START,
    merchant::{Answer as Says, Merchant, PATIENCE},
    recorded,
};
use tokio::time::timeout;

const PAIRS: [&str; 4] = ["BTC/USD", "ETH/EUR", "USDT/USD", "EUR/USD"];

/// Where a test waits for a time-out, it waits this long.
const SHORT: Duration = Duration::from_millis(500);

fn pairs(names: &[&str]) -> Vec<Pair> {
    names.iter().map(|name| Pair::parse(name).expect("a pair")).collect()
}

fn settings(timeout: Duration) -> Settings {
    Settings { timeout, policy: TargetPolicy { allow_private: true }, ..Settings::default() }
}

fn source(source: Source, server: &Merchant) -> RateSource {
    RateSource::at(source, &server.url(""), settings(PATIENCE)).expect("a client")
}

async fn ask(source: &mut RateSource, names: &[&str]) -> Answer {
    timeout(PATIENCE * 2, source.ask(&pairs(names), START)).await.expect("a round ends by itself")
}

/// What was said, each as `PAIR RATE`, and how many seconds ago.
fn told(said: &[SourcedRate]) -> Vec<(String, i64)> {
    let told = |one: &SourcedRate| {
        let (numerator, denominator) = one.rate.parts();
        let rate = if denominator == 1 { numerator.to_string() } else { trimmed(one.rate) };
        (format!("{} {rate}", one.pair), START.since(one.at).whole_seconds())
    };
    said.iter().map(told).collect()
}

fn trimmed(rate: Rate) -> String {
    rate.to_decimal(18).trim_end_matches('0').to_owned()
}

/// A server that answers as this source would.
async fn honest(source: Source) -> Merchant {
    let server = Merchant::start().await;
    let text = |body: &str| Says::Text(200, body.to_owned());
    match source {
        Source::Kraken => server.answer(text(recorded::KRAKEN)),
        Source::Bitfinex => server.answer(text(recorded::BITFINEX)),
        Source::CoinGecko => server.answer(text(&recorded::coingecko(START - Span::seconds(30)))),
        Source::Ecb => server.answer(text(&recorded::ecb("2026-06-15"))),
        Source::Coinbase => {
            server.answer(Says::Text(400, recorded::COINBASE_UNKNOWN.to_owned()));
            for (base, answer) in recorded::COINBASE {
                server.answer_at(&format!("/v2/exchange-rates?currency={base}"), text(answer));
            }
        }
    }
    server
}

#[tokio::test]
async fn every_source_is_taken_by_its_word_to_the_letter() {
    for (which, expected, paths) in [
        (
            Source::Kraken,
            vec![
                ("USDT/USD 0.999905", 0),
                ("ETH/EUR 2608.7", 0),
                ("BTC/USD 60000.05", 0),
                ("EUR/USD 1.15015", 0),
            ],
            vec!["/0/public/Ticker?pair=XBTUSD,ETHEUR,USDTUSD,EURUSD"],
        ),
        (
            Source::Coinbase,
            vec![
                ("BTC/USD 60012.345", 0),
                ("ETH/EUR 2609.015", 0),
                ("EUR/USD 1.1505", 0),
                ("USDT/USD 0.99995", 0),
            ],
            vec![
                "/v2/exchange-rates?currency=BTC",
                "/v2/exchange-rates?currency=ETH",
                "/v2/exchange-rates?currency=EUR",
                "/v2/exchange-rates?currency=USDT",
            ],
        ),
        (
            Source::Bitfinex,
            vec![("BTC/USD 59995", 0), ("ETH/EUR 2608.5", 0), ("USDT/USD 0.9999", 0)],
            vec!["/v2/tickers?symbols=tBTCUSD,tETHEUR,tUSTUSD,tEURUSD"],
        ),
        (
            Source::CoinGecko,
            vec![("BTC/USD 60007.213478912", 30), ("ETH/EUR 2608.9", 30), ("USDT/USD 0.99990123", 30)],
            vec![concat!(
                "/api/v3/simple/price?ids=bitcoin,ethereum,tether&vs_currencies=eur,usd",
                "&include_last_updated_at=true&precision=full"
            )],
        ),
    ] {
        let server = honest(which).await;
        let answer = ask(&mut source(which, &server), &PAIRS).await;
        assert_eq!(answer.trouble, None, "{which:?}");
        let expected: Vec<_> = expected.into_iter().map(|(text, age)| (text.to_owned(), age)).collect();
        assert_eq!(told(&answer.said), expected, "{which:?}");
        assert!(answer.said.iter().all(|said| said.source == which.name()));
        let hits = server.hits();
        assert_eq!(hits.iter().map(|hit| hit.path.as_str()).collect::<Vec<_>>(), paths, "{which:?}");
        assert!(hits.iter().all(|hit| hit.method == "GET" && hit.header("user-agent") == Some(USER_AGENT)));
    }
}

#[tokio::test]
async fn the_central_bank_says_what_a_euro_is_worth_at_noon_of_its_day() {
    let server = honest(Source::Ecb).await;
    let answer = ask(&mut source(Source::Ecb, &server), &PAIRS).await;
    assert_eq!((answer.trouble, answer.said.len()), (None, 29));
    assert_eq!(server.next().await.path, "/stats/eurofxref/eurofxref-daily.xml");
    let found = |name: &str| answer.said.iter().find(|said| said.pair == pairs(&[name])[0]).expect("a rate");
    for (name, rate) in [("EUR/USD", "1.15"), ("EUR/GBP", "0.855"), ("EUR/IDR", "18743.62")] {
        assert_eq!(found(name).rate, Rate::parse(rate).expect("a rate"));
        assert_eq!(START.since(found(name).at), Span::days(1), "noon of the day before");
    }
}

/// What one answer of Kraken, whatever was asked, comes down to.
async fn of_kraken(answer: Says) -> (Vec<String>, Option<Trouble>) {
    let server = Merchant::start().await;
    server.answer(answer);
    let mut kraken = RateSource::at(Source::Kraken, &server.url(""), settings(SHORT)).expect("a client");
    let answer = ask(&mut kraken, &["BTC/USD", "ETH/USD"]).await;
    (told(&answer.said).into_iter().map(|(text, _)| text).collect(), answer.trouble)
}

fn ticker(bid: &str, ask: &str) -> Says {
    let result =
        format!(r#"{{"XXBTZUSD":{{"a":[{ask},"1","1.000"],"b":[{bid},"1","1.000"],"c":["1","1"]}}}}"#);
    Says::Text(200, format!(r#"{{"error":[],"result":{result}}}"#))
}

#[tokio::test]
async fn what_could_be_no_price_is_told_and_does_not_count() {
    let none = Some(Trouble::NoPrice(pairs(&["BTC/USD"])));
    for (bid, ask) in [
        (r#""0""#, r#""0""#),
        (r#""0.00000""#, r#""60000""#),
        (r#""-60000""#, r#""-59999""#),
        (r#""NaN""#, r#""NaN""#),
        (r#""Infinity""#, r#""Infinity""#),
        (r#""""#, r#""""#),
        ("null", "null"),
        ("[]", "{}"),
        (r#""0.00000001""#, r#""0.00000001""#),
        ("1e-8", "1e-8"),
        ("1e-9", "1e-9"),
        (r#""1000000000000""#, r#""1000000000000""#),
        // A book whose sides have changed places, and one so wide that nobody trades in it.
        (r#""60001""#, r#""60000""#),
        (r#""30000""#, r#""60000""#),
    ] {
        assert_eq!(of_kraken(ticker(bid, ask)).await, (vec![], none.clone()), "{bid} {ask}");
    }
    let plain = (vec!["BTC/USD 60000".to_owned()], None);
    assert_eq!(of_kraken(ticker("60000", "6e4")).await, plain);
    for missing in [r#""a":[],"b":["60000"]"#, r#""a":"60000","b":"60000""#, r#""c":["60000"]"#] {
        let body = format!(r#"{{"error":[],"result":{{"XXBTZUSD":{{{missing}}}}}}}"#);
        assert_eq!(of_kraken(Says::Text(200, body)).await, (vec![], none.clone()), "{missing}");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_told_as_what_it_is() {
    let text = |body: &str| Says::Text(200, body.to_owned());
    let error = |said: &str| Some(Trouble::Error(said.to_owned()));
    let unanswered = |why: &str| Some(Trouble::Unanswered(why.to_owned()));
    let big = format!(r#"{{"error":[],"result":{{}},"more":"{}"}}"#, "x".repeat(2_000_000));
    for (answer, trouble) in [
        (text(r#"{"error":[],"result":{}}"#), Some(Trouble::Silent)),
        (text(r#"{"error":[]}"#), Some(Trouble::Silent)),
        // The pair the other way around is not what was asked for.
        (
            text(r#"{"error":[],"result":{"ZUSDXXBT":{"a":["0.0000166"],"b":["0.0000166"]}}}"#),
            Some(Trouble::Silent),
        ),
        (text(r#"{"error":["EGeneral:Too many requests"]}"#), error("EGeneral:Too many requests")),
        (text(r#"{"error":["EService:\u001b[31mBusy"],"result":{}}"#), error("EService:[31mBusy")),
        (text(""), Some(Trouble::Unreadable)),
        (text("null"), Some(Trouble::Unreadable)),
        (text("[]"), Some(Trouble::Unreadable)),
        (text(r#"{"error":[],"result":[]}"#), Some(Trouble::Unreadable)),
        (text("<!DOCTYPE html><html><body>Just a moment...</body></html>"), Some(Trouble::Unreadable)),
        (Says::Text(500, "<html>Internal Server Error</html>".to_owned()), Some(Trouble::Status(500))),
        (Says::Text(404, recorded::KRAKEN.to_owned()), Some(Trouble::Status(404))),
        (Says::Redirect("http://127.0.0.1:1/".to_owned()), Some(Trouble::Status(307))),
        (text(&big), unanswered("answer too large")),
        (Says::Endless, unanswered("answer too large")),
        (Says::EndlessHead, unanswered("answer malformed")),
        (Says::Trickle(recorded::KRAKEN.to_owned(), SHORT / 10), unanswered("timed out")),
        (Says::Hang, unanswered("timed out")),
        (Says::Reset, unanswered("connection reset")),
        (Says::Close, unanswered("connection closed")),
        (Says::torn(recorded::KRAKEN), unanswered("connection closed")),
        (Says::malformed(), unanswered("answer malformed")),
    ] {
        let what = format!("{answer:?}").chars().take(200).collect::<String>();
        assert_eq!(of_kraken(answer).await, (vec![], trouble), "{what}");
    }
}

#[tokio::test]
async fn a_source_that_is_asked_too_often_says_how_long_to_leave_it_alone() {
    let busy = |status: u16, header: &str| {
        Says::Raw(format!("HTTP/1.1 {status} Busy\r\nContent-Length: 0\r\n{header}\r\n").into_bytes())
    };
    for (status, header, seconds) in [
        (429, "Retry-After: 30\r\n", 30),
        (503, "Retry-After: 120\r\n", 120),
        (429, "Retry-After: 1000000\r\n", 3_600),
        (429, "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n", 300),
        (429, "Retry-After: -1\r\n", 300),
        (418, "", 300),
    ] {
        for which in Source::ALL {
            let server = Merchant::start().await;
            server.answer(busy(status, header));
            let answer = ask(&mut source(which, &server), &PAIRS).await;
            let pause = Duration::from_secs(seconds);
            assert_eq!(answer.trouble, Some(Trouble::Busy { status, pause }), "{which:?}");
            assert_eq!((answer.pause, answer.said.len()), (Some(pause), 0));
            assert_eq!(server.hits().len(), 1, "{which:?} is asked no more in this round");
        }
    }
}

#[tokio::test]
async fn a_pair_that_is_not_traded_is_found_out_and_not_asked_for_again_for_hours() {
    let server = Merchant::start().await;
    server.answer(Says::Text(200, recorded::KRAKEN_UNKNOWN.to_owned()));
    for name in ["XBTUSD", "ETHEUR"] {
        server.answer_at(
            &format!("/0/public/Ticker?pair={name}"),
            Says::Text(200, recorded::KRAKEN.to_owned()),
        );
    }
    // The beginning of the first question is also that of the question for all.
    server.answer_next(Says::Text(200, recorded::KRAKEN_UNKNOWN.to_owned()));
    let mut kraken = source(Source::Kraken, &server);
    let names = ["BTC/USD", "BTC/AED", "ETH/EUR", "TRX/GBP"];
    let answer = ask(&mut kraken, &names).await;
    let found: Vec<_> = told(&answer.said).into_iter().map(|(text, _)| text).collect();
    assert_eq!(
        (found, answer.trouble),
        (vec!["BTC/USD 60000.05".to_owned(), "ETH/EUR 2608.7".to_owned()], None)
    );
    let asked = |server: &Merchant| -> Vec<String> {
        let names =
            server.hits().into_iter().filter_map(|hit| Some(hit.path.split_once("pair=")?.1.to_owned()));
        names.collect()
    };
    let first = ["XBTUSD,XBTAED,ETHEUR,TRXGBP", "XBTUSD", "XBTAED", "ETHEUR", "TRXGBP"];
    assert_eq!(asked(&server), first);
    ask(&mut kraken, &names).await;
    assert_eq!(asked(&server)[first.len()..], ["XBTUSD,ETHEUR"]);
    let later = START + Span::hours(7);
    kraken.ask(&pairs(&names), later).await;
    assert_eq!(asked(&server)[first.len() + 1..][..1], ["XBTUSD,XBTAED,ETHEUR,TRXGBP"]);
}

#[tokio::test]
async fn what_the_other_sources_do_not_trade_spoils_nothing() {
    let server = honest(Source::Coinbase).await;
    let mut coinbase = source(Source::Coinbase, &server);
    for round in 0..2 {
        let answer = ask(&mut coinbase, &["NOPE/USD", "BTC/USD", "BTC/XAU"]).await;
        assert_eq!((answer.trouble, told(&answer.said).len()), (None, 1));
        assert_eq!(server.hits().len(), 2 + round, "the unknown base is asked for once");
    }
    let server = honest(Source::Bitfinex).await;
    server.answer_next(Says::Text(500, recorded::BITFINEX_UNKNOWN.to_owned()));
    server.answer_next(Says::Text(500, recorded::BITFINEX_UNKNOWN.to_owned()));
    let answer = ask(&mut source(Source::Bitfinex, &server), &["NOPE/USD", "BTC/USD"]).await;
    assert_eq!((answer.trouble, told(&answer.said).len()), (None, 1));
    let server = honest(Source::CoinGecko).await;
    let answer = ask(&mut source(Source::CoinGecko, &server), &["NOPE/USD"]).await;
    assert_eq!((answer.trouble, answer.said.len(), server.hits().len()), (None, 0, 0), "nothing to ask for");
}

#[tokio::test]
async fn each_form_has_its_own_lies() {
    let moment = START.seconds();
    let silent = Some(Trouble::Silent);
    let none = Some(Trouble::NoPrice(pairs(&["BTC/USD"])));
    let error = Some(Trouble::Error("rate limit".to_owned()));
    for (which, body, trouble) in [
        (Source::Coinbase, r#"{"data":{"currency":"BTC","rates":{"USD":"0"}}}"#.to_owned(), none.clone()),
        (Source::Coinbase, r#"{"data":{"currency":"BTC","rates":{"USD":-1.5}}}"#.to_owned(), none.clone()),
        (Source::Coinbase, r#"{"data":{"currency":"BTC","rates":{"USD":"1e-8"}}}"#.to_owned(), none.clone()),
        (Source::Coinbase, r#"{"data":{"currency":"BTC","rates":{}}}"#.to_owned(), silent.clone()),
        // Another base: every rate in it would be that of a swapped pair.
        (
            Source::Coinbase,
            r#"{"data":{"currency":"USD","rates":{"USD":"1"}}}"#.to_owned(),
            Some(Trouble::Unreadable),
        ),
        (Source::Coinbase, r#"{"errors":[{"id":"x"}]}"#.to_owned(), Some(Trouble::Unreadable)),
        (Source::Bitfinex, "[]".to_owned(), silent.clone()),
        (Source::Bitfinex, r#"[["tBTCUSD",0,1,0,1,0,0,0,0,0,0]]"#.to_owned(), none.clone()),
        (Source::Bitfinex, r#"[["tBTCUSD",-60000,1,-59999,1,0,0,0,0,0,0]]"#.to_owned(), none.clone()),
        (Source::Bitfinex, r#"[["tBTCUSD",1e-8,1,1e-8,1,0,0,0,0,0,0]]"#.to_owned(), none.clone()),
        (Source::Bitfinex, r#"[["tBTCUSD",60000]]"#.to_owned(), none.clone()),
        (Source::Bitfinex, r#"[["tUSDBTC",0.0000166,1,0.0000166,1]]"#.to_owned(), silent.clone()),
        (Source::Bitfinex, r#"["error",11010,"rate limit"]"#.to_owned(), error),
        (Source::Bitfinex, r#"{"error":"ERR_RATE_LIMIT"}"#.to_owned(), Some(Trouble::Unreadable)),
        (Source::CoinGecko, "{}".to_owned(), silent.clone()),
        (Source::CoinGecko, r#"{"bitcoin":{}}"#.to_owned(), silent),
        (Source::CoinGecko, r#"{"bitcoin":{"usd":60000}}"#.to_owned(), none.clone()),
        (Source::CoinGecko, r#"{"bitcoin":{"usd":60000,"last_updated_at":null}}"#.to_owned(), none.clone()),
        (
            Source::CoinGecko,
            format!(r#"{{"bitcoin":{{"usd":null,"last_updated_at":{moment}}}}}"#),
            none.clone(),
        ),
        (Source::CoinGecko, format!(r#"{{"bitcoin":{{"usd":0,"last_updated_at":{moment}}}}}"#), none.clone()),
        (Source::CoinGecko, format!(r#"{{"bitcoin":{{"usd":1.0e-8,"last_updated_at":{moment}}}}}"#), none),
        (Source::Ecb, "<html><body>Moved</body></html>".to_owned(), Some(Trouble::Unreadable)),
        (Source::Ecb, recorded::ecb("2026-02-30"), Some(Trouble::Unreadable)),
        (Source::Ecb, recorded::ecb("yesterday"), Some(Trouble::Unreadable)),
        (Source::Ecb, recorded::ecb("2026-06-15").replace("</Cube>", ""), Some(Trouble::Unreadable)),
        (Source::Ecb, format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{}", "<Cube/>"), Some(Trouble::Unreadable)),
        (Source::Ecb, "<Cube time='2026-06-15'/>".to_owned(), Some(Trouble::Silent)),
    ] {
        let server = Merchant::start().await;
        server.answer(Says::Text(200, body.clone()));
        let answer = ask(&mut source(which, &server), &["BTC/USD"]).await;
        assert_eq!((answer.said.len(), answer.trouble), (0, trouble), "{which:?} {body}");
    }
    let zero = recorded::ecb("2026-06-15").replace("'1.1500'", "'0'").replace("'0.85500'", "'-1'");
    let server = Merchant::start().await;
    server.answer(Says::Text(200, zero));
    let answer = ask(&mut source(Source::Ecb, &server), &[]).await;
    let none = Trouble::NoPrice(pairs(&["EUR/USD", "EUR/GBP"]));
    assert_eq!((answer.said.len(), answer.trouble), (27, Some(none)), "the others count");
}

#[tokio::test]
async fn an_old_price_is_told_with_its_age() {
    let server = Merchant::start().await;
    let old = START - Span::hours(2);
    server.answer(Says::Text(200, recorded::coingecko(old)));
    let answer = ask(&mut source(Source::CoinGecko, &server), &["BTC/USD"]).await;
    assert_eq!(answer.said[0].at, old);
    server.answer(Says::Text(200, recorded::ecb("2020-01-02")));
    let answer = ask(&mut source(Source::Ecb, &server), &[]).await;
    assert_eq!(answer.said[0].at, Timestamp::from_seconds(1_577_966_400));
}

#[tokio::test]
async fn what_was_heard_before_a_fault_counts() {
    let server = honest(Source::Coinbase).await;
    server.answer_at("/v2/exchange-rates?currency=ETH", Says::Status(500));
    let answer = ask(&mut source(Source::Coinbase, &server), &PAIRS).await;
    assert_eq!((told(&answer.said).len(), answer.trouble), (1, Some(Trouble::Status(500))));
    assert_eq!(server.hits().len(), 2, "no more is asked of a source in trouble");
}

#[tokio::test]
async fn without_leave_no_source_leads_into_the_own_network() {
    let server = honest(Source::Kraken).await;
    let strict = Settings { timeout: PATIENCE, ..Settings::default() };
    for base in [server.url(""), format!("https://{}", server.address()), "https://localhost".to_owned()] {
        let mut kraken = RateSource::at(Source::Kraken, &base, strict.clone()).expect("root certificates");
        let trouble = ask(&mut kraken, &PAIRS).await.trouble;
        assert_eq!(trouble, Some(Trouble::Unanswered("address not allowed".to_owned())), "{base}");
    }
    assert_eq!(server.connections(), 0);
}

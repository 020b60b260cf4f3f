//! The rules, case by case.

use super::*;

/// A Tuesday at noon.
pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_781_611_200);

pub(super) fn code(text: &str) -> AssetCode {
    AssetCode::parse(text).unwrap()
}

pub(super) fn rate(text: &str) -> Rate {
    Rate::parse_number(text).unwrap()
}

/// What a source said this many minutes ago.
pub(super) fn ago(minutes: i64, source: &str, pair: &str, text: &str) -> SourcedRate {
    let at = NOW - Span::minutes(minutes);
    SourcedRate { source: source.to_owned(), pair: Pair::parse(pair).unwrap(), rate: rate(text), at }
}

/// What a source says now.
pub(super) fn says(source: &str, pair: &str, text: &str) -> SourcedRate {
    ago(0, source, pair, text)
}

pub(super) fn live(markets: &[&str], quorum: usize) -> RatePolicy {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    RatePolicy::Live(Sources { markets: names(markets), references: names(&["ecb"]), quorum })
}

/// Three markets and a reference, of which two have to agree.
fn usual() -> RatePolicy {
    live(&["kraken", "coinbase", "bitfinex"], 2)
}

fn found(policy: &RatePolicy, asset: &str, currency: &str, said: &[SourcedRate]) -> Result<Rate, NoRate> {
    policy.rate(code(asset), code(currency), said, NOW).map(|provenance| provenance.rate)
}

/// What three markets lead to that say this of a bitcoin in dollars.
fn of_three(said: [&str; 3]) -> Result<Rate, NoRate> {
    let said: Vec<_> = ["kraken", "coinbase", "bitfinex"]
        .iter()
        .zip(said)
        .filter(|(_, text)| !text.is_empty())
        .map(|(source, text)| says(source, "BTC/USD", text))
        .collect();
    found(&usual(), "BTC", "USD", &said)
}

#[test]
fn the_middle_of_what_agrees_is_taken() {
    for (said, middle) in [
        (["60000", "60010", "60030"], "60010"),
        (["60030", "60000", "60010"], "60010"),
        (["60000", "60010", ""], "60005"),
        (["60000.1", "60000.2", ""], "60000.15"),
        // Whoever lies for himself is left out before anything is counted.
        (["60000", "60010", "0.00000001"], "60005"),
        (["60000", "60010", "0.0000000100000001"], "60005"),
        (["60000", "60010", "0.0000166"], "60005"),
        (["60000", "60010", "6001000"], "60005"),
        (["60000", "60010", "61300"], "60005"),
        (["999999999999", "60010", "60000"], "60005"),
        (["1000000000000", "60010", "60000"], "60005"),
    ] {
        assert_eq!(of_three(said), Ok(rate(middle)), "{said:?}");
    }
}

#[test]
fn without_agreement_there_is_no_rate() {
    for (said, reason) in [
        (["", "", ""], NoRate::Unsaid),
        (["60000", "", ""], NoRate::TooFew { said: 1, quorum: 2 }),
        (["60000", "0.00000001", ""], NoRate::TooFew { said: 1, quorum: 2 }),
        // A swapped pair beside one that is right: nobody can tell which of them is.
        (["60000", "0.0000166", ""], NoRate::Disagreement),
        (["60000", "30000", ""], NoRate::Disagreement),
        (["60000", "62500", ""], NoRate::Disagreement),
        (["60000", "70000", "80000"], NoRate::Disagreement),
    ] {
        assert_eq!(of_three(said), Err(reason), "{said:?}");
    }
}

#[test]
fn two_that_lie_alike_win_against_one_and_neither_against_two_nor_against_a_quorum_of_three() {
    assert_eq!(
        of_three(["60000", "90000", "90000"]),
        Ok(rate("90000")),
        "the stated limit of a quorum of two"
    );
    let three = |quorum| live(&["kraken", "coinbase", "bitfinex"], quorum);
    let said = ["60000", "90000", "90000"];
    let said = ["kraken", "coinbase", "bitfinex"].iter().zip(said);
    let said: Vec<_> = said.map(|(source, text)| says(source, "BTC/USD", text)).collect();
    assert_eq!(found(&three(3), "BTC", "USD", &said), Err(NoRate::Disagreement));
    let four = live(&["kraken", "coinbase", "bitfinex", "coingecko"], 2);
    let said: Vec<_> = said.into_iter().chain([says("coingecko", "BTC/USD", "60010")]).collect();
    assert_eq!(found(&four, "BTC", "USD", &said), Err(NoRate::Disagreement));
}

#[test]
fn two_that_agree_are_not_enough_where_as_many_say_something_else() {
    let names = ["kraken", "coinbase", "bitfinex", "coingecko"];
    for (said, result) in [
        (["1", "60000", "60010", "90000"], Err(NoRate::Disagreement)),
        (["59990", "60000", "60010", "90000"], Ok(rate("60000"))),
        (["60000", "60010", "60020", "60030"], Ok(rate("60015"))),
    ] {
        let told: Vec<_> = names.iter().zip(said).map(|(name, text)| says(name, "BTC/USD", text)).collect();
        assert_eq!(found(&live(&names, 2), "BTC", "USD", &told), result, "{said:?}");
    }
}

#[test]
fn only_who_was_asked_for_counts_and_each_once() {
    let two = live(&["kraken", "coinbase"], 2);
    let one = says("kraken", "BTC/USD", "60000");
    let few = Err(NoRate::TooFew { said: 1, quorum: 2 });
    for other in [
        says("bitfinex", "BTC/USD", "60000"),
        says("fixed", "BTC/USD", "60000"),
        says("ecb", "BTC/USD", "60000"),
        ago(1, "kraken", "BTC/USD", "60001"),
    ] {
        assert_eq!(found(&two, "BTC", "USD", &[one.clone(), other.clone()]), few, "{other:?}");
    }
    // Of two answers the newer one holds.
    let said = [one, ago(1, "kraken", "BTC/USD", "1"), says("coinbase", "BTC/USD", "60000")];
    assert_eq!(found(&two, "BTC", "USD", &said), Ok(rate("60000")));
}

#[test]
fn what_was_said_counts_for_ten_minutes_and_not_before_its_time() {
    let said = |minutes| [ago(minutes, "kraken", "BTC/USD", "60000"), says("coinbase", "BTC/USD", "60000")];
    for minutes in [0, 9, 10, -1, -2] {
        assert_eq!(found(&usual(), "BTC", "USD", &said(minutes)), Ok(rate("60000")), "{minutes}");
    }
    for minutes in [11, 100_000, -3, -100_000] {
        let few = NoRate::TooFew { said: 1, quorum: 2 };
        assert_eq!(found(&usual(), "BTC", "USD", &said(minutes)), Err(few), "{minutes}");
    }
    let old = [ago(11, "kraken", "BTC/USD", "60000"), ago(12, "coinbase", "BTC/USD", "60000")];
    assert_eq!(found(&usual(), "BTC", "USD", &old), Err(NoRate::Stale));
}

#[test]
fn where_no_market_has_the_pair_it_is_made_through_the_dollar_or_the_euro() {
    let ecb = [says("ecb", "EUR/USD", "1.25"), says("ecb", "EUR/GBP", "0.8")];
    let market = |pair: &str, text: &str| {
        let said = [says("kraken", pair, text), says("bitfinex", pair, text)];
        said.into_iter().chain(ecb.clone()).collect::<Vec<_>>()
    };
    for (pair, text, currency, expected) in [
        ("BTC/USD", "60000", "USD", "60000"),
        ("BTC/USD", "60000", "EUR", "48000"),
        ("BTC/USD", "60000", "GBP", "38400"),
        ("BTC/EUR", "48000", "EUR", "48000"),
        ("BTC/EUR", "48000", "USD", "60000"),
        ("BTC/EUR", "48000", "GBP", "38400"),
        ("BTC/GBP", "38400", "GBP", "38400"),
    ] {
        assert_eq!(
            found(&usual(), "BTC", currency, &market(pair, text)),
            Ok(rate(expected)),
            "{pair} {currency}"
        );
    }
    let both = [market("BTC/USD", "60000"), market("ETH/USD", "3000")].concat();
    assert_eq!(found(&usual(), "BTC", "ETH", &both), Ok(rate("20")));
    assert_eq!(found(&usual(), "BTC", "JPY", &both), Err(NoRate::Unsaid));
    // One market too few for the pair itself, and enough for the way around.
    let around = [market("BTC/USD", "60000"), vec![says("kraken", "BTC/GBP", "1")]].concat();
    assert_eq!(found(&usual(), "BTC", "GBP", &around), Ok(rate("38400")));
}

#[test]
fn currencies_are_compared_by_the_reference_as_long_as_the_markets_do_not_contradict_it() {
    let ecb = ago(24 * 60, "ecb", "EUR/USD", "1.25");
    let with = |markets: &[&str]| -> Vec<SourcedRate> {
        let names = ["kraken", "coinbase", "bitfinex"];
        let said = names.iter().zip(markets).map(|(name, text)| says(name, "EUR/USD", text));
        said.chain([ecb.clone()]).collect()
    };
    for markets in [&[][..], &["1.25"], &["1.20"], &["1.31"], &["1.25", "9"], &["9", "1.24", "1.26"]] {
        assert_eq!(found(&usual(), "EUR", "USD", &with(markets)), Ok(rate("1.25")), "{markets:?}");
        assert_eq!(found(&usual(), "USD", "EUR", &with(markets)), Ok(rate("0.8")), "{markets:?}");
    }
    for markets in [&["1.32"][..], &["0.8"], &["1.5", "1.5"], &["1.5", "1.5", "1.25"]] {
        assert_eq!(found(&usual(), "EUR", "USD", &with(markets)), Err(NoRate::Contradicted), "{markets:?}");
    }
}

#[test]
fn a_reference_counts_over_the_longest_pause_and_no_longer() {
    let said = |minutes| [ago(minutes, "ecb", "EUR/USD", "1.25")];
    let day = 24 * 60;
    for minutes in [day, 5 * day + 4 * 60, 6 * day] {
        assert!(found(&usual(), "EUR", "USD", &said(minutes)).is_ok(), "{minutes}");
    }
    assert!(found(&usual(), "EUR", "USD", &said(6 * day + 1)).is_err());
    // Then the markets have to do.
    let markets = [says("kraken", "EUR/USD", "1.24"), says("coinbase", "EUR/USD", "1.26")];
    let said = [&said(6 * day + 1)[..], &markets].concat();
    assert_eq!(found(&usual(), "EUR", "USD", &said), Ok(rate("1.25")));
}

#[test]
fn a_currency_without_a_reference_is_priced_by_markets_alone() {
    let said = [says("kraken", "BTC/AED", "220000"), says("coinbase", "BTC/AED", "220200")];
    assert_eq!(found(&usual(), "BTC", "AED", &said), Ok(rate("220100")));
    assert_eq!(found(&usual(), "BTC", "AED", &said[..1]), Err(NoRate::TooFew { said: 1, quorum: 2 }));
}

#[test]
fn a_stablecoin_is_what_is_paid_for_it() {
    let said = [says("kraken", "USDT/USD", "0.91"), says("coinbase", "USDT/USD", "0.9105")];
    assert_eq!(found(&usual(), "USDT", "USD", &said), Ok(rate("0.91025")));
    assert_eq!(found(&usual(), "USDT", "USD", &[]), Err(NoRate::Unsaid));
}

#[test]
fn a_price_in_the_asset_itself_needs_nobody() {
    for policy in [usual(), RatePolicy::Table] {
        assert_eq!(found(&policy, "BTC", "BTC", &[]), Ok(Rate::ONE));
    }
}

#[test]
fn the_table_stands_alone_without_age_and_without_a_quorum() {
    let old = |pair: &str, text: &str| ago(1_000_000, FIXED, pair, text);
    let said = [old("BTC/USD", "60000"), old("GBP/USD", "1.2"), says("kraken", "ETH/USD", "3000")];
    let table = |asset: &str, currency: &str| found(&RatePolicy::Table, asset, currency, &said);
    assert_eq!(table("BTC", "USD"), Ok(rate("60000")));
    assert_eq!(table("BTC", "GBP"), Ok(rate("50000")));
    assert_eq!(table("USD", "GBP"), Rate::ratio(5, 6).map_err(|_| NoRate::OutOfRange), "not rounded");
    assert_eq!(table("ETH", "USD"), Err(NoRate::Unsaid), "markets are no table");
    assert_eq!(found(&usual(), "BTC", "USD", &said), Err(NoRate::Unsaid), "and the table is no market");
}

#[test]
fn the_operator_of_a_sandbox_goes_before_everybody() {
    let said = [
        says(FIXED, "BTC/USD", "1"),
        says("kraken", "BTC/EUR", "48000"),
        says("coinbase", "BTC/EUR", "48000"),
        says("ecb", "EUR/USD", "1.25"),
        ago(1_000_000, SIMULATED, "BTC/USD", "100"),
    ];
    assert_eq!(found(&usual(), "BTC", "USD", &said), Ok(rate("100")));
    assert_eq!(found(&usual(), "BTC", "EUR", &said), Ok(rate("80")), "by way of the dollar");
    assert_eq!(found(&RatePolicy::Table, "BTC", "USD", &said), Ok(rate("100")));
}

#[test]
fn a_rate_tells_whom_it_was_made_from() {
    let said = [
        says("kraken", "BTC/USD", "60000"),
        ago(3, "coinbase", "BTC/USD", "60010"),
        says("bitfinex", "BTC/USD", "1"),
        ago(600, "ecb", "EUR/USD", "1.25"),
        ago(600, "ecb", "EUR/GBP", "0.8"),
        says("kraken", "EUR/GBP", "0.8"),
    ];
    let made = usual().rate(code("BTC"), code("GBP"), &said, NOW).unwrap();
    let told: Vec<_> = made.sources.iter().map(|said| format!("{} {}", said.source, said.pair)).collect();
    assert_eq!(told, ["coinbase BTC/USD", "kraken BTC/USD", "ecb EUR/USD", "ecb EUR/GBP"]);
    assert!(made.sources.iter().all(|source| said.contains(source)), "to the letter, with their times");
}

#[test]
fn every_pair_that_a_rate_needs_is_known_beforehand() {
    let names = |asset: &str, currency: &str| -> Vec<String> {
        pairs_for(code(asset), code(currency)).iter().map(ToString::to_string).collect()
    };
    assert_eq!(names("BTC", "USD"), ["BTC/EUR", "BTC/USD", "EUR/BTC", "EUR/USD", "USD/EUR"]);
    let eight = ["BTC/EUR", "BTC/GBP", "BTC/USD", "EUR/BTC", "EUR/GBP", "EUR/USD", "GBP/EUR", "GBP/USD"];
    assert_eq!(names("BTC", "GBP"), eight);
}

#[test]
fn markets_are_asked_for_every_coin_in_every_currency_and_for_the_euro() {
    let codes = |texts: &[&str]| texts.iter().map(|text| code(text)).collect::<Vec<_>>();
    let asked = wanted(&codes(&["ETH", "USDT", "USD", "ETH"]), &codes(&["GBP", "USD"]));
    let asked: Vec<_> = asked.iter().map(ToString::to_string).collect();
    assert_eq!(
        asked,
        ["ETH/EUR", "ETH/GBP", "ETH/USD", "USDT/EUR", "USDT/GBP", "USDT/USD", "EUR/GBP", "EUR/USD"]
    );
}

//! What no source can bring about, whatever it says.

use proptest::prelude::*;

use super::{
    tests::{NOW, code, live, rate, says},
    *,
};

const MARKETS: [&str; 3] = ["kraken", "coinbase", "bitfinex"];

/// Rates that a source may claim: of any size, the usual ones more often.
fn any_rate() -> impl Strategy<Value = Rate> {
    let any = (1_u128..1_000_000_000_000_000_000, 0_u8..=26)
        .prop_map(|(digits, places)| Rate::ratio(digits, 10_u128.pow(u32::from(places))).unwrap());
    prop_oneof![3 => honest(), 1 => any]
}

/// What honest markets say: within a percent of sixty thousand.
fn honest() -> impl Strategy<Value = Rate> {
    (5_970_000_u128..6_030_000).prop_map(|cents| Rate::ratio(cents, 100).unwrap())
}

fn any_age() -> impl Strategy<Value = Span> {
    (-600_i64..3_600).prop_map(Span::seconds)
}

fn said(source: &str, rate: Rate, age: Span) -> SourcedRate {
    let pair = Pair::parse("BTC/USD").unwrap();
    SourcedRate { source: source.to_owned(), pair, rate, at: NOW - age }
}

fn found(quorum: usize, said: &[SourcedRate]) -> Result<Provenance, NoRate> {
    live(&MARKETS, quorum).rate(code("BTC"), code("USD"), said, NOW)
}

fn any_of(source: &'static str) -> impl Strategy<Value = SourcedRate> {
    (any_rate(), any_age()).prop_map(move |(rate, age)| said(source, rate, age))
}

/// Anything that three markets may say, in any order.
fn anything() -> impl Strategy<Value = Vec<SourcedRate>> {
    MARKETS.map(any_of).prop_map(|said| said.to_vec()).prop_shuffle()
}

proptest! {
    #[test]
    fn one_liar_among_three_moves_nothing_out_of_what_the_honest_say(
        one in honest(),
        other in honest(),
        lie in any_rate(),
        age in any_age(),
    ) {
        let told = [said("kraken", one, Span::ZERO), said("bitfinex", lie, age), said("coinbase", other, Span::ZERO)];
        let found = found(2, &told).unwrap().rate;
        prop_assert!(found >= one.min(other) && found <= one.max(other), "{found:?}");
    }

    #[test]
    fn one_liar_beside_one_who_is_honest_makes_no_rate_of_its_own(
        truth in honest(),
        lie in any_rate(),
        age in any_age(),
    ) {
        let told = [said("kraken", truth, Span::ZERO), said("coinbase", lie, age)];
        if let Ok(found) = found(2, &told) {
            prop_assert!(found.rate.is_near(truth, AGREEMENT + AGREEMENT / 10), "{found:?}");
        }
    }

    #[test]
    fn a_rate_lies_within_what_was_said_and_all_who_made_it_are_near_it(told in anything()) {
        if let Ok(found) = found(2, &told) {
            let rates = || found.sources.iter().map(|said| said.rate);
            // Computed rates have fifteen digits.
            let (low, high) = (rates().min().unwrap(), rates().max().unwrap());
            prop_assert!(found.rate <= high && (found.rate >= low || found.rate.is_near(low, 1)));
            prop_assert!(found.sources.len() >= 2);
            for said in &found.sources {
                prop_assert!(told.contains(said) && is_price(said.rate));
                prop_assert!(said.at <= NOW + AHEAD && NOW.since(said.at) <= MARKET_AGE);
                prop_assert!(said.rate.is_near(found.rate, 2 * AGREEMENT + AGREEMENT / 10));
            }
        }
    }

    #[test]
    fn the_order_in_which_sources_speak_changes_nothing(told in anything()) {
        let mut turned = told.clone();
        turned.reverse();
        prop_assert_eq!(found(2, &told), found(2, &turned));
    }

    #[test]
    fn a_larger_quorum_finds_no_rate_that_a_smaller_one_does_not(told in anything(), quorum in 1_usize..4) {
        if let Ok(strict) = found(quorum + 1, &told) {
            prop_assert_eq!(found(quorum, &told).unwrap(), strict);
        }
    }

    #[test]
    fn what_does_not_count_changes_nothing(
        told in anything(),
        lie in any_rate(),
        seconds in 601_i64..1_000_000,
        tiny in 1_u128..=100_000_000,
    ) {
        let before = found(2, &told);
        let stale = said("bitfinex", lie, Span::seconds(seconds));
        let stranger = says("nobody", "BTC/USD", "60000");
        let elsewhere = says("bitfinex", "BTC/EUR", "60000");
        let absurd = said("bitfinex", Rate::ratio(tiny, 10_000_000_000_000_000).unwrap(), Span::ZERO);
        let two: Vec<_> = told.iter().filter(|said| said.source != "bitfinex").cloned().collect();
        prop_assert_eq!(found(2, &[&told[..], &[stranger]].concat()), before.clone());
        if before.is_ok() {
            // Another pair may lead to a rate by a longer way, never to another one than the pair itself.
            prop_assert_eq!(found(2, &[&told[..], &[elsewhere]].concat()), before);
        }
        let without = found(2, &two).ok();
        prop_assert_eq!(found(2, &[&two[..], &[stale]].concat()).ok(), without.clone());
        prop_assert_eq!(found(2, &[&two[..], &[absurd]].concat()).ok(), without);
    }

    #[test]
    fn a_swapped_pair_is_never_taken_for_the_pair(one in honest(), other in honest()) {
        let (above, below) = other.parts();
        let swapped = Rate::ratio(below, above).unwrap();
        let told = [said("kraken", one, Span::ZERO), said("coinbase", swapped, Span::ZERO)];
        prop_assert_eq!(found(2, &told), Err(NoRate::Disagreement));
    }

    #[test]
    fn ways_around_agree_with_the_exact_product_and_are_never_above_it(
        cents in 1_u128..10_000_000,
        dollars in 50_u128..500,
        pounds in 50_u128..200,
    ) {
        let pair = |text: &str, rate: Rate, source: &str| SourcedRate {
            source: source.to_owned(),
            pair: Pair::parse(text).unwrap(),
            rate,
            at: NOW,
        };
        let (coin, dollar) = (Rate::ratio(cents, 100).unwrap(), Rate::ratio(dollars, 100).unwrap());
        let pound = Rate::ratio(pounds, 100).unwrap();
        let told = [
            pair("BTC/USD", coin, "kraken"),
            pair("BTC/USD", coin, "coinbase"),
            pair("EUR/USD", dollar, "ecb"),
            pair("EUR/GBP", pound, "ecb"),
        ];
        let found = live(&MARKETS, 2).rate(code("BTC"), code("GBP"), &told, NOW).unwrap().rate;
        let exact = coin.per(dollar).unwrap().per(rate("1").per(pound).unwrap()).unwrap();
        prop_assert!(found <= exact && found.is_near(exact, 1), "{found:?} {exact:?}");
    }
}

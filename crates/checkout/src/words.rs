//! How methods and money are named: amount before asset, asset before network.

use domain::{
    chain::{AddressForm, NetworkAsset, NetworkSpec},
    money::{Asset, Rate},
    time::Span,
};
use engine::payments::ReceiptView;
use web::{amount, time};

/// What a method is called in the list of methods, and the network where that says more: `Bitcoin`, `Ether` on
/// `Ethereum`, `USDT` on `TRON`, `Card`.
pub(crate) fn method<'a>(network: &'a NetworkSpec, asset: &'a NetworkAsset) -> (&'a str, Option<&'a str>) {
    match (network.form, &asset.contract) {
        (AddressForm::Session, _) => (&network.label, None),
        (_, Some(_)) => (asset.asset.code.as_str(), Some(&network.label)),
        (_, None) if asset.label == network.label => (&asset.label, None),
        (_, None) => (&asset.label, Some(&network.label)),
    }
}

/// What arrived: `0.004 ETH`; only its asset where the network is no longer served.
pub(crate) fn receipt(view: &ReceiptView) -> String {
    match &view.asset {
        Some(known) => amount::with_code(view.receipt.amount, &known.asset),
        None => view.receipt.method.asset.to_string(),
    }
}

/// About how long a network takes for some blocks; nothing where its pace is not known.
pub(crate) fn blocks(network: &NetworkSpec, count: u64) -> Option<String> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let span = Span::seconds(i64::from(network.block_seconds).saturating_mul(count));
    (span > Span::ZERO).then(|| time::about(span))
}

/// Several things in one breath: `1.00 USDT, 2.00 USDT and 0.5 ETH`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        items => items.concat(),
    }
}

/// Decimal places of a rate, before those that say nothing are left out.
const RATE_PLACES: u8 = 8;

/// A rate for people: `1 ETH = 3000.00 USD`.
pub(crate) fn rate(rate: Rate, asset: &Asset, currency: &Asset) -> String {
    let full = rate.to_decimal(RATE_PLACES);
    let least = full.len().saturating_sub(usize::from(RATE_PLACES.saturating_sub(currency.decimals)));
    let kept = full.trim_end_matches('0').len().max(least);
    let text = full.get(..kept).unwrap_or(&full).trim_end_matches('.');
    format!("1 {} = {text} {}", asset.code, currency.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn methods_are_named_in_words() {
        for (network, asset, name) in [
            ("bitcoin", "BTC", ("Bitcoin", None)),
            ("ethereum", "ETH", ("Ether", Some("Ethereum"))),
            ("ethereum", "USDT", ("USDT", Some("Ethereum"))),
            ("tron", "TRX", ("Tronix", Some("TRON"))),
            ("card", "USD", ("Card", None)),
        ] {
            let instruction = samples::instruction(network, asset);
            assert_eq!(method(&instruction.network, &instruction.asset), name);
        }
    }

    #[test]
    fn lists_are_read_in_one_breath() {
        let list = |items: &[&str]| list(&items.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(list(&[]), "");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn rates_keep_the_places_of_the_currency() {
        let (ether, dollar, yen) = (
            Asset::new("ETH", 18).unwrap(),
            Asset::currency("USD").unwrap(),
            Asset::currency("JPY").unwrap(),
        );
        for (text, currency, written) in [
            ("3000", dollar, "1 ETH = 3000.00 USD"),
            ("0.125", dollar, "1 ETH = 0.125 USD"),
            ("450000", yen, "1 ETH = 450000 JPY"),
        ] {
            assert_eq!(rate(Rate::parse(text).unwrap(), &ether, &currency), written);
        }
    }
}

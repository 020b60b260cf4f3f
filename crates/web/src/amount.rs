//! How amounts are written: all their places that are not zero, at least as many as a currency has, then the code.

use domain::money::{Amount, Asset};

/// Places that are written even where they are zero, in an asset that has as many.
const LEAST_PLACES: u8 = 2;

/// An amount as a plain number: what is copied, and what a wallet is told.
pub fn number(amount: Amount, asset: &Asset) -> String {
    amount.to_trimmed_decimal(asset.decimals, LEAST_PLACES)
}

/// An amount with its code: `0.00833334 ETH`.
pub fn with_code(amount: Amount, asset: &Asset) -> String {
    format!("{} {}", number(amount, asset), asset.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_every_place_that_counts() {
        let ether = Asset::new("ETH", 18).unwrap();
        for (text, written) in [
            ("0.00833334", "0.00833334 ETH"),
            ("25", "25.00 ETH"),
            ("0.000000000000000001", "0.000000000000000001 ETH"),
        ] {
            assert_eq!(with_code(Amount::parse(text, 18).unwrap(), &ether), written);
        }
        let yen = Asset::currency("JPY").unwrap();
        assert_eq!(with_code(Amount::from_minor(500), &yen), "500 JPY");
        let dollar = Asset::currency("USD").unwrap();
        assert_eq!(with_code(Amount::from_minor(5), &dollar), "0.05 USD");
    }
}

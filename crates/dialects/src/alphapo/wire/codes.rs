//! Currency codes. A crypto code names an asset and its network: `USDTE` is Tether on Ethereum. What the vendor lists,
//! and no network here can carry, is not offered.

use domain::{
    chain::{AddressForm, Method, NetworkAsset, NetworkSpec},
    money::Asset,
};

/// A crypto code: what it is, and the vendor's figures for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its number in the list of currencies.
    pub(crate) id: u32,
    /// The code.
    pub(crate) code: &'static str,
    /// The asset.
    asset: &'static str,
    /// Names of the networks that carry it.
    networks: &'static [&'static str],
    /// The EIP-155 chain id of those networks, whatever the operator calls them.
    chain_id: Option<u64>,
    /// The least deposit that the vendor takes. Here nothing is refused for being small.
    pub(crate) minimum: &'static str,
}

const ETHEREUM: (&[&str], Option<u64>) = (&["ethereum"], Some(1));
const TRON: (&[&str], Option<u64>) = (&["tron"], None);
const BSC: (&[&str], Option<u64>) = (&["bsc", "bnb-smart-chain", "binance-smart-chain"], Some(56));

const fn row(
    id: u32,
    code: &'static str,
    asset: &'static str,
    (networks, chain_id): (&'static [&'static str], Option<u64>),
    minimum: &'static str,
) -> Row {
    Row { id, code, asset, networks, chain_id, minimum }
}

/// The vendor's crypto codes. Their numbers are for ever: the first are those of the vendor's sandbox, where EUR is 3
/// and USD is 4.
const CRYPTO: &[Row] = &[
    row(1, "BTC", "BTC", (&["bitcoin"], None), "0.0001"),
    row(2, "ETH", "ETH", ETHEREUM, "0.01"),
    row(5, "BCH", "BCH", (&["bitcoin-cash"], None), "0.001"),
    row(6, "LTC", "LTC", (&["litecoin"], None), "0.01"),
    row(7, "DOGE", "DOGE", (&["dogecoin"], None), "1"),
    row(8, "TRX", "TRX", TRON, "10"),
    row(9, "XRP", "XRP", (&["xrp", "ripple"], None), "0.001"),
    row(10, "ADA", "ADA", (&["cardano"], None), "2"),
    row(11, "BNB", "BNB", (&["bnb-beacon"], None), "0.01"),
    row(12, "USDTE", "USDT", ETHEREUM, "5"),
    row(13, "USDTT", "USDT", TRON, "2"),
    row(14, "USDTB", "USDT", BSC, "5"),
    row(15, "USDC", "USDC", ETHEREUM, "5"),
    row(16, "DAI", "DAI", ETHEREUM, "5"),
    row(17, "EURS", "EURS", ETHEREUM, "0.01"),
    row(18, "WBTC", "WBTC", ETHEREUM, "0.0001"),
    row(19, "BNB-BSC", "BNB", BSC, "0.01"),
];

/// The vendor's fiat codes, in its order; their numbers follow from it.
const FIAT: &[&str] = &[
    "EUR", "USD", "GBP", "ARS", "AUD", "AZN", "BDT", "BRL", "BYN", "CAD", "CHF", "CLP", "CNY", "CZK", "GEL",
    "HUF", "IDR", "ILS", "INR", "JPY", "KGS", "KRW", "KZT", "LKR", "MDL", "MXN", "MYR", "NGN", "NOK", "NPR",
    "NZD", "PEN", "PHP", "PLN", "RUB", "SEK", "THB", "TJS", "TRY", "UAH", "VND", "ZAR",
];

/// The number of the first fiat code, and of the one after those that the vendor's sandbox numbers.
const FIRST_FIAT: u32 = 3;
const NEXT_FIAT: u32 = 101;

/// A crypto code that a network here carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coin<'a> {
    /// What the vendor says of it.
    pub(crate) row: &'static Row,
    /// The network.
    pub(crate) network: &'a NetworkSpec,
    /// The asset on it.
    pub(crate) asset: &'a NetworkAsset,
}

impl Coin<'_> {
    /// What a buyer chooses.
    pub(crate) const fn method(&self) -> Method {
        Method { network: self.network.network, asset: self.asset.asset.code }
    }
}

/// A currency that something may be asked for in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Currency<'a> {
    /// A fiat currency, and its number in the list.
    Fiat(u32, Asset),
    /// A coin.
    Crypto(Coin<'a>),
}

impl Currency<'_> {
    /// Its number in the list of currencies.
    pub(crate) const fn id(&self) -> u32 {
        match self {
            Self::Fiat(id, _) => *id,
            Self::Crypto(coin) => coin.row.id,
        }
    }

    /// The code.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Fiat(_, asset) => asset.code.as_str(),
            Self::Crypto(coin) => coin.row.code,
        }
    }

    /// What it is counted in.
    pub(crate) const fn asset(&self) -> Asset {
        match self {
            Self::Fiat(_, asset) => *asset,
            Self::Crypto(coin) => coin.asset.asset,
        }
    }

    /// The vendor's word for its kind.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Fiat(..) => "fiat",
            Self::Crypto(_) => "crypto",
        }
    }

    /// The least of it that the vendor takes.
    pub(crate) const fn minimum(&self) -> &'static str {
        match self {
            Self::Fiat(..) => "0",
            Self::Crypto(coin) => coin.row.minimum,
        }
    }
}

/// The coins that these networks carry, in the order of their numbers.
pub(crate) fn coins(networks: &[NetworkSpec]) -> impl Iterator<Item = Coin<'_>> {
    CRYPTO.iter().filter_map(|row| {
        let network = carrier(row, networks)?;
        let asset = network.assets.iter().find(|known| known.asset.code.as_str() == row.asset)?;
        Some(Coin { row, network, asset })
    })
}

/// The network that carries a code: the one with the vendor's name for it, else the one with its chain's id.
fn carrier<'a>(row: &Row, networks: &'a [NetworkSpec]) -> Option<&'a NetworkSpec> {
    let carries = |spec: &&NetworkSpec| {
        spec.form != AddressForm::Session
            && spec.assets.iter().any(|known| known.asset.code.as_str() == row.asset)
    };
    let is_named = |spec: &&NetworkSpec| row.networks.contains(&spec.network.as_str());
    let has_id = |spec: &&NetworkSpec| row.chain_id.is_some() && spec.chain_id == row.chain_id;
    let able = || networks.iter().filter(carries);
    able().find(is_named).or_else(|| able().find(has_id))
}

/// The fiat currencies.
fn fiats<'a>() -> impl Iterator<Item = Currency<'a>> {
    let numbers = (FIRST_FIAT..).take(2).chain(NEXT_FIAT..);
    FIAT.iter().zip(numbers).filter_map(|(code, id)| Some(Currency::Fiat(id, Asset::currency(code).ok()?)))
}

/// Every currency, in the order of their numbers.
pub(crate) fn all(networks: &[NetworkSpec]) -> Vec<Currency<'_>> {
    let mut all: Vec<_> = coins(networks).map(Currency::Crypto).chain(fiats()).collect();
    all.sort_unstable_by_key(Currency::id);
    all
}

/// The coin with this code.
pub(crate) fn coin<'a>(code: &str, networks: &'a [NetworkSpec]) -> Option<Coin<'a>> {
    coins(networks).find(|coin| coin.row.code == code)
}

/// The currency with this code.
pub(crate) fn currency<'a>(code: &str, networks: &'a [NetworkSpec]) -> Option<Currency<'a>> {
    let fiat = || fiats().find(|fiat| fiat.code() == code);
    coin(code, networks).map(Currency::Crypto).or_else(fiat)
}

/// The code of what a buyer chose. What the vendor has no code for (the checkout offers all that the shop can receive)
/// is called by asset and network, as the vendor calls `BNB-BSC`, so that it is taken for nothing else.
pub(crate) fn code_of(method: Method, networks: &[NetworkSpec]) -> String {
    let known = coins(networks).find(|coin| coin.method() == method);
    known.map_or_else(|| other_code(method), |coin| coin.row.code.to_owned())
}

fn other_code(Method { network, asset }: Method) -> String {
    format!("{asset}-{}", network.as_str().to_uppercase())
}

/// Whether the vendor has a coin with this code, whether a network here carries it or not.
pub(crate) fn is_known(code: &str) -> bool {
    CRYPTO.iter().any(|row| row.code == code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::chain::Network;
    use testkit::{gateway::sandbox_networks, scene::method};

    use super::*;

    #[test]
    fn every_code_of_the_contract_has_a_number_of_its_own() {
        let ids: BTreeSet<u32> =
            CRYPTO.iter().map(|row| row.id).chain(fiats().map(|fiat| fiat.id())).collect();
        assert_eq!((CRYPTO.len(), FIAT.len(), ids.len()), (17, 42, 59));
        let id = |code: &str| currency(code, &sandbox_networks()).map(|known| known.id());
        assert_eq!((id("BTC"), id("ETH"), id("EUR"), id("USD")), (Some(1), Some(2), Some(3), Some(4)));
    }

    #[test]
    fn only_what_a_network_carries_is_offered() {
        let networks = sandbox_networks();
        let codes: Vec<_> = coins(&networks).map(|coin| coin.row.code).collect();
        assert_eq!(codes, ["BTC", "ETH", "TRX", "USDTE", "USDTT"]);
        for code in ["BCH", "USDC", "btc", "USDT", "", "card", "USD "] {
            assert!(currency(code, &networks).is_none(), "{code}");
        }
        let usd = currency("USD", &networks).unwrap();
        assert_eq!((usd.kind(), usd.asset().decimals), ("fiat", 2));
        let ether = currency("ETH", &networks).unwrap();
        assert_eq!((ether.kind(), ether.asset().decimals, ether.minimum()), ("crypto", 18, "0.01"));
    }

    #[test]
    fn a_network_is_known_by_its_name_before_its_chain_id() {
        let mut networks = sandbox_networks();
        let named = networks.iter().position(|spec| spec.network.as_str() == "ethereum").unwrap();
        let mut other = networks[named].clone();
        other.network = Network::parse("mainnet").unwrap();
        networks.insert(0, other);
        assert_eq!(coin("USDTE", &networks).unwrap().method(), method("ethereum", "USDT"));
        networks.remove(named + 1);
        assert_eq!(coin("USDTE", &networks).unwrap().method(), method("mainnet", "USDT"));
        networks[0].chain_id = Some(31_337);
        assert!(coin("USDTE", &networks).is_none());
    }

    #[test]
    fn every_method_is_called_something_and_by_its_code_where_it_has_one() {
        let networks = sandbox_networks();
        for (network, asset, code) in [
            ("bitcoin", "BTC", "BTC"),
            ("ethereum", "USDT", "USDTE"),
            ("tron", "USDT", "USDTT"),
            ("card", "USD", "USD-CARD"),
            ("polygon-pos", "USDC", "USDC-POLYGON-POS"),
        ] {
            assert_eq!(code_of(method(network, asset), &networks), code);
        }
        for coin in coins(&networks) {
            assert_eq!(code_of(coin.method(), &networks), coin.row.code);
        }
    }
}

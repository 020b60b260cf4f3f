//! What markets are asked for.

use std::collections::BTreeSet;

use crate::{money::AssetCode, pair::Pair};

use super::{BRIDGES, euro};

/// The pairs that markets are asked for: every asset in every currency that is in use, in dollars and in euros; and the
/// euro in each of them, which the references are compared with. What a market does not trade it does not say.
pub fn wanted(assets: &[AssetCode], currencies: &[AssetCode]) -> Vec<Pair> {
    let bridges = BRIDGES.iter().filter_map(|code| AssetCode::parse(code).ok());
    let known = assets.iter().chain(currencies).copied().chain(bridges);
    let (currencies, coins): (BTreeSet<AssetCode>, BTreeSet<AssetCode>) =
        known.partition(AssetCode::is_currency);
    let bases = coins.into_iter().chain(euro());
    bases
        .flat_map(|base| currencies.iter().map(move |currency| Pair::new(base, *currency)))
        .filter(|pair| pair.base != pair.counter)
        .collect()
}

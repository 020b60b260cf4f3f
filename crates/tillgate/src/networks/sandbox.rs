//! The networks that the sandbox simulates.

use domain::{
    chain::{AddressForm, Network, NetworkAsset, NetworkSpec},
    money::Asset,
    refusal::Refusal,
};

use super::asset_label;

/// The contract that the sandbox's tokens on ethereum claim to be kept by: the main network's own.
const ETHEREUM_USDT: &str = "0xdAC17F958D2ee523a2206206994597C13D831ec7";

/// Likewise on tron.
const TRON_USDT: &str = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";

/// A network with its assets: code, places, contract.
struct Row {
    name: &'static str,
    label: &'static str,
    form: AddressForm,
    depth: u32,
    block_seconds: u32,
    assets: &'static [(&'static str, u8, Option<&'static str>)],
}

/// As deep and as slow as the networks whose names they have.
const NETWORKS: &[Row] = &[
    Row {
        name: "bitcoin",
        label: "Bitcoin",
        form: AddressForm::BitcoinRegtest,
        depth: 2,
        block_seconds: 600,
        assets: &[("BTC", 8, None)],
    },
    Row {
        name: "ethereum",
        label: "Ethereum",
        form: AddressForm::Evm,
        depth: 12,
        block_seconds: 12,
        assets: &[("ETH", 18, None), ("USDT", 6, Some(ETHEREUM_USDT))],
    },
    Row {
        name: "tron",
        label: "TRON",
        form: AddressForm::Tron,
        depth: 19,
        block_seconds: 3,
        assets: &[("USDT", 6, Some(TRON_USDT)), ("TRX", 6, None)],
    },
    Row {
        name: "card",
        label: "Card",
        form: AddressForm::Session,
        depth: 1,
        block_seconds: 1,
        assets: &[("USD", 2, None)],
    },
];

/// The networks of the sandbox, in the order in which buyers see them.
pub(super) fn networks() -> Result<Vec<NetworkSpec>, Refusal> {
    NETWORKS.iter().map(spec).collect()
}

fn spec(row: &Row) -> Result<NetworkSpec, Refusal> {
    let assets = row.assets.iter().map(|(code, decimals, contract)| {
        let asset = Asset::new(code, *decimals)?;
        Ok(NetworkAsset { asset, label: asset_label(code).to_owned(), contract: contract.map(str::to_owned) })
    });
    Ok(NetworkSpec {
        network: Network::parse(row.name)?,
        label: row.label.to_owned(),
        form: row.form,
        depth: row.depth,
        simulated: true,
        // It is no chain that a wallet knows.
        chain_id: None,
        block_seconds: row.block_seconds,
        assets: assets.collect::<Result<_, Refusal>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_of_the_sandbox_can_be_served() {
        let networks = networks().unwrap();
        let names: Vec<_> = networks.iter().map(|spec| spec.network.as_str()).collect();
        assert_eq!(names, ["bitcoin", "ethereum", "tron", "card"]);
    }
}

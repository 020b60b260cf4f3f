//! Ethereum-like networks, from their tables in the configuration.

use addresses::address;
use domain::{
    chain::{AddressForm, Network, NetworkAsset, NetworkSpec},
    money::Asset,
    refusal::Refusal,
};
use rails::{
    NodeUrl,
    evm::{EvmSettings, Token},
};

use super::{Chain, Settings, asset_label, capitalised, secret_or_file, unusable};
use crate::{config::EvmNetwork, failure::CommandError};

/// Places of the coin of every Ethereum-like chain.
const COIN_PLACES: u8 = 18;

/// About how long blocks take, in seconds, by chain id.
const BLOCK_SECONDS: &[(u64, u32)] =
    &[(1, 12), (10, 2), (56, 3), (100, 5), (137, 2), (8_453, 2), (42_161, 1), (43_114, 2)];

/// The same where the chain is not known.
const USUAL_BLOCK_SECONDS: u32 = 12;

/// The chain of a table. Its node is not asked yet.
pub(super) fn chain(table: &EvmNetwork) -> Result<Chain, CommandError> {
    let name = &table.network;
    let what = format!("the node's URL of {name}");
    let text = secret_or_file(&table.rpc_url, &table.rpc_url_file, &what, "rpc_url_file")?;
    let url = NodeUrl::parse(&text).map_err(|error| CommandError::new(format!("{name}: {error}")))?;
    of(table, url).map_err(unusable)
}

fn of(table: &EvmNetwork, url: NodeUrl) -> Result<Chain, Refusal> {
    let network = Network::parse(&table.network)?;
    let mut settings = EvmSettings::new(network, url, table.chain_id);
    let mut assets = Vec::new();
    if !table.native.is_empty() {
        let asset = Asset::new(&table.native, COIN_PLACES)?;
        settings.native = Some(asset.code);
        assets.push(NetworkAsset { asset, label: asset_label(&table.native).to_owned(), contract: None });
    }
    for token in &table.tokens {
        let asset = Asset::new(&token.asset, token.decimals)?;
        let script = address::parse(AddressForm::Evm, &token.contract).ok_or(Refusal::AssetUnknown)?;
        let contract = script.bytes().try_into().map_err(|_| Refusal::AssetUnknown)?;
        settings.tokens.push(Token { asset: asset.code, contract });
        let (label, contract) = (asset_label(&token.asset).to_owned(), Some(token.contract.clone()));
        assets.push(NetworkAsset { asset, label, contract });
    }
    let spec = NetworkSpec {
        network,
        label: if table.label.is_empty() { capitalised(&table.network) } else { table.label.clone() },
        form: AddressForm::Evm,
        depth: table.confirmations,
        simulated: false,
        chain_id: Some(table.chain_id),
        block_seconds: block_seconds(table.chain_id),
        assets,
    };
    Ok(Chain::new(spec, Settings::Evm(settings), table.poll_ms, table.max_block_age_s))
}

fn block_seconds(chain_id: u64) -> u32 {
    let known = BLOCK_SECONDS.iter().find(|(id, _)| *id == chain_id);
    known.map_or(USUAL_BLOCK_SECONDS, |(_, seconds)| *seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EvmToken, secret::Secret};

    #[test]
    fn a_table_becomes_a_network() {
        let token = EvmToken {
            asset: "USDC".to_owned(),
            contract: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48".to_owned(),
            decimals: 6,
        };
        let table = EvmNetwork {
            network: "polygon".to_owned(),
            chain_id: 137,
            rpc_url: Secret::new("https://node.example/v2/key"),
            native: "POL".to_owned(),
            tokens: vec![token],
            ..EvmNetwork::default()
        };
        let chain = chain(&table).unwrap();
        assert_eq!((chain.spec.label.as_str(), chain.spec.block_seconds), ("Polygon", 2));
        let assets: Vec<_> = chain.spec.assets.iter().map(|asset| asset.label.as_str()).collect();
        assert_eq!(assets, ["POL", "USD Coin"]);
    }
}

//! Bitcoin and its test networks, from their tables in the configuration.

use domain::{
    chain::{AddressForm, Network, NetworkAsset, NetworkSpec},
    money::Asset,
    refusal::Refusal,
};
use rails::{
    NodeUrl,
    bitcoin::{BitcoinSettings, Chain as Name, Server},
};

use super::{Chain, Settings, asset_label, capitalised, secret_or_file, unusable};
use crate::{config::BitcoinNetwork, failure::CommandError};

/// The code of the coin, of the test networks' too: what they pay in is worth nothing, and is called so all the same.
const COIN: &str = "BTC";

/// Its places.
const COIN_PLACES: u8 = 8;

/// About how long a block takes, in seconds.
const BLOCK_SECONDS: u32 = 600;

/// The chain of a table. Its node is not asked yet.
pub(super) fn chain(table: &BitcoinNetwork) -> Result<Chain, CommandError> {
    let server = server(table)?;
    // The check of the configuration has complained about a table without one.
    let chain = table.chain.unwrap_or(Name::Main);
    of(table, chain, server).map_err(unusable)
}

fn of(table: &BitcoinNetwork, chain: Name, server: Server) -> Result<Chain, Refusal> {
    let network = Network::parse(&table.network)?;
    let asset = Asset::new(COIN, COIN_PLACES)?;
    let mut settings = BitcoinSettings::new(network, chain, server, asset.code);
    settings.sees_waiting = table.mempool;
    settings.largest_pool = table.mempool_limit;
    let spec = NetworkSpec {
        network,
        label: if table.label.is_empty() { capitalised(&table.network) } else { table.label.clone() },
        form: form(chain),
        depth: table.confirmations,
        simulated: false,
        chain_id: None,
        block_seconds: BLOCK_SECONDS,
        assets: vec![NetworkAsset { asset, label: asset_label(COIN).to_owned(), contract: None }],
    };
    Ok(Chain::new(spec, Settings::Bitcoin(settings), table.poll_ms, table.max_block_age_s))
}

/// How a chain writes its addresses.
const fn form(chain: Name) -> AddressForm {
    match chain {
        Name::Main => AddressForm::BitcoinMain,
        Name::Test | Name::Signet => AddressForm::BitcoinTest,
        Name::Regtest => AddressForm::BitcoinRegtest,
    }
}

/// The node or the server of a table.
fn server(table: &BitcoinNetwork) -> Result<Server, CommandError> {
    let name = &table.network;
    let invalid = |error: rails::NodeUrlInvalid| CommandError::new(format!("{name}: {error}"));
    let what = format!("the server's URL of {name}");
    let esplora = secret_or_file(&table.esplora_url, &table.esplora_url_file, &what, "esplora_url_file")?;
    if !esplora.is_empty() {
        return Ok(Server::Esplora(NodeUrl::parse(&esplora).map_err(invalid)?));
    }
    let what = format!("the node's URL of {name}");
    let url = secret_or_file(&table.rpc_url, &table.rpc_url_file, &what, "rpc_url_file")?;
    let url = NodeUrl::parse(&url).map_err(invalid)?;
    let what = format!("the node's password of {name}");
    let password = secret_or_file(&table.rpc_password, &table.rpc_password_file, &what, "rpc_password_file")?;
    let is_given = !table.rpc_user.is_empty() || !password.is_empty();
    let url = if is_given { url.with_credentials(&table.rpc_user, &password).map_err(invalid)? } else { url };
    Ok(Server::Core(url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Setting, secret::Secret};

    fn table(chain: Name) -> BitcoinNetwork {
        BitcoinNetwork {
            network: "bitcoin".to_owned(),
            chain: Setting(Some(chain)),
            rpc_url: Secret::new("http://127.0.0.1:8332"),
            ..BitcoinNetwork::default()
        }
    }

    #[test]
    fn a_table_becomes_a_network() {
        for (name, form) in [
            (Name::Main, AddressForm::BitcoinMain),
            (Name::Test, AddressForm::BitcoinTest),
            (Name::Signet, AddressForm::BitcoinTest),
            (Name::Regtest, AddressForm::BitcoinRegtest),
        ] {
            let chain = chain(&table(name)).unwrap();
            assert_eq!((chain.spec.label.as_str(), chain.spec.form, chain.spec.depth), ("Bitcoin", form, 2));
            assert_eq!(chain.spec.assets[0].asset.decimals, 8);
        }
    }

    #[test]
    fn a_password_stands_in_the_table_or_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "s3cr3t\n").unwrap();
        let user = |table| BitcoinNetwork { rpc_user: "till".to_owned(), ..table };
        let given = BitcoinNetwork { rpc_password: Secret::new("s3cr3t"), ..user(table(Name::Main)) };
        let kept = BitcoinNetwork { rpc_password_file: file, ..user(table(Name::Main)) };
        let whole =
            BitcoinNetwork { rpc_url: Secret::new("http://till:s3cr3t@127.0.0.1:8332"), ..table(Name::Main) };
        let [given, kept, whole] = [given, kept, whole].map(|table| match server(&table).unwrap() {
            Server::Core(url) | Server::Esplora(url) => url,
        });
        assert!(given == kept && kept == whole);
        let missing = BitcoinNetwork { rpc_password_file: "/nowhere".into(), ..user(table(Name::Main)) };
        let error = server(&missing).unwrap_err().to_string();
        assert!(error.contains("password of bitcoin") && error.contains("rpc_password_file"), "{error}");
    }
}

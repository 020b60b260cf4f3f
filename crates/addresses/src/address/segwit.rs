//! Version 0 witness programs over the hash of a public key (BIP-141), in bech32 (BIP-173) with the prefix of Bitcoin's
//! regression-test networks: `bcrt1q…`. No wallet with real money takes that prefix.

use bitcoin::{Address, Network, address::NetworkUnchecked};
use domain::chain::Script;

/// The network that the prefix belongs to.
const NETWORK: Network = Network::Regtest;

pub(super) fn encode(script: &Script) -> Option<String> {
    let script = bitcoin::Script::from_bytes(script.bytes());
    if !script.is_p2wpkh() {
        return None;
    }
    Address::from_script(script, NETWORK).ok().map(|address| address.to_string())
}

pub(super) fn parse(text: &str) -> Option<Script> {
    let address: Address<NetworkUnchecked> = text.parse().ok()?;
    let script = address.require_network(NETWORK).ok()?.script_pubkey();
    if script.is_p2wpkh() { Script::new(script.as_bytes()) } else { None }
}

#[cfg(test)]
mod tests {
    use bitcoin::hex::FromHex;

    use super::*;

    /// The program of BIP-173's first address, under the prefix of the test networks.
    const TEXT: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    fn script(hex: &str) -> Script {
        Script::new(&Vec::from_hex(hex).unwrap()).unwrap()
    }

    #[test]
    fn a_program_has_one_text_that_may_be_shouted() {
        let program = script("0014751e76e8199196d454941c45d1b3a323f1433bd6");
        assert_eq!(encode(&program).as_deref(), Some(TEXT));
        assert_eq!(parse(TEXT), Some(program.clone()));
        assert_eq!(parse(&TEXT.to_ascii_uppercase()), Some(program));
        assert_eq!(parse(&TEXT.replace('w', "W")), None);
    }

    #[test]
    fn scripts_of_other_kinds_have_no_text() {
        for hex in [
            "751e76e8199196d454941c45d1b3a323f1433bd6",
            "5114751e76e8199196d454941c45d1b3a323f1433bd6",
            "0014751e76e8199196d454941c45d1b3a323f1433b",
            "0014751e76e8199196d454941c45d1b3a323f1433bd600",
            "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
            "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac",
        ] {
            assert_eq!(encode(&script(hex)), None, "{hex}");
        }
    }

    #[test]
    fn addresses_of_other_networks_and_kinds_are_refused() {
        // The same networks' addresses for scripts (v0, 32 bytes), for taproot (v1) and in base58, well formed.
        let other_kinds = [
            "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
            "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac",
        ];
        for hex in other_kinds {
            let script = bitcoin::ScriptBuf::from_hex(hex).unwrap();
            let text = Address::from_script(&script, NETWORK).unwrap().to_string();
            assert_eq!(parse(&text), None, "{text}");
        }
        for text in [
            "",
            "bcrt1",
            "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt08",
            "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt081",
            "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt08q",
            " bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
            // BIP-173: valid on other networks, or nowhere.
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            "tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty",
            "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
            "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn every_mistyped_character_is_refused() {
        for place in 0..TEXT.len() {
            for other in ["q", "0", "l", "b"] {
                let changed = format!("{}{other}{}", &TEXT[..place], &TEXT[place + 1..]);
                assert_eq!(parse(&changed).is_some(), changed == TEXT, "{changed}");
            }
        }
    }
}

//! Witness programs as Bitcoin writes them: version 0 over the hash of a public key (BIP-141) in bech32 (BIP-173),
//! and version 1, taproot (BIP-341), in bech32m (BIP-350). The prefix tells the networks apart: `bc1`, `tb1`, `bcrt1`.
//!
//! No other script is ours: not the older forms in base58, and not the programs over scripts.

use bitcoin::{Address, Network, address::NetworkUnchecked};
use domain::chain::Script;

/// Characters of the longest address here: four of prefix, the separator, and 59 of version, program and checksum.
const MAX_TEXT: usize = 64;

/// The address of `script` under the prefix of `network`.
pub(super) fn encode(network: Network, script: &Script) -> Option<String> {
    let script = bitcoin::Script::from_bytes(script.bytes());
    if !is_ours(script) {
        return None;
    }
    Address::from_script(script, network).ok().map(|address| address.to_string())
}

/// The script of an address under the prefix of `network`.
pub(super) fn parse(network: Network, text: &str) -> Option<Script> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let address: Address<NetworkUnchecked> = text.parse().ok()?;
    let script = address.require_network(network).ok()?.script_pubkey();
    if is_ours(&script) { Script::new(script.as_bytes()) } else { None }
}

fn is_ours(script: &bitcoin::Script) -> bool {
    script.is_p2wpkh() || script.is_p2tr()
}

#[cfg(test)]
mod tests {
    use bitcoin::hex::FromHex;

    use super::*;

    /// The program of BIP-173's first address, under each prefix.
    const KEY_HASH: [(Network, &str); 4] = [
        (Network::Bitcoin, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        (Network::Testnet, "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
        (Network::Signet, "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
        (Network::Regtest, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"),
    ];

    /// The program of BIP-350's address of version 1 and 32 bytes, on Bitcoin itself and on its test networks.
    const TAPROOT: [(Network, &str); 2] = [
        (Network::Bitcoin, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
        (Network::Testnet, "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c"),
    ];

    fn script(hex: &str) -> Script {
        Script::new(&Vec::from_hex(hex).unwrap()).unwrap()
    }

    #[test]
    fn a_program_has_one_text_on_each_network_that_may_be_shouted() {
        let program = script("0014751e76e8199196d454941c45d1b3a323f1433bd6");
        for (network, text) in KEY_HASH {
            assert_eq!(encode(network, &program).as_deref(), Some(text));
            assert_eq!(parse(network, text), Some(program.clone()));
            assert_eq!(parse(network, &text.to_ascii_uppercase()), Some(program.clone()));
            assert_eq!(parse(network, &text.replacen('w', "W", 1)), None);
        }
    }

    #[test]
    fn taproot_has_the_texts_of_its_standard() {
        let programs = [
            "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
        ];
        for ((network, text), program) in TAPROOT.into_iter().zip(programs) {
            assert_eq!(encode(network, &script(program)).as_deref(), Some(text));
            assert_eq!(parse(network, text), Some(script(program)));
            assert_eq!(parse(network, &text.to_ascii_uppercase()), Some(script(program)));
        }
    }

    #[test]
    fn an_address_of_another_network_is_refused() {
        for (network, text) in KEY_HASH.into_iter().chain(TAPROOT) {
            for other in [Network::Bitcoin, Network::Testnet, Network::Regtest] {
                let same = (other == Network::Testnet && network == Network::Signet) || other == network;
                assert_eq!(parse(other, text).is_some(), same, "{text} on {other}");
            }
        }
    }

    #[test]
    fn scripts_of_other_kinds_have_no_text() {
        for hex in [
            "751e76e8199196d454941c45d1b3a323f1433bd6",
            "5114751e76e8199196d454941c45d1b3a323f1433bd6",
            "0014751e76e8199196d454941c45d1b3a323f1433b",
            "0014751e76e8199196d454941c45d1b3a323f1433bd600",
            "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
            "522079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f8179800",
            "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac",
        ] {
            for (network, _) in KEY_HASH {
                assert_eq!(encode(network, &script(hex)), None, "{hex}");
            }
        }
    }

    #[test]
    fn addresses_of_other_kinds_are_refused() {
        // Well formed: for scripts (version 0, 32 bytes), of a later version, and in base58.
        for hex in [
            "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
            "522079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac",
            "a914751e76e8199196d454941c45d1b3a323f1433bd687",
        ] {
            let script = bitcoin::ScriptBuf::from_hex(hex).unwrap();
            for (network, _) in KEY_HASH {
                let text = Address::from_script(&script, network).unwrap().to_string();
                assert_eq!(parse(network, &text), None, "{text}");
            }
        }
        for text in [
            "",
            "bc1",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t44",
            " bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            // BIP-173 and BIP-350, invalid addresses: another prefix, a program too short, version 0 in bech32m,
            // version 1 in bech32.
            "tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty",
            "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
            "bc1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
            "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
            "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH",
        ] {
            assert_eq!(parse(Network::Bitcoin, text), None, "{text:?}");
        }
    }

    #[test]
    fn every_mistyped_character_is_refused() {
        for text in [KEY_HASH[0].1, TAPROOT[0].1] {
            for place in 0..text.len() {
                for other in ["q", "0", "l", "b"] {
                    let changed = format!("{}{other}{}", &text[..place], &text[place + 1..]);
                    assert_eq!(parse(Network::Bitcoin, &changed).is_some(), changed == text, "{changed}");
                }
            }
        }
    }
}

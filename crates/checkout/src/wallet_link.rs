//! Links that a wallet opens with everything filled in.

use domain::{chain::AddressForm, money::Amount};
use engine::checkout::Instruction;

/// The chain that wallet links of a simulated network name, whatever it is configured as: the one that development
/// chains use. No wallet sends real money there.
const SANDBOX_CHAIN: u64 = 1337;

/// The link that opens a wallet; nothing where there is no scheme that wallets agree on.
///
/// Ethereum-like networks: EIP-681, always with the chain, since a wallet would take a link without one for Ethereum.
/// Bitcoin: BIP-21. TRON has no such scheme: what exists belongs to single wallets, and none fills in an amount for
/// another's users.
pub(crate) fn wallet_link(instruction: &Instruction) -> Option<String> {
    let Instruction { address, due, network, asset, .. } = instruction;
    match network.form {
        AddressForm::Evm => {
            let chain = if network.simulated { Some(SANDBOX_CHAIN) } else { network.chain_id };
            Some(ethereum(chain?, address, asset.contract.as_deref(), *due))
        }
        AddressForm::BitcoinMain | AddressForm::BitcoinTest | AddressForm::BitcoinRegtest => {
            Some(bitcoin(address, *due, asset.asset.decimals))
        }
        AddressForm::Tron | AddressForm::Session => None,
    }
}

/// What the QR code says: the link, or where there is none the address, which every wallet reads.
pub(crate) fn code_text(instruction: &Instruction) -> String {
    wallet_link(instruction).unwrap_or_else(|| instruction.address.clone())
}

/// EIP-681: a transfer of the chain's own coin in its smallest unit, or a call of the token's `transfer`.
fn ethereum(chain: u64, address: &str, contract: Option<&str>, due: Amount) -> String {
    let amount = due.minor();
    match contract {
        None => format!("ethereum:{address}@{chain}?value={amount}"),
        Some(token) => format!("ethereum:{token}@{chain}/transfer?address={address}&uint256={amount}"),
    }
}

/// BIP-21: the amount in whole coins, with a point.
fn bitcoin(address: &str, due: Amount, decimals: u8) -> String {
    format!("bitcoin:{address}?amount={}", due.to_trimmed_decimal(decimals, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn link(network: &str, asset: &str, amount: &str, simulated: bool) -> Option<String> {
        let mut instruction = samples::instruction(network, asset);
        instruction.due = Amount::parse(amount, instruction.asset.asset.decimals).unwrap();
        instruction.network.simulated = simulated;
        wallet_link(&instruction)
    }

    #[test]
    fn each_asset_has_the_link_of_its_standard() {
        let to = "0x9858EfFD232B4033E47d90003D41EC34EcaEda94";
        for (network, asset, amount, golden) in [
            ("ethereum", "ETH", "0.00833334", format!("ethereum:{to}@1?value=8333340000000000")),
            ("ethereum", "ETH", "1", format!("ethereum:{to}@1?value=1000000000000000000")),
            (
                "ethereum",
                "USDT",
                "25.5",
                format!(
                    "ethereum:0x5FbDB2315678afecb367f032d93F642f64180aa3@1/transfer?address={to}&uint256=25500000"
                ),
            ),
            (
                "bitcoin",
                "BTC",
                "0.00041667",
                "bitcoin:bcrt1qcr8te4kr609gcawutmrza0j4xv80jy8zeqchgx?amount=0.00041667".to_owned(),
            ),
            (
                "bitcoin",
                "BTC",
                "2",
                "bitcoin:bcrt1qcr8te4kr609gcawutmrza0j4xv80jy8zeqchgx?amount=2".to_owned(),
            ),
        ] {
            assert_eq!(link(network, asset, amount, false), Some(golden));
        }
    }

    #[test]
    fn where_wallets_agree_on_nothing_there_is_no_link() {
        for (network, asset) in [("tron", "TRX"), ("tron", "USDT"), ("card", "USD")] {
            assert_eq!(link(network, asset, "25", false), None, "{asset} on {network}");
        }
        let tron = samples::instruction("tron", "USDT");
        assert_eq!(code_text(&tron), tron.address);
    }

    #[test]
    fn a_link_of_the_sandbox_leads_to_no_real_chain() {
        let link = link("ethereum", "USDT", "1", true).unwrap();
        assert!(link.contains("@1337/transfer?"), "{link}");
    }

    #[test]
    fn a_network_that_does_not_say_which_chain_it_is_has_no_link() {
        let mut instruction = samples::instruction("ethereum", "ETH");
        instruction.network.chain_id = None;
        instruction.network.simulated = false;
        assert_eq!(wallet_link(&instruction), None);
        assert_eq!(code_text(&instruction), instruction.address);
    }
}

//! The key whose children receive money.

use std::fmt;

use bitcoin::{bip32::Xpub, secp256k1::PublicKey};
use domain::{
    chain::{Script, ScriptKind},
    refusal::Refusal,
};

use crate::{child::child, script};

/// An account's external chain (BIP-44): m/0, derived once for any number of addresses. One address costs one
/// multiplication on the curve, some tens of microseconds.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivingKey(Xpub);

impl ReceivingKey {
    pub(crate) fn new(key: Xpub) -> Self {
        Self(key)
    }

    /// The public key of one address: m/0/index.
    ///
    /// # Errors
    /// [`Refusal::MethodUnavailable`] for an index of 2^31 or more: the key has no further addresses.
    pub fn public_key(&self, index: u32) -> Result<PublicKey, Refusal> {
        child(&self.0, index).map(|key| key.public_key)
    }

    /// What a chain compares with for the address at `index`: for [`ScriptKind::Account`] its 20 bytes, for
    /// [`ScriptKind::WitnessKeyHash`] the output script of 22 bytes (BIP-141), for [`ScriptKind::Taproot`] that of 34
    /// bytes, whose key is tweaked by nothing but itself (BIP-86).
    ///
    /// # Errors
    /// [`Refusal::MethodUnavailable`] for an index of 2^31 or more, and for [`ScriptKind::Session`]: sessions are
    /// random, and derived from no key.
    pub fn script(&self, kind: ScriptKind, index: u32) -> Result<Script, Refusal> {
        script::of_key(kind, &self.public_key(index)?)
    }
}

impl fmt::Debug for ReceivingKey {
    /// Names the key without telling it: whoever has it sees everything that its owner receives.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceivingKey({})", self.0.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use bitcoin::hex::DisplayHex;
    use domain::chain::AddressForm;

    use super::*;
    use crate::{
        account_key::AccountKey,
        address,
        vectors::{
            BIP84_ADDRESSES, BIP86_ADDRESSES, BIP86_SCRIPTS, BITCOIN, BITCOIN_TAPROOT, ETHEREUM, TRON,
        },
    };

    fn receiving(key: &str) -> ReceivingKey {
        AccountKey::parse(key).unwrap().receiving().unwrap()
    }

    fn check_addresses(key: &str, form: AddressForm, kind: ScriptKind, addresses: &[&str]) {
        let receiving = receiving(key);
        for (index, expected) in (0..).zip(addresses) {
            let script = receiving.script(kind, index).unwrap();
            assert_eq!(address::encode(form, &script).as_deref(), Some(*expected));
            assert_eq!(address::parse(form, expected), Some(script));
        }
    }

    #[test]
    fn ethereum_addresses_are_those_of_other_wallets() {
        check_addresses(
            ETHEREUM,
            AddressForm::Evm,
            ScriptKind::Account,
            &["0x9858EfFD232B4033E47d90003D41EC34EcaEda94", "0x6Fac4D18c912343BF86fa7049364Dd4E424Ab9C0"],
        );
    }

    #[test]
    fn tron_addresses_are_those_of_other_wallets() {
        check_addresses(
            TRON,
            AddressForm::Tron,
            ScriptKind::Account,
            &[
                "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH",
                "TSeJkUh4Qv67VNFwY8LaAxERygNdy6NQZK",
                "TYJPRrdB5APNeRs4R7fYZSwW3TcrTKw2gx",
            ],
        );
        let script = receiving(TRON).script(ScriptKind::Account, 0).unwrap();
        assert_eq!(script.bytes().to_lower_hex_string(), "c8599111f29c1e1e061265b4af93ea1f274ad78a");
    }

    #[test]
    fn bitcoin_scripts_are_those_of_the_standards() {
        let public_keys = [
            "0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c",
            "03e775fd51f0dfb8cd865d9ff1cca2a158cf651fe997fdc9fee9c1d3b5e995ea77",
        ];
        let (segwit, taproot) = (receiving(BITCOIN), receiving(BITCOIN_TAPROOT));
        for (index, (public_key, script)) in (0..).zip(public_keys.into_iter().zip(BIP86_SCRIPTS)) {
            assert_eq!(segwit.public_key(index).unwrap().to_string(), public_key);
            let found = taproot.script(ScriptKind::Taproot, index).unwrap();
            assert_eq!(found.bytes().to_lower_hex_string(), script);
        }
        check_addresses(BITCOIN, AddressForm::BitcoinMain, ScriptKind::WitnessKeyHash, &BIP84_ADDRESSES);
        check_addresses(BITCOIN_TAPROOT, AddressForm::BitcoinMain, ScriptKind::Taproot, &BIP86_ADDRESSES);
    }

    #[test]
    fn a_script_tells_its_kind() {
        let receiving = receiving(BITCOIN);
        for kind in [ScriptKind::WitnessKeyHash, ScriptKind::Taproot] {
            let script = receiving.script(kind, 0).unwrap();
            for form in [AddressForm::BitcoinMain, AddressForm::BitcoinTest, AddressForm::BitcoinRegtest] {
                assert_eq!(form.kind_of(&script), kind);
                assert!(form.script_kinds().contains(&kind));
            }
        }
        assert_eq!(AddressForm::Evm.kind_of(&Script::new(&[0x51, 0x20]).unwrap()), ScriptKind::Account);
    }

    #[test]
    fn an_account_and_its_receiving_key_agree() {
        let account = AccountKey::parse(ETHEREUM).unwrap();
        let receiving = account.receiving().unwrap();
        for index in [0, 1, 2, 999, 0x7fff_ffff] {
            assert_eq!(account.external(index), receiving.public_key(index));
        }
        assert_ne!(receiving.public_key(0), receiving.public_key(1));
    }

    #[test]
    fn sessions_and_hardened_indexes_have_no_script() {
        let receiving = receiving(ETHEREUM);
        assert_eq!(receiving.script(ScriptKind::Session, 0), Err(Refusal::MethodUnavailable));
        for kind in [ScriptKind::Account, ScriptKind::WitnessKeyHash, ScriptKind::Taproot] {
            assert!(receiving.script(kind, 0x7fff_ffff).is_ok());
            assert_eq!(receiving.script(kind, 0x8000_0000), Err(Refusal::MethodUnavailable));
        }
    }
}

//! The account key of the sandbox. Its private key is public: **anyone can spend what it receives.**
//!
//! It makes the wallets of shops on simulated chains, and must never receive real money: [`is_sandbox`] tells it, and
//! the wallets made from it, from the keys of people.

use bitcoin::{
    bip32::Xpub,
    hashes::{Hash, sha256},
};
use domain::{chain::ScriptKind, id::ShopId, refusal::Refusal};

use crate::account_key::AccountKey;

/// The sandbox's key: the master key (BIP-32) of the seed that is the SHA-256 of the ASCII text
/// `Tillgate sandbox: anyone can spend what this key receives`. Whoever reads this can spend what it receives.
#[rustfmt::skip] // The whole key in one piece.
pub const XPUB: &str =
    "xpub661MyMwAqRbcGsjRCPp5k5XaM9fbyGH8nXM4oLQc7mCDEwouUQCkZEyAu26JYkVry4EZGacst8doftdQXFgwyHajSaPvPbgLajLHXLMWN9W";

/// The sandbox's key itself.
///
/// # Errors
/// [`Refusal::KeyInvalid`] if [`XPUB`] were none.
pub fn root_key() -> Result<AccountKey, Refusal> {
    AccountKey::parse(XPUB)
}

/// The wallet of one shop for one kind of script on simulated chains. No two are the same.
///
/// An index has only 31 bits, so that shops told apart by indexes would meet sooner or later. A chain code has 256:
/// the wallet is the child of the sandbox's public key under the chain code that is the SHA-256 of the shop's id, with
/// an index per kind. By the rules of BIP-32 it names the sandbox's key as its parent: so [`is_sandbox`] knows it.
///
/// # Errors
/// [`Refusal::MethodUnavailable`] for the one shop in 2^127 whose wallet has no key.
pub fn wallet_key(shop: ShopId, kind: ScriptKind) -> Result<AccountKey, Refusal> {
    let chain_code = sha256::Hash::hash(shop.bytes()).to_byte_array().into();
    let parent = Xpub { chain_code, ..*root_key()?.extended() };
    AccountKey::new(parent)?.child(index(kind))
}

/// Whether anyone can spend what `key` receives: it is the sandbox's own, or its parent is. A key further down does not
/// show where it comes from; a stranger's key is taken for the sandbox's once in 2^32.
pub fn is_sandbox(key: &AccountKey) -> bool {
    root_key().is_ok_and(|root| {
        let (root, key) = (root.extended(), key.extended());
        key.public_key == root.public_key || (key.depth == 1 && key.parent_fingerprint == root.fingerprint())
    })
}

/// The index of a kind's wallets. Stored wallets depend on it: it never changes.
const fn index(kind: ScriptKind) -> u32 {
    match kind {
        ScriptKind::Account => 0,
        ScriptKind::WitnessKeyHash => 1,
        ScriptKind::Session => 2,
        ScriptKind::Taproot => 3,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use bitcoin::{
        NetworkKind,
        bip32::{DerivationPath, Xpriv},
        secp256k1::Secp256k1,
    };
    use proptest::prelude::*;

    use super::*;
    use crate::vectors::{
        BIP32_LEADING_ZEROS, BIP32_PARENTS, BITCOIN, BITCOIN_YPUB, ETHEREUM, SANDBOX_WALLETS, TRON,
    };

    const PHRASE: &str = "Tillgate sandbox: anyone can spend what this key receives";

    /// What everybody can make.
    fn private_root() -> Xpriv {
        let seed = sha256::Hash::hash(PHRASE.as_bytes()).to_byte_array();
        Xpriv::new_master(NetworkKind::Main, &seed).unwrap()
    }

    fn shop(last: u8) -> ShopId {
        let mut bytes = [0x01; 16];
        bytes[15] = last;
        ShopId::from_bytes(bytes)
    }

    #[test]
    fn the_key_is_the_one_of_the_phrase() {
        assert_eq!(Xpub::from_priv(&Secp256k1::new(), &private_root()).to_string(), XPUB);
        assert_eq!(root_key().unwrap().to_string(), XPUB);
    }

    #[test]
    fn no_two_wallets_share_a_key() {
        let wallets: HashSet<_> = (0..=u8::MAX)
            .flat_map(|last| ScriptKind::ALL.iter().map(move |kind| wallet_key(shop(last), *kind).unwrap()))
            .map(|key| key.extended().public_key)
            .collect();
        assert_eq!(wallets.len(), 256 * ScriptKind::ALL.len());
    }

    #[test]
    fn a_wallet_stays_the_same() {
        // Stored wallets were made so: a change here would leave their addresses to nobody.
        let keys: Vec<_> =
            ScriptKind::ALL.iter().map(|kind| wallet_key(shop(7), *kind).unwrap().to_string()).collect();
        assert_eq!(keys, SANDBOX_WALLETS);
    }

    #[test]
    fn the_key_and_its_children_are_recognised_in_every_form() {
        let root = root_key().unwrap();
        assert!(is_sandbox(&root));
        assert!(is_sandbox(&root.child(0).unwrap()) && is_sandbox(&root.child(9).unwrap()));
        for kind in ScriptKind::ALL {
            let wallet = wallet_key(shop(1), *kind).unwrap();
            assert!(is_sandbox(&wallet));
            assert!(is_sandbox(&AccountKey::parse(&wallet.to_string()).unwrap()));
        }
    }

    #[test]
    fn keys_of_people_are_not_the_sandboxs() {
        for text in [BITCOIN, BITCOIN_YPUB, ETHEREUM, TRON]
            .into_iter()
            .chain(BIP32_PARENTS)
            .chain(BIP32_LEADING_ZEROS)
        {
            assert!(!is_sandbox(&AccountKey::parse(text).unwrap()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn anyone_can_spend_what_a_wallet_receives(id: [u8; 16], index in 0..0x8000_0000_u32) {
            let secp = Secp256k1::new();
            let chain_code = sha256::Hash::hash(&id).to_byte_array().into();
            let parent = Xpriv { chain_code, ..private_root() };
            for (number, kind) in [(0, ScriptKind::Account), (1, ScriptKind::WitnessKeyHash)] {
                let path: DerivationPath = format!("m/{number}/0/{index}").parse().unwrap();
                let spending = parent.derive_priv(&secp, &path).unwrap().private_key;
                let wallet = wallet_key(ShopId::from_bytes(id), kind).unwrap();
                prop_assert_eq!(wallet.external(index).unwrap(), spending.public_key(&secp));
                prop_assert!(is_sandbox(&wallet));
            }
        }
    }
}

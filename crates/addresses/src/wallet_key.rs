//! What people hand in for a wallet: a key that stands by itself, or an output descriptor around one.

use domain::{
    chain::{AddressForm, ScriptKind},
    refusal::Refusal,
};

use crate::{
    account_key::{AccountKey, Prefix},
    descriptor::Descriptor,
};

/// How keys of several signers begin (SLIP-132).
const SHARED_PREFIXES: [&str; 4] = ["Ypub", "Zpub", "Upub", "Vpub"];

/// A key, and what is made of its children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletKey {
    /// The key of the account.
    pub key: AccountKey,
    /// What its children are made into.
    pub script_kind: ScriptKind,
    /// Whether it is for the test networks of Bitcoin; nothing where it does not say.
    is_test: Option<bool>,
}

impl WalletKey {
    /// The key that `text` hands in for networks of this form.
    ///
    /// For Bitcoin it is an output descriptor of one key, `wpkh(…/0/*)` or `tr(…/0/*)` (BIP-380, BIP-382, BIP-386), or
    /// the key of a native segwit account: `zpub` and `vpub` say so (SLIP-132), and a plain `xpub` or `tpub`, which
    /// says nothing, is taken for one (BIP-84). For other chains it is an extended public key under any prefix.
    ///
    /// # Errors
    /// Of any chain [`Refusal::KeyPrivate`] and [`Refusal::KeyInvalid`]; of Bitcoin also [`Refusal::KeyOfOtherScript`]
    /// for keys and descriptors of other addresses, [`Refusal::KeyMultisig`] for those of several signers,
    /// [`Refusal::DescriptorInvalid`] and [`Refusal::DescriptorChecksum`]. [`Refusal::MethodUnknown`] for sessions,
    /// which no key has.
    pub fn parse(text: &str, form: AddressForm) -> Result<Self, Refusal> {
        match form {
            AddressForm::Evm | AddressForm::Tron => {
                Ok(Self { key: AccountKey::parse(text)?, script_kind: ScriptKind::Account, is_test: None })
            }
            AddressForm::Session => Err(Refusal::MethodUnknown),
            AddressForm::BitcoinMain | AddressForm::BitcoinTest | AddressForm::BitcoinRegtest => {
                AccountKey::refuse_private(text)?;
                if text.contains('(') { Self::described(text.trim()) } else { Self::plain(text.trim()) }
            }
        }
    }

    /// Whether the key is for the network of this form: a key of a test network is of no use on Bitcoin itself, and the
    /// other way round whoever made it would look for the money elsewhere.
    ///
    /// # Errors
    /// [`Refusal::KeyOfOtherNetwork`].
    pub const fn check_network(&self, form: AddressForm) -> Result<(), Refusal> {
        match (self.is_test, form) {
            (Some(true), AddressForm::BitcoinMain)
            | (Some(false), AddressForm::BitcoinTest | AddressForm::BitcoinRegtest) => {
                Err(Refusal::KeyOfOtherNetwork)
            }
            _ => Ok(()),
        }
    }

    fn plain(text: &str) -> Result<Self, Refusal> {
        if SHARED_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
            return Err(Refusal::KeyMultisig);
        }
        let (prefix, key) = AccountKey::parse_with_prefix(text)?;
        let is_test = match prefix {
            Prefix::Xpub | Prefix::Zpub => false,
            Prefix::Tpub | Prefix::Vpub => true,
            Prefix::Ypub | Prefix::Upub => return Err(Refusal::KeyOfOtherScript),
        };
        Ok(Self { key, script_kind: ScriptKind::WitnessKeyHash, is_test: Some(is_test) })
    }

    fn described(text: &str) -> Result<Self, Refusal> {
        let Descriptor { key, prefix, script_kind } = Descriptor::parse(text)?;
        let is_test = match prefix {
            Prefix::Xpub => false,
            Prefix::Tpub => true,
            // A descriptor says by itself what its addresses are, and knows the prefixes of BIP-32 alone.
            Prefix::Ypub | Prefix::Zpub | Prefix::Upub | Prefix::Vpub => {
                return Err(Refusal::DescriptorInvalid);
            }
        };
        Ok(Self { key, script_kind, is_test: Some(is_test) })
    }
}

#[cfg(test)]
mod tests {
    use bitcoin::base58;

    use super::*;
    use crate::{address, vectors::*};

    const BITCOIN_FORMS: [AddressForm; 3] =
        [AddressForm::BitcoinMain, AddressForm::BitcoinTest, AddressForm::BitcoinRegtest];

    fn parse(text: &str) -> Result<WalletKey, Refusal> {
        WalletKey::parse(text, AddressForm::BitcoinMain)
    }

    /// The same key under the version bytes of another prefix.
    fn under(version: u32, text: &str) -> String {
        let mut bytes = base58::decode_check(text).unwrap();
        bytes[..4].copy_from_slice(&version.to_be_bytes());
        base58::encode_check(&bytes)
    }

    fn addresses(wallet: &WalletKey, form: AddressForm) -> Vec<String> {
        let receiving = wallet.key.receiving().unwrap();
        let script = |index| receiving.script(wallet.script_kind, index).unwrap();
        (0..2).map(|index| address::encode(form, &script(index)).unwrap()).collect()
    }

    #[test]
    fn a_plain_key_is_one_of_native_segwit() {
        for text in [BITCOIN, BITCOIN_ZPUB, &format!("  {BITCOIN_ZPUB}\n")] {
            let wallet = parse(text).unwrap();
            assert_eq!(wallet.script_kind, ScriptKind::WitnessKeyHash);
            assert_eq!(addresses(&wallet, AddressForm::BitcoinMain), BIP84_ADDRESSES);
            assert_eq!(wallet.key.to_string(), BITCOIN);
        }
    }

    #[test]
    fn descriptors_lead_to_the_addresses_of_their_standards() {
        for (script, key, expected) in
            [("wpkh", BITCOIN, BIP84_ADDRESSES), ("tr", BITCOIN_TAPROOT, BIP86_ADDRESSES)]
        {
            for origin in ["", "[73c5da0a/84h/0h/0h]", "[73c5da0a/84'/0'/0']", "[73c5da0a]"] {
                for path in ["/0/*", "/<0;1>/*"] {
                    let text = format!("{script}({origin}{key}{path})");
                    let wallet = parse(&text).unwrap();
                    assert_eq!(addresses(&wallet, AddressForm::BitcoinMain), expected, "{text}");
                    assert_eq!(wallet.key.to_string(), key);
                }
            }
        }
        let taproot = parse(BIP86_DESCRIPTOR).unwrap();
        assert_eq!(taproot.script_kind, ScriptKind::Taproot);
        assert_eq!(addresses(&taproot, AddressForm::BitcoinMain), BIP86_ADDRESSES);
        assert_eq!(addresses(&parse(BIP84_DESCRIPTOR).unwrap(), AddressForm::BitcoinMain), BIP84_ADDRESSES);
    }

    #[test]
    fn keys_of_other_addresses_and_of_several_signers_are_refused_with_the_reason() {
        let upub = under(0x044a_5262, BITCOIN);
        for text in [BITCOIN_YPUB, &upub] {
            assert_eq!(parse(text), Err(Refusal::KeyOfOtherScript), "{text}");
        }
        for (version, prefix) in
            [(0x0295_b43f, "Ypub"), (0x02aa_7ed3, "Zpub"), (0x0242_89ef, "Upub"), (0x0257_5483, "Vpub")]
        {
            let text = under(version, BITCOIN);
            assert!(text.starts_with(prefix), "{text}");
            assert_eq!(parse(&text), Err(Refusal::KeyMultisig), "{text}");
        }
        let key = format!("{BITCOIN}/0/*");
        for text in [
            format!("pkh({key})"),
            format!("sh(wpkh({key}))"),
            format!("wsh(pk({key}))"),
            format!("tr({key},pk({key}))"),
            format!("combo({key})"),
            "addr(bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu)".to_owned(),
            "raw(deadbeef)#89f8spxm".to_owned(),
        ] {
            assert_eq!(parse(&text), Err(Refusal::KeyOfOtherScript), "{text}");
        }
        for text in [
            format!("wsh(multi(1,{key},{key}))"),
            format!("wsh(sortedmulti(2,{key},{key},{key}))"),
            format!("sh(wsh(sortedmulti(2,{key},{key})))"),
            format!("multi(1,{key})"),
            format!("tr({key},multi_a(1,{key},{key}))"),
            format!("tr(musig({BITCOIN},{BITCOIN})/0/*)"),
        ] {
            assert_eq!(parse(&text), Err(Refusal::KeyMultisig), "{text}");
        }
    }

    #[test]
    fn private_keys_are_told_wherever_they_stand() {
        let wif = "L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1";
        let uncompressed = "5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss";
        for text in [
            XPRV.to_owned(),
            format!("wpkh({XPRV}/0/*)"),
            format!("tr([deadbeef/86h/0h/0h]{XPRV}/0/*)#00000000"),
            format!("wsh(multi(1,{BITCOIN}/0/*,{XPRV}/0/*))"),
            wif.to_owned(),
            format!("wpkh({wif})"),
            format!("pkh({uncompressed})"),
        ] {
            for form in BITCOIN_FORMS.into_iter().chain([AddressForm::Evm]) {
                assert_eq!(WalletKey::parse(&text, form), Err(Refusal::KeyPrivate), "{text}");
            }
        }
    }

    #[test]
    fn a_key_is_for_bitcoin_or_for_its_test_networks() {
        let tpub = under(0x0435_87cf, BITCOIN);
        let vpub = under(0x045f_1cf6, BITCOIN);
        assert!(tpub.starts_with("tpub") && vpub.starts_with("vpub"));
        let ours = |is_test: bool| BITCOIN_FORMS.map(|form| (form != AddressForm::BitcoinMain) == is_test);
        for (text, is_test) in [
            (BITCOIN.to_owned(), false),
            (BITCOIN_ZPUB.to_owned(), false),
            (BIP86_DESCRIPTOR.to_owned(), false),
            (tpub.clone(), true),
            (vpub, true),
            (format!("wpkh({tpub}/0/*)"), true),
            (format!("tr([73c5da0a/86h/1h/0h]{tpub}/0/*)"), true),
        ] {
            let fits = BITCOIN_FORMS.map(|form| {
                let wallet = WalletKey::parse(&text, form).unwrap();
                let checked = wallet.check_network(form);
                assert!(matches!(checked, Ok(()) | Err(Refusal::KeyOfOtherNetwork)));
                checked.is_ok()
            });
            assert_eq!(fits, ours(is_test), "{text}");
        }
    }

    #[test]
    fn other_chains_take_a_key_under_any_prefix_and_no_descriptor() {
        for form in [AddressForm::Evm, AddressForm::Tron] {
            for text in [ETHEREUM, BITCOIN_YPUB, BITCOIN_ZPUB] {
                let wallet = WalletKey::parse(text, form).unwrap();
                assert_eq!(wallet.script_kind, ScriptKind::Account);
                assert_eq!(wallet.check_network(form), Ok(()));
            }
            assert_eq!(WalletKey::parse(BIP84_DESCRIPTOR, form), Err(Refusal::KeyInvalid));
        }
        assert_eq!(WalletKey::parse(BITCOIN, AddressForm::Session), Err(Refusal::MethodUnknown));
    }

    #[test]
    fn a_damaged_key_is_no_key() {
        for text in ["", "xpub", &BITCOIN[..110], &format!("{BITCOIN}/0/*"), "bc1qcr8te4kr609gcawut"] {
            assert_eq!(parse(text), Err(Refusal::KeyInvalid), "{text}");
        }
    }
}

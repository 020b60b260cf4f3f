//! Extended public keys, as people hand them in.

use std::fmt;

use bitcoin::{
    base58,
    bip32::{ChildNumber, Fingerprint, Xpub},
    hashes::{Hash, sha256},
    secp256k1::PublicKey,
};
use domain::refusal::Refusal;

use crate::{child::child, receiving_key::ReceivingKey};

/// The extended public key of an account (BIP-32). All addresses of a wallet come from it, and nothing can be spent
/// with it.
///
/// The prefix that it was handed in with is not kept: wallets disagree about what `ypub`, `zpub` and `tpub` are to say
/// (SLIP-132), and the key behind them is the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AccountKey(Xpub);

/// Bytes of a serialised extended key: version 4, depth 1, parent 4, index 4, chain code 32, key 33.
const KEY_BYTES: usize = 78;
/// The longest text of that many bytes and a checksum. Longer ones are not decoded: base58 takes quadratic time.
const MAX_TEXT: usize = 112;
/// The deepest account: an address lies two steps below it, and a depth is one byte.
const MAX_DEPTH: u8 = u8::MAX - 2;

/// Version bytes of `xpub`.
const XPUB_VERSION: [u8; 4] = [0x04, 0x88, 0xb2, 0x1e];

/// Version bytes of extended public keys that stand for one signer: BIP-32 and SLIP-132. The multi-signature ones
/// (`Ypub`, `Zpub`, `Upub`, `Vpub`) are not among them: a key of theirs alone owns no address.
const PUBLIC_VERSIONS: [[u8; 4]; 6] = [
    XPUB_VERSION,
    [0x04, 0x9d, 0x7c, 0xb2], // ypub
    [0x04, 0xb2, 0x47, 0x46], // zpub
    [0x04, 0x35, 0x87, 0xcf], // tpub
    [0x04, 0x4a, 0x52, 0x62], // upub
    [0x04, 0x5f, 0x1c, 0xf6], // vpub
];

/// How extended private keys begin: BIP-32 and SLIP-132, the multi-signature ones too.
const PRIVATE_PREFIXES: [&str; 10] =
    ["xprv", "yprv", "zprv", "tprv", "uprv", "vprv", "Yprv", "Zprv", "Uprv", "Vprv"];

impl AccountKey {
    /// The key that `text` writes, with or without blanks around it.
    ///
    /// # Errors
    /// [`Refusal::KeyPrivate`] for an extended private key, also for a damaged one or one that pretends to be public:
    /// it was shown where it must not be. [`Refusal::KeyInvalid`] for anything else that is no extended public key of
    /// one signer, or is so deep (254 or 255) that no address fits below it.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        // Between quotes, after a mark that cannot be seen, or inside a descriptor it was shown just the same.
        let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        if words.any(|word| PRIVATE_PREFIXES.iter().any(|prefix| word.starts_with(prefix))) {
            return Err(Refusal::KeyPrivate);
        }
        let mut bytes = payload(text).ok_or(Refusal::KeyInvalid)?;
        let (version, rest) = bytes.split_first_chunk_mut().ok_or(Refusal::KeyInvalid)?;
        if !PUBLIC_VERSIONS.contains(version) {
            return Err(Refusal::KeyInvalid);
        }
        // Depth, parent, index and chain code are 41 bytes. A private key follows them with a zero, a public one with
        // 2 or 3 (BIP-32, serialization format).
        if rest.get(41) == Some(&0) {
            return Err(Refusal::KeyPrivate);
        }
        *version = XPUB_VERSION;
        Xpub::decode(&bytes).map_err(|_| Refusal::KeyInvalid).and_then(Self::new)
    }

    /// The key where it can exist and has room for addresses.
    pub(crate) fn new(key: Xpub) -> Result<Self, Refusal> {
        // BIP-32, test vector 5: what has no parent names none.
        let parentless = key.parent_fingerprint == Fingerprint::default()
            && key.child_number == (ChildNumber::Normal { index: 0 });
        let sound = key.depth <= MAX_DEPTH && (key.depth > 0 || parentless);
        if sound { Ok(Self(key)) } else { Err(Refusal::KeyInvalid) }
    }

    /// SHA-256 of the 78 bytes behind the canonical text, in 64 lower-case hexadecimal digits. A key has one, whatever
    /// prefix it was handed in with; a configuration pins wallets by it.
    pub fn fingerprint(&self) -> String {
        sha256::Hash::hash(&self.0.encode()).to_string()
    }

    /// The key one step below, at `index`: not hardened.
    ///
    /// # Errors
    /// [`Refusal::MethodUnavailable`] for an index of 2^31 or more; [`Refusal::KeyInvalid`] where the child would be
    /// too deep to have addresses.
    pub fn child(&self, index: u32) -> Result<Self, Refusal> {
        child(&self.0, index).and_then(Self::new)
    }

    /// The key whose children receive money: m/0. Derive it once for many addresses.
    ///
    /// # Errors
    /// [`Refusal::MethodUnavailable`] for the one account in 2^127 that has none.
    pub fn receiving(&self) -> Result<ReceivingKey, Refusal> {
        child(&self.0, 0).map(ReceivingKey::new)
    }

    /// The public key of one address: m/0/index (BIP-44, external chain).
    ///
    /// # Errors
    /// [`Refusal::MethodUnavailable`] for an index of 2^31 or more: the key has no further addresses.
    pub fn external(&self, index: u32) -> Result<PublicKey, Refusal> {
        self.receiving()?.public_key(index)
    }

    pub(crate) fn extended(&self) -> &Xpub {
        &self.0
    }
}

/// The bytes behind a text whose checksum is right.
fn payload(text: &str) -> Option<[u8; KEY_BYTES]> {
    if text.len() > MAX_TEXT {
        return None;
    }
    base58::decode_check(text).ok()?.try_into().ok()
}

impl fmt::Display for AccountKey {
    /// Writes the canonical form: `xpub…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for AccountKey {
    /// Names the key without telling it: whoever has it sees everything that its owner receives.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountKey({})", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use bitcoin::{
        NetworkKind,
        bip32::{ChainCode, DerivationPath, Xpriv},
        secp256k1::{Secp256k1, SecretKey},
    };
    use proptest::prelude::*;

    use super::*;
    use crate::vectors::*;

    /// A text with these version bytes instead of its own.
    fn under(version: [u8; 4], text: &str) -> String {
        let mut bytes = payload(text).unwrap();
        bytes[..4].copy_from_slice(&version);
        base58::encode_check(&bytes)
    }

    fn key(text: &str) -> AccountKey {
        AccountKey::parse(text).unwrap()
    }

    #[test]
    fn children_are_those_of_the_standard() {
        for ((parent, index), child) in BIP32_PARENTS.into_iter().zip(BIP32_INDEXES).zip(BIP32_CHILDREN) {
            assert_eq!(key(parent).child(index).unwrap().to_string(), child);
        }
    }

    #[test]
    fn leading_zeros_are_kept() {
        for text in BIP32_LEADING_ZEROS {
            assert_eq!(key(text).to_string(), text);
        }
    }

    #[test]
    fn keys_that_the_standard_calls_invalid_are_refused() {
        for text in BIP32_INVALID {
            assert_eq!(AccountKey::parse(text), Err(Refusal::KeyInvalid), "{text}");
        }
        for text in BIP32_INVALID_PRIVATE {
            assert_eq!(AccountKey::parse(text), Err(Refusal::KeyPrivate), "{text}");
        }
    }

    #[test]
    fn a_key_is_the_same_under_every_prefix() {
        let plain = key(BITCOIN);
        assert_eq!(key(BITCOIN_ZPUB), plain);
        assert_eq!(key(BITCOIN_ZPUB).to_string(), BITCOIN);
        assert!(key(BITCOIN_YPUB).to_string().starts_with("xpub"));
        // BIP-32 and SLIP-132: version bytes of public keys.
        for (version, prefix) in [
            (0x0488_b21e_u32, "xpub"),
            (0x049d_7cb2, "ypub"),
            (0x04b2_4746, "zpub"),
            (0x0435_87cf, "tpub"),
            (0x044a_5262, "upub"),
            (0x045f_1cf6, "vpub"),
        ] {
            let twin = under(version.to_be_bytes(), BITCOIN);
            assert!(twin.starts_with(prefix), "{twin}");
            assert_eq!(key(&twin), plain);
            assert_eq!(key(&twin).fingerprint(), plain.fingerprint());
            assert_eq!(key(&twin).to_string(), BITCOIN);
        }
    }

    #[test]
    fn a_fingerprint_is_the_hash_of_the_78_bytes() {
        // SHA-256 of the decoded text without its checksum, computed elsewhere.
        assert_eq!(
            key(BITCOIN_ZPUB).fingerprint(),
            "cd39879b3b166485d225ca8b81cd08e87e404337faa08177f83833d33b6ac1e8"
        );
        assert_ne!(key(BITCOIN_YPUB).fingerprint(), key(BITCOIN_ZPUB).fingerprint());
    }

    #[test]
    fn every_private_prefix_is_refused_whole_or_damaged() {
        // SLIP-132: version bytes of private keys, those of several signers too.
        for (version, prefix) in [
            (0x0488_ade4_u32, "xprv"),
            (0x049d_7878, "yprv"),
            (0x04b2_430c, "zprv"),
            (0x0435_8394, "tprv"),
            (0x044a_4e28, "uprv"),
            (0x045f_18bc, "vprv"),
            (0x0295_b005, "Yprv"),
            (0x02aa_7a99, "Zprv"),
            (0x0242_85b5, "Uprv"),
            (0x0257_5048, "Vprv"),
        ] {
            let text = under(version.to_be_bytes(), XPRV);
            assert!(text.starts_with(prefix), "{text}");
            let wrapped =
                ["\"{}\"", "\u{feff}{}", "[d34db33f/84h/0h/0h]{}/0/*", "wpkh({})#checksum", "key={}"];
            let wrapped = wrapped.map(|around| around.replace("{}", &text));
            for shown in wrapped.iter().map(String::as_str) {
                assert_eq!(AccountKey::parse(shown), Err(Refusal::KeyPrivate), "{shown}");
            }
            for shown in [&text, &format!("  {text}\n"), &text[..60], &format!("{text}x"), prefix] {
                assert_eq!(AccountKey::parse(shown), Err(Refusal::KeyPrivate), "{shown}");
            }
        }
        for version in PUBLIC_VERSIONS {
            let disguised = under(version, XPRV);
            assert_eq!(AccountKey::parse(&disguised), Err(Refusal::KeyPrivate), "{disguised}");
        }
    }

    #[test]
    fn anything_else_is_no_key() {
        let inner_blank = format!("{} {}", &BITCOIN[..50], &BITCOIN[50..]);
        let longer = base58::encode_check(&[&payload(BITCOIN).unwrap()[..], &[0]].concat());
        let shorter = base58::encode_check(&payload(BITCOIN).unwrap()[..77]);
        // SLIP-132: keys of several signers.
        let shared = [0x0295_b43f_u32, 0x02aa_7ed3, 0x0242_89ef, 0x0257_5483]
            .map(|version| under(version.to_be_bytes(), BITCOIN));
        let fixed = [
            "",
            " ",
            "xpub",
            "0x9858EfFD232B4033E47d90003D41EC34EcaEda94",
            "é",
            &BITCOIN[..110],
            &BITCOIN.to_ascii_lowercase(),
            &inner_blank,
            &longer,
            &shorter,
            // Without a limit this one would be decoded for hours.
            &"z".repeat(1_000_000),
        ]
        .map(str::to_owned);
        for text in fixed.iter().chain(&shared) {
            assert_eq!(AccountKey::parse(text), Err(Refusal::KeyInvalid), "{text:.120}");
        }
    }

    #[test]
    fn blanks_around_a_key_do_not_matter() {
        assert_eq!(key(&format!(" \t{BITCOIN}\r\n")), key(BITCOIN));
    }

    #[test]
    fn an_account_has_room_for_its_addresses() {
        let at = |depth| {
            let mut bytes = payload(BITCOIN).unwrap();
            bytes[4] = depth;
            AccountKey::parse(&base58::encode_check(&bytes))
        };
        let deepest = at(253).unwrap();
        assert!(deepest.external(0).is_ok());
        assert_eq!(deepest.child(0), Err(Refusal::KeyInvalid));
        assert_eq!(at(254), Err(Refusal::KeyInvalid));
        assert_eq!(at(255), Err(Refusal::KeyInvalid));
    }

    #[test]
    fn hardened_children_do_not_exist() {
        let account = key(BITCOIN);
        assert!(account.external(0x7fff_ffff).is_ok() && account.child(0x7fff_ffff).is_ok());
        for index in [0x8000_0000, u32::MAX] {
            assert_eq!(account.external(index), Err(Refusal::MethodUnavailable));
            assert_eq!(account.child(index), Err(Refusal::MethodUnavailable));
        }
    }

    #[test]
    fn a_log_does_not_tell_a_key() {
        let shown = format!("{:?} {:?}", key(BITCOIN_ZPUB), key(BITCOIN_ZPUB).receiving().unwrap());
        assert!(!shown.contains("pub6") && shown.contains(&key(BITCOIN_ZPUB).fingerprint()), "{shown}");
        // Chain code and public key, in hexadecimal.
        assert!(!shown.contains("4a53a0ab21b9dc95") && !shown.contains("02707a62fdacc26e"), "{shown}");
    }

    prop_compose! {
        fn master()(seed: [u8; 32]) -> Xpriv {
            Xpriv::new_master(NetworkKind::Main, &seed).unwrap()
        }
    }

    prop_compose! {
        fn extended()(
            secret in any::<[u8; 32]>().prop_filter_map("a scalar", |bytes| SecretKey::from_slice(&bytes).ok()),
            depth in 1..=MAX_DEPTH,
            parent: [u8; 4],
            index: u32,
            chain_code: [u8; 32],
        ) -> Xpub {
            Xpub {
                network: NetworkKind::Main,
                depth,
                parent_fingerprint: Fingerprint::from(parent),
                child_number: ChildNumber::from(index),
                public_key: secret.public_key(&Secp256k1::new()),
                chain_code: ChainCode::from(chain_code),
            }
        }
    }

    proptest! {
        #[test]
        fn a_key_is_written_and_read_under_any_prefix(extended in extended(), version in 0..6_usize) {
            let account = AccountKey::new(extended).unwrap();
            prop_assert_eq!(&key(&account.to_string()), &account);
            let twin = under(PUBLIC_VERSIONS[version], &account.to_string());
            prop_assert_eq!(&key(&twin), &account);
            prop_assert_eq!(key(&twin).fingerprint(), account.fingerprint());
        }

        #[test]
        fn a_mistyped_key_is_refused(extended in extended(), place in 4..111_usize, other in "[1-9A-HJ-NP-Za-km-z]") {
            let text = AccountKey::new(extended).unwrap().to_string();
            prop_assume!(text[place..=place] != other);
            let changed = format!("{}{other}{}", &text[..place], &text[place + 1..]);
            prop_assert_eq!(AccountKey::parse(&changed), Err(Refusal::KeyInvalid));
        }

        #[test]
        fn whoever_holds_the_private_key_can_spend(master in master(), index in 0..0x8000_0000_u32) {
            let secp = Secp256k1::new();
            let account = AccountKey::new(Xpub::from_priv(&secp, &master)).unwrap();
            let path: DerivationPath = format!("m/0/{index}").parse().unwrap();
            let spending = master.derive_priv(&secp, &path).unwrap().private_key;
            prop_assert_eq!(account.external(index).unwrap(), spending.public_key(&secp));
        }

        #[test]
        fn any_text_is_answered(text in "(xpub|zpub|tpub)?\\PC{0,120}") {
            prop_assert!(AccountKey::parse(&text).is_err());
        }
    }
}

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
        let wrapped = ["\"{}\"", "\u{feff}{}", "[d34db33f/84h/0h/0h]{}/0/*", "wpkh({})#checksum", "key={}"];
        let wrapped = wrapped.map(|around| around.replace("{}", &text));
        for shown in wrapped.iter().map(String::as_str) {
            assert_eq!(AccountKey::parse(shown), Err(Refusal::KeyPrivate), "{shown}");
        }
        for shown in [&text, &format!("  {text}\n"), &text[..60], &format!("{text}x"), prefix] {
            assert_eq!(AccountKey::parse(shown), Err(Refusal::KeyPrivate), "{shown}");
        }
    }
    for (version, _) in PUBLIC_VERSIONS {
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
        let twin = under(PUBLIC_VERSIONS[version].0, &account.to_string());
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

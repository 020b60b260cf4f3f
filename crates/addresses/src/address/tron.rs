//! Accounts of TRON: the version byte 0x41 and the account's 20 bytes, in base58 with a checksum. They begin with `T`.

use bitcoin::base58;
use domain::chain::Script;

use super::ACCOUNT_BYTES;

/// The byte before the account.
const VERSION: u8 = 0x41;
/// Characters of an address; that version byte leaves no other length. Others are not decoded: base58 takes quadratic
/// time.
const TEXT_LENGTH: usize = 34;

pub(super) fn encode(script: &Script) -> Option<String> {
    let account: &[u8; ACCOUNT_BYTES] = script.bytes().try_into().ok()?;
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(account);
    Some(base58::encode_check(&bytes))
}

pub(super) fn parse(text: &str) -> Option<Script> {
    if text.len() != TEXT_LENGTH {
        return None;
    }
    let bytes = base58::decode_check(text).ok()?;
    let account: &[u8; ACCOUNT_BYTES] = bytes.strip_prefix(&[VERSION])?.try_into().ok()?;
    Script::new(account)
}

#[cfg(test)]
mod tests {
    use bitcoin::hex::FromHex;

    use super::*;

    const TEXT: &str = "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH";

    fn account() -> Script {
        let account = <[u8; ACCOUNT_BYTES]>::from_hex("c8599111f29c1e1e061265b4af93ea1f274ad78a").unwrap();
        Script::new(&account).unwrap()
    }

    #[test]
    fn an_account_has_one_text() {
        assert_eq!(encode(&account()).as_deref(), Some(TEXT));
        assert_eq!(parse(TEXT), Some(account()));
    }

    #[test]
    fn all_accounts_have_texts_of_one_length() {
        for byte in [0x00, 0xff] {
            let text = encode(&Script::new(&[byte; ACCOUNT_BYTES]).unwrap()).unwrap();
            assert!(text.len() == TEXT_LENGTH && text.starts_with('T'), "{text}");
        }
    }

    #[test]
    fn every_mistyped_character_is_refused() {
        for place in 0..TEXT.len() {
            for other in ["1", "2", "T", "z"] {
                let changed = format!("{}{other}{}", &TEXT[..place], &TEXT[place + 1..]);
                assert_eq!(parse(&changed).is_some(), changed == TEXT, "{changed}");
            }
        }
    }

    #[test]
    fn other_prefixes_lengths_and_forms_are_refused() {
        // Right in base58 and checksum, and of the right length, under the version bytes on either side.
        for version in [0x40, 0x42] {
            let bytes: Vec<u8> = [version].into_iter().chain(account().bytes().iter().copied()).collect();
            let text = base58::encode_check(&bytes);
            assert_eq!(text.len(), TEXT_LENGTH);
            assert_eq!(parse(&text), None, "{text}");
        }
        for text in [
            "",
            "T",
            "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYd",
            "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdHH",
            "tuezsdksodhqmezwihtdobin46zxhgwydh",
            "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWY0H",
            "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYé",
            "41c8599111f29c1e1e061265b4af93ea1f274ad78a",
            "0xc8599111f29C1e1E061265b4af93Ea1f274aD78A",
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}

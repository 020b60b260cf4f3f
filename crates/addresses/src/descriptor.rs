//! Output descriptors of one key (BIP-380): `wpkh([73c5da0a/84h/0h/0h]xpub…/0/*)#checksum`.
//!
//! Only those are read whose addresses we make: native segwit (BIP-382) and taproot without scripts (BIP-386), over an
//! extended public key whose receiving addresses are its children `/0/*`. What else the language can say is told apart
//! only as far as there is something to say about it.

use bitcoin::hex::FromHex;
use domain::{chain::ScriptKind, refusal::Refusal};

use crate::account_key::{AccountKey, Prefix};

/// Characters of the longest descriptor that is looked at; one of ours with a long origin has half of them.
const MAX_TEXT: usize = 512;

/// Characters of a checksum.
const CHECKSUM_LENGTH: usize = 8;

/// The characters that descriptors are written in, in three groups of 32 (BIP-380).
const INPUT_CHARSET: &str = concat!(
    "0123456789()[],'/*abcdefgh@:$%{}",
    "IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~",
    "ijklmnopqrstuvwxyzABCDEFGH`#\"\\ "
);

/// The characters of a checksum.
const CHECKSUM_CHARSET: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// The code's generator.
const GENERATOR: [u64; 5] = [0xf5_dee5_1989, 0xa9_fdca_3312, 0x1b_ab10_e32d, 0x37_06b1_677a, 0x64_4d62_6ffd];

/// The paths of receiving addresses below the key of an account: alone, or together with those of change (BIP-389).
const RECEIVING_PATHS: [&str; 2] = ["/0/*", "/<0;1>/*"];

/// Scripts that take several keys, by how they begin.
const SHARED: [&str; 4] = ["multi(", "sortedmulti(", "multi_a(", "musig("];

/// Scripts whose addresses are not made here.
const OTHER_SCRIPTS: [&str; 9] = ["addr", "combo", "pk", "pkh", "raw", "rawtr", "sh", "sp", "wsh"];

/// A descriptor that was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Descriptor {
    pub(crate) key: AccountKey,
    pub(crate) prefix: Prefix,
    pub(crate) script_kind: ScriptKind,
}

impl Descriptor {
    /// The descriptor that `text` writes. Its checksum may be left out, and must be right where it is there.
    ///
    /// # Errors
    /// As [`WalletKey::parse`](crate::wallet_key::WalletKey::parse), without those about private keys.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > MAX_TEXT {
            return Err(Refusal::DescriptorInvalid);
        }
        let script = without_checksum(text)?;
        let (name, argument) = script
            .strip_suffix(')')
            .and_then(|script| script.split_once('('))
            .ok_or(Refusal::DescriptorInvalid)?;
        let is_shared = SHARED.iter().any(|shared| script.contains(shared));
        let script_kind = match name {
            _ if is_shared => return Err(Refusal::KeyMultisig),
            "wpkh" => ScriptKind::WitnessKeyHash,
            // What follows a comma is a tree of scripts: another address than that of the key alone.
            "tr" if argument.contains(',') => return Err(Refusal::KeyOfOtherScript),
            "tr" => ScriptKind::Taproot,
            other if OTHER_SCRIPTS.contains(&other) => return Err(Refusal::KeyOfOtherScript),
            _ => return Err(Refusal::DescriptorInvalid),
        };
        let key = without_origin(argument)?;
        let at = key.find('/').ok_or(Refusal::DescriptorInvalid)?;
        let (key, path) = key.split_at(at);
        if !RECEIVING_PATHS.contains(&path) {
            return Err(Refusal::DescriptorInvalid);
        }
        // A key that is damaged inside a sound descriptor is a damaged key.
        let (prefix, key) = AccountKey::parse_with_prefix(key)?;
        Ok(Self { key, prefix, script_kind })
    }
}

/// The script before the checksum.
fn without_checksum(text: &str) -> Result<&str, Refusal> {
    let Some((script, checksum)) = text.split_once('#') else {
        return if symbols(text).is_some() { Ok(text) } else { Err(Refusal::DescriptorInvalid) };
    };
    if checksum_of(script).is_some_and(|right| right == checksum) {
        Ok(script)
    } else {
        Err(Refusal::DescriptorChecksum)
    }
}

/// The key behind the information about where it comes from, which has to be well formed and is not used: a public key
/// cannot prove it.
fn without_origin(argument: &str) -> Result<&str, Refusal> {
    let Some(rest) = argument.strip_prefix('[') else { return Ok(argument) };
    let (origin, key) = rest.split_once(']').ok_or(Refusal::DescriptorInvalid)?;
    let mut steps = origin.split('/');
    let is_fingerprint = |text: &str| <[u8; 4]>::from_hex(text).is_ok();
    if steps.next().is_some_and(is_fingerprint) && steps.all(is_step) {
        Ok(key)
    } else {
        Err(Refusal::DescriptorInvalid)
    }
}

/// Whether `text` is a step of a path: a number below 2^31, hardened or not. Of the marks for hardened steps the
/// standard's text allows one more than its test vectors; those are followed, as Bitcoin Core does.
fn is_step(text: &str) -> bool {
    let number = text.strip_suffix(['h', '\'']).unwrap_or(text);
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    digits && number.parse::<u32>().is_ok_and(|number| number < 1 << 31)
}

/// The checksum of a script; nothing for one with characters that descriptors do not have.
fn checksum_of(script: &str) -> Option<String> {
    let symbols = symbols(script)?.into_iter().chain([0; CHECKSUM_LENGTH]);
    let checksum = symbols.fold(1, step) ^ 1;
    let place = |number: usize| (checksum >> (5 * (CHECKSUM_LENGTH - 1 - number))) & 31;
    let letter = |number: usize| CHECKSUM_CHARSET.chars().nth(usize::try_from(place(number)).ok()?);
    (0..CHECKSUM_LENGTH).map(letter).collect()
}

/// The symbols of a text: one for each character's place in its group, and one for each three groups.
fn symbols(text: &str) -> Option<Vec<u64>> {
    let mut symbols = Vec::with_capacity(text.len() + text.len() / 3 + 1);
    let places: Option<Vec<usize>> = text.chars().map(|letter| INPUT_CHARSET.find(letter)).collect();
    for three in places?.chunks(3) {
        symbols.extend(three.iter().map(|place| (place & 31) as u64));
        symbols.push(three.iter().fold(0, |groups, place| groups * 3 + (place >> 5) as u64));
    }
    Some(symbols)
}

/// One symbol more (`descsum_polymod` of BIP-380).
fn step(checksum: u64, symbol: u64) -> u64 {
    let top = checksum >> 35;
    let next = ((checksum & 0x7_ffff_ffff) << 5) ^ symbol;
    let terms = GENERATOR.iter().enumerate().filter(|(bit, _)| (top >> bit) & 1 == 1);
    terms.fold(next, |next, (_, term)| next ^ term)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vectors::{BIP84_DESCRIPTOR, BITCOIN};

    #[test]
    fn checksums_are_those_of_the_standard() {
        assert_eq!(without_checksum("raw(deadbeef)#89f8spxm"), Ok("raw(deadbeef)"));
        assert_eq!(without_checksum("raw(deadbeef)"), Ok("raw(deadbeef)"));
        for text in [
            "raw(deadbeef)#",
            "raw(deadbeef)#89f8spxmx",
            "raw(deadbeef)#89f8spx",
            "raw(deedbeef)#89f8spxm",
            "raw(deedbeef)##9f8spxm",
            "raw(Ü)#00000000",
        ] {
            assert_eq!(without_checksum(text), Err(Refusal::DescriptorChecksum), "{text}");
        }
        assert_eq!(without_checksum("raw(Ü)"), Err(Refusal::DescriptorInvalid));
    }

    #[test]
    fn key_origins_are_those_of_the_standard() {
        for origin in
            ["deadbeef", "deadbeef/0h/0h/0h", "deadbeef/0'/0'/0'", "deadbeef/0'/0h/0'", "deadbeef/0h/1h/2"]
        {
            assert_eq!(without_origin(&format!("[{origin}]key")), Ok("key"), "{origin}");
        }
        for argument in [
            "[deadbeef/0h/0h/0h/*]key",
            "[deadbeef/0h/0h/0h/]key",
            "[deadbef/0h/0h/0h]key",
            "[deadbeeef/0h/0h/0h]key",
            "[deadbeef/0f/0f/0f]key",
            "[deadbeef/0H/0H/0H]key",
            "[deadbeef/-0/-0/-0]key",
            "[deadbeef/+0]key",
            "[deadbeef/2147483648]key",
            "[deadbeef/1aa]key",
            "[gaaaaaaa]key",
            "[deadbeef",
            "[]key",
        ] {
            assert_eq!(without_origin(argument), Err(Refusal::DescriptorInvalid), "{argument}");
        }
        for text in ["wpkh([aaaaaaaa][aaaaaaaa]KEY/0/*)", "wpkh(aaaaaaaa]KEY/0/*)", "wpkh([deadbeef])"] {
            let text = text.replace("KEY", BITCOIN);
            assert!(Descriptor::parse(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_descriptor_ends_with_the_receiving_addresses_of_an_extended_key() {
        let public = "0260b2003c386519fc9eadf2b5cf124dd8eea4c4e68d5e154050a9346ea98ce600";
        for path in [
            "",
            "/",
            "/0",
            "/*",
            "/1/*",
            "/0/*h",
            "/0/*'",
            "/0h/*",
            "/0/0",
            "/0/0/*",
            "/<1;0>/*",
            "/<0;1;2>/*",
            "/0/*/",
            "//0/*",
            "/0/* ",
        ] {
            let text = format!("wpkh({BITCOIN}{path})");
            assert_eq!(Descriptor::parse(&text), Err(Refusal::DescriptorInvalid), "{text}");
        }
        for text in [
            format!("wpkh({public})"),
            format!("wpkh ({BITCOIN}/0/*)"),
            format!("wpkh({BITCOIN}/0/*"),
            format!("wpkh({BITCOIN}/0/*))"),
            format!("WPKH({BITCOIN}/0/*)"),
            format!("({BITCOIN}/0/*)"),
            "wpkh()".to_owned(),
            "wpkh".to_owned(),
            format!("wpkh({BITCOIN}/0/*){}", " ".repeat(1_000)),
        ] {
            assert_eq!(Descriptor::parse(&text), Err(Refusal::DescriptorInvalid), "{text}");
        }
        let damaged = format!("wpkh({}/0/*)", BITCOIN.replace("xpub6C", "xpub6D"));
        assert_eq!(Descriptor::parse(&damaged), Err(Refusal::KeyInvalid));
    }

    #[test]
    fn every_mistyped_character_is_noticed() {
        for place in 0..BIP84_DESCRIPTOR.len() {
            for other in ["q", "0", "h", ")"] {
                let changed =
                    format!("{}{other}{}", &BIP84_DESCRIPTOR[..place], &BIP84_DESCRIPTOR[place + 1..]);
                let is_same = changed == BIP84_DESCRIPTOR;
                assert_eq!(Descriptor::parse(&changed).is_ok(), is_same, "{changed}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "(wpkh|tr)?\\(\\PC{0,120}\\)(#[a-z0-9]{8})?") {
            prop_assert!(Descriptor::parse(&text).is_err());
        }
    }
}

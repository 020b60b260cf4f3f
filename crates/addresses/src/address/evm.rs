//! Accounts of Ethereum and its kin: `0x` and 40 hexadecimal digits, whose case is a checksum (EIP-55).

use bitcoin::hex::{DisplayHex, FromHex};
use domain::chain::Script;
use sha3::{Digest, Keccak256};

use super::ACCOUNT_BYTES;

pub(super) fn encode(script: &Script) -> Option<String> {
    script.bytes().try_into().ok().map(checksummed)
}

pub(super) fn parse(text: &str) -> Option<Script> {
    let digits = text.strip_prefix("0x")?;
    let account = <[u8; ACCOUNT_BYTES]>::from_hex(digits).ok()?;
    // Letters of one case carry no checksum: programs write them so.
    let one_case = !digits.bytes().any(|digit| digit.is_ascii_lowercase())
        || !digits.bytes().any(|digit| digit.is_ascii_uppercase());
    if one_case || checksummed(&account) == text { Script::new(&account) } else { None }
}

/// The text of an account: a letter is upper case where the digit at its place in the Keccak-256 of the lower-case
/// digits is 8 or more.
fn checksummed(account: &[u8; ACCOUNT_BYTES]) -> String {
    let digits = account.to_lower_hex_string();
    let hash = Keccak256::digest(digits.as_bytes());
    let upper = hash.iter().flat_map(|byte| [byte & 0x80 != 0, byte & 0x08 != 0]);
    let cased = digits
        .chars()
        .zip(upper)
        .map(|(digit, upper)| if upper { digit.to_ascii_uppercase() } else { digit });
    ['0', 'x'].into_iter().chain(cased).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EIP-55, test cases: all upper, all lower, mixed.
    const VECTORS: [&str; 8] = [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];

    #[test]
    fn the_checksums_of_the_standard_are_written() {
        for text in VECTORS {
            let account = <[u8; ACCOUNT_BYTES]>::from_hex(&text[2..]).unwrap();
            assert_eq!(encode(&Script::new(&account).unwrap()).as_deref(), Some(text));
        }
    }

    #[test]
    fn letters_of_one_case_need_no_checksum() {
        for text in VECTORS {
            let script = parse(text);
            assert!(script.is_some(), "{text}");
            assert_eq!(parse(&text.to_ascii_lowercase()), script);
            assert_eq!(parse(&format!("0x{}", text[2..].to_ascii_uppercase())), script);
        }
    }

    #[test]
    fn a_letter_in_the_wrong_case_is_refused() {
        let text = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        for place in 2..text.len() {
            let letter = &text[place..=place];
            let flipped =
                if letter < "a" { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() };
            let changed = format!("{}{flipped}{}", &text[..place], &text[place + 1..]);
            assert_eq!(parse(&changed).is_some(), changed == text, "{changed}");
        }
    }

    #[test]
    fn a_digit_that_was_mistyped_is_refused() {
        for text in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee",
            "0x6aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d358",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn other_prefixes_lengths_and_letters_are_refused() {
        for text in [
            "",
            "0x",
            "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "0X5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "0x0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "0x0xaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae0d",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaedff",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaé",
            " 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed\n",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}

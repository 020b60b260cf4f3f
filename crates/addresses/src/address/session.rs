//! Sessions of the simulated card processor: `session_` and 1 to 32 bytes in lower-case hexadecimal.

use bitcoin::hex::{DisplayHex, FromHex};
use domain::chain::Script;

/// What stands before the digits.
const PREFIX: &str = "session_";
/// The most bytes that name a session.
const MAX_BYTES: usize = 32;

pub(super) fn encode(script: &Script) -> Option<String> {
    let bytes = script.bytes();
    (1..=MAX_BYTES).contains(&bytes.len()).then(|| format!("{PREFIX}{}", bytes.to_lower_hex_string()))
}

pub(super) fn parse(text: &str) -> Option<Script> {
    let script = Script::new(&Vec::from_hex(text.strip_prefix(PREFIX)?).ok()?)?;
    // One session has one text: upper-case digits, too many of them or none are not what was written.
    (encode(&script)? == text).then_some(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_one_text() {
        let script = Script::new(&[0x00, 0xab, 0xff]).unwrap();
        assert_eq!(encode(&script).as_deref(), Some("session_00abff"));
        assert_eq!(parse("session_00abff"), Some(script));
    }

    #[test]
    fn one_to_thirty_two_bytes_name_a_session() {
        for (length, named) in [(0, false), (1, true), (32, true), (33, false), (64, false)] {
            assert_eq!(encode(&Script::new(&vec![7; length]).unwrap()).is_some(), named, "{length}");
            assert_eq!(parse(&format!("session_{}", "07".repeat(length))).is_some(), named, "{length}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "session_",
            "00abff",
            "session00abff",
            "Session_00abff",
            "session_00ABFF",
            "session_0ab",
            "session_0x00ab",
            "session_zz",
            "session_é",
            " session_00abff",
            "session_00abff ",
            "session_session_00",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}

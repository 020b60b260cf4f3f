//! JSON in the bytes that PHP's `json_encode` writes: compact, `/` as `\/`, what is not ASCII as `\uXXXX` in lower
//! case.
//!
//! Many receivers of the vendor's callbacks do not check the bytes that arrived: they decode them, encode them again
//! with PHP's defaults, and check those. So a callback has to be what such a round trip leaves alone: this form, no
//! floating point, and no empty object, which PHP turns into a list.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

/// `value` as JSON in PHP's form.
#[expect(
    clippy::expect_used,
    reason = "writing to memory does not fail, and no type of ours has names but texts"
)]
pub(crate) fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Php);
    value.serialize(&mut serializer).expect("a type of ours can be written as JSON");
    bytes
}

struct Php;

impl Formatter for Php {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain = 0;
        for (at, letter) in fragment.char_indices().filter(|(_, letter)| *letter == '/' || !letter.is_ascii())
        {
            writer.write_all(fragment.get(plain..at).unwrap_or_default().as_bytes())?;
            plain = at + letter.len_utf8();
            if letter == '/' {
                writer.write_all(b"\\/")?;
                continue;
            }
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        writer.write_all(fragment.get(plain..).unwrap_or_default().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        String::from_utf8(to_bytes(text)).unwrap()
    }

    #[test]
    fn texts_are_escaped_as_php_does() {
        for (text, expected) in [
            ("", r#""""#),
            ("order-17", r#""order-17""#),
            ("shop/order-17-\u{eb}", r#""shop\/order-17-\u00eb""#),
            ("//", r#""\/\/""#),
            ("\u{1f680}é", r#""\ud83d\ude80\u00e9""#),
            ("\u{2028}\u{ffff}", r#""\u2028\uffff""#),
            ("\"\\\u{8}\u{c}\n\r\t", r#""\"\\\b\f\n\r\t""#),
            ("\u{1}\u{1f}\u{7f}", "\"\\u0001\\u001f\u{7f}\""),
            ("<>&'", r#""<>&'""#),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_text_is_ascii_and_reads_as_itself(text: String) {
            let written = written(&text);
            prop_assert!(written.is_ascii());
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }
}

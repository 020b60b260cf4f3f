//! What a mail server said, fit to be stored and shown: one line, no address in it.

use std::error::Error as _;

use domain::mail::one_line;
use lettre::transport::smtp::Error;

use crate::fault::Fault;

/// Characters of a reply that are kept.
const MAX_REPLY: usize = 200;

/// Why a mail was not taken: the reply with its code, or the fault of the connection.
pub(super) fn words(error: &Error) -> String {
    match error.status() {
        Some(code) => {
            let said = error.source().map(ToString::to_string).unwrap_or_default();
            one_line(&format!("{code} {}", without_addresses(&said)), MAX_REPLY)
        }
        // Of what lettre itself refuses, only this can come up: the rest of a message is ASCII.
        None if error.is_client() => {
            "the mail server takes no address with such letters (no SMTPUTF8)".to_owned()
        }
        None => Fault::of_smtp(error).to_string(),
    }
}

/// A server that leaves everything readable for others.
pub(super) fn offers_no_encryption() -> String {
    "the mail server offers no encryption (STARTTLS)".to_owned()
}

/// A server that knows no way to sign in that we know.
pub(super) fn takes_no_password() -> String {
    "the mail server takes no password (AUTH PLAIN or LOGIN)".to_owned()
}

/// A text without the words that have an address in them: servers like to repeat it.
fn without_addresses(text: &str) -> String {
    let words = text.split_whitespace().map(|word| if word.contains('@') { "***" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_is_kept_of_a_reply() {
        assert_eq!(
            without_addresses(
                "5.1.1 <buyer@example.com>:\r\n Recipient address rejected: (buyer@example.com)"
            ),
            "5.1.1 *** Recipient address rejected: ***"
        );
    }
}

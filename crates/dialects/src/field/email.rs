//! E-mail addresses.

/// The longest address, in bytes: what a mail server takes as a path, without its brackets (RFC 5321, 4.5.3.1.3).
pub(crate) const MAX_EMAIL: usize = 254;

/// Whether a text can be an e-mail address.
///
/// The form is the one that browsers check (WHATWG HTML, "valid email address"), with letters of every script
/// (RFC 6531) added. The full grammar of RFC 5322 allows comments and quoted blanks that nobody has, and refuses dots
/// that some have. Whether there is such an address, only a mail can tell.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_label = |label: &str| {
        let is_letter = |letter: char| letter.is_alphanumeric() || letter == '-';
        !label.starts_with('-') && !label.ends_with('-') && !label.is_empty() && label.chars().all(is_letter)
    };
    text.len() <= MAX_EMAIL
        && !local.is_empty()
        && local.chars().all(|letter| letter.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(letter))
        && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_people_have_are_taken() {
        for text in [
            "buyer@example.com",
            "first.last+tag@shop.example",
            "o'neill@example.ie",
            ".odd..dots.@example.jp",
            "root@localhost",
            "käufer@bücher.example",
            "用户@例子.example",
        ] {
            assert!(is_email(text), "{text}");
        }
        assert!(is_email(&format!("{}@example.com", "a".repeat(MAX_EMAIL - 12))));
    }

    #[test]
    fn other_texts_are_not() {
        for text in [
            "",
            "buyer",
            "@example.com",
            "buyer@",
            "a@b@c.example",
            "a b@example.com",
            "buyer@example.com\n",
            "buyer@exa mple.com",
            "buyer@.example",
            "buyer@example.",
            "buyer@-example.com",
            "buyer@example-.com",
            "<buyer@example.com>",
            "\"a b\"@example.com",
            "buyer@[192.0.2.1]",
            "a\u{0}b@example.com",
        ] {
            assert!(!is_email(text), "{text}");
        }
        assert!(!is_email(&format!("{}@example.com", "a".repeat(MAX_EMAIL - 11))));
        // It is bytes that mail servers count.
        assert!(!is_email(&format!("{}@example.com", "ä".repeat(MAX_EMAIL / 2))));
    }
}

//! A mail in the form that goes over the wire (RFC 5322). lettre encodes every header, so nothing in a text becomes a
//! header of its own.

use std::time::{Duration, SystemTime};

use domain::{
    mail::{Letter, one_line},
    time::Timestamp,
};
use lettre::{
    Address, Message,
    message::{
        Mailbox, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};

use super::Sender;

/// Characters of a subject that are sent.
const MAX_SUBJECT: usize = 200;

/// Bytes of a text that is sent; a mail of ours has a few thousand.
const MAX_TEXT: usize = 64 * 1024;

/// The message.
///
/// # Errors
/// Why it cannot be sent as it is, in words without an address.
pub(super) fn compose(
    letter: &Letter,
    from: &Sender,
    reference: &str,
    at: Timestamp,
) -> Result<Message, &'static str> {
    let to = recipient(letter).ok_or("the address is none that a mail may go to")?;
    if letter.text.len() > MAX_TEXT {
        return Err("the mail is too long");
    }
    // No answering machine answers, and no answer is answered (RFC 3834, section 5).
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    let message = Message::builder()
        .message_id(Some(format!("<{reference}@{}>", from.domain())))
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(at.millis()))
        .from(from.mailbox().clone())
        .to(Mailbox::new(None, to))
        .subject(one_line(&letter.subject, MAX_SUBJECT))
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
        .singlepart(SinglePart::plain(letter.text.clone()));
    message.map_err(|_| "the mail cannot be put together")
}

/// The address, with the form of its domain that every server takes (IDNA). What stands before the domain has none.
fn recipient(letter: &Letter) -> Option<Address> {
    let (local, domain) = letter.to.as_str().split_once('@')?;
    let domain = url::Host::parse(domain).ok()?.to_string();
    Address::new(local, domain).ok()
}

#[cfg(test)]
mod tests {
    use domain::mail::MailAddress;

    use super::*;

    const AT: Timestamp = Timestamp::from_seconds(1_781_611_200);

    fn letter(to: &str, subject: &str, text: &str) -> Letter {
        let to = MailAddress::parse(to).unwrap();
        Letter { to, subject: subject.to_owned(), text: text.to_owned() }
    }

    fn composed(letter: &Letter, from: &str) -> (Message, String) {
        let message = compose(letter, &Sender::parse(from).unwrap(), "0Ab", AT).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        (message, text)
    }

    /// The lines before the body, each header in one.
    fn headers(text: &str) -> Vec<String> {
        let head = text.split_once("\r\n\r\n").unwrap().0;
        head.replace("\r\n ", " ").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn a_mail_has_exactly_these_headers() {
        let (message, text) =
            composed(&letter("buyer@example.com", "Hello", "One.\nTwo."), "Pay <pay@shop.example>");
        assert_eq!(
            headers(&text),
            [
                "Message-ID: <0Ab@shop.example>",
                "Date: Tue, 16 Jun 2026 12:00:00 +0000",
                "From: Pay <pay@shop.example>",
                "To: buyer@example.com",
                "Subject: Hello",
                "Auto-Submitted: auto-generated",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: 7bit",
            ]
        );
        assert!(text.trim_end().ends_with("\r\n\r\nOne.\r\nTwo."), "{text}");
        assert_eq!(message.envelope().to().len(), 1);
        let again = composed(&letter("buyer@example.com", "Hello", "One.\nTwo."), "Pay <pay@shop.example>");
        assert_eq!(again.1, text, "nothing in it is drawn by lot");
    }

    #[test]
    fn nothing_in_a_text_becomes_a_header() {
        let evil = "Hello\r\nBcc: all@example.com\r\n\r\nBody";
        let (message, text) = composed(&letter("buyer@example.com", evil, "x"), "pay@shop.example");
        assert_eq!(headers(&text).len(), 9, "{text}");
        assert!(
            headers(&text).contains(&"Subject: Hello  Bcc: all@example.com    Body".to_owned()),
            "{text}"
        );
        assert!(!headers(&text).iter().any(|line| line.starts_with("Bcc")), "{text}");
        assert_eq!(message.envelope().to().len(), 1);
        let (_, text) =
            composed(&letter("buyer@example.com", "x", "Hi\r\n.\r\nQUIT\r\n"), "pay@shop.example");
        assert!(text.contains("\r\n.\r\nQUIT"), "the dot is doubled where it goes over the wire");
    }

    #[test]
    fn words_of_every_script_arrive() {
        let subject = "Deine Zahlung an Café Lumière 咖啡";
        let (_, text) =
            composed(&letter("käufer@bücher.example", subject, "Grüße 咖啡\n"), "pay@shop.example");
        let head = headers(&text);
        assert!(head.iter().any(|line| line.starts_with("Subject: ") && line.is_ascii()), "{head:?}");
        assert!(head.contains(&"To: käufer@xn--bcher-kva.example".to_owned()), "{head:?}");
        assert!(text.split_once("\r\n\r\n").unwrap().1.is_ascii(), "{text}");
    }

    #[test]
    fn a_text_has_a_limit() {
        let long = letter("buyer@example.com", "x", &"a".repeat(MAX_TEXT + 1));
        assert!(compose(&long, &Sender::parse("pay@shop.example").unwrap(), "0", AT).is_err());
    }
}

//! Whom mails are from.

use domain::mail::{MailAddress, one_line};
use lettre::{Address, message::Mailbox};

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// An address with a name, or without one: `pay@example.com`, `Example Pay <pay@example.com>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// The sender that `text` writes; nothing for another text.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, address) = match text.trim().strip_suffix('>') {
            Some(rest) => rest.rsplit_once('<').map(|(name, address)| (name.trim(), address))?,
            None => ("", text.trim()),
        };
        let name = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name);
        if name != one_line(name, MAX_NAME) || name.contains(['<', '>']) {
            return None;
        }
        let known = MailAddress::parse(address)?;
        let (local, domain) = known.as_str().split_once('@')?;
        // The form of a domain that every server takes.
        let domain = url::Host::parse(domain).ok()?.to_string();
        let address = Address::new(local, domain).ok()?;
        Some(Self(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address)))
    }

    pub(super) const fn mailbox(&self) -> &Mailbox {
        &self.0
    }

    pub(super) fn domain(&self) -> &str {
        self.0.email.domain()
    }

    /// What this end calls itself when it greets a server: the sender's domain.
    pub(super) fn host(&self) -> Option<String> {
        match url::Host::parse(self.domain()) {
            Ok(url::Host::Domain(name)) => Some(name),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_has_an_address_and_may_have_a_name() {
        for (text, name, address) in [
            ("pay@example.com", None, "pay@example.com"),
            ("<pay@example.com>", None, "pay@example.com"),
            ("Example Pay <pay@example.com>", Some("Example Pay"), "pay@example.com"),
            ("\"Pay, Example\" <pay@example.com>", Some("Pay, Example"), "pay@example.com"),
            ("Café <pay@bücher.example>", Some("Café"), "pay@xn--bcher-kva.example"),
        ] {
            let sender = Sender::parse(text).unwrap();
            assert_eq!(
                (sender.0.name.as_deref(), sender.0.email.to_string().as_str()),
                (name, address),
                "{text}"
            );
        }
        assert_eq!(Sender::parse("pay@bücher.example").unwrap().host().unwrap(), "xn--bcher-kva.example");
    }

    #[test]
    fn other_texts_are_no_sender() {
        for text in [
            "",
            "Example Pay",
            "pay@example.com, other@example.com",
            "pay@example.com\r\nBcc: a@b",
            "A\r\nBcc: a@b <pay@example.com>",
            "A <a@b> <pay@example.com>",
            "pay@",
        ] {
            assert_eq!(Sender::parse(text), None, "{text:?}");
        }
    }
}

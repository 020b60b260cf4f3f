//! Mails to buyers: what they are about, where they may go, and when they are tried again.
//!
//! A mail is a row that is written in the transaction of its fact. It holds no address and no words: both follow from
//! the payment when it is sent or shown, so what it says is so at that moment, and nothing personal is kept twice.

use crate::{
    event::EventKind,
    id::{EventId, MailId, PaymentId, ReceiptId, ShopId},
    payment::{Decision, DecisionKind, Effects, Happening},
    time::{Span, Timestamp},
};

/// What a mail tells a buyer: that money came which the terms do not settle, and how to ask for it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MailKind {
    /// The payment expired with some of the money there: all of it can go back.
    Short,
    /// More came than was asked: the difference can go back.
    Over,
    /// Money came late, or for a payment that had ended: it is held, and can go back.
    Held,
}

impl MailKind {
    /// Every kind there is.
    pub const ALL: &'static [Self] = &[Self::Short, Self::Over, Self::Held];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Over => "over",
            Self::Held => "held",
        }
    }

    /// The kind with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

impl Effects {
    /// What a buyer may be told of something that happened: each event that a person has to decide about has one mail.
    pub fn mail(&self, happening: &Happening) -> Option<MailKind> {
        let (decided, mail) = match happening.kind {
            EventKind::Expired => (DecisionKind::Short, MailKind::Short),
            EventKind::Over => (DecisionKind::Over, MailKind::Over),
            EventKind::Late => (DecisionKind::Held, MailKind::Held),
            EventKind::Created
            | EventKind::MethodChosen
            | EventKind::Seen
            | EventKind::PartPaid
            | EventKind::Paid
            | EventKind::Orphaned
            | EventKind::Reopened
            | EventKind::Cancelled
            | EventKind::Failed => return None,
        };
        let decision = Decision { kind: decided, receipt: happening.receipt };
        self.decisions.contains(&decision).then_some(mail)
    }
}

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its id: what its Message-ID is made of.
    pub id: MailId,
    /// The shop.
    pub shop: ShopId,
    /// The payment that it is about.
    pub payment: PaymentId,
    /// The event that led to it.
    pub event: EventId,
    /// What it tells.
    pub kind: MailKind,
    /// The money that it is about; `None` where it is about all of the payment's.
    pub receipt: Option<ReceiptId>,
    /// How it stands.
    pub status: MailStatus,
    /// Tries that were begun.
    pub attempts: u32,
    /// How often a person asked for it to be sent again.
    pub resent: u32,
    /// Since when it waits: when it was made, or when somebody asked for it again.
    pub queued_at: Timestamp,
    /// When the next try is due.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was taken, or given up.
    pub ended_at: Option<Timestamp>,
    /// Why the last try failed. No address is in it.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Mail {
    /// What its Message-ID begins with: the same at every try, so that a mail that came twice is known for one; another
    /// one where a person asked for it again, so that it is not taken for the first.
    pub fn reference(&self) -> String {
        let id = self.id.base62();
        if self.resent == 0 { id } else { format!("{id}.{}", self.resent) }
    }
}

/// How a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailStatus {
    /// Not tried yet.
    Pending,
    /// Put off, and due again.
    Retrying,
    /// A mail server took it.
    Sent,
    /// Refused for good, or put off for too long. It can be sent again by hand.
    Failed,
    /// Not sent, because no mail server is configured.
    Kept,
    /// Not sent, because what it would say was no longer so.
    Dropped,
}

impl MailStatus {
    /// Every status there is.
    pub const ALL: &'static [Self] =
        &[Self::Pending, Self::Retrying, Self::Sent, Self::Failed, Self::Kept, Self::Dropped];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Retrying => "retrying",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Kept => "kept",
            Self::Dropped => "dropped",
        }
    }

    /// The status with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.code() == code)
    }
}

/// What came of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailOutcome {
    /// The server took it, and is answerable for it from here on (RFC 5321, section 6.1).
    Taken,
    /// It may be taken later: the server puts it off, or cannot be reached. Why, in words without an address.
    Later(String),
    /// It is refused for good. Why, in words without an address.
    Never(String),
}

/// A mail in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Where it goes.
    pub to: MailAddress,
    /// What it is about, in one line.
    pub subject: String,
    /// What it says. Plain text, its lines ended by `\n`.
    pub text: String,
}

/// Text that somebody else wrote, made fit to stand inside a line of a mail: one line, without what cannot be seen and
/// changes how the rest is read (control characters, line and paragraph separators, marks that turn the direction of
/// what follows), cut after `length` characters.
pub fn one_line(text: &str, length: usize) -> String {
    let breaks = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    let turns = |letter: char| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept = text.chars().map(|letter| if breaks(letter) { ' ' } else { letter });
    let line: String = kept.filter(|letter| !turns(*letter)).collect();
    let line = line.trim();
    match line.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line.to_owned(),
    }
}

/// How long a mail is tried before it is given up. RFC 5321, section 4.5.4.1, asks for four or five days at least.
pub const GIVE_UP_AFTER: Span = Span::days(4);

/// The shortest wait between two tries.
const SHORTEST_WAIT: Span = Span::minutes(1);

/// The longest.
const LONGEST_WAIT: Span = Span::hours(8);

/// How long to wait before the next try of a mail that has waited for `waited` so far: as long again, within limits, so
/// that waits double. Nothing once it is to be given up.
pub fn next_wait(waited: Span) -> Option<Span> {
    (waited < GIVE_UP_AFTER).then(|| waited.max(SHORTEST_WAIT).min(LONGEST_WAIT))
}

/// The longest address, in bytes: what a mail server takes as a path, without its brackets (RFC 5321, 4.5.3.1.3).
const MAX_ADDRESS: usize = 254;

/// An address that a mail may go to. Nothing in it ends a line, a header or a command.
#[derive(Clone, PartialEq, Eq)]
pub struct MailAddress(String);

impl MailAddress {
    /// The address that `text` writes; nothing for a text of another form, such as one with a name, a comment, a blank,
    /// a control character, or a second address.
    ///
    /// Letters of every script are taken (RFC 6531); whether the server takes them is for the server to say.
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.split_once('@')?;
        let is_local = |letter: char| letter.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(letter);
        let is_domain = |letter: char| letter.is_alphanumeric() || letter == '-';
        let is_label = |label: &str| !label.is_empty() && label.chars().all(is_domain);
        let is_fit = text.len() <= MAX_ADDRESS
            && !local.is_empty()
            && local.chars().all(is_local)
            && domain.split('.').all(is_label);
        is_fit.then(|| Self(text.to_owned()))
    }

    /// The address as text, for the server that is to bring the mail there.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as a log or a list may show it: its first letter, and its domain.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or_default();
        format!("{}***@{domain}", local.chars().next().unwrap_or('*'))
    }
}

impl std::fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end_after_four_days() {
        let mut waited = Span::ZERO;
        let mut minutes = Vec::new();
        while let Some(wait) = next_wait(waited) {
            minutes.push(wait.whole_seconds() / 60);
            waited = waited + wait;
        }
        assert_eq!(minutes[..11], [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 480]);
        assert!(minutes[10..].iter().all(|wait| *wait == 480) && minutes.len() == 21, "{minutes:?}");
        assert!(waited >= GIVE_UP_AFTER && waited < GIVE_UP_AFTER + LONGEST_WAIT);
    }

    #[test]
    fn a_clock_that_went_back_makes_a_mail_wait_and_not_fail() {
        assert_eq!(next_wait(Span::minutes(-5)), Some(SHORTEST_WAIT));
    }

    #[test]
    fn addresses_that_people_have_are_taken() {
        for text in
            ["buyer@example.com", "o'neill+a.b@shop.example", "root@localhost", "käufer@bücher.example"]
        {
            assert_eq!(MailAddress::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn an_address_brings_nothing_with_it() {
        for text in [
            "",
            "buyer",
            "@example.com",
            "buyer@",
            "buyer@example.com\r\nBcc: all@example.com",
            "buyer@example.com\nDATA",
            "buyer\u{0}@example.com",
            "buyer@example.com, other@example.com",
            "a@b@c.example",
            "Buyer <buyer@example.com>",
            "<buyer@example.com>",
            "\"a b\"@example.com",
            "buyer@example.com> SIZE=1",
            "buyer@exam\u{2028}ple.com",
            "buyer@[127.0.0.1]",
            "buyer@example..com",
        ] {
            assert_eq!(MailAddress::parse(text), None, "{text:?}");
        }
        assert!(MailAddress::parse(&format!("{}@example.com", "a".repeat(MAX_ADDRESS - 12))).is_some());
        assert!(MailAddress::parse(&format!("{}@example.com", "a".repeat(MAX_ADDRESS - 11))).is_none());
    }

    #[test]
    fn an_address_is_masked_wherever_it_is_only_shown() {
        let address = MailAddress::parse("käufer@example.com").unwrap();
        assert_eq!(format!("{} {address:?}", address.masked()), "k***@example.com k***@example.com");
        assert_eq!(MailAddress::parse("äb@example.com").unwrap().masked(), "ä***@example.com");
    }

    #[test]
    fn what_others_wrote_stays_in_its_line() {
        let text = "Two\r\ncoffees\u{2028}\u{202e}Bcc: a@b\u{0}";
        assert_eq!(one_line(text, 100), "Two  coffees Bcc: a@b");
        assert_eq!(one_line("Zwei Kaffee", 4), "Zwei…");
        assert_eq!(one_line("Zwei", 4), "Zwei");
        assert_eq!(one_line("قهوة · 咖啡", 100), "قهوة · 咖啡");
    }

    #[test]
    fn every_name_is_read_back() {
        assert!(MailKind::ALL.iter().all(|kind| MailKind::from_code(kind.code()) == Some(*kind)));
        assert!(MailStatus::ALL.iter().all(|status| MailStatus::from_code(status.code()) == Some(*status)));
    }
}

//! What became of the last act, where the page itself does not show it.

use domain::refusal::Refusal;

/// One of a few things that can be said. The address of a page carries its name and nothing that anybody wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// The payment had changed since the page was shown.
    Changed,
    /// The payment takes no more money.
    Closed,
    /// Money had come already.
    MoneySeen,
    /// Nothing is due.
    NothingDue,
    /// Something has to be said first.
    Unanswered,
    /// The method cannot be chosen now.
    MethodGone,
    /// There is no price for the method now.
    NoRate,
    /// More was asked than anybody needs.
    TooOften,
    /// Whether it was done is not known.
    Unsure,
    /// It could not be done.
    Refused,
}

/// The parameter of a page's address.
pub(crate) const PARAMETER: &str = "note";

impl Note {
    const ALL: &'static [Self] = &[
        Self::Changed,
        Self::Closed,
        Self::MoneySeen,
        Self::NothingDue,
        Self::Unanswered,
        Self::MethodGone,
        Self::NoRate,
        Self::TooOften,
        Self::Unsure,
        Self::Refused,
    ];

    /// The name in an address.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Closed => "closed",
            Self::MoneySeen => "money-seen",
            Self::NothingDue => "nothing-due",
            Self::Unanswered => "unanswered",
            Self::MethodGone => "method",
            Self::NoRate => "rate",
            Self::TooOften => "too-often",
            Self::Unsure => "unsure",
            Self::Refused => "refused",
        }
    }

    /// The note that the query of an address names; nothing for any other.
    pub(crate) fn of_query(query: &str) -> Option<Self> {
        let code = query.strip_prefix(PARAMETER)?.strip_prefix('=')?;
        Self::ALL.iter().copied().find(|note| note.code() == code)
    }

    /// What is said.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Changed => "This payment had changed in the meantime. This is how it stands now.",
            Self::Closed => "That was not done: this payment takes no more money.",
            Self::MoneySeen => "That was not done: money has arrived for this payment. It is safe.",
            Self::NothingDue => "That was not needed: nothing is due any more.",
            Self::Unanswered => "Please fill in what is asked here first.",
            Self::MethodGone => "That way to pay cannot be used right now. Please choose another.",
            Self::NoRate => {
                "There is no price for that right now. Choose another way, or try again in a minute."
            }
            Self::TooOften => {
                "That was not done: this payment was asked for new amounts too often. Start again in the shop."
            }
            Self::Unsure => {
                "We are not sure that this was done. Look at how the payment stands, and try again if need be."
            }
            Self::Refused => "That could not be done. Nothing was changed.",
        }
    }

    /// What is said of an act that was refused.
    pub(crate) const fn of_refusal(refusal: Refusal) -> Self {
        match refusal {
            Refusal::VersionStale => Self::Changed,
            Refusal::PaymentClosed => Self::Closed,
            Refusal::MoneySeen => Self::MoneySeen,
            Refusal::NothingDue => Self::NothingDue,
            Refusal::AnswerMissing => Self::Unanswered,
            Refusal::MethodUnknown
            | Refusal::MethodUnavailable
            | Refusal::NetworkUnknown
            | Refusal::AssetUnknown => Self::MethodGone,
            Refusal::RateUnavailable => Self::NoRate,
            Refusal::TooMany => Self::TooOften,
            _ => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_can_say_nothing_else() {
        for note in Note::ALL {
            assert_eq!(Note::of_query(&format!("note={}", note.code())), Some(*note));
        }
        for query in ["", "note", "note=", "note=paid", "note=<b>", "other=changed", "note=changed&x=y"] {
            assert_eq!(Note::of_query(query), None, "{query}");
        }
    }
}

//! Which page a payment has: a pure function of what is known of it.

use domain::{buyer::Questions, chain::AddressForm, payment::Status, receipt::Receipt};
use engine::checkout::{CheckoutView, Instruction};

/// What a buyer needs to see, and what the chosen method asks for, where that is what it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage<'a> {
    /// Something has to be known before money is asked for; how to pay is a part of it where no method was chosen.
    Ask,
    /// No method was chosen.
    Choose,
    /// Money is asked for, at an address.
    Pay(&'a Instruction),
    /// Money is asked for, by card.
    Card(&'a Instruction),
    /// Some money came, and more is asked for.
    Short(&'a Instruction),
    /// What was asked for holds no more, and the order is still open.
    Requote,
    /// The chosen network cannot be seen, for this reason.
    Blind(&'a Instruction, &'a str),
    /// Money that had been seen is gone from its network.
    Orphaned(&'a Instruction),
    /// The deadline has passed, and it is not certain yet that nothing came before it.
    Checking,
    /// All that is due was seen.
    Seen,
    /// All that is due is final.
    Paid,
    /// The same, and more came.
    Over,
    /// It ended, and nothing came.
    Expired,
    /// It was given up, and nothing came.
    Cancelled,
    /// A card was declined, and nothing came.
    Failed,
    /// It ended, and money is there.
    Held,
}

/// The stage of a payment.
pub(crate) fn stage(view: &CheckoutView) -> Stage<'_> {
    let state = &view.payment.state;
    match state.status {
        Status::Waiting => waiting(view),
        Status::Processing => Stage::Seen,
        Status::Paid if state.flags.over => Stage::Over,
        Status::Paid => Stage::Paid,
        Status::Expired | Status::Cancelled | Status::Failed if has_money(view) => Stage::Held,
        Status::Expired => Stage::Expired,
        Status::Cancelled => Stage::Cancelled,
        Status::Failed => Stage::Failed,
    }
}

/// The stage while money is waited for. What a buyer must know before sending anything goes first.
fn waiting(view: &CheckoutView) -> Stage<'_> {
    let is_over = view.payment.terms.deadline.is_some_and(|deadline| view.now > deadline);
    let Some(instruction) = &view.instruction else {
        let is_asked = view.questions != Questions::default() && !view.offers.is_empty();
        return match (is_over, is_asked) {
            (true, _) => Stage::Checking,
            (false, true) => Stage::Ask,
            (false, false) => Stage::Choose,
        };
    };
    let money_is_there = has_money(view);
    if let Some(trouble) = &instruction.trouble {
        Stage::Blind(instruction, trouble)
    } else if !money_is_there && !view.receipts.is_empty() {
        Stage::Orphaned(instruction)
    } else if is_over {
        Stage::Checking
    } else if !instruction.holds {
        Stage::Requote
    } else if money_is_there {
        Stage::Short(instruction)
    } else if view.questions.sender {
        Stage::Ask
    } else if instruction.network.form == AddressForm::Session {
        Stage::Card(instruction)
    } else {
        Stage::Pay(instruction)
    }
}

/// Whether any money is there, final or not, valued or not.
pub(crate) fn has_money(view: &CheckoutView) -> bool {
    view.receipts.iter().any(|receipt| Receipt::counts(&receipt.receipt))
}

impl Stage<'_> {
    /// The stable name, by which a page tells that something has happened.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Choose => "choose",
            Self::Pay(_) => "pay",
            Self::Card(_) => "card",
            Self::Short(_) => "short",
            Self::Requote => "requote",
            Self::Blind(..) => "blind",
            Self::Orphaned(_) => "orphaned",
            Self::Checking => "checking",
            Self::Seen => "seen",
            Self::Paid => "paid",
            Self::Over => "over",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Held => "held",
        }
    }
}

//! What a buyer is asked before he is told where to pay: one form with the ways to pay in it.

use askama::{Template, filters::HtmlSafe};
use engine::checkout::CheckoutView;

use super::methods::{Row, rows};
use crate::{
    place::Place,
    typed::{Field, Payer, Typed},
};

/// The form.
#[derive(Template)]
#[template(path = "parts/questions.html")]
pub(crate) struct Questions {
    action: String,
    version: u32,
    rows: Vec<Row>,
    email: Option<Entry>,
    sender: Option<SenderEntries>,
}

impl HtmlSafe for Questions {}

/// A field as it is shown.
struct Entry {
    value: String,
    is_wrong: bool,
}

/// The fields of who pays.
struct SenderEntries {
    is_company: bool,
    first_name: Entry,
    last_name: Entry,
    born: Entry,
    company: Entry,
    country: Entry,
}

/// A form that was sent and has to be mended.
#[derive(Clone, Copy)]
pub(crate) struct Mended<'a> {
    pub(crate) typed: &'a Typed,
    pub(crate) wrong: &'a [Field],
}

impl Questions {
    pub(crate) fn new(view: &CheckoutView, place: &Place, mended: Option<Mended<'_>>) -> Self {
        let entry = |field: Field, typed: fn(&Typed) -> &str| Entry {
            value: mended.map_or(String::new(), |mended| typed(mended.typed).to_owned()),
            is_wrong: mended.is_some_and(|mended| mended.wrong.contains(&field)),
        };
        let known = || view.payment.order.customer_email.clone().unwrap_or_default();
        let email = Entry {
            value: mended.map_or_else(known, |mended| mended.typed.email.clone()),
            ..entry(Field::Email, |_| "")
        };
        let sender = SenderEntries {
            is_company: mended.is_some_and(|mended| mended.typed.payer == Some(Payer::Company)),
            first_name: entry(Field::FirstName, |typed| &typed.first_name),
            last_name: entry(Field::LastName, |typed| &typed.last_name),
            born: entry(Field::Born, |typed| &typed.born),
            company: entry(Field::Company, |typed| &typed.company),
            country: entry(Field::Country, |typed| &typed.country),
        };
        let way = mended.and_then(|mended| mended.typed.way.as_deref());
        Self {
            action: place.form("start"),
            version: view.payment.version,
            rows: if view.instruction.is_none() { rows(view, way) } else { Vec::new() },
            email: view.questions.email.then_some(email),
            sender: view.questions.sender.then_some(sender),
        }
    }

    /// Whether there is a way to choose.
    pub(crate) fn offers(&self) -> bool {
        !self.rows.is_empty()
    }
}

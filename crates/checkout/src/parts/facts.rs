//! What few need to know, and some do: the rate, the deadlines, and what to name when asking the shop.

use askama::{Template, filters::HtmlSafe};
use domain::mail::MailAddress;
use engine::checkout::{CheckoutView, Instruction};
use web::time::{self, Moment};

use crate::{place::Place, stage::Stage, words};

/// The particulars of a payment.
#[derive(Template)]
#[template(path = "parts/facts.html")]
pub(crate) struct Facts {
    code: String,
    created: Moment,
    deadline: Option<Moment>,
    /// Where the buyer reads of a refund, in part: whoever else has the link learns no address.
    email: Option<String>,
    quote: Option<QuoteFacts>,
    /// Whether the page refers to them.
    is_open: bool,
}

impl HtmlSafe for Facts {}

/// The particulars of what a method asks for.
struct QuoteFacts {
    network: String,
    depth: u32,
    /// The rate, and since when it is known; nothing where the price is in the asset itself.
    rate: Option<(String, Moment)>,
}

impl Facts {
    pub(crate) fn new(view: &CheckoutView, place: &Place, stage: Stage<'_>) -> Self {
        Self {
            code: place.name().to_owned(),
            created: time::moment(view.payment.created_at),
            deadline: view.payment.terms.deadline.map(time::moment),
            email: reached_at(view),
            quote: view.instruction.as_ref().map(|instruction| quote_facts(view, instruction)),
            is_open: matches!(stage, Stage::Over | Stage::Held),
        }
    }
}

/// The address that the buyer confirmed; nothing where the page asks for none, or asks for it now.
fn reached_at(view: &CheckoutView) -> Option<String> {
    let order = &view.payment.order;
    let was_asked = order.questions.email && !view.questions.email;
    let address = order.customer_email.as_deref().filter(|_| was_asked).and_then(MailAddress::parse)?;
    Some(address.masked())
}

fn quote_facts(view: &CheckoutView, instruction: &Instruction) -> QuoteFacts {
    let provenance = &instruction.quote.provenance;
    let since = provenance.sources.iter().map(|source| source.at).min();
    let text = words::rate(provenance.rate, &instruction.asset.asset, &view.payment.price.currency);
    QuoteFacts {
        network: instruction.network.label.clone(),
        depth: instruction.quote.depth,
        rate: since.map(|at| (text, time::moment(at))),
    }
}

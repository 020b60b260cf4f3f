//! A payment with everything that happened to it.

use domain::{
    buyer::{BirthDate, Sender},
    refusal::Refusal,
    terms::{LateMoney, Terms},
};
use engine::payments::PaymentView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Payment, PaymentDecision, PaymentEvent, PaymentQuote, PaymentReceipt};
use crate::{
    Api,
    shops::{ShopTolerance, percent},
    span,
};

/// A payment with everything that happened to it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentDetail {
    /// The payment.
    #[serde(flatten)]
    pub payment: Payment,
    /// What was agreed when it was made.
    pub terms: PaymentTerms,
    /// What it is for, in the shop's words.
    pub order: PaymentOrder,
    /// Everything that its methods asked for, oldest first.
    pub quotes: Vec<PaymentQuote>,
    /// All the money that came, oldest first.
    pub receipts: Vec<PaymentReceipt>,
    /// Its newest events, newest first.
    pub events: Vec<PaymentEvent>,
    /// What there is, or was, to decide.
    pub decisions: Vec<PaymentDecision>,
}

/// What was agreed when a payment was made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentTerms {
    /// How long a quote holds: `15m`.
    pub quote_validity: String,
    /// How long the order is open once its buyer has chosen, where that alone sets its deadline; null where not.
    pub choice_window: Option<String>,
    /// How long all that is due may take to become final; null for as long as it takes.
    pub confirm_limit: Option<String>,
    /// What becomes of money after the deadline: `held` or `reopens`.
    pub late_money: String,
    /// How much may be missing.
    pub tolerance: ShopTolerance,
    /// Confirmations that make money final; null for what each network has.
    pub depth: Option<u32>,
    /// By how much money in another asset counts less than at the market, in percent: `0.5`.
    pub spread_percent: String,
}

/// What a payment is for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentOrder {
    /// The buyer's e-mail address.
    pub customer_email: Option<String>,
    /// Who pays, where the payment asks for it and it was said.
    pub sender: Option<PaymentSender>,
    /// Where the buyer goes once it is paid.
    pub success_url: Option<String>,
    /// Where the buyer goes otherwise.
    pub cancel_url: Option<String>,
}

/// Who pays. Personal data.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PaymentSender {
    /// A person.
    Person {
        /// The first name.
        first_name: String,
        /// The last name.
        last_name: String,
        /// `YYYY-MM-DD`; null where it was not said.
        date_of_birth: Option<String>,
    },
    /// A company.
    Company {
        /// The name under which it is registered.
        name: String,
        /// Where it is registered, by its code of three letters (ISO 3166-1).
        country: String,
    },
}

impl From<&Sender> for PaymentSender {
    fn from(sender: &Sender) -> Self {
        match sender {
            Sender::Person { first_name, last_name, born } => Self::Person {
                first_name: first_name.as_str().to_owned(),
                last_name: last_name.as_str().to_owned(),
                date_of_birth: born.map(BirthDate::to_text),
            },
            Sender::Company { name, country } => {
                Self::Company { name: name.as_str().to_owned(), country: country.as_str().to_owned() }
            }
        }
    }
}

impl PaymentDetail {
    pub(super) fn new(api: &Api, view: &PaymentView) -> Result<Self, Refusal> {
        let payment = &view.record.payment;
        let dialect = api.engine.dialect(payment.dialect)?;
        Ok(Self {
            payment: Payment::new(api, payment)?,
            terms: PaymentTerms::from(&payment.terms),
            order: PaymentOrder {
                customer_email: payment.order.customer_email.clone(),
                sender: view.sender.as_ref().map(PaymentSender::from),
                success_url: payment.order.success_url.clone(),
                cancel_url: payment.order.cancel_url.clone(),
            },
            quotes: view
                .record
                .quotes
                .iter()
                .map(|quote| PaymentQuote::new(api, &view.record, quote))
                .collect(),
            receipts: view.receipts.iter().map(PaymentReceipt::from).collect(),
            events: view.events.iter().map(|event| PaymentEvent::new(&**dialect, event)).collect(),
            decisions: view.decisions.iter().map(PaymentDecision::from).collect(),
        })
    }
}

impl From<&Terms> for PaymentTerms {
    fn from(terms: &Terms) -> Self {
        let late_money = match terms.late {
            LateMoney::Held => "held",
            LateMoney::Reopens => "reopens",
        };
        Self {
            quote_validity: span::write(terms.quote_validity),
            choice_window: terms.window.map(span::write),
            confirm_limit: terms.confirm_limit.map(span::write),
            late_money: late_money.to_owned(),
            tolerance: terms.tolerance.into(),
            depth: terms.depth,
            spread_percent: percent(terms.spread_parts_per_million),
        }
    }
}

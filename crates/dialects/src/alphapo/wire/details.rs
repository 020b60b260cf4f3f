//! What an invoice or an address was asked for with, and the engine has no place for: it is kept with the payment as
//! JSON of our own, and never changes.

use std::collections::BTreeMap;

use domain::{
    chain::{AddressForm, Method, NetworkSpec},
    payment::Payment,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::codes;
use crate::http::json;

/// How an invoice takes money that is not enough. The vendor's samples show both taking parts until the deadline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InvoiceType {
    /// The standard one.
    #[default]
    FillOrKill,
    /// Partial pay.
    GoodUntilExpired,
}

impl InvoiceType {
    /// The vendor's words for them.
    pub(crate) const WORDS: &[(&str, Self)] =
        &[("fill_or_kill", Self::FillOrKill), ("good_until_expired", Self::GoodUntilExpired)];

    /// Whether a part of what is due is told while more may come. The one place where the two types may come to differ.
    pub(crate) const fn tells_parts(self) -> bool {
        match self {
            Self::FillOrKill | Self::GoodUntilExpired => true,
        }
    }
}

/// What is kept of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub(crate) enum Details {
    /// Of a request for an invoice.
    Invoice(InvoiceDetails),
    /// Of a request for the address of a client. Each deposit there has it.
    Deposit(DepositDetails),
}

/// What is kept of a request for an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InvoiceDetails {
    /// Whether it had a timer from the beginning.
    pub(crate) timer: bool,
    pub(crate) title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// The code of the coin that the buyer has to pay with; nothing where he chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) coin: Option<String>,
    /// The code of what was asked for, which says the network of a coin too.
    pub(crate) currency: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end_user_reference: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: InvoiceType,
    /// The codes for which `expires_at` moves once money was seen.
    #[serde(default)]
    pub(crate) extended: Vec<String>,
    #[serde(default, skip_serializing_if = "Fees::is_empty")]
    pub(crate) fees: Fees,
}

/// What is kept of a request for an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DepositDetails {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end_user_reference: Option<String>,
    #[serde(default, skip_serializing_if = "Fees::is_empty")]
    pub(crate) fees: Fees,
}

/// Shares of what is received that are called a fee, in millionths, by code.
pub(crate) type Fees = BTreeMap<String, u32>;

impl InvoiceDetails {
    /// What the buyer reads: the title, and the description after it.
    pub(crate) fn shown(&self) -> String {
        match &self.description {
            Some(description) => format!("{}: {description}", self.title),
            None => self.title.clone(),
        }
    }
}

impl Details {
    /// The text that is kept.
    pub(crate) fn write(&self) -> String {
        json::to_text(self)
    }

    /// Reads what was kept.
    pub(crate) fn read(text: Option<&str>) -> Option<Self> {
        serde_json::from_str(text?).ok()
    }
}

/// Whether an invoice's buyer may pay by a method: by the coin that the merchant named, or else by any. It is a coin in
/// any case: the vendor knows no cards.
pub(crate) fn takes(payment: &Payment, method: Method, networks: &[NetworkSpec]) -> bool {
    let has_address =
        |spec: &&NetworkSpec| spec.network == method.network && spec.form != AddressForm::Session;
    let named = match Details::read(payment.order.details.as_deref()) {
        Some(Details::Invoice(details)) => details.coin,
        Some(Details::Deposit(_)) | None => None,
    };
    networks.iter().any(|spec| has_address(&spec))
        && named.is_none_or(|code| codes::code_of(method, networks) == code)
}

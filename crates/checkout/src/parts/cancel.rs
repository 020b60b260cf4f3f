//! Giving up, in two steps: what it means is read before it can be done.

use askama::{Template, filters::HtmlSafe};
use engine::checkout::CheckoutView;

use crate::place::Place;

/// The form that cancels a payment.
#[derive(Template)]
#[template(path = "parts/cancel.html")]
pub(crate) struct Cancel {
    action: String,
    version: u32,
}

impl HtmlSafe for Cancel {}

impl Cancel {
    pub(crate) fn new(view: &CheckoutView, place: &Place) -> Self {
        Self { action: place.form("cancel"), version: view.payment.version }
    }
}

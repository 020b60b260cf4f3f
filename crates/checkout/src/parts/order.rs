//! The top of every page: the shop, what it is for, and what it costs.

use askama::{Template, filters::HtmlSafe};
use engine::checkout::CheckoutView;
use web::{amount, text};

/// Who is paid, for what, and how much.
#[derive(Template)]
#[template(path = "parts/order.html")]
pub(crate) struct Order {
    shop: String,
    description: String,
    price: String,
    currency: String,
}

impl HtmlSafe for Order {}

/// Characters of a price that fit a phone in the largest size.
const LARGE: usize = 9;

impl Order {
    pub(crate) fn new(view: &CheckoutView) -> Self {
        let price = view.payment.price;
        Self {
            shop: text::plain(view.shop.name.as_str()),
            description: text::plain(view.payment.order.description.as_deref().unwrap_or_default()),
            price: amount::number(price.amount, &price.currency),
            currency: price.currency.code.to_string(),
        }
    }

    /// Whether the price needs a smaller size.
    fn is_long(&self) -> bool {
        self.price.len() > LARGE
    }
}

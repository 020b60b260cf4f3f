//! The way back to the shop.

use askama::{Template, filters::HtmlSafe};
use engine::checkout::CheckoutView;
use web::{link, text};

/// A link to the shop's own page, exactly as the shop gave it. It is followed when it is clicked, and never by itself.
#[derive(Template)]
#[template(path = "parts/way.html")]
pub(crate) struct Way {
    shop: String,
    /// Where it leads; nothing where the shop named no page that a browser may be sent to.
    url: Option<String>,
}

impl HtmlSafe for Way {}

impl Way {
    /// Back after a payment.
    pub(crate) fn on_success(view: &CheckoutView) -> Self {
        Self::new(view, view.payment.order.success_url.as_deref())
    }

    /// Back without one.
    pub(crate) fn otherwise(view: &CheckoutView) -> Self {
        Self::new(view, view.payment.order.cancel_url.as_deref())
    }

    fn new(view: &CheckoutView, url: Option<&str>) -> Self {
        Self {
            shop: text::plain(view.shop.name.as_str()),
            url: url.and_then(link::outward).map(str::to_owned),
        }
    }
}

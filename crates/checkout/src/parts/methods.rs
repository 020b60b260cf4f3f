//! The ways to pay, one form each. A way that cannot be chosen now is there too, with the reason.

use askama::{Template, filters::HtmlSafe};
use engine::checkout::CheckoutView;
use web::amount;

use crate::{place::Place, words};

/// A list of methods.
#[derive(Template)]
#[template(path = "parts/methods.html")]
pub(crate) struct Methods {
    action: String,
    version: u32,
    rows: Vec<Row>,
}

impl HtmlSafe for Methods {}

/// One method.
pub(super) struct Row {
    pub(super) network: String,
    pub(super) asset: String,
    pub(super) name: String,
    /// What carries it, where the name does not say so.
    pub(super) carrier: Option<String>,
    /// About what would have to be sent, or why it cannot be chosen.
    pub(super) amount: Result<String, String>,
    /// Whether it is marked already.
    pub(super) chosen: bool,
}

/// Every method but the one that was chosen: the page is about that one. `marked` is `network/asset`.
pub(super) fn rows(view: &CheckoutView, marked: Option<&str>) -> Vec<Row> {
    let others = view.offers.iter().filter(|offer| !offer.chosen);
    let rows = others.map(|offer| {
        let (name, carrier) = words::method(&offer.network, &offer.asset);
        let way = format!("{}/{}", offer.method.network, offer.method.asset);
        Row {
            network: offer.method.network.to_string(),
            asset: offer.method.asset.to_string(),
            name: name.to_owned(),
            carrier: carrier.map(str::to_owned),
            amount: match &offer.amount {
                Ok(asked) => Ok(amount::with_code(*asked, &offer.asset.asset)),
                Err(reason) => Err(reason.clone()),
            },
            chosen: marked == Some(way.as_str()),
        }
    });
    rows.collect()
}

impl Methods {
    /// Every method but the one that was chosen: the page is about that one.
    pub(crate) fn new(view: &CheckoutView, place: &Place) -> Self {
        let rows = rows(view, None);
        Self { action: place.form("method"), version: view.payment.version, rows }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

//! The money that came, as far as its networks tell.

use askama::{Template, filters::HtmlSafe};
use domain::{
    chain::NetworkSpec,
    receipt::{Receipt, Standing},
};
use engine::{checkout::CheckoutView, payments::ReceiptView};
use web::address::Grouped;

use crate::words;

/// Every transaction that was ever seen for a payment.
#[derive(Template)]
#[template(path = "parts/arrivals.html")]
pub(crate) struct Arrivals {
    items: Vec<Arrival>,
}

impl HtmlSafe for Arrivals {}

/// One transaction.
struct Arrival {
    amount: String,
    network: String,
    transaction: Grouped,
    depth: Depth,
}

/// How sure a transaction is.
enum Depth {
    Final,
    Mined { confirmations: u64, needed: u32 },
    Waiting,
    Gone,
}

impl Arrivals {
    pub(crate) fn new(view: &CheckoutView, networks: &[NetworkSpec]) -> Self {
        Self { items: view.receipts.iter().map(|receipt| arrival(receipt, networks)).collect() }
    }

    /// Whether nothing ever came.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

fn arrival(seen: &ReceiptView, networks: &[NetworkSpec]) -> Arrival {
    let network = seen.receipt.method.network;
    let served = networks.iter().find(|spec| spec.network == network);
    Arrival {
        amount: words::receipt(seen),
        network: served.map_or_else(|| network.to_string(), |spec| spec.label.clone()),
        transaction: Grouped::new(&seen.receipt.transaction),
        depth: depth(seen),
    }
}

fn depth(seen: &ReceiptView) -> Depth {
    let Receipt { standing, inclusion, depth, .. } = &seen.receipt;
    match standing {
        Standing::Gone => Depth::Gone,
        Standing::Confirmed => Depth::Final,
        Standing::Seen if inclusion.is_none() => Depth::Waiting,
        Standing::Seen => Depth::Mined { confirmations: seen.confirmations, needed: *depth },
    }
}

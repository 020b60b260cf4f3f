//! How far money that was seen is from being final.

use crate::words;
use askama::{Template, filters::HtmlSafe};
use domain::{
    chain::NetworkSpec,
    receipt::{Receipt, Standing},
};
use engine::{checkout::CheckoutView, payments::ReceiptView};

/// Confirmations of the transaction that has the fewest, in words and as a bar.
#[derive(Template)]
#[template(path = "parts/progress.html")]
pub(crate) struct Progress {
    confirmations: u64,
    needed: u64,
    /// About how long the rest takes, where the network is seen.
    about: Option<String>,
}

impl HtmlSafe for Progress {}

impl Progress {
    pub(crate) fn new(view: &CheckoutView, networks: &[NetworkSpec]) -> Self {
        let pending = view.receipts.iter().filter(|seen| seen.receipt.standing == Standing::Seen);
        let slowest = pending.max_by_key(|seen| missing(seen));
        let Some(seen) = slowest else { return Self { confirmations: 0, needed: 0, about: None } };
        let missing = missing(seen);
        let network = seen.receipt.method.network;
        let is_blind = view
            .instruction
            .as_ref()
            .is_some_and(|asked| asked.network.network == network && asked.trouble.is_some());
        let pace = networks.iter().find(|spec| spec.network == network && !is_blind);
        Self {
            confirmations: seen.confirmations,
            needed: needed(&seen.receipt),
            about: pace.and_then(|spec| words::blocks(spec, missing)),
        }
    }
}

/// Confirmations that make a receipt final; one at least.
fn needed(receipt: &Receipt) -> u64 {
    u64::from(receipt.depth.max(1))
}

fn missing(seen: &ReceiptView) -> u64 {
    needed(&seen.receipt).saturating_sub(seen.confirmations)
}

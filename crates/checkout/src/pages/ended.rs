//! Pages of payments that ended without being complete.

use askama::Template;
use domain::{payment::Status, receipt::Receipt};
use web::time::Moment;

use super::{Frame, Scene, moment, shop};
use crate::{
    parts::{Arrivals, Way},
    words,
};

/// The deadline passed, and nothing came.
#[derive(Template)]
#[template(path = "pages/expired.html", blocks = ["title"])]
pub(super) struct Expired {
    frame: Frame,
    at: Option<Moment>,
    was_asked: bool,
    way: Way,
}

impl Expired {
    pub(super) fn new(scene: Scene<'_>) -> Self {
        Self {
            frame: Frame::new(scene),
            at: moment(scene.view.payment.terms.deadline),
            was_asked: scene.view.instruction.is_some(),
            way: Way::otherwise(scene.view),
        }
    }
}

/// It was given up, and nothing came.
#[derive(Template)]
#[template(path = "pages/cancelled.html", blocks = ["title"])]
pub(super) struct Cancelled {
    frame: Frame,
    was_asked: bool,
    way: Way,
}

impl Cancelled {
    pub(super) fn new(scene: Scene<'_>) -> Self {
        Self {
            frame: Frame::new(scene),
            was_asked: scene.view.instruction.is_some(),
            way: Way::otherwise(scene.view),
        }
    }
}

/// A card was declined, and nothing came.
#[derive(Template)]
#[template(path = "pages/failed.html", blocks = ["title"])]
pub(super) struct Failed {
    frame: Frame,
    way: Way,
}

impl Failed {
    pub(super) fn new(scene: Scene<'_>) -> Self {
        Self { frame: Frame::new(scene), way: Way::otherwise(scene.view) }
    }
}

/// It ended, and money is there: a person at the shop decides what becomes of it.
#[derive(Template)]
#[template(path = "pages/held.html", blocks = ["title"])]
pub(super) struct Held {
    frame: Frame,
    shop: String,
    arrived: String,
    why: Why,
    way: Way,
    arrivals: Arrivals,
}

/// Why money did not complete its payment.
enum Why {
    /// There was not enough of it.
    Short,
    /// It came after the deadline.
    Late,
    /// The payment had been cancelled.
    Cancelled,
    /// The payment had failed.
    Failed,
}

impl Held {
    pub(super) fn new(scene: Scene<'_>) -> Self {
        let view = scene.view;
        let there = view.receipts.iter().filter(|seen| Receipt::counts(&seen.receipt));
        let arrived: Vec<String> = there.map(words::receipt).collect();
        Self {
            frame: Frame::new(scene),
            shop: shop(view),
            arrived: words::list(&arrived),
            why: match view.payment.state.status {
                Status::Cancelled => Why::Cancelled,
                Status::Failed => Why::Failed,
                _ if view.payment.state.flags.late => Why::Late,
                _ => Why::Short,
            },
            way: Way::otherwise(view),
            arrivals: Arrivals::new(view, scene.networks),
        }
    }
}

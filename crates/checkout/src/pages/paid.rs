//! Pages of payments that are complete.

use askama::Template;
use domain::money::SignedAmount;
use web::{amount, time::Moment};

use super::{Frame, Scene, moment, price, shop};
use crate::parts::{Arrivals, Way};

/// All that is due is final.
#[derive(Template)]
#[template(path = "pages/paid.html", blocks = ["title"])]
pub(super) struct Paid {
    frame: Frame,
    price: String,
    shop: String,
    at: Option<Moment>,
    way: Way,
    arrivals: Arrivals,
}

impl Paid {
    pub(super) fn new(scene: Scene<'_>) -> Self {
        Self {
            frame: Frame::new(scene),
            price: price(scene.view),
            shop: shop(scene.view),
            at: moment(scene.view.payment.paid_at),
            way: Way::on_success(scene.view),
            arrivals: Arrivals::new(scene.view, scene.networks),
        }
    }
}

/// All that is due is final, and more came.
#[derive(Template)]
#[template(path = "pages/over.html", blocks = ["title"])]
pub(super) struct Over {
    frame: Frame,
    more: String,
    at: Option<Moment>,
    way: Way,
    arrivals: Arrivals,
}

impl Over {
    pub(super) fn new(scene: Scene<'_>) -> Self {
        let payment = &scene.view.payment;
        let more = SignedAmount::negated(payment.remaining()).positive();
        Self {
            frame: Frame::new(scene),
            more: amount::with_code(more, &payment.price.currency),
            at: moment(payment.paid_at),
            way: Way::on_success(scene.view),
            arrivals: Arrivals::new(scene.view, scene.networks),
        }
    }
}

//! Pages on which there is something to do: choose, send, send more, ask anew.

use askama::Template;
use engine::checkout::{CheckoutView, Instruction};
use web::amount;

use super::{Frame, Scene, price, shop, worth};
use crate::{
    parts::{Arrivals, Cancel, Methods, Questions, TimeLeft, Transfer},
    stage::has_money,
    words,
};

/// No method was chosen.
#[derive(Template)]
#[template(path = "pages/choose.html", blocks = ["title"])]
pub(super) struct Choose {
    frame: Frame,
    shop: String,
    left: Option<TimeLeft>,
    methods: Methods,
    cancel: Cancel,
}

impl Choose {
    pub(super) fn new(scene: Scene<'_>) -> Self {
        Self {
            frame: Frame::new(scene),
            shop: shop(scene.view),
            left: order_left(scene.view),
            methods: Methods::new(scene.view, scene.place),
            cancel: Cancel::new(scene.view, scene.place),
        }
    }
}

/// Something has to be known before money is asked for.
#[derive(Template)]
#[template(path = "pages/ask.html", blocks = ["title"])]
pub(super) struct Ask {
    frame: Frame,
    left: Option<TimeLeft>,
    /// How long there is to pay once he has chosen.
    window: Option<String>,
    questions: Questions,
    cancel: Cancel,
}

impl Ask {
    pub(super) fn new(scene: Scene<'_>) -> Self {
        Self {
            frame: Frame::new(scene),
            left: order_left(scene.view),
            window: scene.view.payment.terms.window.map(web::time::about),
            questions: Questions::new(scene.view, scene.place, scene.mended),
            cancel: Cancel::new(scene.view, scene.place),
        }
    }
}

/// Money is asked for, at an address.
#[derive(Template)]
#[template(path = "pages/pay.html", blocks = ["title"])]
pub(super) struct Pay {
    frame: Frame,
    due: String,
    network: String,
    left: TimeLeft,
    /// About how long it takes until a payment shows up.
    sight: Option<String>,
    transfer: Transfer,
    methods: Methods,
    cancel: Cancel,
}

impl Pay {
    pub(super) fn new(scene: Scene<'_>, asked: &Instruction) -> Self {
        Self {
            frame: Frame::new(scene),
            due: due(asked),
            network: asked.network.label.clone(),
            left: quote_left(scene.view, asked),
            sight: words::blocks(&asked.network, 1),
            transfer: Transfer::new(asked),
            methods: Methods::new(scene.view, scene.place),
            cancel: Cancel::new(scene.view, scene.place),
        }
    }
}

/// Money is asked for, by card. All cards are simulated: their form is the simulator.
#[derive(Template)]
#[template(path = "pages/card.html", blocks = ["title"])]
pub(super) struct Card {
    frame: Frame,
    due: String,
    left: TimeLeft,
    methods: Methods,
    cancel: Cancel,
}

impl Card {
    pub(super) fn new(scene: Scene<'_>, asked: &Instruction) -> Self {
        Self {
            frame: Frame::new(scene),
            due: due(asked),
            left: quote_left(scene.view, asked),
            methods: Methods::new(scene.view, scene.place),
            cancel: Cancel::new(scene.view, scene.place),
        }
    }
}

/// Some money came, and more is asked for.
#[derive(Template)]
#[template(path = "pages/short.html", blocks = ["title"])]
pub(super) struct Short {
    frame: Frame,
    due: String,
    network: String,
    worth: Option<String>,
    price: String,
    left: TimeLeft,
    /// Where to send the rest; nothing for a card.
    transfer: Option<Transfer>,
    arrivals: Arrivals,
    methods: Methods,
}

impl Short {
    pub(super) fn new(scene: Scene<'_>, asked: &Instruction) -> Self {
        Self {
            frame: Frame::new(scene),
            due: due(asked),
            network: asked.network.label.clone(),
            worth: worth(scene.view),
            price: price(scene.view),
            left: quote_left(scene.view, asked),
            transfer: Transfer::at_address(asked),
            arrivals: Arrivals::new(scene.view, scene.networks),
            methods: Methods::new(scene.view, scene.place),
        }
    }
}

/// What was asked for holds no more.
#[derive(Template)]
#[template(path = "pages/requote.html", blocks = ["title"])]
pub(super) struct Requote {
    frame: Frame,
    action: String,
    version: u32,
    worth: Option<String>,
    price: String,
    left: Option<TimeLeft>,
    arrivals: Arrivals,
    methods: Methods,
    /// Not once money came: then it can no longer be cancelled.
    cancel: Option<Cancel>,
}

impl Requote {
    pub(super) fn new(scene: Scene<'_>) -> Self {
        let Scene { view, place, .. } = scene;
        Self {
            frame: Frame::new(scene),
            action: place.form("quote"),
            version: view.payment.version,
            worth: worth(view),
            price: price(view),
            left: order_left(view),
            arrivals: Arrivals::new(view, scene.networks),
            methods: Methods::new(view, place),
            cancel: (!has_money(view)).then(|| Cancel::new(view, place)),
        }
    }
}

fn due(asked: &Instruction) -> String {
    amount::with_code(asked.due, &asked.asset.asset)
}

/// How long the order is open; nothing for one that is open for ever.
fn order_left(view: &CheckoutView) -> Option<TimeLeft> {
    view.payment.terms.deadline.map(|deadline| TimeLeft::new(view.now, deadline))
}

/// How long what was asked for holds.
fn quote_left(view: &CheckoutView, asked: &Instruction) -> TimeLeft {
    TimeLeft::new(view.now, asked.quote.valid_until.unwrap_or(view.now))
}

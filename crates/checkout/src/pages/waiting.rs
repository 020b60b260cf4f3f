//! Pages on which there is nothing to do but wait: each says for what, and what happens next.

use askama::Template;
use domain::{chain::AddressForm, receipt::Standing};
use engine::checkout::{CheckoutView, Instruction};
use web::{
    copy::Copyable,
    time::{self, Moment},
};

use super::{Frame, Scene, moment};
use crate::{
    parts::{Arrivals, Methods, Progress, Transfer},
    words,
};

/// The chosen network cannot be seen.
#[derive(Template)]
#[template(path = "pages/blind.html", blocks = ["title"])]
pub(super) struct Blind {
    frame: Frame,
    trouble: String,
    network: String,
    methods: Methods,
    arrivals: Arrivals,
    /// Where money that is sent all the same arrives, for those who look it up in their wallet.
    address: Option<Copyable>,
}

impl Blind {
    pub(super) fn new(scene: Scene<'_>, asked: &Instruction, trouble: &str) -> Self {
        let has_address = asked.network.form != AddressForm::Session;
        Self {
            frame: Frame::new(scene),
            trouble: trouble.to_owned(),
            network: asked.network.label.clone(),
            methods: Methods::new(scene.view, scene.place),
            arrivals: Arrivals::new(scene.view, scene.networks),
            address: has_address.then(|| Copyable::address("address", "Address", &asked.address)),
        }
    }
}

/// Money that had been seen is gone from its network.
#[derive(Template)]
#[template(path = "pages/orphaned.html", blocks = ["title"])]
pub(super) struct Orphaned {
    frame: Frame,
    network: String,
    gone: String,
    until: Option<Moment>,
    arrivals: Arrivals,
    again: Again,
}

/// What one can do whose money is not coming back.
enum Again {
    /// Send what was asked for.
    Pay(Box<Transfer>),
    /// Ask for a new amount.
    Quote { action: String, version: u32 },
    /// Nothing: the deadline has passed.
    No,
}

impl Orphaned {
    pub(super) fn new(scene: Scene<'_>, asked: &Instruction) -> Self {
        let Scene { view, place, .. } = scene;
        let gone: Vec<String> = view.receipts.iter().map(words::receipt).collect();
        let is_open = view.payment.terms.deadline.is_none_or(|deadline| view.now <= deadline);
        let again = match Transfer::at_address(asked) {
            Some(transfer) if asked.holds => Again::Pay(Box::new(transfer)),
            _ if is_open => Again::Quote { action: place.form("quote"), version: view.payment.version },
            _ => Again::No,
        };
        Self {
            frame: Frame::new(scene),
            network: asked.network.label.clone(),
            gone: words::list(&gone),
            until: patience(view),
            arrivals: Arrivals::new(view, scene.networks),
            again,
        }
    }
}

/// Until when money that was lost holds up expiry: the same rule as [`domain::payment::Record::has_expired`].
fn patience(view: &CheckoutView) -> Option<Moment> {
    let deadline = view.payment.terms.deadline?;
    let first_seen = view.receipts.iter().map(|seen| seen.receipt.first_seen).max()?;
    Some(time::moment(deadline.max(first_seen + view.payment.terms.seen_limit)))
}

/// The deadline has passed, and the networks are being looked through.
#[derive(Template)]
#[template(path = "pages/checking.html", blocks = ["title"])]
pub(super) struct Checking {
    frame: Frame,
    deadline: Option<Moment>,
    about: Option<String>,
    arrivals: Arrivals,
}

/// Blocks after the deadline until a network was followed past it, as a rule: the one that is being made, and the next.
const BLOCKS_TO_CHECK: u64 = 2;

impl Checking {
    pub(super) fn new(scene: Scene<'_>) -> Self {
        let view = scene.view;
        let asked = view.instruction.as_ref();
        Self {
            frame: Frame::new(scene),
            deadline: moment(view.payment.terms.deadline),
            about: asked.and_then(|asked| words::blocks(&asked.network, BLOCKS_TO_CHECK)),
            arrivals: Arrivals::new(view, scene.networks),
        }
    }
}

/// All that is due was seen, and is not yet final.
#[derive(Template)]
#[template(path = "pages/seen.html", blocks = ["title"])]
pub(super) struct Seen {
    frame: Frame,
    progress: Progress,
    trouble: Option<String>,
    /// Whether a block that held the money has left its chain.
    is_back: bool,
    arrivals: Arrivals,
}

impl Seen {
    pub(super) fn new(scene: Scene<'_>) -> Self {
        let view = scene.view;
        let is_back = view.receipts.iter().any(|seen| {
            let waits = seen.receipt.standing == Standing::Seen && seen.receipt.inclusion.is_none();
            waits && seen.inclusions.iter().any(|(_, left_at)| left_at.is_some())
        });
        Self {
            frame: Frame::new(scene),
            progress: Progress::new(view, scene.networks),
            trouble: view.instruction.as_ref().and_then(|asked| asked.trouble.clone()),
            is_back,
            arrivals: Arrivals::new(view, scene.networks),
        }
    }
}

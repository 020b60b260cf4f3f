//! The sandbox's hand on its chains, for whoever tries a shop's integration. Where money is real there is none.

use askama::{Template, filters::HtmlSafe};
use domain::chain::AddressForm;
use engine::checkout::{CheckoutView, Instruction};
use serde::Deserialize;

use crate::{place::Place, stage::Stage};

/// Buttons that let money arrive on a simulated network.
#[derive(Template)]
#[template(path = "parts/simulator.html")]
pub(crate) struct Simulator {
    action: String,
    network: String,
    acts: Vec<Act>,
    /// Whether the money is a card's, which is final at once.
    is_card: bool,
    /// Whether there is nothing else to do on the page.
    is_open: bool,
}

impl HtmlSafe for Simulator {}

/// What can be simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Act {
    /// What is due arrives; where nothing is, what was asked for arrives once more.
    Exactly,
    /// The same, where some of it is there already.
    Rest,
    /// Half of it arrives.
    Half,
    /// Twice as much arrives.
    Double,
    /// The next block is made.
    Mine,
    /// The card is declined for good.
    Decline,
}

impl Act {
    const fn code(self) -> &'static str {
        match self {
            Self::Exactly => "exactly",
            Self::Rest => "rest",
            Self::Half => "half",
            Self::Double => "double",
            Self::Mine => "mine",
            Self::Decline => "decline",
        }
    }
}

/// Whether the payment's page may simulate: never where money is real, and only on a network that is not.
pub(crate) fn simulated(view: &CheckoutView) -> Option<&Instruction> {
    let chosen = view.instruction.as_ref().filter(|instruction| instruction.network.simulated);
    chosen.filter(|_| !view.environment.is_live())
}

impl Simulator {
    /// The panel, where the page may have one.
    pub(crate) fn new(view: &CheckoutView, place: &Place, stage: Stage<'_>) -> Option<Self> {
        let instruction = simulated(view)?;
        let is_card = instruction.network.form == AddressForm::Session;
        let is_open = matches!(stage, Stage::Card(_));
        let whole = if view.payment.state.flags.short { Act::Rest } else { Act::Exactly };
        let mut acts = vec![whole, Act::Half, Act::Double];
        if !is_card {
            acts.push(Act::Mine);
        } else if is_open {
            acts.push(Act::Decline);
        }
        Some(Self {
            action: place.form("simulate"),
            network: instruction.network.label.clone(),
            acts,
            is_card,
            is_open,
        })
    }
}

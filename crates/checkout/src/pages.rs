//! One page for each stage. All of a page's words stand in its template; what they need is worked out here.

mod asking;
mod ended;
mod paid;
mod waiting;

use askama::Template;
use domain::{chain::NetworkSpec, merchant::Environment, time::Timestamp};
use engine::checkout::CheckoutView;
use web::{Html, amount, document::Page, mark::Mark, time::Moment};

use crate::{
    note::Note,
    parts::{Facts, Mended, Order, Simulator},
    place::Place,
    stage::{Stage, stage},
};

/// What every page has around its own.
struct Frame {
    order: Order,
    mark: Mark,
    /// How urgently the state is told to those who hear the page.
    role: &'static str,
    facts: Facts,
    simulator: Option<Simulator>,
}

/// A page's template: its first block is the title, which is the heading too.
trait Titled: Template {
    /// The title: words only.
    fn title(&self) -> Result<Html, askama::Error>;
}

macro_rules! titled {
    ($($page:ty),+ $(,)?) => {
        $(impl Titled for $page {
            fn title(&self) -> Result<Html, askama::Error> {
                Html::of(&self.as_title())
            }
        })+
    };
}

titled!(
    asking::Ask,
    asking::Choose,
    asking::Pay,
    asking::Card,
    asking::Short,
    asking::Requote,
    waiting::Blind,
    waiting::Orphaned,
    waiting::Checking,
    waiting::Seen,
    paid::Paid,
    paid::Over,
    ended::Expired,
    ended::Cancelled,
    ended::Failed,
    ended::Held,
);

/// What a page is made from.
#[derive(Clone, Copy)]
struct Scene<'a> {
    view: &'a CheckoutView,
    networks: &'a [NetworkSpec],
    place: &'a Place,
    stage: Stage<'a>,
    /// What was filled in, and has to be mended.
    mended: Option<Mended<'a>>,
}

/// The page of a payment. `networks` are those that are served; `mended` is what was filled in and is not as it has to
/// be.
///
/// # Errors
/// [`askama::Error`] where it cannot be written.
pub(crate) fn page(
    view: &CheckoutView,
    networks: &[NetworkSpec],
    place: &Place,
    note: Option<Note>,
    mended: Option<Mended<'_>>,
) -> Result<Page, askama::Error> {
    let stage = stage(view);
    let scene = Scene { view, networks, place, stage, mended };
    let (title, main) = match stage {
        Stage::Ask => write(&asking::Ask::new(scene)),
        Stage::Choose => write(&asking::Choose::new(scene)),
        Stage::Pay(asked) => write(&asking::Pay::new(scene, asked)),
        Stage::Card(asked) => write(&asking::Card::new(scene, asked)),
        Stage::Short(asked) => write(&asking::Short::new(scene, asked)),
        Stage::Requote => write(&asking::Requote::new(scene)),
        Stage::Blind(asked, trouble) => write(&waiting::Blind::new(scene, asked, trouble)),
        Stage::Orphaned(asked) => write(&waiting::Orphaned::new(scene, asked)),
        Stage::Checking => write(&waiting::Checking::new(scene)),
        Stage::Seen => write(&waiting::Seen::new(scene)),
        Stage::Paid => write(&paid::Paid::new(scene)),
        Stage::Over => write(&paid::Over::new(scene)),
        Stage::Expired => write(&ended::Expired::new(scene)),
        Stage::Cancelled => write(&ended::Cancelled::new(scene)),
        Stage::Failed => write(&ended::Failed::new(scene)),
        Stage::Held => write(&ended::Held::new(scene)),
    }?;
    Ok(Page {
        title,
        site: view.shop.name.as_str().to_owned(),
        banner: banner(view.environment),
        note: note.map(Note::words),
        state: stage.name(),
        // What has to be mended is not in the page that a look would find.
        look: (mended.is_none() && may_change(view, stage)).then(|| place.page()),
        main,
    })
}

fn write(page: &impl Titled) -> Result<(Html, Html), askama::Error> {
    Ok((page.title()?, Html::of(page)?))
}

/// What everybody must know where money is not real.
pub(crate) const fn banner(environment: Environment) -> Option<&'static str> {
    match environment {
        Environment::Test => Some("Test mode. Nothing here is real: do not send real money."),
        Environment::Staging => Some("Staging. Nothing here is real: do not send real money."),
        Environment::Production => None,
    }
}

/// Whether anything may still happen that the page would show: not after it was paid or money is held, and not where
/// nobody was ever told where to send money.
const fn may_change(view: &CheckoutView, stage: Stage<'_>) -> bool {
    match stage {
        Stage::Paid | Stage::Over | Stage::Held => false,
        Stage::Expired | Stage::Cancelled | Stage::Failed => view.instruction.is_some(),
        Stage::Ask
        | Stage::Choose
        | Stage::Pay(_)
        | Stage::Card(_)
        | Stage::Short(_)
        | Stage::Requote
        | Stage::Blind(..)
        | Stage::Orphaned(_)
        | Stage::Checking
        | Stage::Seen => true,
    }
}

impl Frame {
    fn new(Scene { view, place, stage, .. }: Scene<'_>) -> Self {
        let (mark, role) = match stage {
            Stage::Paid => (Mark::Good, "status"),
            Stage::Over | Stage::Short(_) | Stage::Requote | Stage::Orphaned(_) => {
                (Mark::Attention, "status")
            }
            Stage::Blind(..) | Stage::Held => (Mark::Attention, "alert"),
            Stage::Expired | Stage::Cancelled | Stage::Failed => (Mark::Bad, "alert"),
            Stage::Ask | Stage::Choose | Stage::Pay(_) | Stage::Card(_) | Stage::Checking | Stage::Seen => {
                (Mark::Wait, "status")
            }
        };
        Self {
            order: Order::new(view),
            mark,
            role,
            facts: Facts::new(view, place, stage),
            simulator: Simulator::new(view, place, stage),
        }
    }
}

/// What was asked: `25.00 USD`.
fn price(view: &CheckoutView) -> String {
    amount::with_code(view.payment.price.amount, &view.payment.price.currency)
}

/// What all money that came is worth, where that is known.
fn worth(view: &CheckoutView) -> Option<String> {
    let seen = view.payment.state.balance.seen;
    (!seen.is_zero()).then(|| amount::with_code(seen, &view.payment.price.currency))
}

fn shop(view: &CheckoutView) -> String {
    web::text::plain(view.shop.name.as_str())
}

fn moment(at: Option<Timestamp>) -> Option<Moment> {
    at.map(web::time::moment)
}

#[cfg(test)]
mod tests;

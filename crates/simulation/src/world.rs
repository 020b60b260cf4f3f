//! What everybody in a run shares: time, chance, the chain, the shops' servers, and what is known from answers.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use domain::{
    chain::{Batch, BlockRef, Method, Script},
    dialect::DialectName,
    id::{DeliveryId, EndpointId, MailId, NodeId, PaymentId, ShopId},
    money::Amount,
    refusal::Failure,
    time::{Span, Timestamp},
};
use engine::payments::CreatePayment;
use testkit::{clock::HandClock, plain::Plain};

use crate::{
    chain::Chain,
    chance::Chance,
    figures::Figures,
    merchant::Merchant,
    oracle::{Violation, invariants},
};

/// Commands that may say "later" without a fault: the wallet's next addresses are being made.
const MAY_WAIT: [&str; 5] =
    ["choose_method", "create_payment", "simulate_pay", "decline", "take_client_address"];

/// Commands that have no rule which could be broken.
const NEVER_REFUSED: [&str; 16] = [
    "cursor",
    "expire_payments",
    "fill_pools",
    "finish_delivery",
    "finish_mail",
    "flush_last_used",
    "keep_mails",
    "prune",
    "queue_kept_mails",
    "release_deliveries",
    "release_mails",
    "report_network",
    "scripts_since",
    "take_deliveries",
    "take_mail",
    "value_receipts",
];

/// Batches that are kept, to be brought again late.
const OLD_BATCHES: usize = 12;

/// A request for a payment, and what is known of its answer.
pub(crate) struct Order {
    pub(crate) key: String,
    pub(crate) command: CreatePayment,
    /// What was answered, once anything was.
    pub(crate) payment: Option<PaymentId>,
}

/// What a buyer was told.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) script: Script,
    pub(crate) due: Amount,
}

/// A lease that somebody was given.
pub(crate) struct Lease {
    pub(crate) node: Option<NodeId>,
    pub(crate) attempt: u32,
    pub(crate) began: Timestamp,
    pub(crate) until: Timestamp,
}

/// What follows from answers alone.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) orders: Vec<Order>,
    pub(crate) payments: Vec<(ShopId, PaymentId)>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) cancelled: BTreeSet<PaymentId>,
    pub(crate) endpoints: Vec<(ShopId, EndpointId)>,
    pub(crate) leases: BTreeMap<DeliveryId, Lease>,
    /// Nodes from which everything was taken, or is just being taken.
    pub(crate) buried: BTreeSet<NodeId>,
    pub(crate) batches: VecDeque<Batch>,
    /// Where the batches that were brought end: the heads that the cursor may have had.
    pub(crate) heads: BTreeSet<BlockRef>,
    /// What was answered as the addresses of clients.
    pub(crate) clients: BTreeMap<(ShopId, DialectName, String, Method), Script>,
    /// When money was sent, by the business clock as far as it is known.
    pub(crate) sent: BTreeMap<String, Timestamp>,
    pub(crate) deliveries: Vec<DeliveryId>,
    pub(crate) mails: Vec<MailId>,
    /// Mails that the mail server took.
    pub(crate) posted: BTreeSet<MailId>,
    /// Scripts of the scripted chain, given out or not, in the order in which they are given out.
    pub(crate) scripts: Vec<Script>,
}

/// What everybody shares.
pub(crate) struct World {
    pub(crate) clock: Arc<HandClock>,
    pub(crate) chance: RefCell<Chance>,
    pub(crate) chain: RefCell<Chain>,
    pub(crate) merchant: RefCell<Merchant>,
    pub(crate) known: RefCell<Known>,
    pub(crate) figures: RefCell<Figures>,
    pub(crate) trace: RefCell<Vec<String>>,
    pub(crate) violation: RefCell<Option<Violation>>,
    /// Shops, in the order in which they were made.
    pub(crate) shops: Vec<ShopId>,
    /// Whether something failed on purpose under whoever goes on now.
    pub(crate) faulted: Cell<bool>,
    /// Whether the process of whoever goes on now is to die.
    pub(crate) dies: Cell<bool>,
    /// Whether nothing goes wrong any more.
    pub(crate) is_well: Cell<bool>,
    /// How far the business clock is ahead at least.
    pub(crate) ahead: Cell<Span>,
    /// How far the clock was set back in all: times that it stated may be wrong by so much.
    pub(crate) set_back: Cell<Span>,
}

impl World {
    pub(crate) fn one_in(&self, times: usize) -> bool {
        self.chance.borrow_mut().one_in(times)
    }

    pub(crate) fn below(&self, end: usize) -> usize {
        self.chance.borrow_mut().below(end)
    }

    pub(crate) fn count(&self, what: &'static str) {
        self.figures.borrow_mut().count(what);
    }

    pub(crate) fn note(&self, line: String) {
        self.trace.borrow_mut().push(line);
    }

    /// Says that something is not as it has to be; the first such finding stays.
    pub(crate) fn violated(&self, invariant: &'static str, detail: String) {
        self.violation.borrow_mut().get_or_insert(Violation { invariant, detail });
    }

    /// What became of a command: its answer, where it gave one. It may be refused; but nothing fails without a cause.
    pub(crate) fn judge<T>(&self, command: &'static str, answer: Result<T, Failure>) -> Option<T> {
        self.figures.borrow_mut().command(command);
        let failure = match answer {
            Ok(answer) => {
                self.note(format!("    {command}: done"));
                return Some(answer);
            }
            Err(failure) => failure,
        };
        let is_caused = match &failure {
            Failure::Refused(_) => !NEVER_REFUSED.contains(&command),
            Failure::Unavailable { .. } => self.faulted.get() || MAY_WAIT.contains(&command),
            Failure::Unknown | Failure::Internal { .. } => self.faulted.get(),
        };
        self.note(format!("    {command}: {failure}"));
        if !is_caused {
            let invariant = if command == "create_payment" { invariants::KEYS } else { invariants::CAUSES };
            self.violated(invariant, format!("{command} answered: {failure}"));
        }
        None
    }

    /// A call to something outside: others go on meanwhile, and the process may die on the way.
    pub(crate) async fn outside(&self, what: &'static str) {
        crate::exec::pause().await;
        if !self.is_well.get() && self.one_in(60) {
            self.count("crashes at an outside call");
            self.note(format!("    dies: {what}"));
            self.dies.set(true);
            // Nobody polls it again.
            crate::exec::pause().await;
        }
    }

    /// The dialect that made a payment that was answered.
    pub(crate) fn dialect_of(&self, payment: PaymentId) -> DialectName {
        let known = self.known.borrow();
        let order = known.orders.iter().find(|order| order.payment == Some(payment));
        order.map_or_else(Plain::dialect_name, |order| order.command.dialect)
    }

    /// Keeps a batch, to be brought again.
    pub(crate) fn keep_batch(&self, batch: Batch) {
        let known = &mut *self.known.borrow_mut();
        known.heads.extend(batch.blocks.last().map(|block| block.at.clone()));
        let batches = &mut known.batches;
        batches.push_back(batch);
        if batches.len() > OLD_BATCHES {
            batches.pop_front();
        }
    }
}

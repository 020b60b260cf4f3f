//! What happens next, by chance.

use domain::{
    id::{PaymentId, ShopId},
    time::{Span, Timestamp},
};
use testkit::clock::HandClock;

use crate::{
    chain::Fate,
    faults::{Mishap, Place},
    people::{buyer, client, deliverer, membership, operator, postman, reader, sandbox, watcher, workers},
    run::Run,
};

/// Something that may happen.
#[derive(Clone, Copy, Debug)]
enum Act {
    Order,
    Retry,
    Twin,
    Misuse,
    Choose,
    Cancel,
    Send,
    SendElsewhere,
    SimulatePay,
    TakeAddress,
    Transfer,
    Decline,
    MineScripted,
    ReorganiseScripted,
    DeepReorganisation,
    MineSimulated,
    ReorganiseSimulated,
    Stall,
    Watch,
    WatchSimulated,
    BringAgain,
    Deliver,
    Mail,
    Expire,
    Derive,
    Tidy,
    Belong,
    Hints,
    Mood,
    TimePasses,
    ClockJumps,
    ClockGoesBack,
    AdvanceClock,
    Operate,
    Read,
    Sabotage,
    Kill,
}

/// How likely each is.
const ACTS: &[(usize, Act)] = &[
    (6, Act::Order),
    (3, Act::Retry),
    (2, Act::Twin),
    (1, Act::Misuse),
    (16, Act::Choose),
    (2, Act::Cancel),
    (16, Act::Send),
    (2, Act::SendElsewhere),
    (6, Act::SimulatePay),
    (4, Act::TakeAddress),
    (2, Act::Transfer),
    (1, Act::Decline),
    (11, Act::MineScripted),
    (4, Act::ReorganiseScripted),
    (3, Act::MineSimulated),
    (2, Act::ReorganiseSimulated),
    (1, Act::Stall),
    (16, Act::Watch),
    (9, Act::WatchSimulated),
    (3, Act::BringAgain),
    (14, Act::Deliver),
    (8, Act::Mail),
    (6, Act::Expire),
    (2, Act::Derive),
    (2, Act::Tidy),
    (5, Act::Belong),
    (4, Act::Hints),
    (5, Act::Mood),
    (8, Act::TimePasses),
    (1, Act::ClockJumps),
    (2, Act::ClockGoesBack),
    (1, Act::AdvanceClock),
    (6, Act::Operate),
    (2, Act::Read),
    (7, Act::Sabotage),
    (1, Act::Kill),
];

/// The name under which a crash is counted.
pub(crate) const fn crash_name(place: Place) -> &'static str {
    match place {
        Place::Statement(_) => "crashes at a statement",
        Place::BeforeCommit(_) => "crashes before a commit",
        Place::AfterCommit(_) => "crashes after a commit",
    }
}

impl Run {
    /// Lets something happen.
    pub(crate) fn act(&mut self) {
        let chosen = self.world.chance.borrow_mut().weighted(ACTS);
        if let Some(act) = chosen {
            self.do_it(act);
        }
    }

    /// The chain replaces as many blocks as it ever may.
    pub(crate) fn reorganise_deeply(&mut self) {
        self.do_it(Act::DeepReorganisation);
    }

    fn do_it(&mut self, act: Act) {
        self.world.note(format!("{act:?}"));
        match act {
            Act::Order | Act::Retry | Act::Twin | Act::Misuse => self.order(act),
            Act::Choose | Act::Cancel | Act::SimulatePay | Act::Decline | Act::Read => self.pay(act),
            Act::TakeAddress => {
                let shop = self.world.chance.borrow_mut().pick(&self.world.shops).copied();
                let Some(shop) = shop else { return };
                self.begin("take address", |world, engine| client::take_address(world, engine, shop));
            }
            Act::Transfer => self.begin("transfer", sandbox::transfer),
            Act::Send => {
                if buyer::send(&self.world) {
                    self.world.count("transfers");
                }
            }
            Act::SendElsewhere if self.world.one_in(2) => buyer::send_ahead(&self.world),
            Act::SendElsewhere => buyer::send_elsewhere(&self.world),
            Act::MineScripted | Act::ReorganiseScripted | Act::DeepReorganisation => self.change_chain(act),
            Act::MineSimulated | Act::ReorganiseSimulated | Act::Stall => self.change_simulated(act),
            Act::Watch
            | Act::WatchSimulated
            | Act::BringAgain
            | Act::Deliver
            | Act::Mail
            | Act::Expire
            | Act::Derive
            | Act::Tidy
            | Act::Belong => self.work(act),
            Act::Hints => self.hear(),
            Act::Mood => self.change_mood(),
            Act::TimePasses | Act::ClockJumps | Act::ClockGoesBack => self.move_clock(act),
            Act::AdvanceClock | Act::Operate => self.operate(act),
            Act::Sabotage | Act::Kill => self.sabotage(act),
        }
    }

    fn order(&mut self, act: Act) {
        let (answered, lost): (Vec<usize>, Vec<usize>) = {
            let known = self.world.known.borrow();
            (0..known.orders.len())
                .partition(|place| known.orders.get(*place).is_some_and(|order| order.payment.is_some()))
        };
        let pick = |places: &[usize]| self.world.chance.borrow_mut().pick(places).copied();
        let place = match act {
            Act::Retry => pick(&lost).or_else(|| pick(&answered)),
            Act::Misuse => pick(&answered),
            _ => client::think(&self.world),
        };
        let Some(place) = place else { return };
        if let Act::Misuse = act {
            self.begin("misuse", |world, engine| client::misuse(world, engine, place));
            self.begin("reuse", |world, engine| client::reuse(world, engine, place));
            return;
        }
        self.begin("create", |world, engine| client::ask(world, engine, place));
        if let Act::Twin = act {
            self.world.count("twins");
            self.begin("create", |world, engine| client::ask(world, engine, place));
        }
    }

    /// A payment, rather a young one.
    fn payment(&self) -> Option<(ShopId, PaymentId)> {
        self.world.chance.borrow_mut().pick_young(&self.world.known.borrow().payments).copied()
    }

    fn pay(&mut self, act: Act) {
        let Some(payment) = self.payment() else { return };
        match act {
            Act::Choose => {
                let Some(method) = buyer::method(&self.world) else { return };
                self.begin("choose", |world, engine| buyer::choose(world, engine, payment, method));
            }
            Act::Cancel => self.begin("cancel", |world, engine| buyer::cancel(world, engine, payment)),
            Act::SimulatePay => self.begin("simulate", |world, engine| sandbox::pay(world, engine, payment)),
            Act::Decline => self.begin("decline", |world, engine| sandbox::decline(world, engine, payment)),
            _ => self.begin("read", |world, engine| reader::payment(world, engine, payment)),
        }
    }

    fn change_chain(&self, act: Act) {
        let (mut chain, now) = (self.world.chain.borrow_mut(), domain::time::Clock::now(&*self.world.clock));
        let mut chance = self.world.chance.borrow_mut();
        match act {
            Act::MineScripted => {
                chain.mine(now, || !chance.one_in(4));
                return;
            }
            Act::DeepReorganisation => {
                for _ in chain.canonical.len()..110 {
                    chain.add_block(now, Vec::new());
                }
                self.world.count("reorganisations as deep as the limit");
            }
            _ => {}
        }
        let deep = matches!(act, Act::DeepReorganisation);
        let depth = if deep { domain::chain::REORG_LIMIT } else { 1 + chance.below(6) };
        let fates = [Fate::MinedAgain, Fate::MinedAgain, Fate::Waits, Fate::Replaced, Fate::Dropped];
        chain.reorganise(depth, now, || {
            let fate = chance.pick(&fates).copied().unwrap_or(Fate::Dropped);
            self.world.count(match fate {
                Fate::MinedAgain => "orphans mined again",
                Fate::Waits => "orphans that wait",
                Fate::Replaced => "orphans replaced",
                Fate::Dropped => "orphans dropped",
            });
            fate
        });
        self.world.count("reorganisations");
    }

    fn change_simulated(&mut self, act: Act) {
        let name = sandbox::SIMULATED[self.world.below(sandbox::SIMULATED.len())];
        let Some(network) = sandbox::network(name) else { return };
        let (small, on) = (1 + u32::try_from(self.world.below(3)).unwrap_or_default(), self.world.one_in(2));
        match act {
            Act::MineSimulated => {
                self.begin("mine", |world, engine| sandbox::mine(world, engine, network, small));
            }
            Act::Stall => self.begin("stall", |world, engine| sandbox::stall(world, engine, network, on)),
            _ => self.begin("reorganise", |world, engine| sandbox::reorganise(world, engine, network, small)),
        }
    }

    /// A worker of a node looks.
    fn work(&mut self, act: Act) {
        let node = self.world.below(self.nodes.len());
        match act {
            Act::Watch => self.watch(node),
            Act::WatchSimulated => {
                let name = sandbox::SIMULATED[self.world.below(sandbox::SIMULATED.len())];
                let Some(network) = sandbox::network(name).filter(|_| !self.is_at(node, name)) else {
                    return;
                };
                self.begin_on(node, name, |world, engine| workers::watch(world, engine, network));
            }
            Act::BringAgain => {
                let batch = {
                    let known = self.world.known.borrow();
                    known.batches.get(self.world.below(known.batches.len())).cloned()
                };
                let Some(batch) = batch else { return };
                self.begin_on(node, "late batch", |world, engine| watcher::bring_again(world, engine, batch));
            }
            Act::Deliver => self.begin_on(node, "deliver", deliverer::look),
            Act::Mail => self.begin_on(node, "mail", postman::look),
            Act::Expire if !self.is_at(node, "expire") => self.begin_on(node, "expire", workers::expire),
            Act::Derive => {
                self.begin_on(node, "derive", workers::derive);
                self.begin("derive", workers::derive);
            }
            Act::Tidy => self.begin_on(node, "tidy", workers::tidy),
            Act::Belong if self.world.one_in(2) => self.begin_on(node, "belong", membership::look),
            Act::Belong => {
                let batch = {
                    let known = self.world.known.borrow();
                    known.batches.get(self.world.below(known.batches.len())).cloned()
                };
                self.begin_on(node, "leased", |world, engine| membership::watch(world, engine, batch));
            }
            _ => {}
        }
    }

    /// Lets a node look at the scripted chain, unless it is at that.
    pub(crate) fn watch(&mut self, node: usize) {
        let watched = self.nodes.get(node).map(|node| std::rc::Rc::clone(&node.watched));
        let Some(watched) = watched.filter(|_| !self.is_at(node, "watch")) else { return };
        self.begin_on(node, "watch", |world, engine| watcher::look(world, engine, watched));
    }

    /// A node hears what wakes its workers, or it is lost.
    fn hear(&mut self) {
        let node = self.world.below(self.nodes.len());
        let Some(engine) = self.nodes.get(node).and_then(crate::node::Node::engine) else { return };
        let was_given = |hint: std::pin::Pin<&mut dyn Future<Output = ()>>| {
            hint.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready()
        };
        let deliver = was_given(std::pin::pin!(engine.hints().deliver.notified()));
        let expire = was_given(std::pin::pin!(engine.hints().expire.notified()));
        let mail = was_given(std::pin::pin!(engine.hints().mail.notified()));
        for (act, given) in [(Act::Deliver, deliver), (Act::Expire, expire), (Act::Mail, mail)] {
            if given && self.world.one_in(2) {
                self.world.count("lost hints");
            } else if given {
                self.work(act);
            }
        }
    }

    fn change_mood(&self) {
        let mut chance = self.world.chance.borrow_mut();
        let Some((_, endpoint)) = chance.pick(&self.world.known.borrow().endpoints).copied() else { return };
        let mood = self.world.merchant.borrow_mut().change(endpoint, &mut chance);
        drop(chance);
        self.world.note(format!("  {endpoint:?} is {mood:?}"));
    }

    fn move_clock(&self, act: Act) {
        let seconds = |count: usize| Span::seconds(i64::try_from(count).unwrap_or_default());
        let clock: &HandClock = &self.world.clock;
        match act {
            Act::ClockJumps => {
                clock.advance(seconds(600 + self.world.below(7_200)));
                self.world.count("jumps of the clock");
            }
            Act::ClockGoesBack => {
                let micros = i64::try_from(1 + self.world.below(3_000_000)).unwrap_or_default();
                clock.advance(Span::from_micros(-micros));
                self.world.set_back.set(self.world.set_back.get() + Span::from_micros(micros));
                self.world.count("clocks set back");
            }
            _ => clock.advance(seconds(1 + self.world.below(90))),
        }
        let now: Timestamp = domain::time::Clock::now(clock);
        self.world.note(format!("  it is {}", now.micros()));
    }

    fn operate(&mut self, act: Act) {
        let shop = self.world.chance.borrow_mut().pick(&self.world.shops).copied();
        let endpoint = self.world.chance.borrow_mut().pick(&self.world.known.borrow().endpoints).copied();
        let (Some(shop), Some(endpoint)) = (shop, endpoint) else { return };
        if let Act::AdvanceClock = act {
            self.begin("advance", operator::advance);
            return;
        }
        match self.world.below(9) {
            0 => self.begin("add endpoint", |world, engine| operator::add_endpoint(world, engine, shop)),
            1 => self.begin("end endpoint", |world, engine| operator::end_endpoint(world, engine, endpoint)),
            2 => self.begin("rotate", |world, engine| operator::rotate_endpoint(world, engine, endpoint)),
            3 => self.begin("send again", operator::send_again),
            4 => self.begin("rules", |world, engine| operator::change_rules(world, engine, shop)),
            5 => self.begin("rates", operator::change_rates),
            8 => self.begin("mail again", postman::send_again),
            6 => self.begin("keys", |world, engine| operator::keys(world, engine, shop)),
            _ => self.begin("read all", |world, engine| reader::rest(world, engine, shop)),
        }
    }

    fn sabotage(&mut self, act: Act) {
        let node = self.world.below(self.nodes.len());
        let mut chance = self.world.chance.borrow_mut();
        let mishap = if chance.one_in(4) { Mishap::Fault } else { Mishap::Crash };
        let place = match chance.below(6) {
            0..=2 => Place::Statement(chance.between(0, 40)),
            3 => Place::BeforeCommit(chance.between(0, 2)),
            _ => Place::AfterCommit(chance.between(0, 2)),
        };
        drop(chance);
        if let Act::Kill = act {
            // Between two calls, as by a signal.
            self.tasks.retain(|task| task.node != node);
            self.world.count("crashes");
            if let Err(violation) = self.restart(node) {
                self.world.violated(violation.invariant, violation.detail);
            }
            return;
        }
        let mishap = if let Place::AfterCommit(_) = place { Mishap::Crash } else { mishap };
        if let Some(node) = self.nodes.get(node) {
            node.saboteur.plan(place, mishap);
        }
    }
}

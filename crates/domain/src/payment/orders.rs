//! Properties over every order of facts: in no order does money vanish or count twice.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    chain::{BlockRef, ChainKey, Method, Network, Script},
    event::EventKind,
    id::{Id, kind},
    ledger::Account,
    mail::MailKind,
    money::{Asset, AssetCode, Rate},
    quote::{NewQuote, Provenance},
    receipt::{Inclusion, Standing},
    terms::{LateMoney, Terms, Tolerance},
    time::Span,
};

const START: Timestamp = Timestamp::from_seconds(1_781_611_200);
const DEADLINE: Timestamp = Timestamp::from_seconds(1_781_613_000);

/// What may come next in the life of a payment. Numbers are taken modulo what is there.
#[derive(Clone, Debug)]
enum Step {
    Quote { coin: usize, cents: u32 },
    Pay { coin: usize, share: Share },
    Confirm(usize),
    Lose(usize),
    MineAgain(usize),
    Wait(usize),
    Value(usize),
    PassDeadline { minutes: i64 },
    Expire,
    Cancel,
    Decline,
}

#[derive(Clone, Debug)]
enum Share {
    Percent(u32),
    Rest,
    NotValued(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..2_usize, 1..1_000_000_u32).prop_map(|(coin, cents)| Step::Quote { coin, cents }),
        4 => (0..2_usize, 1..160_u32).prop_map(|(coin, percent)| Step::Pay { coin, share: Share::Percent(percent) }),
        3 => (0..2_usize).prop_map(|coin| Step::Pay { coin, share: Share::Rest }),
        1 => (0..2_usize, 1..100_000_u32).prop_map(|(coin, minor)| Step::Pay { coin, share: Share::NotValued(minor) }),
        5 => any::<usize>().prop_map(Step::Confirm),
        3 => any::<usize>().prop_map(Step::Lose),
        3 => any::<usize>().prop_map(Step::MineAgain),
        1 => any::<usize>().prop_map(Step::Wait),
        1 => any::<usize>().prop_map(Step::Value),
        1 => (1..180_i64).prop_map(|minutes| Step::PassDeadline { minutes }),
        1 => Just(Step::Expire),
        1 => Just(Step::Cancel),
        1 => Just(Step::Decline),
    ]
}

fn coins() -> [(Method, Asset); 2] {
    ["ETH", "BTC"].map(|code| {
        let decimals = if code == "ETH" { 18 } else { 8 };
        let asset = Asset::new(code, decimals).unwrap();
        (Method { network: Network::parse("chain").unwrap(), asset: asset.code }, asset)
    })
}

/// Plays the engine's part: makes facts, takes their effects in, and keeps books of its own.
struct Life {
    record: Record,
    now: Timestamp,
    made: u128,
    accounts: BTreeMap<(AssetCode, Account), i128>,
    happened: Vec<EventKind>,
}

/// Where money is asked for.
fn script(byte: u8) -> Script {
    Script::new(&[byte]).unwrap()
}

/// What the terms say of time.
#[derive(Clone, Copy, Debug)]
struct Times {
    /// Minutes that the order is open once its buyer has chosen; `None` for a deadline from the beginning.
    window: Option<i64>,
    /// Minutes within which all that is due has to become final.
    confirm_limit: Option<i64>,
}

fn times() -> impl Strategy<Value = Times> {
    let (window, limit) = (prop::option::of(1..60_i64), prop::option::of(1..90_i64));
    (window, limit).prop_map(|(window, confirm_limit)| Times { window, confirm_limit })
}

impl Life {
    fn new(price: u128, late: LateMoney) -> Self {
        Self::with(price, late, Times { window: None, confirm_limit: None })
    }

    fn with(price: u128, late: LateMoney, times: Times) -> Self {
        let terms = Terms {
            deadline: times.window.is_none().then_some(DEADLINE),
            window: times.window.map(Span::minutes),
            quote_validity: Span::minutes(15),
            seen_limit: Span::hours(1),
            confirm_limit: times.confirm_limit.map(Span::minutes),
            late,
            tolerance: Tolerance::default(),
            depth: None,
            spread_parts_per_million: 0,
            fixes_rates: false,
        };
        let payment = Payment {
            id: Id::from_bytes([1; 16]),
            shop: Id::from_bytes([2; 16]),
            dialect: DialectName::parse("test").unwrap(),
            number: None,
            price: Price { amount: Amount::from_minor(price), currency: Asset::currency("USD").unwrap() },
            terms,
            order: Order::default(),
            created_at: START,
            updated_at: START,
            paid_at: None,
            confirm_by: None,
            closing: Closing::default(),
            state: State::NEW,
            events: EventTail::default(),
            version: 1,
        };
        Self {
            record: Record::new(payment),
            now: START,
            made: 0,
            accounts: BTreeMap::new(),
            happened: Vec::new(),
        }
    }

    fn id<K>(&mut self) -> Id<K> {
        self.made += 1;
        Id::from_bytes(self.made.to_be_bytes())
    }

    fn provenance(cents: u32) -> Provenance {
        Provenance { rate: Rate::ratio(u128::from(cents), 100).unwrap(), sources: Vec::new() }
    }

    fn apply(&mut self, fact: Fact) -> Effects {
        let effects = self.record.apply(fact, self.now).unwrap();
        for entry in &effects.entries {
            assert_eq!(entry.postings.iter().map(|posting| posting.amount.minor()).sum::<i128>(), 0);
            let asset = self.record.receipt(entry.receipt).unwrap().method.asset;
            for posting in entry.postings {
                *self.accounts.entry((asset, posting.account)).or_default() += posting.amount.minor();
            }
        }
        self.happened.extend(effects.happenings.iter().map(|happening| happening.kind));
        let is_late = |receipt: &Receipt| receipt.counts() && self.record.is_late(receipt);
        let is_mixed = self.record.receipts.iter().any(is_late);
        for happening in &effects.happenings {
            let mail = effects.mail(happening);
            let is_so = mail.is_none_or(|kind| self.record.refundable(kind, happening.receipt).is_some());
            assert!(is_so || is_mixed, "{mail:?} is told, and there is nothing to be told");
        }
        effects
    }

    fn quote(&mut self, coin: usize, cents: u32) {
        let (method, asset) = coins()[coin];
        let Ok(covers) = self.record.open_price(self.now) else { return };
        let quote = NewQuote {
            id: self.id::<kind::Quote>(),
            script: script(7),
            covers,
            depth: 3,
            now: self.now,
            valid_until: self.record.quote_limit(self.now),
            provenance: Self::provenance(cents),
        };
        let quote = quote.make(method, &asset).unwrap();
        self.apply(Fact::Quoted(Box::new(quote)));
    }

    fn pay(&mut self, coin: usize, share: &Share) {
        let (method, asset) = coins()[coin];
        let live = self.record.live_quote(method, &script(7), self.now).cloned();
        let amount = match (share, &live) {
            (Share::Percent(percent), Some(quote)) => quote.asks.minor() * u128::from(*percent) / 100,
            (Share::Rest, Some(quote)) => {
                let remaining = self.record.payment.remaining();
                quote.due(self.record.received_by(quote), remaining, &asset).unwrap().minor()
            }
            (Share::NotValued(minor), _) => u128::from(*minor),
            (Share::Percent(_) | Share::Rest, None) => 1_000,
        };
        if amount > 0 {
            self.arrive(method, &asset, Amount::from_minor(amount), matches!(share, Share::NotValued(_)));
        }
    }

    fn arrive(&mut self, method: Method, asset: &Asset, amount: Amount, unvalued: bool) -> ReceiptId {
        let live = self.record.live_quote(method, &script(7), self.now).map(|quote| quote.id);
        let spot = (live.is_none() && !unvalued).then(|| self.spot(method, asset, amount));
        let receipt = Receipt {
            id: self.id::<kind::Receipt>(),
            number: None,
            method,
            chain: ChainKey::sandbox(),
            transaction: format!("tx{}", self.made),
            ordinal: 0,
            script: script(7),
            amount,
            valued_by: if unvalued { None } else { live.or(spot.as_ref().map(|quote| quote.id)) },
            depth: 3,
            first_seen: self.now,
            moment: self.now,
            standing: Standing::Seen,
            inclusion: Some(inclusion(1, self.now)),
        };
        let id = receipt.id;
        let effects = self.apply(Fact::Sighted(Box::new(receipt), spot.map(Box::new)));
        assert!(!effects.happenings.is_empty(), "money came and nothing was said");
        id
    }

    fn spot(&mut self, method: Method, asset: &Asset, amount: Amount) -> Quote {
        let provenance = Self::provenance(5_000);
        let covers = provenance.rate.worth(amount, asset, &self.record.payment.price.currency).unwrap();
        Quote {
            id: self.id::<kind::Quote>(),
            method,
            script: script(7),
            covers,
            asks: amount,
            depth: 3,
            created_at: self.now,
            valid_until: None,
            provenance,
        }
    }

    fn nth(&self, number: usize) -> Option<&Receipt> {
        let count = self.record.receipts.len();
        (count > 0).then(|| &self.record.receipts[number % count])
    }

    fn take(&mut self, step: &Step) {
        let nth = |life: &Self, number: usize| life.nth(number).map(|receipt| (receipt.id, receipt.clone()));
        match step {
            Step::Quote { coin, cents } => self.quote(*coin, *cents),
            Step::Pay { coin, share } => self.pay(*coin, share),
            Step::Confirm(number) => {
                if let Some((id, _)) = nth(self, *number) {
                    self.apply(Fact::Confirmed(id));
                }
            }
            Step::Lose(number) => {
                if let Some((id, receipt)) = nth(self, *number) {
                    let effects = self.apply(Fact::Lost(id));
                    assert_eq!(effects.is_nothing(), !receipt.counts());
                }
            }
            Step::MineAgain(number) => {
                if let Some((id, _)) = nth(self, *number) {
                    self.apply(Fact::Mined(id, inclusion(2, self.now)));
                }
            }
            Step::Wait(number) => {
                if let Some((id, _)) = nth(self, *number) {
                    self.apply(Fact::Waits(id));
                }
            }
            Step::Value(number) => {
                if let Some((id, receipt)) = nth(self, *number) {
                    let (method, asset) =
                        coins().into_iter().find(|(method, _)| *method == receipt.method).unwrap();
                    let spot = self.spot(method, &asset, receipt.amount);
                    self.apply(Fact::Valued(id, Box::new(spot)));
                }
            }
            Step::PassDeadline { minutes } => self.now = self.now.max(DEADLINE + Span::minutes(*minutes)),
            Step::Expire => {
                if self.record.has_expired(self.now) {
                    self.apply(Fact::Expired);
                }
            }
            Step::Cancel => {
                if self.record.may_cancel().is_ok() {
                    self.apply(Fact::Cancelled);
                }
            }
            Step::Decline => {
                if self.record.payment.state.status == Status::Waiting {
                    self.apply(Fact::Declined);
                }
            }
        }
        self.now = self.now + Span::seconds(1);
    }

    /// What must be true whatever happened before.
    fn check(&self) {
        let state = self.record.payment.state;
        assert_eq!(state, self.record.derive(), "the saved state is what follows from the facts");
        for (_, asset) in coins() {
            let sum = |standing: Standing| {
                let of = self.record.receipts.iter().filter(|one| one.method.asset == asset.code);
                of.filter(|one| one.standing == standing)
                    .map(|one| i128::try_from(one.amount.minor()).unwrap())
                    .sum()
            };
            let account = |account| self.accounts.get(&(asset.code, account)).copied().unwrap_or_default();
            let (incoming, received): (i128, i128) = (sum(Standing::Seen), sum(Standing::Confirmed));
            assert_eq!(account(Account::Incoming), incoming);
            assert_eq!(account(Account::Received), received);
            assert_eq!(account(Account::Buyer), -(incoming + received));
        }
        let price = self.record.payment.price.amount;
        assert_eq!(state.flags.over, state.balance.seen > price);
        assert!(state.balance.confirmed <= state.balance.seen);
        assert!(!(state.flags.short && state.flags.over));
        match state.status {
            Status::Paid => assert!(state.balance.confirmed >= price),
            Status::Processing => {
                assert!(state.balance.seen >= price && state.balance.confirmed <= state.balance.seen);
            }
            Status::Waiting => assert!(self.record.payment.paid_at.is_none()),
            Status::Expired | Status::Cancelled | Status::Failed => {}
        }
        assert_eq!(self.record.payment.paid_at.is_some(), state.status == Status::Paid);
        self.check_times();
        self.check_refundable();
    }

    /// What is said of times follows from the facts, and no promise outlives the deadline.
    fn check_times(&self) {
        let payment = &self.record.payment;
        let (terms, status) = (&payment.terms, payment.state.status);
        assert_eq!(payment.confirm_by, self.record.confirm_by(), "the saved limit follows from the facts");
        let is_limited = terms.confirm_limit.is_some() && terms.late == LateMoney::Held;
        assert_eq!(payment.confirm_by.is_some(), is_limited && status == Status::Processing);
        assert!(payment.confirm_by.is_none_or(|last| terms.deadline.is_none_or(|end| last >= end)));
        let mut shown = self.record.quotes.iter().filter(|quote| quote.valid_until.is_some());
        if let Some(window) = terms.window {
            assert_eq!(terms.deadline, shown.next().map(|first| first.created_at + window));
        }
        assert!(shown.all(|quote| quote.valid_until <= terms.deadline), "a promise outlives the deadline");
    }

    /// Nobody is promised more than there is.
    fn check_refundable(&self) {
        let (record, state) = (&self.record, self.record.payment.state);
        let asked =
            record.receipts.iter().flat_map(|one| MailKind::ALL.iter().map(move |kind| (one.id, *kind)));
        for (id, kind) in asked {
            let Some(refundable) = record.refundable(kind, Some(id)) else { continue };
            assert!(kind != MailKind::Short || state.status == Status::Expired);
            let receipts = refundable.receipts.iter().map(|id| record.receipt(*id).unwrap());
            let mut there = Amount::ZERO;
            for receipt in receipts {
                assert!(receipt.counts());
                there = there.saturating_add(receipt.amount);
            }
            if let Some(excess) = refundable.excess {
                assert!(!excess.worth.is_zero());
                assert!(excess.worth <= state.balance.seen.saturating_sub(record.payment.price.amount));
                assert!(excess.amount.is_none_or(|amount| !amount.is_zero() && amount < there));
            }
        }
    }
}

fn inclusion(height: u64, time: Timestamp) -> Inclusion {
    Inclusion { block: BlockRef { height, hash: format!("block{height}") }, time }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn in_no_order_does_money_vanish_or_count_twice(
        price in 1_u128..10_000_000,
        reopens: bool,
        times in times(),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let late = if reopens { LateMoney::Reopens } else { LateMoney::Held };
        let mut life = Life::with(price, late, times);
        for step in &steps {
            let (before, confirm_by) = (life.record.payment.state.status, life.record.payment.confirm_by);
            life.take(step);
            life.check();
            let after = life.record.payment.state.status;
            if before == Status::Processing && after == Status::Expired {
                prop_assert!(!reopens && confirm_by.is_some_and(|last| life.now > last), "expired too early");
            }
            let is_final = matches!(before, Status::Cancelled | Status::Failed)
                || (before == Status::Expired && !reopens);
            prop_assert!(!is_final || before == after, "{before:?} became {after:?}");
        }
    }

    #[test]
    fn the_order_in_which_money_is_told_of_does_not_matter(
        price in 1_u128..1_000_000,
        cents in 1_u32..1_000_000,
        parts in prop::collection::vec((1_u128..200, 0..3_usize), 1..6),
        left in prop::collection::vec(any::<usize>(), 30),
        right in prop::collection::vec(any::<usize>(), 30),
    ) {
        let told = |picks: &[usize]| {
            let mut life = Life::new(price, LateMoney::Held);
            life.quote(0, cents);
            let (method, asset) = coins()[0];
            let asks = life.record.quotes[0].asks.minor();
            // Each part is sighted, lost, mined again, confirmed; the picks say whose turn it is.
            let mut turns: Vec<(u128, usize, usize, Option<ReceiptId>)> =
                parts.iter().map(|(share, fate)| ((asks * share / 100).max(1), *fate, 0, None)).collect();
            let stages = |fate: usize| if fate == 0 { 2 } else { 4 };
            for pick in picks.iter().copied().chain(0..100) {
                let index = pick % turns.len();
                let (amount, fate, done, id) = turns[index];
                if done == stages(fate) { continue; }
                let id = id.unwrap_or_else(|| life.arrive(method, &asset, Amount::from_minor(amount), false));
                match (done, fate) {
                    (1, _) => { life.apply(Fact::Lost(id)); }
                    (2, _) => { life.apply(Fact::Mined(id, inclusion(9, START))); }
                    (3, 2) => { life.apply(Fact::Confirmed(id)); }
                    _ => {}
                }
                turns[index] = (amount, fate, done + 1, Some(id));
                life.check();
            }
            life.record.payment.state
        };
        prop_assert_eq!(told(&left), told(&right));
    }

    #[test]
    fn what_a_quote_asked_settles_exactly_what_it_covered_in_any_number_of_parts(
        price in 1_u128..100_000_000,
        cents in 1_u32..10_000_000,
        cuts in prop::collection::vec(1_u128..100, 0..6),
    ) {
        let mut life = Life::new(price, LateMoney::Held);
        life.quote(0, cents);
        let (method, asset) = coins()[0];
        let quote = life.record.quotes[0].clone();
        for share in cuts {
            let part = (quote.asks.minor() * share / 1_000).max(1);
            life.arrive(method, &asset, Amount::from_minor(part), false);
        }
        let covered = life.record.received_by(&quote) >= quote.asks;
        let settled = life.record.payment.state.status == Status::Processing;
        prop_assert_eq!(settled, covered, "less than asked never settles");
        let due = quote.due(life.record.received_by(&quote), life.record.payment.remaining(), &asset).unwrap();
        if !due.is_zero() {
            prop_assert_eq!(life.record.payment.state.status, Status::Waiting);
            life.arrive(method, &asset, due, false);
        }
        let state = life.record.payment.state;
        prop_assert_eq!(state.status, Status::Processing);
        let exact = life.record.received_by(&quote) == quote.asks;
        prop_assert!(!exact || state.balance.seen == quote.covers);
    }
}

#[test]
fn money_in_two_assets_adds_up() {
    let mut life = Life::new(10_000, LateMoney::Held);
    let [(ether, ether_asset), (bitcoin, bitcoin_asset)] = coins();
    life.quote(0, 300_000);
    let first = life.record.quotes[0].asks.minor() * 6 / 10;
    life.arrive(ether, &ether_asset, Amount::from_minor(first), false);
    assert!(life.record.payment.state.flags.short);
    life.quote(1, 6_000_000);
    let second = life.record.quotes[1].clone();
    assert!(second.covers <= Amount::from_minor(4_001));
    life.arrive(bitcoin, &bitcoin_asset, second.asks, false);
    assert_eq!(life.record.payment.state.status, Status::Processing);
    assert!(!life.record.payment.state.flags.over);
    assert_eq!(
        life.happened,
        [EventKind::MethodChosen, EventKind::PartPaid, EventKind::MethodChosen, EventKind::Seen]
    );
}

#[test]
fn late_money_is_held_where_states_are_final_and_reopens_where_they_are_not() {
    for (late, status, events) in [
        (LateMoney::Held, Status::Expired, vec![EventKind::Late]),
        (LateMoney::Reopens, Status::Paid, vec![EventKind::Reopened, EventKind::Seen, EventKind::Paid]),
    ] {
        let mut life = Life::new(5_000, late);
        let (method, asset) = coins()[0];
        life.take(&Step::PassDeadline { minutes: 1 });
        life.take(&Step::Expire);
        assert_eq!(life.happened, [EventKind::Expired]);
        let id = life.arrive(method, &asset, Amount::from_minor(1_000_000_000_000_000_000), false);
        life.apply(Fact::Confirmed(id));
        assert_eq!(life.record.payment.state.status, status, "{late:?}");
        assert!(life.record.payment.state.flags.late);
        assert_eq!(life.happened[1..], events, "{late:?}");
    }
}

#[test]
fn orphaned_money_takes_paid_back_and_returns_as_the_same_receipt() {
    let mut life = Life::new(5_000, LateMoney::Held);
    let (method, asset) = coins()[0];
    life.quote(0, 5_000);
    let asks = life.record.quotes[0].asks;
    let id = life.arrive(method, &asset, asks, false);
    life.apply(Fact::Confirmed(id));
    assert_eq!(life.record.payment.state.status, Status::Paid);
    life.apply(Fact::Lost(id));
    assert_eq!(life.record.payment.state.status, Status::Waiting);
    life.now = DEADLINE + Span::minutes(1);
    assert!(!life.record.has_expired(life.now), "lost money holds expiry up");
    life.apply(Fact::Mined(id, inclusion(9, life.now)));
    assert_eq!(
        life.record.payment.state.status,
        Status::Processing,
        "it came in time, whenever it is mined again"
    );
    life.apply(Fact::Confirmed(id));
    assert_eq!(life.record.payment.state.status, Status::Paid);
    assert_eq!(life.record.receipts.len(), 1);
}

#[test]
fn the_first_choice_sets_a_deadline_that_nothing_moves() {
    let mut life = Life::with(5_000, LateMoney::Held, Times { window: Some(10), confirm_limit: None });
    life.now = START + Span::days(400);
    assert!(!life.record.has_expired(life.now), "who never chose has no deadline");
    life.quote(0, 5_000);
    let deadline = life.now + Span::minutes(10);
    assert_eq!(life.record.payment.terms.deadline, Some(deadline));
    assert_eq!(life.record.quotes[0].valid_until, Some(deadline));
    life.now = life.now + Span::minutes(9);
    life.quote(1, 6_000_000);
    assert_eq!(life.record.payment.terms.deadline, Some(deadline), "another choice moves nothing");
    assert!(!life.record.has_expired(deadline));
    assert!(life.record.has_expired(deadline + Span::from_micros(1)));
}

#[test]
fn money_that_never_becomes_final_expires_with_all_of_it_seen() {
    let mut life = Life::with(5_000, LateMoney::Held, Times { window: None, confirm_limit: Some(60) });
    let (method, asset) = coins()[0];
    life.quote(0, 5_000);
    let asks = life.record.quotes[0].asks.minor();
    let first = life.arrive(method, &asset, Amount::from_minor(asks / 2), false);
    life.now = START + Span::minutes(10);
    life.arrive(method, &asset, Amount::from_minor(asks - asks / 2), false);
    let last = life.now + Span::minutes(60);
    assert_eq!(life.record.payment.confirm_by, Some(last), "from the moment at which the rest was seen");
    life.apply(Fact::Confirmed(first));
    assert!(!life.record.has_expired(last));
    life.now = last + Span::from_micros(1);
    assert!(life.record.has_expired(life.now));
    let effects = life.apply(Fact::Expired);
    assert_eq!(effects.decisions, [Decision { kind: DecisionKind::Short, receipt: None }]);
    let state = life.record.payment.state;
    assert_eq!((state.status, state.balance.seen), (Status::Expired, life.record.payment.price.amount));
    let second = life.record.receipts[1].id;
    life.apply(Fact::Confirmed(second));
    assert_eq!(life.record.payment.state.status, Status::Expired, "it is final");
    assert_eq!(life.record.payment.state.balance.confirmed, life.record.payment.price.amount);
    assert_eq!(life.happened.last(), Some(&EventKind::Expired));
}

#[test]
fn nothing_expires_unconfirmed_before_its_deadline_or_where_money_would_bring_it_back() {
    let (method, asset) = coins()[0];
    for (late, confirm_by) in [(LateMoney::Held, Some(DEADLINE)), (LateMoney::Reopens, None)] {
        let mut life = Life::with(5_000, late, Times { window: None, confirm_limit: Some(1) });
        life.quote(0, 5_000);
        let asks = life.record.quotes[0].asks;
        let id = life.arrive(method, &asset, asks, false);
        assert_eq!(life.record.payment.confirm_by, confirm_by);
        let is_over = life.record.has_expired(DEADLINE + Span::minutes(1));
        assert_eq!(is_over, late == LateMoney::Held);
        life.apply(Fact::Confirmed(id));
        assert!(!life.record.has_expired(DEADLINE + Span::days(1)), "what is paid does not expire");
        assert_eq!(life.record.payment.confirm_by, None);
    }
}

#[test]
fn expiry_waits_for_the_chain() {
    let life = Life::new(5_000, LateMoney::Held);
    assert!(!life.record.has_expired(DEADLINE), "the deadline itself is in time");
    assert!(life.record.has_expired(DEADLINE + Span::from_micros(1)));
}

#[test]
fn money_without_a_rate_is_there_and_counts_once_it_has_one() {
    let mut life = Life::new(5_000, LateMoney::Held);
    let (method, asset) = coins()[0];
    let id = life.arrive(method, &asset, Amount::from_minor(1_000_000_000_000_000_000), true);
    assert_eq!(life.record.payment.state.balance.seen, Amount::ZERO);
    assert!(life.record.payment.state.flags.short);
    life.apply(Fact::Confirmed(id));
    let spot = life.spot(method, &asset, Amount::from_minor(1_000_000_000_000_000_000));
    life.apply(Fact::Valued(id, Box::new(spot)));
    assert_eq!(life.record.payment.state.status, Status::Paid);
    assert_eq!(life.happened, [EventKind::PartPaid, EventKind::Seen, EventKind::Paid]);
}

#[test]
fn a_final_expiry_stays_even_where_money_that_was_lost_in_time_is_mined_again() {
    let mut life = Life::new(5_000, LateMoney::Held);
    let (method, asset) = coins()[0];
    life.quote(0, 5_000);
    let asks = life.record.quotes[0].asks;
    let id = life.arrive(method, &asset, asks, false);
    life.apply(Fact::Lost(id));
    life.take(&Step::PassDeadline { minutes: 120 });
    life.take(&Step::Expire);
    let effects = life.apply(Fact::Mined(id, inclusion(9, life.now)));
    assert_eq!(life.record.payment.state.status, Status::Expired);
    assert_eq!(effects.decisions, [Decision { kind: DecisionKind::Held, receipt: Some(id) }]);
}

#[test]
fn the_last_unit_that_is_missing_keeps_a_payment_short() {
    let mut life = Life::new(5_000, LateMoney::Held);
    let (method, asset) = coins()[1];
    life.quote(1, 6_000_000);
    let quote = life.record.quotes[0].clone();
    life.arrive(method, &asset, quote.asks.saturating_sub(Amount::from_minor(1)), false);
    let state = life.record.payment.state;
    assert_eq!((state.status, state.flags.short), (Status::Waiting, true));
    let due = quote.due(life.record.received_by(&quote), life.record.payment.remaining(), &asset).unwrap();
    assert_eq!(due, Amount::from_minor(1));
}

#[test]
fn a_quote_promises_nothing_about_another_script() {
    let mut life = Life::new(5_000, LateMoney::Held);
    let method = coins()[0].0;
    life.quote(0, 5_000);
    let first = life.record.quotes[0].clone();
    let second = Quote {
        id: life.id(),
        script: script(8),
        created_at: first.created_at + Span::seconds(1),
        ..first.clone()
    };
    life.apply(Fact::Quoted(Box::new(second.clone())));
    // A block states the time at which it was begun, which may be before the quote that it pays.
    let counted_by =
        |byte| life.record.live_quote(method, &script(byte), first.created_at).map(|quote| quote.id);
    assert_eq!([counted_by(7), counted_by(8), counted_by(9)], [Some(first.id), Some(second.id), None]);
}

#[test]
fn a_block_that_shows_money_to_have_been_in_time_says_so() {
    let mut life = Life::new(5_000, LateMoney::Held);
    let (method, asset) = coins()[0];
    life.quote(0, 5_000);
    let asks = life.record.quotes[0].asks;
    // First seen while it waits, a moment too late; then a block states a time before the deadline.
    life.now = DEADLINE + Span::seconds(1);
    let id = life.arrive(method, &asset, asks, false);
    assert_eq!(life.happened.last(), Some(&EventKind::Late));
    life.apply(Fact::Mined(id, inclusion(9, DEADLINE)));
    assert_eq!(life.record.payment.state.status, Status::Processing);
    assert_eq!(life.happened.last(), Some(&EventKind::Seen), "a status does not change without a word");
}

#[test]
fn money_counts_by_the_newest_quote_that_was_shown_when_it_moved() {
    let mut life = Life::new(5_000, LateMoney::Held);
    let (method, _) = coins()[0];
    life.quote(0, 300_000);
    life.now = START + Span::minutes(20);
    life.quote(0, 150_000);
    let [first, second] = [0, 1].map(|number| life.record.quotes[number].id);
    let counted_by = |moment| life.record.live_quote(method, &script(7), moment).map(|quote| quote.id);
    let instant = Span::from_micros(1);
    assert_eq!(
        counted_by(START - Span::seconds(5)),
        Some(first),
        "a block's clock may be a little behind ours"
    );
    assert_eq!(counted_by(START + Span::minutes(15)), Some(first), "its last moment is within it");
    assert_eq!(
        counted_by(START + Span::minutes(15) + instant),
        None,
        "it holds no longer, and the next is not shown"
    );
    assert_eq!(counted_by(START + Span::minutes(20) - instant), None);
    assert_eq!(counted_by(START + Span::minutes(20)), Some(second));
    assert_eq!(counted_by(DEADLINE), Some(second));
    assert_eq!(counted_by(DEADLINE + instant), None, "no quote outlives the deadline");
}

#[test]
fn late_money_that_is_lost_holds_nothing_up() {
    let mut life = Life::new(5_000, LateMoney::Held);
    let (method, asset) = coins()[0];
    life.quote(0, 5_000);
    let asks = life.record.quotes[0].asks;
    life.now = DEADLINE + Span::seconds(1);
    let id = life.arrive(method, &asset, asks, false);
    life.apply(Fact::Lost(id));
    assert!(life.record.has_expired(DEADLINE + Span::seconds(2)));
}

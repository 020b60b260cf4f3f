//! Making a payment.

#[cfg(feature = "planted")]
mod planted;

use std::sync::{Arc, Mutex, PoisonError};

use domain::{
    buyer::Sender,
    chain::Method,
    dialect::DialectName,
    event::{EventKind, EventTail},
    id::{IdMaker, PaymentId, ShopId},
    merchant::Shop,
    money::Price,
    payment::{Closing, Fact, Happening, Order, Payment, Record, State},
    refusal::{Failure, Refusal},
    terms::{LateMoney, Terms},
    time::{Span, Timestamp},
};
use store::{Abort, Fault, Tx, idempotency::Key};

use crate::{
    Engine,
    checkout::{self, Ask},
    clock::Moment,
    events::Scribe,
    numbers::{self, Subject},
    rates, shops,
};

/// A payment to be made, in terms that its dialect chose.
#[derive(Clone, Debug)]
pub struct CreatePayment {
    /// The shop that is paid.
    pub shop: ShopId,
    /// The dialect that asks.
    pub dialect: DialectName,
    /// What is asked.
    pub price: Price,
    /// What it is for.
    pub order: Order,
    /// How long the order waits where the shop has no rule of its own; `None`: for ever.
    pub order_validity: Option<Span>,
    /// How long an order without a deadline is open once its buyer has chosen a method, where the shop has no rule of
    /// its own; `None`: for ever.
    pub window: Option<Span>,
    /// How long a quote holds.
    pub quote_validity: Span,
    /// How long money that was seen in time, and lost its block, holds up expiry.
    pub seen_limit: Span,
    /// How long all that is due may take to become final; `None`: as long as it takes. See
    /// [`Terms::confirm_limit`].
    pub confirm_limit: Option<Span>,
    /// What becomes of late money.
    pub late: LateMoney,
    /// Whether what things are worth is fixed now, for as long as the order is open: for an order with a deadline whose
    /// buyer chooses later. What cannot be valued now is valued when it is chosen.
    pub fixes_rates: bool,
    /// The method that asks for the money at once; `None` where the buyer chooses.
    pub method: Option<Method>,
    /// Who pays, where the shop says it, and the order asks for it.
    pub sender: Option<Sender>,
    /// Whether the order's reference names this payment alone among those of its shop and dialect, for ever.
    pub unique_reference: bool,
    /// The key under which a repeated request finds the same payment.
    pub idempotency: Option<IdempotencyKey>,
}

/// Names a request, so that it can be repeated.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// The key as the caller wrote it.
    pub key: String,
    /// SHA-256 of what is asked for: another request under the same key is a conflict.
    pub fingerprint: [u8; 32],
}

/// What a creation led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The payment. For a repeated request it may have moved on since.
    pub payment: Payment,
    /// Whether it had been made before.
    pub replayed: bool,
}

impl Engine {
    /// Makes a payment, or finds the one that was made under the same key.
    ///
    /// A twin that arrives meanwhile waits its turn in the store, and finds what the first one made. Where the database
    /// was lost while it committed, the payment is looked for by its key or its id before anybody is answered.
    ///
    /// # Errors
    /// [`Refusal::IdempotencyConflict`] for another request under the same key; [`Refusal::ReferenceTaken`];
    /// [`Refusal::AmountZero`]; [`Refusal::ShopNotFound`], [`Refusal::ShopInactive`]; with a method,
    /// [`Refusal::MethodUnknown`], [`Refusal::MethodUnavailable`], [`Refusal::RateUnavailable`],
    /// [`Refusal::AmountOutOfRange`], and [`Failure::Unavailable`] while the wallet's next addresses are being made:
    /// nothing was made then; [`Failure::Unknown`] where the database was lost, and the payment was not found.
    pub async fn create_payment(&self, command: CreatePayment) -> Result<Created, Failure> {
        if command.price.amount.is_zero() {
            return Err(Refusal::AmountZero.into());
        }
        if self.dialect(command.dialect)?.numbers() {
            self.stock_numbers(command.shop).await?;
        }
        let (moment, asks) = (self.moment(), command.method.is_some());
        #[cfg(feature = "planted")]
        self.claim_early(&command, moment).await?;
        let engine = self.clone();
        let (command, tried) = (Arc::new(command), Arc::<Tried>::default());
        let (its_command, its_try) = (Arc::clone(&command), Arc::clone(&tried));
        let job = move |tx: &mut Tx<'_>| create(tx, &engine, moment, &its_command, &its_try);
        let look = move |tx: &mut Tx<'_>| tried.get().map_or(Ok(None), |id| look(tx, &command, id));
        let done = self.transact_or_look("payments.create", job, look).await;
        if asks {
            self.hints().derive.notify_one();
        }
        let (created, delivers) = done?;
        if delivers {
            self.hints().deliver.notify_one();
        }
        Ok(created)
    }
}

/// The id under which a payment was tried to be made last.
#[derive(Default)]
struct Tried(Mutex<Option<PaymentId>>);

impl Tried {
    fn set(&self, id: PaymentId) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
    }

    fn get(&self) -> Option<PaymentId> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn create(
    tx: &mut Tx<'_>,
    engine: &Engine,
    moment: Moment,
    command: &CreatePayment,
    tried: &Tried,
) -> Result<(Created, bool), Abort> {
    // None of these three hangs on another. A shop that is changed in the same moment may count as it was before.
    store::installation::foresee_clock_offset(tx)?;
    store::shops::foresee(tx, command.shop)?;
    store::endpoints::foresee_of_shop(tx, command.shop)?;
    let now = moment.business(tx)?;
    let mut ids = moment.ids(now);
    let id: PaymentId = ids.make();
    tried.set(id);
    if let Some(found) = claim_key(tx, command, id, now)? {
        return Ok((Created { payment: found, replayed: true }, false));
    }
    let shop = shops::find(tx, command.shop)?;
    if !shop.active {
        return Err(Refusal::ShopInactive.into());
    }
    claim_reference(tx, command, id)?;
    let mut record = Record::new(new_payment(id, command, &shop, now));
    if let Some(method) = command.method {
        choose_at_once(tx, engine, &mut record, method, &mut ids, now)?;
    }
    rates::fix(tx, engine, &record, now)?;
    let (payment, delivers) = add(tx, engine, record, &mut ids, now)?;
    if let Some(sender) = command.sender.as_ref().filter(|_| command.order.questions.sender) {
        checkout::keep_sender(tx, engine, (shop.id, id), sender, now)?;
    }
    Ok((Created { payment, replayed: false }, delivers))
}

/// Adds a payment with what it asks for, its number, and the event of its creation; whether there is something to
/// deliver.
pub(crate) fn add(
    tx: &mut Tx<'_>,
    engine: &Engine,
    mut record: Record,
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<(Payment, bool), Abort> {
    let (id, shop) = (record.payment.id, record.payment.shop);
    if engine.dialect(record.payment.dialect)?.numbers() {
        record.payment.number = Some(numbers::give(tx, engine, shop, Subject::Payment(id))?);
    }
    // The event is written first: the payment's row names it.
    let mut scribe = Scribe::new(tx, engine, &record.payment, ids, now)?;
    let created = Happening { kind: EventKind::Created, receipt: None, state: record.payment.state };
    scribe.write(tx, &mut record, created)?;
    let delivers = scribe.delivers;
    let Record { payment, quotes, .. } = record;
    store::payments::insert(tx, &payment)?;
    for (number, quote) in (1_u32..).zip(&quotes) {
        store::quotes::insert(tx, shop, id, number, quote)?;
    }
    Ok((payment, delivers))
}

/// Lets a method ask for what is due, as if its buyer had chosen it. It is no event of its own: the payment was made
/// so.
fn choose_at_once(
    tx: &mut Tx<'_>,
    engine: &Engine,
    record: &mut Record,
    method: Method,
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<(), Abort> {
    match checkout::ask(tx, engine, record, method, ids, now)? {
        Ask::Again => Ok(()),
        Ask::Anew(quote) => {
            record.apply(Fact::Quoted(quote), now)?;
            Ok(())
        }
        Ask::NoAddressReady => Err(Abort::NotReady(checkout::NEXT_ADDRESSES)),
    }
}

/// Finds what a creation made whose commit nobody heard of: by its key, or by the id that it had.
fn look(tx: &mut Tx<'_>, command: &CreatePayment, id: PaymentId) -> Result<Option<(Created, bool)>, Abort> {
    let made = match &command.idempotency {
        Some(wanted) => match store::idempotency::get(tx, &key(command, wanted))? {
            Some(used) if used.fingerprint == wanted.fingerprint => used.payment,
            Some(_) | None => return Ok(None),
        },
        None => id,
    };
    let payment = store::payments::lock(tx, command.shop, made)?;
    Ok(payment.map(|payment| (Created { payment: payment.into_inner(), replayed: made != id }, true)))
}

fn key<'a>(command: &CreatePayment, wanted: &'a IdempotencyKey) -> Key<'a> {
    Key { shop: command.shop, dialect: command.dialect, key: &wanted.key, fingerprint: &wanted.fingerprint }
}

/// Takes the key for this payment, or gives the payment that has it.
fn claim_key(
    tx: &mut Tx<'_>,
    command: &CreatePayment,
    id: PaymentId,
    now: Timestamp,
) -> Result<Option<Payment>, Abort> {
    let Some(wanted) = &command.idempotency else { return Ok(None) };
    let key = key(command, wanted);
    let Some(used) = store::idempotency::claim(tx, &key, id, now)? else { return Ok(None) };
    #[cfg(feature = "planted")]
    if planted::is_own(used.payment, id) {
        return Ok(None);
    }
    if used.fingerprint != wanted.fingerprint {
        return Err(Refusal::IdempotencyConflict.into());
    }
    // Locked, so that this commit waits for the one that made it, if that one waits for a standby.
    let payment = store::payments::lock(tx, command.shop, used.payment)?;
    let payment = payment.ok_or(Fault::broken("the payment of an idempotency key is missing"))?;
    Ok(Some(payment.into_inner()))
}

/// Takes the reference for this payment, where it is to name no other.
fn claim_reference(tx: &mut Tx<'_>, command: &CreatePayment, id: PaymentId) -> Result<(), Abort> {
    let Some(reference) = command.order.reference.as_ref().filter(|_| command.unique_reference) else {
        return Ok(());
    };
    if !store::references::claim(tx, command.shop, command.dialect, reference, id)? {
        return Err(Refusal::ReferenceTaken.into());
    }
    Ok(())
}

fn new_payment(id: PaymentId, command: &CreatePayment, shop: &Shop, now: Timestamp) -> Payment {
    let own_validity = shop.policy.order_validity;
    let validity = own_validity.filter(|_| command.order_validity.is_some()).or(command.order_validity);
    Payment {
        id,
        shop: shop.id,
        dialect: command.dialect,
        number: None,
        price: command.price,
        terms: Terms {
            deadline: validity.map(|span| now + span),
            quote_validity: command.quote_validity,
            window: own_validity.filter(|_| command.window.is_some()).or(command.window),
            seen_limit: command.seen_limit,
            confirm_limit: command.confirm_limit,
            late: command.late,
            tolerance: shop.policy.tolerance,
            depth: shop.policy.depth,
            spread_parts_per_million: shop.policy.spread_parts_per_million,
            fixes_rates: command.fixes_rates,
        },
        order: command.order.clone(),
        created_at: now,
        updated_at: now,
        paid_at: None,
        confirm_by: None,
        closing: Closing::default(),
        state: State::NEW,
        events: EventTail::default(),
        version: 1,
    }
}

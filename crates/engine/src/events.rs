//! Writing down what happened, and whom it is told to, in the transaction in which it happened.

use std::{
    cell::{OnceCell, RefCell},
    sync::Arc,
};

use domain::{
    chain::{Network, Script},
    delivery::{Delivery, DeliveryStatus},
    dialect::{Dialect, DialectName, Occasion},
    event::{Event, EventTail},
    id::{EndpointId, IdMaker, PaymentId, ReceiptId, ShopId},
    mail::{Mail, MailKind, MailStatus},
    payment::{Happening, Payment, Record},
    receipt::Receipt,
    refusal::{Failure, Refusal},
    time::Timestamp,
};
use store::{Abort, Fault, Rx, Tx, endpoints::EndpointRow};

use crate::{Engine, networks, record};

/// Events before the one of an occasion that a dialect may look at.
const MAX_HISTORY: usize = 200;

impl Engine {
    /// Looks at a payment of this shop and dialect as its dialect looks at it in the moment of an event: now, and with
    /// the newest event.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`].
    pub async fn look_at<T: Send + 'static>(
        &self,
        shop: ShopId,
        dialect: DialectName,
        id: PaymentId,
        look: fn(&Occasion<'_>) -> T,
    ) -> Result<T, Failure> {
        let engine = self.clone();
        let job = move |rx: &mut Rx<'_>| -> Result<T, Abort> {
            let found = store::payments::get(rx, shop, id)?.filter(|payment| payment.dialect == dialect);
            let record = record::read(rx, found.ok_or(Refusal::PaymentNotFound)?)?;
            let newest = store::events::trail(rx, shop, record.payment.events.last, 1)?.pop();
            let newest = newest.ok_or(Fault::broken("a payment has no event"))?;
            Ok(occasion(rx, &engine, &record, &newest, look)?)
        };
        self.store().read("events.look_at", job).await
    }
}

/// What `look` makes of the moment of an event.
fn occasion<T>(
    rx: &mut Rx<'_>,
    engine: &Engine,
    record: &Record,
    event: &Event,
    look: impl FnOnce(&Occasion<'_>) -> T,
) -> Result<T, Fault> {
    let lookup = Lookup { rx: RefCell::new(rx), fault: RefCell::new(None) };
    let address = |network: Network, script: &Script| engine.address(network, script);
    let address_number = |network: Network, script: &Script| {
        let kind = engine.network(network).ok()?.form.kind_of(script);
        lookup.ask(|rx| store::addresses::number(rx, kind, script))
    };
    let confirmations = |receipt: &Receipt| {
        let network = receipt.method.network;
        let head = lookup.ask(|rx| networks::followed_height(rx, network, &receipt.chain));
        head.map_or(0, |head| receipt.confirmations(head))
    };
    let known = OnceCell::new();
    let history = || -> Vec<Event> {
        let ask = || lookup.ask(|rx| store::events::trail(rx, event.shop, event.previous, MAX_HISTORY));
        known.get_or_init(ask).clone()
    };
    let occasion = Occasion {
        event,
        record,
        networks: engine.networks(),
        address: &address,
        address_number: &address_number,
        confirmations: &confirmations,
        history: &history,
    };
    let said = look(&occasion);
    lookup.fault.into_inner().map_or(Ok(said), Err)
}

/// Writes events of one payment.
pub(crate) struct Scribe<'a> {
    engine: &'a Engine,
    dialect: Arc<dyn Dialect>,
    ids: &'a mut IdMaker,
    now: Timestamp,
    endpoints: Vec<EndpointRow>,
    /// Whether anything is to be delivered.
    pub(crate) delivers: bool,
    /// Whether anything is to be mailed.
    pub(crate) mails: bool,
}

impl<'a> Scribe<'a> {
    /// A scribe for the payments of one shop and dialect.
    pub(crate) fn new(
        tx: &mut Tx<'_>,
        engine: &'a Engine,
        payment: &Payment,
        ids: &'a mut IdMaker,
        now: Timestamp,
    ) -> Result<Self, Abort> {
        let dialect = Arc::clone(engine.dialect(payment.dialect)?);
        let mut endpoints = store::endpoints::of_shop(tx, payment.shop)?;
        endpoints.retain(|row| row.endpoint.dialect == payment.dialect);
        #[cfg(feature = "planted")]
        if store::planted::is(store::planted::Bug::SilentEvent) {
            endpoints.retain(|row| row.endpoint.failing_since.is_none());
        }
        Ok(Self { engine, dialect, ids, now, endpoints, delivers: false, mails: false })
    }

    /// Writes that something happened to a payment, and a delivery for every endpoint that listens to it. The record is
    /// the payment's right after it.
    pub(crate) fn write(
        &mut self,
        tx: &mut Tx<'_>,
        record: &mut Record,
        Happening { kind, receipt, state }: Happening,
    ) -> Result<(), Fault> {
        let payment = &mut record.payment;
        let event = Event {
            id: self.ids.make(),
            shop: payment.shop,
            payment: payment.id,
            sequence: payment.events.count.saturating_add(1),
            kind,
            at: self.now,
            state,
            receipt,
            previous: payment.events.last,
        };
        payment.events = EventTail { last: Some(event.id), count: event.sequence };
        let name = self.dialect.event_name(kind, &state);
        let (facts, is_told) = self.moment(tx, record, &event)?;
        store::events::insert(tx, &event, facts.as_deref())?;
        let Some(name) = name.filter(|_| is_told) else { return Ok(()) };
        for row in self.endpoints.iter().filter(|row| row.endpoint.listens_to(name)) {
            let delivery = new_delivery(self.ids, &event, name, row.endpoint.id, self.now);
            store::deliveries::insert(tx, &delivery)?;
            self.delivers = true;
        }
        Ok(())
    }

    /// What the dialect writes down of the moment of an event, and whether it tells it at all.
    fn moment(
        &self,
        tx: &mut Tx<'_>,
        record: &Record,
        event: &Event,
    ) -> Result<(Option<String>, bool), Fault> {
        occasion(tx, self.engine, record, event, |occasion| {
            (self.dialect.event_facts(occasion), self.dialect.tells(occasion))
        })
    }

    /// Writes a mail to the buyer about the event that was written last, where there is an address and the dialect
    /// wants it. Money that comes a second time, because its chain was reorganised, has its mail already.
    pub(crate) fn mail(
        &mut self,
        tx: &mut Tx<'_>,
        payment: &Payment,
        kind: MailKind,
        receipt: Option<ReceiptId>,
    ) -> Result<(), Fault> {
        let Some(event) = payment.events.last else { return Ok(()) };
        if payment.order.customer_email.is_none() || !self.dialect.mails(kind) {
            return Ok(());
        }
        #[cfg(feature = "planted")]
        if store::planted::is(store::planted::Bug::LostMail) && kind == MailKind::Short {
            return Ok(());
        }
        let mail = Mail {
            id: self.ids.make(),
            shop: payment.shop,
            payment: payment.id,
            event,
            kind,
            receipt,
            status: MailStatus::Pending,
            attempts: 0,
            resent: 0,
            queued_at: self.now,
            next_attempt_at: Some(self.now),
            ended_at: None,
            error: None,
            created_at: self.now,
        };
        store::mails::insert(tx, &mail)?;
        self.mails = true;
        Ok(())
    }
}

/// Looks things up for a dialect, which cannot be told of a fault: the first one is kept, and ends the transaction.
struct Lookup<'a, 'c> {
    rx: RefCell<&'a mut Rx<'c>>,
    fault: RefCell<Option<Fault>>,
}

impl<'c> Lookup<'_, 'c> {
    fn ask<T: Default>(&self, look: impl FnOnce(&mut Rx<'c>) -> Result<T, Fault>) -> T {
        look(&mut self.rx.borrow_mut()).unwrap_or_else(|fault| {
            self.fault.borrow_mut().get_or_insert(fault);
            T::default()
        })
    }
}

/// A delivery of an event, due at once.
pub(crate) fn new_delivery(
    ids: &mut IdMaker,
    event: &Event,
    event_name: &str,
    endpoint: EndpointId,
    now: Timestamp,
) -> Delivery {
    Delivery {
        id: ids.make(),
        shop: event.shop,
        endpoint,
        event: event.id,
        event_name: event_name.to_owned(),
        status: DeliveryStatus::Pending,
        attempts: 0,
        next_attempt_at: Some(now),
        created_at: now,
        manual: false,
        waits_for: None,
    }
}

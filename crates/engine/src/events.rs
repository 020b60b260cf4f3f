//! Writing down what happened, and whom it is told to, in the transaction in which it happened.

use std::sync::Arc;

use domain::{
    delivery::{Delivery, DeliveryStatus},
    dialect::Dialect,
    event::{Event, EventKind, EventTail},
    id::{EndpointId, IdMaker, ReceiptId},
    mail::{Mail, MailKind, MailStatus},
    payment::{Payment, State},
    time::Timestamp,
};
use store::{Abort, Fault, Tx, endpoints::EndpointRow};

use crate::Engine;

/// Writes events of one payment.
pub(crate) struct Scribe<'a> {
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
        engine: &Engine,
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
        Ok(Self { dialect, ids, now, endpoints, delivers: false, mails: false })
    }

    /// Writes that `kind` happened to `payment`, and a delivery for every endpoint that listens to it.
    pub(crate) fn write(
        &mut self,
        tx: &mut Tx<'_>,
        payment: &mut Payment,
        kind: EventKind,
        state: State,
        receipt: Option<ReceiptId>,
    ) -> Result<(), Fault> {
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
        store::events::insert(tx, &event)?;
        payment.events = EventTail { last: Some(event.id), count: event.sequence };
        let Some(name) = self.dialect.event_name(kind, &state) else { return Ok(()) };
        for row in self.endpoints.iter().filter(|row| row.endpoint.listens_to(name)) {
            let delivery = new_delivery(self.ids, &event, name, row.endpoint.id, self.now);
            store::deliveries::insert(tx, &delivery)?;
            self.delivers = true;
        }
        Ok(())
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
    }
}

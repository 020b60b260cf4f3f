//! A payment's record, opened to be changed: facts go in, and everything that follows from them is written at once.

#[cfg(feature = "planted")]
mod planted;

use domain::{
    id::{IdMaker, PaymentId, ReceiptId, ShopId},
    payment::{Effects, Fact, Record},
    refusal::Refusal,
    time::Timestamp,
};
use store::{Abort, Fault, Locked, Rx, Tx, postings::About};

use crate::{
    Engine,
    accounts::Received,
    events::Scribe,
    numbers::{self, Subject},
};

/// The record of a payment, as it is now.
pub(crate) fn read(rx: &mut Rx<'_>, payment: domain::payment::Payment) -> Result<Record, Fault> {
    let (shop, id) = (payment.shop, payment.id);
    Ok(Record {
        payment,
        quotes: store::quotes::of_payment(rx, shop, id)?,
        receipts: store::receipts::of_payment(rx, shop, id)?,
    })
}

/// A record that is locked, and what its facts have led to so far.
pub(crate) struct OpenRecord {
    locked: Locked<domain::payment::Payment>,
    before: Record,
    record: Record,
    effects: Effects,
}

/// What writing a record led to outside of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// Whether there is something to deliver.
    pub(crate) delivers: bool,
    /// Whether there is a mail to send.
    pub(crate) mails: bool,
}

impl Written {
    /// Takes in what writing another record led to.
    pub(crate) const fn join(&mut self, other: Self) {
        self.delivers |= other.delivers;
        self.mails |= other.mails;
    }
}

impl Engine {
    /// Wakes whoever has something to do after records were written, once that is durable.
    pub(crate) fn wake(&self, written: Written) {
        if written.delivers {
            self.hints().deliver.notify_one();
        }
        if written.mails {
            self.hints().mail.notify_one();
        }
    }
}

impl OpenRecord {
    /// Locks a payment and reads all its facts.
    pub(crate) fn open(tx: &mut Tx<'_>, shop: ShopId, id: PaymentId) -> Result<Self, Abort> {
        let locked = store::payments::lock(tx, shop, id)?.ok_or(Refusal::PaymentNotFound)?;
        let before = read(tx, locked.clone())?;
        Ok(Self { locked, record: before.clone(), before, effects: Effects::default() })
    }

    /// The record, with every fact so far.
    pub(crate) const fn record(&self) -> &Record {
        &self.record
    }

    /// Takes a fact in.
    pub(crate) fn apply(&mut self, fact: Fact, now: Timestamp) -> Result<(), Refusal> {
        let effects = self.record.apply(fact, now)?;
        self.effects.extend(effects);
        Ok(())
    }

    /// Writes everything that the facts led to: quotes, receipts and their blocks, ledger lines and what follows from
    /// them, decisions, events, deliveries, and mails. Facts that were all known already write nothing.
    pub(crate) fn write(
        self,
        tx: &mut Tx<'_>,
        engine: &Engine,
        ids: &mut IdMaker,
        now: Timestamp,
    ) -> Result<Written, Abort> {
        let mut received = Received::default();
        let written = self.write_but_received(tx, engine, ids, now, &mut received)?;
        received.book(tx, engine)?;
        Ok(written)
    }

    /// The same, but that the caller writes what was received: once for all payments of its transaction.
    pub(crate) fn write_but_received(
        mut self,
        tx: &mut Tx<'_>,
        engine: &Engine,
        ids: &mut IdMaker,
        now: Timestamp,
        received: &mut Received,
    ) -> Result<Written, Abort> {
        if self.effects.is_nothing() {
            return Ok(Written::default());
        }
        self.write_quotes(tx)?;
        for id in self.effects.receipts.clone() {
            self.number_receipt(tx, engine, id)?;
            self.write_receipt(tx, id, now)?;
        }
        self.write_ledger(tx, ids, now, received)?;
        let payment = &mut self.record.payment;
        for decision in &self.effects.decisions {
            store::decisions::insert(tx, ids.make(), payment.shop, payment.id, decision, now)?;
            let (payment, kind) = (payment.id.base62(), decision.kind.code());
            tracing::warn!(payment, kind, "money waits for a decision: `tillgate payments show` tells which");
        }
        let mut written = Written::default();
        if !self.effects.happenings.is_empty() {
            let mut scribe = Scribe::new(tx, engine, payment, ids, now)?;
            for happening in &self.effects.happenings {
                scribe.write(tx, &mut self.record, *happening)?;
                if let Some(kind) = self.effects.mail(happening) {
                    scribe.mail(tx, &self.record.payment, kind, happening.receipt)?;
                }
            }
            written = Written { delivers: scribe.delivers, mails: scribe.mails };
        }
        *self.locked = self.record.payment;
        store::payments::save(tx, self.locked)?;
        Ok(written)
    }

    fn write_quotes(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let payment = &self.record.payment;
        for (number, quote) in (1_u32..).zip(&self.record.quotes).skip(self.before.quotes.len()) {
            store::quotes::insert(tx, payment.shop, payment.id, number, quote)?;
        }
        Ok(())
    }

    /// Gives money that is new its number, where its dialect has numbers.
    fn number_receipt(&mut self, tx: &mut Tx<'_>, engine: &Engine, id: ReceiptId) -> Result<(), Abort> {
        let payment = &self.record.payment;
        let has_numbers = engine.dialect(payment.dialect).is_ok_and(|dialect| dialect.numbers());
        #[cfg(feature = "planted")]
        let has_numbers = has_numbers && !store::planted::is(store::planted::Bug::ForgottenNumber);
        if has_numbers && self.before.receipt(id).is_none() {
            let number = numbers::give(tx, engine, payment.shop, Subject::Receipt(id))?;
            let mut receipts = self.record.receipts.iter_mut();
            if let Some(receipt) = receipts.find(|receipt| receipt.id == id) {
                receipt.number = Some(number);
            }
        }
        Ok(())
    }

    fn write_receipt(&self, tx: &mut Tx<'_>, id: ReceiptId, now: Timestamp) -> Result<(), Fault> {
        let payment = &self.record.payment;
        let Some(receipt) = self.record.receipt(id) else { return Ok(()) };
        let before = self.before.receipt(id);
        match before {
            None => store::receipts::insert(tx, payment.shop, payment.id, receipt)?,
            Some(_) => store::receipts::update(tx, payment.shop, receipt)?,
        }
        let old_block = before.and_then(|known| known.inclusion.as_ref());
        if old_block == receipt.inclusion.as_ref() {
            return Ok(());
        }
        if let Some(old) = old_block {
            store::inclusions::orphan(tx, payment.shop, id, &old.block, now)?;
        }
        if let Some(new) = &receipt.inclusion {
            store::inclusions::insert(tx, payment.shop, id, new)?;
        }
        Ok(())
    }

    fn write_ledger(
        &self,
        tx: &mut Tx<'_>,
        ids: &mut IdMaker,
        now: Timestamp,
        received: &mut Received,
    ) -> Result<(), Abort> {
        let payment = &self.record.payment;
        for entry in &self.effects.entries {
            #[cfg(feature = "planted")]
            if planted::is_lost(entry) {
                continue;
            }
            let receipt = self
                .record
                .receipt(entry.receipt)
                .ok_or(Fault::broken("a ledger entry without a receipt"))?;
            let about = About { shop: payment.shop, payment: payment.id, method: receipt.method, at: now };
            store::postings::insert(tx, ids.make(), &about, entry)?;
            // More than can be counted must not stop the chain for everybody else; the ledger has it.
            if let Err(refusal) = received.note(about.shop, about.method, entry) {
                let (payment, network) = (payment.id.base62(), about.method.network.as_str());
                tracing::error!(payment, network, %refusal, "what a shop has received can no longer be counted");
            }
        }
        Ok(())
    }
}

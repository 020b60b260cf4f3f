//! One batch, from transfers to facts.

#[cfg(feature = "planted")]
pub(super) mod planted;

use std::collections::BTreeMap;

use domain::{
    chain::{Batch, Block, BlockRef, Method, NetworkSpec, REORG_LIMIT, Script, Transfer},
    id::{ClientAddressId, IdMaker, PaymentId, ReceiptId, ShopId},
    money::{Amount, AssetCode},
    payment::{Fact, Record},
    quote::Quote,
    receipt::{Inclusion, Receipt, Standing},
    refusal::Refusal,
    time::{Span, Timestamp},
};
use store::{Abort, Locked, Tx, addresses::Recipient, cursors::Position};

use super::{
    Observed,
    valuation::{Arrival, spot_quote},
};
use crate::{
    Engine,
    accounts::Received,
    client_addresses,
    clock::Moment,
    record::{OpenRecord, Written},
};

/// What became known about one payment, before it is a fact of its record.
enum News {
    /// A block that held the money left the chain, or the money no longer waits for one.
    Lost(ReceiptId),
    /// The money is there: in a block, or waiting for one.
    Arrived { transfer: Transfer, inclusion: Option<Inclusion> },
    /// The card was declined for good.
    Declined,
}

/// News by payment, in the order in which payments are locked.
type NewsByPayment = BTreeMap<(PaymentId, ShopId), Vec<News>>;

/// Takes a batch in where the cursor stands at its beginning.
pub(super) fn take(
    tx: &mut Tx<'_>,
    engine: &Engine,
    batch: &Batch,
    moment: Moment,
    now: Timestamp,
) -> Result<Observed, Abort> {
    let spec = engine.network(batch.network)?;
    // A real chain keeps real time; the business clock of a sandbox may be ahead of it.
    let shift = if spec.simulated { Span::ZERO } else { now.since(moment.wall) };
    let (news, made) = (BTreeMap::new(), BTreeMap::new());
    let received = Received::default();
    let mut intake =
        Intake { engine, spec, batch, now, shift, news, made, received, written: Written::default() };
    #[cfg(feature = "planted")]
    if planted::is_late(batch) {
        return intake.take_facts(tx, &mut moment.ids(now));
    }
    intake.take(tx, &mut moment.ids(now))
}

/// One batch on its way into the store.
struct Intake<'a> {
    engine: &'a Engine,
    spec: &'a NetworkSpec,
    batch: &'a Batch,
    now: Timestamp,
    shift: Span,
    news: NewsByPayment,
    /// Payments that this batch made, by the money that came to clients' addresses.
    made: BTreeMap<Money, PaymentId>,
    received: Received,
    written: Written,
}

/// What makes a transfer the one that it is.
type Money = (String, u32, Script, AssetCode, Amount);

impl Intake<'_> {
    fn take(&mut self, tx: &mut Tx<'_>, ids: &mut IdMaker) -> Result<Observed, Abort> {
        let (network, chain) = (self.batch.network, &self.batch.chain);
        let before = store::cursors::lock(tx, network, chain)?.map(Locked::into_inner);
        if before.as_ref().map(|position| &position.block) != self.batch.after.as_ref() {
            return Err(Refusal::BatchStale.into());
        }
        self.roll_back(tx)?;
        self.read_blocks(tx, ids)?;
        self.read_waiting(tx, ids)?;
        self.read_declined(tx)?;
        let position = self.move_cursor(tx, before.as_ref())?;
        if let Some(position) = &position {
            self.find_confirmed(tx, position.block.height)?;
        }
        let moved = position != before;
        let mut observed = Observed { moved, written: self.written, ..Observed::default() };
        let head = position.map(|position| position.block.height);
        for ((payment, shop), news) in std::mem::take(&mut self.news) {
            observed.written.join(self.change(tx, ids, shop, payment, news, head)?);
            observed.payments += 1;
        }
        std::mem::take(&mut self.received).book(tx, self.engine)?;
        Ok(observed)
    }

    fn add(&mut self, shop: ShopId, payment: PaymentId, news: News) {
        self.news.entry((payment, shop)).or_default().push(news);
    }

    /// Everything in blocks above the common ancestor is lost, until a block holds it again.
    fn roll_back(&mut self, tx: &mut Tx<'_>) -> Result<(), Abort> {
        let Some(ancestor) = &self.batch.rolled_back_to else { return Ok(()) };
        let (network, chain) = (self.batch.network, &self.batch.chain);
        for place in store::receipts::above(tx, network, chain, ancestor.height)? {
            self.add(place.shop, place.payment, News::Lost(place.receipt));
        }
        store::cursors::drop_above(tx, network, chain, ancestor.height)?;
        Ok(())
    }

    fn read_blocks(&mut self, tx: &mut Tx<'_>, ids: &mut IdMaker) -> Result<(), Abort> {
        let batch = self.batch;
        for block in &batch.blocks {
            for transfer in &block.transfers {
                let inclusion = Inclusion { block: block.at.clone(), time: block.time + self.shift };
                self.arrived(tx, ids, transfer, Some(inclusion))?;
            }
            store::cursors::add_block(tx, batch.network, &batch.chain, &block.at)?;
        }
        if let Some(last) = batch.blocks.last() {
            let reach = u64::try_from(REORG_LIMIT).unwrap_or(u64::MAX);
            store::cursors::drop_below(
                tx,
                batch.network,
                &batch.chain,
                last.at.height.saturating_sub(reach),
            )?;
        }
        Ok(())
    }

    /// Where a rail sees what waits to be mined, what waited before and does so no more has been replaced or dropped.
    fn read_waiting(&mut self, tx: &mut Tx<'_>, ids: &mut IdMaker) -> Result<(), Abort> {
        let batch = self.batch;
        let Some(waiting) = &batch.waiting else { return Ok(()) };
        let mut there = Vec::new();
        for transfer in waiting {
            there.extend(self.arrived(tx, ids, transfer, None)?);
        }
        let mined: Vec<&Transfer> = batch.blocks.iter().flat_map(|block| &block.transfers).collect();
        for transfer in mined {
            there.extend(
                store::receipts::find(tx, batch.network, &batch.chain, transfer)?.map(|place| place.receipt),
            );
        }
        for one in store::receipts::unconfirmed(tx, batch.network, &batch.chain)? {
            if one.height.is_none() && !there.contains(&one.place.receipt) {
                self.add(one.place.shop, one.place.payment, News::Lost(one.place.receipt));
            }
        }
        Ok(())
    }

    fn read_declined(&mut self, tx: &mut Tx<'_>) -> Result<(), Abort> {
        let batch = self.batch;
        for script in &batch.declined {
            if let Some((shop, Recipient::Payment(payment))) = self.owner(tx, script)? {
                self.add(shop, payment, News::Declined);
            }
            store::sandbox::forget_decline(tx, batch.network, script)?;
        }
        Ok(())
    }

    /// Whose a script is. One that was derived and not yet given out is never given out any more: it belongs to whoever
    /// uses the same key elsewhere.
    fn owner(&self, tx: &mut Tx<'_>, script: &Script) -> Result<Option<(ShopId, Recipient)>, Abort> {
        let kind = self.spec.form.kind_of(script);
        let Some(owner) = store::addresses::owner(tx, kind, script)? else { return Ok(None) };
        if let Some(recipient) = owner.given_to {
            return Ok(Some((owner.shop, recipient)));
        }
        if store::addresses::retire(tx, kind, script, self.now)? {
            let network = self.batch.network.as_str();
            tracing::warn!(
                network,
                ?script,
                "money came to an address that was never given out; it will not be"
            );
            return Ok(None);
        }
        // Somebody gave it out in the meantime, or retired it.
        let owner = store::addresses::owner(tx, kind, script)?;
        Ok(owner.and_then(|owner| Some((owner.shop, owner.given_to?))))
    }

    /// Notes money at one of our scripts; gives the receipt where it was seen before.
    fn arrived(
        &mut self,
        tx: &mut Tx<'_>,
        ids: &mut IdMaker,
        transfer: &Transfer,
        inclusion: Option<Inclusion>,
    ) -> Result<Option<ReceiptId>, Abort> {
        if transfer.amount.is_zero() {
            return Ok(None);
        }
        let Some((shop, recipient)) = self.owner(tx, &transfer.script)? else { return Ok(None) };
        let known = store::receipts::find(tx, self.batch.network, &self.batch.chain, transfer)?;
        let payment = match (recipient, known) {
            (Recipient::Payment(payment), _) => payment,
            // Mined again, the same money is the same payment.
            (Recipient::Client(_), Some(place)) => place.payment,
            (Recipient::Client(client), None) => {
                match self.payment_of_client(tx, ids, (shop, client), transfer)? {
                    Some(payment) => payment,
                    None => return Ok(None),
                }
            }
        };
        self.add(shop, payment, News::Arrived { transfer: transfer.clone(), inclusion });
        Ok(known.map(|place| place.receipt))
    }

    /// The payment of money that came to a client's address, made now unless this batch told of it before.
    fn payment_of_client(
        &mut self,
        tx: &mut Tx<'_>,
        ids: &mut IdMaker,
        owner: (ShopId, ClientAddressId),
        transfer: &Transfer,
    ) -> Result<Option<PaymentId>, Abort> {
        let Transfer { transaction, ordinal, script, asset, amount, .. } = transfer;
        let money = (transaction.clone(), *ordinal, script.clone(), *asset, *amount);
        if let Some(payment) = self.made.get(&money) {
            return Ok(Some(*payment));
        }
        if let Err(refusal) = amount.signed() {
            let network = self.batch.network.as_str();
            tracing::error!(network, transaction, %refusal, "money came to a client that cannot be recorded");
            return Ok(None);
        }
        let (payment, delivers) =
            client_addresses::pay_in(tx, self.engine, owner, self.spec, transfer, (ids, self.now))?;
        self.written.delivers |= delivers;
        self.made.insert(money, payment);
        Ok(Some(payment))
    }

    fn move_cursor(&self, tx: &mut Tx<'_>, before: Option<&Position>) -> Result<Option<Position>, Abort> {
        let newest: Option<(&BlockRef, Option<Timestamp>)> =
            match (self.batch.blocks.last(), &self.batch.rolled_back_to) {
                // A block may state a time that is still to come: nobody knows yet what comes until then.
                (Some(Block { at, time, .. }), _) => Some((at, Some((*time + self.shift).min(self.now)))),
                (None, Some(ancestor)) => Some((ancestor, None)),
                (None, None) => before.map(|position| (&position.block, None)),
            };
        let Some((block, time)) = newest else { return Ok(None) };
        // What was seen stays seen: a chain that was rolled back knows no less of the time before.
        let known = [time, self.batch.known_until, before.map(|position| position.horizon)];
        let Some(horizon) = known.into_iter().flatten().max() else { return Ok(None) };
        let position = Position { block: block.clone(), horizon };
        store::cursors::save(tx, self.batch.network, &self.batch.chain, &position)?;
        Ok(Some(position))
    }

    /// Payments with money that this head has made final, and that have no other news.
    fn find_confirmed(&mut self, tx: &mut Tx<'_>, head: u64) -> Result<(), Abort> {
        for one in store::receipts::unconfirmed(tx, self.batch.network, &self.batch.chain)? {
            let deep = one.height.is_some_and(|height| {
                head.checked_sub(height)
                    .is_some_and(|above| above.saturating_add(1) >= u64::from(one.depth.max(1)))
            });
            if deep {
                self.news.entry((one.place.payment, one.place.shop)).or_default();
            }
        }
        Ok(())
    }

    /// Takes the news of one payment in.
    fn change(
        &mut self,
        tx: &mut Tx<'_>,
        ids: &mut IdMaker,
        shop: ShopId,
        payment: PaymentId,
        news: Vec<News>,
        head: Option<u64>,
    ) -> Result<Written, Abort> {
        let mut open = OpenRecord::open(tx, shop, payment)?;
        for one in news {
            let fact = match one {
                #[cfg(feature = "planted")]
                News::Lost(id) if planted::is_final(open.record(), id) => continue,
                News::Lost(id) => Fact::Lost(id),
                News::Declined if open.record().may_cancel().is_ok() => Fact::Declined,
                News::Declined => continue,
                News::Arrived { transfer, inclusion } => {
                    self.arrival(tx, open.record(), ids, &transfer, inclusion)?
                }
            };
            match open.apply(fact, self.now) {
                Ok(()) => {}
                // Money that the ledger cannot write down must not stop the chain for everybody else.
                Err(refusal) => tracing::error!(
                    network = self.batch.network.as_str(),
                    payment = payment.base62(),
                    %refusal,
                    "money arrived that cannot be recorded; look at this payment's address on the chain"
                ),
            }
        }
        if let Some(head) = head {
            for id in self.newly_final(open.record(), head) {
                open.apply(Fact::Confirmed(id), self.now)?;
            }
        }
        open.write_but_received(tx, self.engine, ids, self.now, &mut self.received)
    }

    fn newly_final(&self, record: &Record, head: u64) -> Vec<ReceiptId> {
        let on_this_chain =
            |one: &&Receipt| one.method.network == self.batch.network && one.chain == self.batch.chain;
        let seen = record.receipts.iter().filter(on_this_chain).filter(|one| one.standing == Standing::Seen);
        seen.filter(|one| one.is_final(head)).map(|one| one.id).collect()
    }

    /// What it means that a transfer is there: money that is known already, or that was never seen before.
    fn arrival(
        &self,
        tx: &mut Tx<'_>,
        record: &Record,
        ids: &mut IdMaker,
        transfer: &Transfer,
        inclusion: Option<Inclusion>,
    ) -> Result<Fact, Abort> {
        let known =
            record.receipt_of(self.batch.network, &self.batch.chain, transfer).map(|receipt| receipt.id);
        Ok(match (known, inclusion) {
            (Some(id), Some(inclusion)) => Fact::Mined(id, inclusion),
            (Some(id), None) => Fact::Waits(id),
            (None, inclusion) => {
                let (receipt, quote) = self.new_receipt(tx, record, ids, transfer, inclusion)?;
                Fact::Sighted(Box::new(receipt), quote.map(Box::new))
            }
        })
    }

    /// A receipt for money that was never seen before, and the quote made for it where none was live.
    fn new_receipt(
        &self,
        tx: &mut Tx<'_>,
        record: &Record,
        ids: &mut IdMaker,
        transfer: &Transfer,
        inclusion: Option<Inclusion>,
    ) -> Result<(Receipt, Option<Quote>), Abort> {
        let method = Method { network: self.batch.network, asset: transfer.asset };
        let moment = inclusion.as_ref().map_or(self.now, |found| found.time.min(self.now));
        let live = record.live_quote(method, &transfer.script, moment).map(|quote| quote.id);
        let depth = record.payment.terms.depth.unwrap_or(self.spec.depth);
        let arrival = Arrival { method, script: &transfer.script, amount: transfer.amount, depth };
        let spot = match live {
            Some(_) => None,
            None => spot_quote(tx, self.engine, record, &arrival, ids, self.now)?,
        };
        let receipt = Receipt {
            id: ids.make(),
            number: None,
            method,
            chain: self.batch.chain.clone(),
            transaction: transfer.transaction.clone(),
            ordinal: transfer.ordinal,
            script: transfer.script.clone(),
            amount: transfer.amount,
            valued_by: live.or(spot.as_ref().map(|quote| quote.id)),
            depth: live
                .and_then(|id| record.quote(id))
                .map_or(depth, |quote| quote.depth)
                .max(transfer.least_depth),
            first_seen: self.now,
            moment,
            standing: Standing::Seen,
            inclusion,
        };
        Ok((receipt, spot))
    }
}

//! What money is worth that no live quote was made for.

use domain::{
    chain::{Method, Script},
    id::{IdMaker, ReceiptId},
    money::Amount,
    payment::{DecisionKind, Fact, Record},
    quote::Quote,
    receipt::Receipt,
    refusal::Failure,
    time::Timestamp,
};
use store::{Abort, Fault, Tx, receipts::Place};

use crate::{
    Engine, rates,
    record::{OpenRecord, Written},
};

/// Receipts that one transaction values.
const PER_TRANSACTION: u32 = 100;

impl Engine {
    /// Values money that had no trusted rate when it came, where there is one now; how much there was.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn value_receipts(&self) -> Result<usize, Failure> {
        let mut after = ReceiptId::from_bytes([0; 16]);
        let mut valued = 0;
        loop {
            let page = self
                .store()
                .read("receipts.unvalued", move |rx| {
                    Ok(store::receipts::unvalued(rx, after, PER_TRANSACTION)?)
                })
                .await?;
            let Some(last) = page.last() else { return Ok(valued) };
            after = last.receipt;
            let mut page = page;
            // Payments are locked in one order everywhere, so that two transactions never wait for each other.
            page.sort_unstable_by_key(|place| place.payment);
            let (engine, moment) = (self.clone(), self.moment());
            let job = move |tx: &mut Tx<'_>| -> Result<(usize, Written), Abort> {
                let now = moment.business(tx)?;
                let mut ids = moment.ids(now);
                let (mut count, mut all) = (0, Written::default());
                for place in &page {
                    if let Some(written) = value(tx, &engine, place, &mut ids, now)? {
                        count += 1;
                        all.join(written);
                    }
                }
                Ok((count, all))
            };
            let (count, written) = self.store().transact("receipts.value", job).await?;
            valued += count;
            self.wake(written);
        }
    }
}

/// Money as it arrived.
pub(super) struct Arrival<'a> {
    pub(super) method: Method,
    pub(super) script: &'a Script,
    pub(super) amount: Amount,
    pub(super) depth: u32,
}

/// A quote for money that came without a live one: what it is worth now. `None` where nobody can say.
pub(super) fn spot_quote(
    tx: &mut Tx<'_>,
    engine: &Engine,
    record: &Record,
    arrival: &Arrival<'_>,
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<Option<Quote>, Abort> {
    let currency = record.payment.price.currency;
    let Some(asset) =
        engine.network(arrival.method.network)?.asset(arrival.method.asset).map(|known| known.asset)
    else {
        return Ok(None);
    };
    let provenance = match rates::promised(tx, engine, record, &asset, now) {
        Ok(provenance) => provenance,
        Err(Abort::Refused(_)) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let Ok(covers) = provenance.rate.worth(arrival.amount, &asset, &currency) else { return Ok(None) };
    Ok(Some(Quote {
        id: ids.make(),
        method: arrival.method,
        script: arrival.script.clone(),
        covers,
        asks: arrival.amount,
        depth: arrival.depth,
        created_at: now,
        valid_until: None,
        provenance,
    }))
}

/// Values one receipt; nothing where there is still no rate.
fn value(
    tx: &mut Tx<'_>,
    engine: &Engine,
    place: &Place,
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<Option<Written>, Abort> {
    let mut open = OpenRecord::open(tx, place.shop, place.payment)?;
    let receipt =
        open.record().receipt(place.receipt).cloned().ok_or(Fault::broken("a receipt is missing"))?;
    if receipt.valued_by.is_some() || engine.network(receipt.method.network).is_err() {
        return Ok(None);
    }
    let Receipt { method, script, amount, depth, .. } = &receipt;
    let arrival = Arrival { method: *method, script, amount: *amount, depth: *depth };
    let Some(quote) = spot_quote(tx, engine, open.record(), &arrival, ids, now)? else { return Ok(None) };
    open.apply(Fact::Valued(receipt.id, Box::new(quote)), now)?;
    let written = open.write(tx, engine, ids, now)?;
    let kind = DecisionKind::Unvalued;
    store::decisions::resolve(tx, place.shop, place.payment, place.receipt, kind, now)?;
    Ok(Some(written))
}

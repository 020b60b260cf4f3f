//! Numbers of a shop's own, for dialects whose ids are small numbers.
//!
//! There is one sequence for everything of a shop, so no number names two things. Blocks of it are reserved ahead, in
//! transactions of their own, and given out from memory: who makes a payment waits for nobody else's commit. A process
//! that ends takes the rest of its blocks with it, and so does a job that gives up. So numbers may be left out, and
//! none is given twice: that is the key of their table.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::{Mutex, PoisonError},
};

use domain::{
    chain::Script,
    dialect::DialectName,
    id::{Id, PaymentId, ReceiptId, ShopId},
    refusal::Failure,
};
use store::{Abort, Fault, Rx, Tx, addresses::Recipient, numbers::Kind};

use crate::{Engine, shops};

/// The largest number there is: callers read them as 32 bits with a sign.
pub const MAX_NUMBER: u32 = 0x7fff_ffff;

/// Numbers that are reserved at once.
const BLOCK: u32 = 100;

/// Numbers below which more are reserved.
const LOW: u32 = 20;

/// Shops that have numbers in memory. Those of others are taken one by one.
const MAX_STOCKS: usize = 10_000;

/// Shops that are read at once.
const SHOPS_AT_ONCE: u32 = 250;

/// What a number names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Numbered {
    /// A payment.
    Payment(PaymentId),
    /// Money that came for a payment.
    Receipt(PaymentId, ReceiptId),
    /// An address that was given out.
    Address(Script),
}

/// What is to have a number.
#[derive(Clone, Copy)]
pub(crate) enum Subject<'a> {
    Payment(PaymentId),
    Receipt(ReceiptId),
    Address(&'a Script),
}

/// Numbers that were reserved, and shops that had none left when one was asked for.
#[derive(Default)]
pub(crate) struct Stocks(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    ready: BTreeMap<ShopId, Range<u32>>,
    wanted: BTreeSet<ShopId>,
}

impl Stocks {
    fn with<T>(&self, act: impl FnOnce(&mut Shelf) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The next number of a shop; `None` where it has to be taken from the database.
    fn take(&self, shop: ShopId) -> Option<u32> {
        self.with(|shelf| {
            let next = shelf.ready.get_mut(&shop).and_then(Iterator::next);
            if next.is_none() {
                shelf.wanted.insert(shop);
            }
            next
        })
    }

    /// Puts a block in the place of what little is left; of two blocks, the fuller one stays.
    fn put(&self, shop: ShopId, block: Range<u32>) {
        self.with(|shelf| {
            let has_room = shelf.ready.len() < MAX_STOCKS || shelf.ready.contains_key(&shop);
            if has_room && shelf.ready.get(&shop).is_none_or(|rest| rest.len() < block.len()) {
                shelf.ready.insert(shop, block);
            }
        });
    }

    /// Whether a block of a shop could be kept. One that could not would be reserved for nobody.
    fn has_room(&self, shop: ShopId) -> bool {
        self.with(|shelf| shelf.ready.len() < MAX_STOCKS || shelf.ready.contains_key(&shop))
    }

    fn is_low(&self, shop: ShopId) -> bool {
        self.with(|shelf| shelf.ready.get(&shop).is_none_or(|rest| rest.len() < LOW as usize))
    }
}

impl Engine {
    /// What a number of this shop and dialect names; `None` for one that names nothing, or something of another
    /// dialect.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn numbered(
        &self,
        shop: ShopId,
        dialect: DialectName,
        number: u32,
    ) -> Result<Option<Numbered>, Failure> {
        let engine = self.clone();
        let job = move |rx: &mut Rx<'_>| find(rx, &engine, shop, dialect, number);
        self.store().read("numbers.get", job).await
    }

    /// Sees to it that a shop has numbers ready.
    pub(crate) async fn stock_numbers(&self, shop: ShopId) -> Result<(), Failure> {
        if !self.0.numbers.is_low(shop) || !self.0.numbers.has_room(shop) {
            return Ok(());
        }
        let job = move |tx: &mut Tx<'_>| -> Result<Range<u32>, Abort> {
            shops::find(tx, shop)?;
            reserve(tx, shop, BLOCK)
        };
        let block = self.store().transact("numbers.reserve", job).await?;
        self.0.numbers.put(shop, block);
        Ok(())
    }

    /// Sees to it that shops whose numbers ran out have some for the next time. Where that fails, they are taken one by
    /// one again.
    pub(crate) async fn restock_numbers(&self) {
        for shop in self.0.numbers.with(|shelf| std::mem::take(&mut shelf.wanted)) {
            if let Err(failure) = self.stock_numbers(shop).await {
                tracing::debug!(%failure, "no numbers were reserved ahead");
            }
        }
    }
}

/// Gives something its number.
pub(crate) fn give(
    tx: &mut Tx<'_>,
    engine: &Engine,
    shop: ShopId,
    subject: Subject<'_>,
) -> Result<u32, Abort> {
    let number = match engine.0.numbers.take(shop) {
        Some(number) => number,
        None => reserve(tx, shop, 1)?.start,
    };
    match subject {
        Subject::Payment(id) => store::numbers::insert(tx, shop, number, Kind::Payment, id.bytes())?,
        Subject::Receipt(id) => store::numbers::insert(tx, shop, number, Kind::Receipt, id.bytes())?,
        Subject::Address(script) => {
            store::numbers::insert(tx, shop, number, Kind::Address, script.bytes())?;
        }
    }
    Ok(number)
}

fn reserve(tx: &mut Tx<'_>, shop: ShopId, count: u32) -> Result<Range<u32>, Abort> {
    let end = store::numbers::reserve(tx, shop, count)?;
    let end = u32::try_from(end).ok().filter(|end| *end <= MAX_NUMBER);
    let end = end.ok_or(Fault::broken("a shop has used up its numbers"))?;
    Ok(end.saturating_sub(count)..end)
}

fn find(
    rx: &mut Rx<'_>,
    engine: &Engine,
    shop: ShopId,
    dialect: DialectName,
    number: u32,
) -> Result<Option<Numbered>, Abort> {
    let Some((kind, subject)) = store::numbers::get(rx, shop, number)? else { return Ok(None) };
    let (found, payment) = match kind {
        Kind::Payment => {
            let id = id(&subject)?;
            (Numbered::Payment(id), Some(id))
        }
        Kind::Receipt => {
            let receipt = id(&subject)?;
            let payment = store::receipts::payment_of(rx, shop, receipt)?;
            let payment = payment.ok_or(Fault::broken("a number names money that is not there"))?;
            (Numbered::Receipt(payment, receipt), Some(payment))
        }
        Kind::Address => {
            let script = Script::new(&subject).ok_or(Fault::broken("a number names no script"))?;
            let payment = match owner(rx, engine, &script)? {
                Some(Recipient::Payment(payment)) => Some(payment),
                Some(Recipient::Client(client)) => {
                    let row = store::client_addresses::get(rx, shop, client)?;
                    let is_ours = row.is_some_and(|row| row.dialect == dialect);
                    return Ok(is_ours.then_some(Numbered::Address(script)));
                }
                None => None,
            };
            (Numbered::Address(script), payment)
        }
    };
    let Some(payment) = payment else { return Ok(None) };
    let payment = store::payments::get(rx, shop, payment)?;
    Ok(payment.filter(|payment| payment.dialect == dialect).map(|_| found))
}

/// The payment that a number names in whatever shop; nothing where it names several, or none. Shops are few, and each
/// is asked by its key.
pub(crate) fn only_payment(rx: &mut Rx<'_>, number: u32) -> Result<Option<PaymentId>, Abort> {
    let mut found = None;
    let mut after = ShopId::from_bytes([0; 16]);
    loop {
        let shops = store::shops::list(rx, after, SHOPS_AT_ONCE)?;
        let Some(last) = shops.last() else { return Ok(found) };
        after = last.id;
        for shop in shops {
            let Some((Kind::Payment, subject)) = store::numbers::get(rx, shop.id, number)? else { continue };
            if found.replace(id(&subject)?).is_some() {
                return Ok(None);
            }
        }
    }
}

fn id<K>(bytes: &[u8]) -> Result<Id<K>, Fault> {
    bytes.try_into().map(Id::from_bytes).map_err(|_| Fault::broken("a number names no id"))
}

/// Whom a script was given to.
fn owner(rx: &mut Rx<'_>, engine: &Engine, script: &Script) -> Result<Option<Recipient>, Fault> {
    let kinds: BTreeSet<_> = engine.networks().iter().map(|spec| spec.form.kind_of(script)).collect();
    for kind in kinds {
        if let Some(owner) = store::addresses::owner(rx, kind, script)? {
            return Ok(owner.given_to);
        }
    }
    Ok(None)
}

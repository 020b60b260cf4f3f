//! Reading payments.

use domain::{
    buyer::Sender,
    chain::{Network, NetworkAsset},
    dialect::DialectName,
    event::Event,
    id::{PaymentId, ShopId},
    money::AssetCode,
    payment::{DecisionNote, Payment, Record, Status},
    receipt::{Inclusion, Receipt},
    refusal::{Failure, Refusal},
    time::{Span, Timestamp},
};
use store::{Abort, Rx};

use crate::{Engine, checkout, networks, numbers, record};

/// The most payments in one page.
pub const MAX_LIST: usize = 100;

/// Rows that one page looks at: a filter that matches little gives short pages, never a long wait.
const MAX_SCAN: usize = 5_000;

/// Rows that one statement reads.
const CHUNK: u32 = 250;

/// Pieces of one transaction that are looked at.
const MAX_PIECES: u32 = 100;

/// Events of a payment that are shown.
const MAX_TRAIL: usize = 200;

/// Which payments to list.
#[derive(Clone, Debug)]
pub struct ListPayments {
    /// The shop; `None` for all of them, which only the operator may ask.
    pub shop: Option<ShopId>,
    /// The dialect that made them; `None` for all.
    pub dialect: Option<DialectName>,
    /// What else they have to be.
    pub filter: Filter,
    /// Where the page begins: after this payment, towards older ones.
    pub after: Option<PaymentId>,
    /// How many at most; no more than [`MAX_LIST`].
    pub limit: usize,
}

/// What listed payments have to be. An empty part takes everything.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One of these statuses.
    pub statuses: Option<Vec<Status>>,
    /// This reference.
    pub reference: Option<String>,
    /// This price currency.
    pub currency: Option<AssetCode>,
    /// This e-mail address.
    pub customer_email: Option<String>,
    /// Made at this time or later.
    pub created_from: Option<Timestamp>,
    /// Made before this time.
    pub created_to: Option<Timestamp>,
}

impl Filter {
    fn takes(&self, payment: &Payment) -> bool {
        let is = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
        self.statuses.as_ref().is_none_or(|statuses| statuses.contains(&payment.state.status))
            && is(&self.reference, &payment.order.reference)
            && is(&self.customer_email, &payment.order.customer_email)
            && self.currency.is_none_or(|code| code == payment.price.currency.code)
            && self.created_from.is_none_or(|from| payment.created_at >= from)
            && self.created_to.is_none_or(|to| payment.created_at < to)
    }
}

/// One page of a list, newest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The payments. A page may be short, or empty, and still have a next one.
    pub payments: Vec<Payment>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<PaymentId>,
}

/// A payment and everything that happened to it.
#[derive(Clone, Debug)]
pub struct PaymentView {
    /// The payment, its quotes and its receipts.
    pub record: Record,
    /// The receipts, with what people want to know of them.
    pub receipts: Vec<ReceiptView>,
    /// Its newest events, newest first.
    pub events: Vec<Event>,
    /// What there is, or was, to decide.
    pub decisions: Vec<DecisionNote>,
    /// Who pays, where that was asked and said.
    pub sender: Option<Sender>,
}

/// A receipt, and how deep it is.
#[derive(Clone, Debug)]
pub struct ReceiptView {
    /// The receipt.
    pub receipt: Receipt,
    /// What it is counted in; `None` for a network that is no longer served.
    pub asset: Option<NetworkAsset>,
    /// Blocks that confirm it.
    pub confirmations: u64,
    /// Where it arrived, as its network writes it.
    pub address: Option<String>,
    /// Every block that ever held it, and when that block left the chain.
    pub inclusions: Vec<(Inclusion, Option<Timestamp>)>,
}

impl Engine {
    /// The payment of this shop and dialect with this id.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`] for another shop's or dialect's too: nobody learns that it exists.
    pub async fn payment(
        &self,
        shop: ShopId,
        dialect: DialectName,
        id: PaymentId,
    ) -> Result<Payment, Failure> {
        let job = move |rx: &mut Rx<'_>| -> Result<Payment, Abort> {
            let found = store::payments::get(rx, shop, id)?.filter(|payment| payment.dialect == dialect);
            Ok(found.ok_or(Refusal::PaymentNotFound)?)
        };
        self.store().read("payments.get", job).await
    }

    /// The payment that a public token names, and its shop's name.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`].
    pub async fn payment_by_token(&self, token: &str) -> Result<(Payment, String), Failure> {
        let id = self.payment_of_token(token).ok_or(Refusal::PaymentNotFound)?;
        let job = move |rx: &mut Rx<'_>| -> Result<(Payment, String), Abort> {
            let payment = store::payments::find(rx, id)?.ok_or(Refusal::PaymentNotFound)?;
            let shop = crate::shops::find(rx, payment.shop)?;
            Ok((payment, shop.name.as_str().to_owned()))
        };
        self.store().read("payments.by_token", job).await
    }

    /// The payment that a reference names alone: one that was made with
    /// [`unique_reference`](super::CreatePayment::unique_reference).
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`].
    pub async fn payment_by_reference(
        &self,
        shop: ShopId,
        dialect: DialectName,
        reference: &str,
    ) -> Result<Payment, Failure> {
        let reference = reference.to_owned();
        let job = move |rx: &mut Rx<'_>| -> Result<Payment, Abort> {
            let id = store::references::get(rx, shop, dialect, &reference)?;
            let id = id.ok_or(Refusal::PaymentNotFound)?;
            Ok(store::payments::get(rx, shop, id)?.ok_or(Refusal::PaymentNotFound)?)
        };
        self.store().read("payments.by_reference", job).await
    }

    /// The newest payment of this shop and dialect that money of a transaction came for. `transaction` is its hash, as
    /// its chain writes it.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`].
    pub async fn payment_by_transaction(
        &self,
        shop: ShopId,
        dialect: DialectName,
        transaction: &str,
    ) -> Result<Payment, Failure> {
        let transaction = transaction.to_owned();
        let job = move |rx: &mut Rx<'_>| -> Result<Payment, Abort> {
            for id in store::receipts::of_transaction(rx, shop, &transaction, MAX_PIECES)? {
                let found = store::payments::get(rx, shop, id)?;
                if let Some(payment) = found.filter(|payment| payment.dialect == dialect) {
                    return Ok(payment);
                }
            }
            Err(Refusal::PaymentNotFound.into())
        };
        self.store().read("payments.by_transaction", job).await
    }

    /// Lists payments, newest first.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] for a longer page than [`MAX_LIST`].
    pub async fn list_payments(&self, query: ListPayments) -> Result<Page, Failure> {
        if query.limit > MAX_LIST {
            return Err(Refusal::TooMany.into());
        }
        self.store().read("payments.list", move |rx| list(rx, &query)).await
    }

    /// The payment that an operator names: by a dialect's id, a UUID, a checkout token, or an address. A number names
    /// one where it does so in one shop alone.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`].
    pub async fn find_payment(&self, name: &str) -> Result<Payment, Failure> {
        let (engine, name) = (self.clone(), name.to_owned());
        let job = move |rx: &mut Rx<'_>| -> Result<Payment, Abort> {
            let id = match (name.parse::<u32>(), engine.id_of_name(&name)) {
                (Ok(number), _) => numbers::only_payment(rx, number)?,
                (Err(_), Some(id)) => Some(id),
                (Err(_), None) => owner_of_address(rx, &engine, &name)?,
            };
            let id = id.ok_or(Refusal::PaymentNotFound)?;
            Ok(store::payments::find(rx, id)?.ok_or(Refusal::PaymentNotFound)?)
        };
        self.store().read("payments.find", job).await
    }

    /// A payment with everything that happened to it.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`].
    pub async fn payment_view(&self, shop: ShopId, id: PaymentId) -> Result<PaymentView, Failure> {
        let engine = self.clone();
        let job = move |rx: &mut Rx<'_>| -> Result<PaymentView, Abort> {
            let payment = store::payments::get(rx, shop, id)?.ok_or(Refusal::PaymentNotFound)?;
            let record = record::read(rx, payment)?;
            let receipts = receipt_views(rx, &engine, &record)?;
            let events = store::events::trail(rx, shop, record.payment.events.last, MAX_TRAIL)?;
            let decisions = store::decisions::of_payment(rx, shop, id)?;
            let sender = checkout::sender(rx, &engine, &record)?;
            Ok(PaymentView { record, receipts, events, decisions, sender })
        };
        self.store().read("payments.view", job).await
    }

    /// The id in a text such as `pay_…`, `chk_…`, or a UUID.
    fn id_of_name(&self, name: &str) -> Option<PaymentId> {
        let bare = name.rsplit_once('_').map_or(name, |(_, bare)| bare);
        let uuid = || parse_uuid(name).map(PaymentId::from_bytes);
        PaymentId::from_base62(bare).or_else(|| self.payment_of_token(bare)).or_else(uuid)
    }
}

fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0_u8; 16];
    let digits: String = text.split('-').collect();
    (text.len() == 36 && digits.len() == 32).then_some(())?;
    const_hex::decode_to_slice(digits, &mut bytes).ok()?;
    Some(bytes)
}

fn owner_of_address(rx: &mut Rx<'_>, engine: &Engine, name: &str) -> Result<Option<PaymentId>, Abort> {
    for form in engine.networks().iter().map(|spec| spec.form) {
        if let Some(script) = addresses::address::parse(form, name) {
            let owner = store::addresses::owner(rx, form.kind_of(&script), &script)?;
            return Ok(owner.and_then(|owner| owner.given_to?.payment()));
        }
    }
    Ok(None)
}

fn list(rx: &mut Rx<'_>, query: &ListPayments) -> Result<Page, Abort> {
    let filter = &query.filter;
    let newest = PaymentId::from_bytes([0xff; 16]);
    // Ids know whole milliseconds: the one that the end lies in is looked at, and the filter takes it apart.
    let before_end = filter.created_to.map_or(newest, |end| PaymentId::floor(end + Span::from_micros(999)));
    let from = filter.created_from.map_or(PaymentId::from_bytes([0; 16]), PaymentId::floor);
    let mut before = query.after.map_or(before_end, |after| after.min(before_end));
    let mut page = Page::default();
    let mut looked_at = 0;
    // Where everything matches, one row more than the page says whether there is a next one. Only a filter that takes
    // little makes it worth reading ahead.
    let mut wanted = u32::try_from(query.limit).unwrap_or(CHUNK).saturating_add(1).min(CHUNK);
    loop {
        let chunk = match query.shop {
            Some(shop) => store::payments::list(rx, shop, before, from, wanted)?,
            None => store::payments::list_all(rx, before, wanted)?,
        };
        let exhausted = chunk.len() < wanted as usize;
        wanted = CHUNK;
        for payment in chunk {
            if page.payments.len() == query.limit || looked_at == MAX_SCAN {
                page.next = Some(before);
                return Ok(page);
            }
            looked_at += 1;
            before = payment.id;
            if query.dialect.is_none_or(|dialect| dialect == payment.dialect) && filter.takes(&payment) {
                page.payments.push(payment);
            }
        }
        if exhausted {
            return Ok(page);
        }
    }
}

/// The receipts of a record, with their confirmations as the cursors stand.
pub(crate) fn receipt_views(
    rx: &mut Rx<'_>,
    engine: &Engine,
    record: &Record,
) -> Result<Vec<ReceiptView>, Abort> {
    let mut views = Vec::with_capacity(record.receipts.len());
    for receipt in &record.receipts {
        let network: Network = receipt.method.network;
        let spec = engine.network(network).ok();
        let head = networks::followed_height(rx, network, &receipt.chain)?;
        views.push(ReceiptView {
            receipt: receipt.clone(),
            asset: spec.and_then(|spec| spec.asset(receipt.method.asset)).cloned(),
            confirmations: head.map_or(0, |height| receipt.confirmations(height)),
            address: spec.and_then(|spec| addresses::address::encode(spec.form, &receipt.script)),
            inclusions: store::inclusions::of_receipt(rx, record.payment.shop, receipt.id)?,
        });
    }
    Ok(views)
}

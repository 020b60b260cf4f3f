//! Choosing a method: an address, an amount, and how long they hold.

use domain::{
    chain::{AddressForm, Method, NetworkAsset, NetworkSpec, Script},
    id::{IdMaker, PaymentId, ShopId},
    payment::{Fact, Payment, Record},
    quote::{NewQuote, Quote},
    refusal::{Failure, Refusal},
    time::{Span, Timestamp},
};
use store::{Abort, Fault, Tx, addresses::Recipient};

use super::answer::require_answers;
use crate::{
    Engine, networks, rates,
    record::{OpenRecord, Written},
    wallets::{self, NoAddress},
};

/// A buyer's choice.
#[derive(Clone, Debug)]
pub struct ChooseMethod {
    /// The payment's shop.
    pub shop: ShopId,
    /// The payment.
    pub payment: PaymentId,
    /// The method.
    pub method: Method,
    /// The version of the payment that the page showed; `None` where no page asks.
    pub version: Option<u32>,
}

/// What choosing led to, inside a transaction.
pub(crate) enum Chosen {
    /// The method asks for money now.
    Yes(Written),
    /// The wallet has no address ready; more are being made, and nothing was changed.
    NoAddressReady,
}

/// How often a payment may ask for money. Whoever has its link may choose for as long as it is open, and each choice is
/// a row that is read whenever the payment is: without a limit one link would fill the database and hold up the writer.
/// No person chooses so often. Money that comes unasked is valued by quotes of its own, which do not count.
pub const MAX_CHOICES: usize = 200;

/// When more addresses are likely to be ready.
pub(crate) const NEXT_ADDRESSES: Span = Span::seconds(1);

impl Engine {
    /// Lets a method ask for what is still due. The same method with the same remainder keeps the quote that it has
    /// while that holds, and the same network keeps its address for ever.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`]; [`Refusal::VersionStale`]; [`Refusal::PaymentClosed`], [`Refusal::NothingDue`];
    /// [`Refusal::AnswerMissing`]; [`Refusal::MethodUnknown`], [`Refusal::MethodUnavailable`],
    /// [`Refusal::RateUnavailable`]; [`Refusal::TooMany`] for more than [`MAX_CHOICES`] of one payment;
    /// [`Failure::Unavailable`] while the wallet's next addresses are being made.
    pub async fn choose_method(&self, command: ChooseMethod) -> Result<(), Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        #[cfg(feature = "planted")]
        let early = self.read_too_early(command.shop, command.payment).await;
        let job = move |tx: &mut Tx<'_>| -> Result<Chosen, Abort> {
            let now = moment.business(tx)?;
            let mut ids = moment.ids(now);
            let mut open = OpenRecord::open(tx, command.shop, command.payment)?;
            #[cfg(feature = "planted")]
            open.forget_lock(early.as_ref());
            if command.version.is_some_and(|shown| shown != open.record().payment.version) {
                return Err(Refusal::VersionStale.into());
            }
            require_answers(tx, open.record())?;
            if !choose(tx, &engine, &mut open, command.method, &mut ids, now)? {
                return Ok(Chosen::NoAddressReady);
            }
            Ok(Chosen::Yes(open.write(tx, &engine, &mut ids, now)?))
        };
        match self.store().transact("checkout.choose_method", job).await? {
            Chosen::Yes(written) => {
                self.hints().derive.notify_one();
                if written.delivers {
                    self.hints().deliver.notify_one();
                }
                self.restock_numbers().await;
                Ok(())
            }
            Chosen::NoAddressReady => {
                self.hints().derive.notify_one();
                Err(Failure::Unavailable { retry_after: NEXT_ADDRESSES })
            }
        }
    }
}

/// Lets a method ask for what is due; whether there was an address for it.
pub(crate) fn choose(
    tx: &mut Tx<'_>,
    engine: &Engine,
    open: &mut OpenRecord,
    method: Method,
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<bool, Abort> {
    match ask(tx, engine, open.record(), method, ids, now)? {
        Ask::Again => Ok(true),
        Ask::Anew(quote) => {
            open.apply(Fact::Quoted(quote), now)?;
            Ok(true)
        }
        Ask::NoAddressReady => Ok(false),
    }
}

/// How a method asks for what is due.
pub(crate) enum Ask {
    /// As it did before.
    Again,
    /// By a new quote.
    Anew(Box<Quote>),
    /// Not at all: the wallet has no address ready, and more are being made.
    NoAddressReady,
}

/// What a method asks for of a payment: a quote, and an address where the payment has none there yet.
pub(crate) fn ask(
    tx: &mut Tx<'_>,
    engine: &Engine,
    record: &Record,
    method: Method,
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<Ask, Abort> {
    let spec = engine.network(method.network).map_err(|_| Refusal::MethodUnknown)?;
    let asset = spec.asset(method.asset).ok_or(Refusal::MethodUnknown)?;
    if !takes(engine, &record.payment, method) {
        return Err(Refusal::MethodUnknown.into());
    }
    let covers = record.open_price(now)?;
    if keeps_its_quote(tx, record, spec, asset, now)? {
        return Ok(Ask::Again);
    }
    let choices = record.quotes.iter().filter(|quote| quote.valid_until.is_some()).count();
    if choices >= MAX_CHOICES {
        return Err(Refusal::TooMany.into());
    }
    networks::health(tx, engine, method.network)?.map_err(|_| Refusal::MethodUnavailable)?;
    if let Some(promised) = promise(tx, record, spec, asset, now)? {
        return Ok(Ask::Anew(Box::new(Quote { id: ids.make(), created_at: now, ..promised })));
    }
    let provenance = rates::promised(tx, engine, record, &asset.asset, now)?;
    let Some(script) = script_for(tx, engine, record, spec, ids, now)? else {
        return Ok(Ask::NoAddressReady);
    };
    let quote = NewQuote {
        id: ids.make(),
        script,
        covers,
        depth: record.payment.terms.depth.unwrap_or(spec.depth),
        now,
        valid_until: record.quote_limit(now),
        provenance,
    };
    Ok(Ask::Anew(Box::new(quote.make(method, &asset.asset)?)))
}

/// Whether a payment's dialect lets its buyer choose a method. One that is spoken no longer forbids none.
pub(crate) fn takes(engine: &Engine, payment: &Payment, method: Method) -> bool {
    engine.dialect(payment.dialect).map_or(true, |dialect| dialect.takes(payment, method, engine.networks()))
}

/// Whether the quote that the buyer was shown last is for this method, still holds, and asks for what is still due.
fn keeps_its_quote(
    tx: &mut Tx<'_>,
    record: &Record,
    spec: &NetworkSpec,
    asset: &NetworkAsset,
    now: Timestamp,
) -> Result<bool, Abort> {
    let method = Method { network: spec.network, asset: asset.asset.code };
    let Some(quote) = record.shown_quote() else { return Ok(false) };
    if quote.method != method || !quote.is_live(now) || !wallets::may_ask_at(tx, spec, &quote.script)? {
        return Ok(false);
    }
    Ok(!quote.due(record.received_by(quote), record.payment.remaining(), &asset.asset)?.is_zero())
}

/// The newest quote of a method that still holds and covers what is open now. A buyer who looked at another method and
/// came back gets the same promise: money may be on its way by the first one, and must be worth no less by the second.
fn promise(
    tx: &mut Tx<'_>,
    record: &Record,
    spec: &NetworkSpec,
    asset: &NetworkAsset,
    now: Timestamp,
) -> Result<Option<Quote>, Abort> {
    let method = Method { network: spec.network, asset: asset.asset.code };
    let open = record.open_price(now)?.amount;
    let holds = |quote: &&Quote| quote.method == method && quote.is_live(now) && quote.covers == open;
    let Some(quote) = record.quotes.iter().rfind(holds) else { return Ok(None) };
    Ok(wallets::may_ask_at(tx, spec, &quote.script)?.then(|| quote.clone()))
}

/// Where the payment's money goes on a network: to the script that it has there, or to a new one.
fn script_for(
    tx: &mut Tx<'_>,
    engine: &Engine,
    record: &Record,
    spec: &NetworkSpec,
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<Option<Script>, Abort> {
    let payment = &record.payment;
    if let Some(known) = record.quotes.iter().rfind(|quote| quote.method.network == spec.network)
        && wallets::may_ask_at(tx, spec, &known.script)?
    {
        return Ok(Some(known.script.clone()));
    }
    if spec.form == AddressForm::Session {
        let name = ids.make::<domain::id::kind::Transfer>();
        let script = Script::new(name.bytes()).ok_or(Fault::broken("a session's name is too long"))?;
        store::addresses::insert_session(tx, payment.shop, payment.id, &script, now)?;
        wallets::number_address(tx, engine, payment.shop, payment.dialect, spec, &script)?;
        return Ok(Some(script));
    }
    match wallets::take_address(tx, payment.shop, Recipient::Payment(payment.id), spec, now)? {
        Ok(script) => {
            wallets::number_address(tx, engine, payment.shop, payment.dialect, spec, &script)?;
            Ok(Some(script))
        }
        Err(NoAddress::PoolEmpty) => Ok(None),
        Err(NoAddress::NoWallet) => Err(Refusal::MethodUnavailable.into()),
    }
}

//! Money that arrives when the operator of a sandbox says so.

use domain::{
    chain::{AddressForm, BlockRef, Method, NetworkSpec, Script, Transfer},
    id::{IdMaker, PaymentId, ShopId},
    money::Amount,
    payment::{Payment, Status},
    quote::Quote,
    refusal::{Failure, Refusal},
    time::{Span, Timestamp},
};
use store::{Abort, Tx};

use super::blocks;
use crate::{Engine, checkout, hints::Hint, record::OpenRecord, wallets};

/// Money to simulate.
#[derive(Clone, Debug)]
pub struct SimulatePay {
    /// For whom.
    pub target: Target,
    /// By which method; `None`: the one that was chosen, else the first that the shop offers, chosen as a buyer would.
    pub method: Option<Method>,
    /// How much, in decimal text of the asset; `None`: what is due.
    pub amount: Option<String>,
    /// How deep at once: 0 leaves it waiting to be mined; `None`: deep enough to be final.
    pub confirmations: Option<u32>,
}

/// For whom money is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The shop.
    pub shop: ShopId,
    /// The payment.
    pub payment: PaymentId,
}

/// What was simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// By which method.
    pub method: Method,
    /// Minor units of the asset.
    pub amount: Amount,
    /// Decimal places of the asset.
    pub decimals: u8,
    /// The transaction's hash.
    pub transaction: String,
    /// Where it went, as the network writes it.
    pub address: String,
    /// The chain's newest block after it; `None` where it waits to be mined.
    pub head: Option<BlockRef>,
}

/// What became of a simulation inside its transaction.
enum Simulated {
    Yes(Paid, bool),
    NoAddressReady,
}

impl Engine {
    /// Lets money arrive for a payment on a simulated network.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`]; [`Refusal::NotSimulated`] on a real network; [`Refusal::MethodUnknown`],
    /// [`Refusal::MethodUnavailable`], [`Refusal::RateUnavailable`]; [`Refusal::NothingDue`] where nothing is due and
    /// no amount is given; [`Refusal::PaymentClosed`] where a closed payment never asked for money;
    /// [`Refusal::AmountMalformed`], [`Refusal::AmountZero`], [`Refusal::BlocksOutOfRange`].
    pub async fn simulate_pay(&self, command: SimulatePay) -> Result<Paid, Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        let job = move |tx: &mut Tx<'_>| -> Result<Simulated, Abort> {
            let now = moment.business(tx)?;
            pay(tx, &engine, &command, &mut moment.ids(now), now)
        };
        match self.store().transact("sandbox.pay", job).await? {
            Simulated::Yes(paid, delivers) => {
                self.hint(Hint::Watch(paid.method.network));
                self.hints().derive.notify_one();
                if delivers {
                    self.hints().deliver.notify_one();
                }
                Ok(paid)
            }
            Simulated::NoAddressReady => {
                self.hints().derive.notify_one();
                Err(Failure::Unavailable { retry_after: Span::seconds(1) })
            }
        }
    }
}

fn pay(
    tx: &mut Tx<'_>,
    engine: &Engine,
    command: &SimulatePay,
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<Simulated, Abort> {
    let mut open = OpenRecord::open(tx, command.target.shop, command.target.payment)?;
    let method = match command.method.or_else(|| open.record().shown_quote().map(|quote| quote.method)) {
        Some(method) => method,
        None => first_method(tx, engine, &open.record().payment)?,
    };
    let spec = engine.network(method.network)?;
    if !spec.simulated {
        return Err(Refusal::NotSimulated.into());
    }
    let asset = spec.asset(method.asset).ok_or(Refusal::MethodUnknown)?.asset;
    if open.record().payment.state.status == Status::Waiting && open.record().open_price(now).is_ok() {
        // As a buyer would: the method asks for what is due now.
        if !checkout::choose(tx, engine, &mut open, method, ids, now)? {
            return Ok(Simulated::NoAddressReady);
        }
    }
    let quote = last_quote(&open, method)?.clone();
    let due = open.record().due_by_shown_quote(&asset)?;
    let amount = match &command.amount {
        Some(text) => Amount::parse(text, asset.decimals)?,
        None if due.is_zero() => return Err(Refusal::NothingDue.into()),
        None => due,
    };
    if amount.is_zero() {
        return Err(Refusal::AmountZero.into());
    }
    let written = open.write(tx, engine, ids, now)?;
    let transaction = send(tx, ids, method, &quote.script, amount)?;
    let head = match command.confirmations.unwrap_or(quote.depth.max(1)) {
        0 => None,
        count if count > blocks::MAX_BLOCKS => return Err(Refusal::BlocksOutOfRange.into()),
        count => Some(blocks::mine(tx, method.network, count, ids, now)?),
    };
    let address = addresses::address::encode(spec.form, &quote.script).ok_or(Refusal::MethodUnknown)?;
    let paid = Paid { method, amount, decimals: asset.decimals, transaction, address, head };
    Ok(Simulated::Yes(paid, written.delivers))
}

/// The newest quote of the method's network: its script is where a buyer would still send money.
fn last_quote(open: &OpenRecord, method: Method) -> Result<&Quote, Refusal> {
    let on_network = |quote: &&Quote| quote.method.network == method.network && quote.valid_until.is_some();
    open.record().quotes.iter().rev().find(on_network).ok_or(Refusal::PaymentClosed)
}

pub(super) fn send(
    tx: &mut Tx<'_>,
    ids: &mut IdMaker,
    method: Method,
    script: &Script,
    amount: Amount,
) -> Result<String, Abort> {
    let transaction = blocks::hash(ids);
    let transfer = Transfer {
        transaction: transaction.clone(),
        ordinal: 0,
        script: script.clone(),
        asset: method.asset,
        amount,
        least_depth: 1,
    };
    store::sandbox::add_transfer(tx, ids.make(), method.network, &transfer)?;
    Ok(transaction)
}

/// The first simulated method by which a shop can receive.
fn first_method(tx: &mut Tx<'_>, engine: &Engine, payment: &Payment) -> Result<Method, Abort> {
    for spec in engine.networks().iter().filter(|spec| spec.simulated) {
        if spec.form != AddressForm::Session && !has_wallet(tx, payment.shop, spec)? {
            continue;
        }
        let methods = spec.assets.iter().map(|one| Method { network: spec.network, asset: one.asset.code });
        if let Some(first) = methods.into_iter().find(|method| checkout::takes(engine, payment, *method)) {
            return Ok(first);
        }
    }
    Err(Refusal::MethodUnavailable.into())
}

fn has_wallet(tx: &mut Tx<'_>, shop: ShopId, spec: &NetworkSpec) -> Result<bool, Abort> {
    Ok(wallets::receiving(tx, shop, spec)?.is_some())
}

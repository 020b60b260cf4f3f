//! Everything that the buyer's page says.

use domain::{
    buyer::Questions,
    chain::{AddressForm, Method, NetworkAsset, NetworkSpec},
    merchant::{Environment, Shop},
    money::Amount,
    payment::{Payment, Record, Status},
    quote::Quote,
    refusal::{Failure, Refusal},
    time::Timestamp,
};
use store::{Abort, Rx};

use super::{answer, choose::takes};
use crate::{Engine, networks, payments::ReceiptView, rates, record, shops, wallets};

/// What is known of a payment, for the one who pays it. Nothing in it is secret from whoever has the link.
#[derive(Clone, Debug)]
pub struct CheckoutView {
    /// The payment.
    pub payment: Payment,
    /// The shop.
    pub shop: Shop,
    /// Whether money is real.
    pub environment: Environment,
    /// The business time of this view.
    pub now: Timestamp,
    /// What the buyer has still to say, or may correct.
    pub questions: Questions,
    /// The methods, in the order in which they are shown. Empty once the payment takes no more money.
    pub offers: Vec<Offer>,
    /// What the chosen method asks for; `None` while none is chosen.
    pub instruction: Option<Instruction>,
    /// The money that came.
    pub receipts: Vec<ReceiptView>,
}

/// A method that may be chosen, or the reason why not.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The method.
    pub method: Method,
    /// The network.
    pub network: NetworkSpec,
    /// The asset.
    pub asset: NetworkAsset,
    /// About what would have to be sent now, or why the method cannot be chosen.
    pub amount: Result<Amount, String>,
    /// Whether it is the one that was chosen last.
    pub chosen: bool,
}

/// What the chosen method asks for.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// The quote.
    pub quote: Quote,
    /// The network.
    pub network: NetworkSpec,
    /// The asset.
    pub asset: NetworkAsset,
    /// Where to send it, as the network writes it.
    pub address: String,
    /// What is still to be sent.
    pub due: Amount,
    /// Whether the quote still holds.
    pub holds: bool,
    /// Why money would not be seen now, in words for the buyer.
    pub trouble: Option<String>,
}

impl Engine {
    /// What the page of this token says.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`].
    pub async fn checkout(&self, token: &str) -> Result<CheckoutView, Failure> {
        let id = self.payment_of_token(token).ok_or(Refusal::PaymentNotFound)?;
        let (engine, moment) = (self.clone(), self.moment());
        let job = move |rx: &mut Rx<'_>| -> Result<CheckoutView, Abort> {
            let now = moment.business(rx)?;
            let payment = store::payments::find(rx, id)?.ok_or(Refusal::PaymentNotFound)?;
            let shop = shops::find(rx, payment.shop)?;
            let record = record::read(rx, payment)?;
            Ok(CheckoutView {
                offers: offers(rx, &engine, &record, now)?,
                instruction: instruction(rx, &engine, &record, now)?,
                receipts: crate::payments::receipt_views(rx, &engine, &record)?,
                questions: answer::outstanding(rx, &record)?,
                environment: engine.environment(),
                payment: record.payment,
                shop,
                now,
            })
        };
        self.store().read("checkout.view", job).await
    }
}

fn offers(rx: &mut Rx<'_>, engine: &Engine, record: &Record, now: Timestamp) -> Result<Vec<Offer>, Abort> {
    if record.open_price(now).is_err() {
        return Ok(Vec::new());
    }
    let chosen = asking_quote(rx, engine, record)?.map(|quote| quote.method);
    let mut offers = Vec::new();
    for spec in engine.networks() {
        if !receives_on(rx, record, spec)? {
            continue;
        }
        let health = networks::health(rx, engine, spec.network)?;
        for asset in &spec.assets {
            let method = Method { network: spec.network, asset: asset.asset.code };
            if !takes(engine, &record.payment, method) {
                continue;
            }
            let amount = match &health {
                Ok(()) => estimate(rx, engine, record, asset, now)?,
                Err(reason) => Err(reason.clone()),
            };
            let (network, asset) = (spec.clone(), asset.clone());
            offers.push(Offer { method, network, asset, amount, chosen: chosen == Some(method) });
        }
    }
    Ok(offers)
}

/// The quote that the buyer was shown last, unless its network became another one since and no money may be sent there.
fn asking_quote<'a>(
    rx: &mut Rx<'_>,
    engine: &Engine,
    record: &'a Record,
) -> Result<Option<&'a Quote>, Abort> {
    let Some(quote) = record.shown_quote() else { return Ok(None) };
    let Ok(spec) = engine.network(quote.method.network) else { return Ok(Some(quote)) };
    Ok(wallets::may_ask_at(rx, spec, &quote.script)?.then_some(quote))
}

/// Whether the shop can receive on a network at all. A network for which it has no wallet is not shown.
fn receives_on(rx: &mut Rx<'_>, record: &Record, spec: &NetworkSpec) -> Result<bool, Abort> {
    let shop = record.payment.shop;
    Ok(spec.form == AddressForm::Session || wallets::receiving(rx, shop, spec)?.is_some())
}

fn estimate(
    rx: &mut Rx<'_>,
    engine: &Engine,
    record: &Record,
    asset: &NetworkAsset,
    now: Timestamp,
) -> Result<Result<Amount, String>, Abort> {
    let rate = match rates::promised(rx, engine, record, &asset.asset, now) {
        Ok(provenance) => provenance.rate,
        Err(Abort::Refused(_)) => return Ok(Err(format!("There is no price for {} right now", asset.label))),
        Err(fault) => return Err(fault),
    };
    let price = record.open_price(now)?;
    Ok(rate.asks(price, &asset.asset).map_err(|_| "The amount cannot be shown".to_owned()))
}

fn instruction(
    rx: &mut Rx<'_>,
    engine: &Engine,
    record: &Record,
    now: Timestamp,
) -> Result<Option<Instruction>, Abort> {
    let Some(quote) = asking_quote(rx, engine, record)? else { return Ok(None) };
    let Ok(network) = engine.network(quote.method.network) else { return Ok(None) };
    let Some(asset) = network.asset(quote.method.asset) else { return Ok(None) };
    let Some(address) = addresses::address::encode(network.form, &quote.script) else { return Ok(None) };
    let takes_money = record.payment.state.status == Status::Waiting;
    let trouble = networks::health(rx, engine, network.network)?.err();
    Ok(Some(Instruction {
        due: record.due_by_shown_quote(&asset.asset)?,
        holds: takes_money && quote.is_live(now),
        quote: quote.clone(),
        network: network.clone(),
        asset: asset.clone(),
        address,
        trouble,
    }))
}

//! Addresses that stay with clients of shops. Whatever comes there makes a payment of its own, so nobody has to ask for
//! it before.

use domain::{
    chain::{AddressForm, Method, NetworkSpec, Script, Transfer},
    dialect::DialectName,
    event::EventTail,
    id::{ClientAddressId, IdMaker, PaymentId, ShopId},
    merchant::Shop,
    money::{Asset, Price},
    pair::Pair,
    payment::{Closing, Order, Payment, Record, State},
    refusal::{Failure, Refusal},
    terms::{LateMoney, Terms, Tolerance},
    time::{Span, Timestamp},
};
use store::{Abort, Fault, Tx, addresses::Recipient, client_addresses::ClientAddressRow};

use crate::{
    Engine, checkout, payments, rates, shops,
    wallets::{self, NoAddress},
};

/// An address to be taken for a client, or to be looked up.
#[derive(Clone, Debug)]
pub struct TakeClientAddress {
    /// The shop whose client it is.
    pub shop: ShopId,
    /// The dialect that asks; it tells of what comes there.
    pub dialect: DialectName,
    /// The shop's own name for the client. How long it may be, the dialect says.
    pub client: String,
    /// What is to be sent there.
    pub method: Method,
    /// What money is to be worth in that comes there, by the rate of that moment; `None` for itself. It holds for all
    /// that comes after it was last said.
    pub settles_in: Option<Asset>,
    /// What the dialect has to give back with each payment, in a form of its own. It too is what was last said.
    pub details: Option<String>,
}

/// An address that stays with a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// Its id.
    pub id: ClientAddressId,
    /// Its number among everything of its shop, where the dialect gives one.
    pub number: Option<u32>,
    /// The shop's own name for the client.
    pub client: String,
    /// What is to be sent there.
    pub method: Method,
    /// Where it is.
    pub script: Script,
    /// The same as its network writes it.
    pub address: String,
    /// What money is worth in that comes there; `None` for itself.
    pub settles_in: Option<Asset>,
    /// What the dialect was given.
    pub details: Option<String>,
    /// When it was first taken.
    pub created_at: Timestamp,
}

/// What taking led to, inside a transaction.
enum Taken {
    Yes(Box<ClientAddressRow>),
    /// The wallet has no address ready; more are being made, and nothing was changed.
    NoAddressReady,
}

impl Engine {
    /// The address that a client of a shop has for a method: the same one for ever, taken now where there is none yet.
    ///
    /// # Errors
    /// [`Refusal::ShopNotFound`], [`Refusal::ShopInactive`], [`Refusal::DialectUnknown`]; [`Refusal::MethodUnknown`],
    /// for a network without addresses too; [`Refusal::MethodUnavailable`] where the shop has no wallet for the
    /// network; [`Failure::Unavailable`] while the wallet's next addresses are being made; [`Failure::Unknown`] where
    /// the database was lost, and no address was found.
    pub async fn take_client_address(&self, command: TakeClientAddress) -> Result<ClientAddress, Failure> {
        let moment = self.moment();
        let spec = self.network(command.method.network).map_err(|_| Refusal::MethodUnknown)?.clone();
        if spec.asset(command.method.asset).is_none() || spec.form == AddressForm::Session {
            return Err(Refusal::MethodUnknown.into());
        }
        if self.dialect(command.dialect)?.numbers() {
            self.stock_numbers(command.shop).await?;
        }
        let (engine, wanted, look_for) = (self.clone(), command.clone(), command);
        let its_spec = spec.clone();
        let job = move |tx: &mut Tx<'_>| -> Result<Taken, Abort> {
            let now = moment.business(tx)?;
            take(tx, &engine, &wanted, &its_spec, &mut moment.ids(now), now)
        };
        let look = move |tx: &mut Tx<'_>| -> Result<Option<Taken>, Abort> {
            let TakeClientAddress { shop, dialect, client, method, .. } = &look_for;
            let Some(row) = store::client_addresses::by_client(tx, *shop, *dialect, client, *method)? else {
                return Ok(None);
            };
            // One of before does not say that this one was kept.
            let is_kept = row.settles_in == look_for.settles_in && row.details == look_for.details;
            store::client_addresses::change(tx, &row)?;
            Ok(is_kept.then(|| Taken::Yes(Box::new(row))))
        };
        let taken = self.transact_or_look("client_addresses.take", job, look).await;
        self.hints().derive.notify_one();
        match taken? {
            Taken::Yes(row) => Ok(view(*row, &spec)?),
            Taken::NoAddressReady => Err(Failure::Unavailable { retry_after: checkout::NEXT_ADDRESSES }),
        }
    }
}

fn view(row: ClientAddressRow, spec: &NetworkSpec) -> Result<ClientAddress, Refusal> {
    Ok(ClientAddress {
        address: addresses::address::encode(spec.form, &row.script).ok_or(Refusal::MethodUnknown)?,
        id: row.id,
        number: row.number,
        client: row.client,
        method: row.method,
        script: row.script,
        settles_in: row.settles_in,
        details: row.details,
        created_at: row.created_at,
    })
}

/// Of two takers at once, both may find no address; the key of the table lets one of them through, and the other one's
/// transaction runs again and finds it.
fn take(
    tx: &mut Tx<'_>,
    engine: &Engine,
    command: &TakeClientAddress,
    spec: &NetworkSpec,
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<Taken, Abort> {
    let TakeClientAddress { shop, dialect, client, method, settles_in, details } = command;
    if !shops::find(tx, *shop)?.active {
        return Err(Refusal::ShopInactive.into());
    }
    let known = store::client_addresses::by_client(tx, *shop, *dialect, client, *method)?;
    if let Some(known) = &known
        && wallets::may_ask_at(tx, spec, &known.script)?
    {
        let said = ClientAddressRow { settles_in: *settles_in, details: details.clone(), ..known.clone() };
        if said != *known {
            store::client_addresses::change(tx, &said)?;
        }
        return Ok(Taken::Yes(Box::new(said)));
    }
    // An address of the sandbox's is no place for money once its network is real: its client gets another one.
    let id = known.as_ref().map_or_else(|| ids.make(), |known| known.id);
    let script = match wallets::take_address(tx, *shop, Recipient::Client(id), spec, now)? {
        Ok(script) => script,
        Err(NoAddress::PoolEmpty) => return Ok(Taken::NoAddressReady),
        Err(NoAddress::NoWallet) => return Err(Refusal::MethodUnavailable.into()),
    };
    let row = ClientAddressRow {
        id,
        shop: *shop,
        dialect: *dialect,
        client: client.clone(),
        method: *method,
        number: wallets::number_address(tx, engine, *shop, *dialect, spec, &script)?,
        script,
        settles_in: *settles_in,
        details: details.clone(),
        created_at: known.as_ref().map_or(now, |known| known.created_at),
    };
    match known {
        Some(_) => store::client_addresses::change(tx, &row)?,
        None => store::client_addresses::insert(tx, &row)?,
    }
    Ok(Taken::Yes(Box::new(row)))
}

/// Makes the payment for money that came to a client's address and was never seen before; whether there is something to
/// deliver.
pub(crate) fn pay_in(
    tx: &mut Tx<'_>,
    engine: &Engine,
    owner: (ShopId, ClientAddressId),
    spec: &NetworkSpec,
    transfer: &Transfer,
    (ids, now): (&mut IdMaker, Timestamp),
) -> Result<(PaymentId, bool), Abort> {
    let row = store::client_addresses::get(tx, owner.0, owner.1)?
        .ok_or(Fault::broken("an address was given to a client that is not there"))?;
    let shop = shops::find(tx, row.shop)?;
    let terms = Terms {
        deadline: None,
        window: None,
        // Nobody is asked for anything: what comes is worth what it is worth.
        quote_validity: Span::ZERO,
        seen_limit: Span::ZERO,
        confirm_limit: None,
        late: LateMoney::Held,
        tolerance: Tolerance::default(),
        depth: shop.policy.depth,
        spread_parts_per_million: shop.policy.spread_parts_per_million,
        fixes_rates: false,
    };
    let payment = Payment {
        id: ids.make(),
        shop: row.shop,
        dialect: row.dialect,
        number: None,
        price: price(tx, engine, &shop, (spec, transfer, row.settles_in), now)?,
        terms,
        order: Order { reference: Some(row.client), details: row.details, ..Order::default() },
        created_at: now,
        updated_at: now,
        paid_at: None,
        confirm_by: None,
        closing: Closing::default(),
        state: State::NEW,
        events: EventTail::default(),
        version: 1,
    };
    store::client_addresses::note_money(tx, owner.0, owner.1, now)?;
    let (payment, delivers) = payments::add(tx, engine, Record::new(payment), ids, now)?;
    Ok((payment.id, delivers))
}

/// What money is worth that comes to a client: in what the shop said where a rate is trusted, else in itself.
fn price(
    tx: &mut Tx<'_>,
    engine: &Engine,
    shop: &Shop,
    (spec, transfer, settles_in): (&NetworkSpec, &Transfer, Option<Asset>),
    now: Timestamp,
) -> Result<Price, Abort> {
    // Of an asset that is no longer served, only its smallest units are known.
    let asset = spec
        .asset(transfer.asset)
        .map_or_else(|| Asset::new(transfer.asset.as_str(), 0), |it| Ok(it.asset))?;
    let itself = Price { amount: transfer.amount, currency: asset };
    let Some(currency) = settles_in else { return Ok(itself) };
    let (pair, spread) = (Pair::new(asset.code, currency.code), shop.policy.spread_parts_per_million);
    let rate = match rates::lookup_pair(tx, engine, pair, spread, now) {
        Ok(provenance) => provenance.rate,
        Err(Abort::Refused(_)) => return Ok(itself),
        Err(fault) => return Err(fault),
    };
    let worth = rate.worth(transfer.amount, &asset, &currency).ok().filter(|worth| !worth.is_zero());
    Ok(worth.map_or(itself, |amount| Price { amount, currency }))
}

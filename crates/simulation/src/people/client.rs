//! A shop's program: it makes payments, and asks again where it got no answer.

use std::rc::Rc;

use domain::{
    buyer::Questions,
    id::ShopId,
    money::{Amount, Asset, Price},
    payment::Order as Wanted,
    refusal::{Failure, Refusal},
    terms::LateMoney,
    time::Span,
};
use engine::{
    Engine,
    client_addresses::TakeClientAddress,
    payments::{CreatePayment, IdempotencyKey},
};
use testkit::{keyed::Keyed, plain::Plain};

use crate::{
    oracle::invariants,
    people::buyer,
    world::{Asked, Order, World},
};

/// What may be missing for a method that asks at once.
const MAY_LACK: [Refusal; 2] = [Refusal::MethodUnavailable, Refusal::RateUnavailable];

/// Thinks of an order; its place among all.
pub(crate) fn think(world: &World) -> Option<usize> {
    let method = if world.one_in(3) { buyer::method(world) } else { None };
    let mut known = world.known.borrow_mut();
    let mut chance = world.chance.borrow_mut();
    let key = format!("order-{}", known.orders.len());
    let shop = *chance.pick(&world.shops)?;
    let code = if chance.one_in(4) { "EUR" } else { "USD" };
    let dialect = if chance.one_in(3) { Keyed::dialect_name() } else { Plain::dialect_name() };
    let late = if chance.one_in(2) { LateMoney::Held } else { LateMoney::Reopens };
    let minutes = [Some(2), Some(10), Some(45), Some(120), None];
    let order_validity = chance.pick(&minutes)?.map(Span::minutes);
    let window = chance.pick(&[None, Some(5), Some(30)])?.map(Span::minutes);
    let confirm_limit = chance.pick(&[None, Some(1), Some(1), Some(20)])?.map(Span::minutes);
    let minor = u128::from(chance.between(100, 20_000));
    let customer_email = (!chance.one_in(4)).then(|| "buyer@example.com".to_owned());
    let questions = Questions { email: chance.one_in(3), sender: chance.one_in(4) };
    let command = CreatePayment {
        shop,
        dialect,
        price: Price { amount: Amount::from_minor(minor), currency: Asset::currency(code).ok()? },
        order: Wanted { reference: Some(key.clone()), customer_email, questions, ..Wanted::default() },
        order_validity,
        window,
        confirm_limit,
        quote_validity: Span::minutes(15),
        seen_limit: Span::minutes(i64::from(chance.between(1, 60))),
        late,
        method,
        fixes_rates: chance.one_in(4),
        sender: None,
        unique_reference: chance.one_in(2),
        idempotency: Some(IdempotencyKey { key: key.clone(), fingerprint: [1; 32] }),
    };
    known.orders.push(Order { key, command, payment: None });
    known.orders.len().checked_sub(1)
}

/// Asks for an order's payment: the first time, or again.
pub(crate) async fn ask(world: Rc<World>, engine: Engine, place: usize) {
    let Some(command) = world.known.borrow().orders.get(place).map(|order| order.command.clone()) else {
        return;
    };
    let (shop, asks) = (command.shop, command.method.is_some());
    let answer = engine.create_payment(command).await;
    if let Err(Failure::Refused(refusal)) = &answer
        && !(asks && MAY_LACK.contains(refusal))
    {
        world.violated(invariants::KEYS, format!("an order was refused: {refusal}"));
    }
    let Some(created) = world.judge("create_payment", answer) else { return };
    let id = created.payment.id;
    if asks {
        world.count("methods chosen by the shop");
        buyer::read(&world, &engine, id).await;
    }
    let mut known = world.known.borrow_mut();
    let Some(order) = known.orders.get_mut(place) else { return };
    match order.payment {
        None => {
            order.payment = Some(id);
            known.payments.push((shop, id));
            world.count("payments");
        }
        Some(before) if before != id => {
            let key = order.key.clone();
            drop(known);
            world.violated(
                invariants::KEYS,
                format!("{key} was answered with {before:?}, and then with {id:?}"),
            );
        }
        Some(_) => world.count("answers given again"),
    }
}

/// Asks for another payment under a reference that names one for ever.
pub(crate) async fn reuse(world: Rc<World>, engine: Engine, place: usize) {
    let Some(mut command) = world.known.borrow().orders.get(place).map(|order| order.command.clone()) else {
        return;
    };
    command.idempotency = None;
    let (shop, dialect) = (command.shop, command.dialect);
    let reference = command.order.reference.clone().filter(|_| command.unique_reference);
    let Some(reference) = reference else { return };
    let answer = engine.create_payment(command).await;
    match &answer {
        Err(Failure::Refused(Refusal::ReferenceTaken)) => world.count("references used again"),
        Ok(_) => world.violated(invariants::KEYS, format!("{reference} names a second payment")),
        Err(_) => {}
    }
    world.judge("create_payment", answer);
    let found = engine.payment_by_reference(shop, dialect, &reference).await;
    let found = world.judge("payment_by_reference", found).map(|payment| payment.id);
    let named = world.known.borrow().orders.get(place).and_then(|order| order.payment);
    if found.is_some() && found != named {
        world.violated(invariants::KEYS, format!("{reference} is {named:?}, and names {found:?}"));
    }
}

/// Clients that a shop has.
const CLIENTS: usize = 4;

/// Asks for the address of a client: the first time, or again. It has to be the one that was answered before.
pub(crate) async fn take_address(world: Rc<World>, engine: Engine, shop: ShopId) {
    let Some(method) = buyer::method(&world) else { return };
    let dialect = if world.one_in(3) { Plain::dialect_name() } else { Keyed::dialect_name() };
    let client = format!("client-{}", world.below(CLIENTS));
    let settles_in = if world.one_in(2) { Asset::currency("EUR").ok() } else { None };
    let command = TakeClientAddress { shop, dialect, client, method, settles_in, details: None };
    let key = (shop, dialect, command.client.clone(), method);
    let answer = engine.take_client_address(command).await;
    let Some(taken) = world.judge("take_client_address", answer) else { return };
    let mut known = world.known.borrow_mut();
    let before = known.clients.insert(key, taken.script.clone());
    if before.as_ref().is_some_and(|before| *before != taken.script) {
        drop(known);
        world.violated(invariants::ADDRESSES, format!("{} had {before:?} before", taken.client));
        return;
    }
    // About as much as a small order.
    let due = match method.asset.as_str() {
        "ETH" => 9_000_000_000_000_000,
        "BTC" => 40_000,
        _ => 20_000_000,
    };
    known.asked.push(Asked { method, script: taken.script, due: Amount::from_minor(due) });
    drop(known);
    world.count("addresses of clients");
}

/// Asks for something else under a key that was answered before.
pub(crate) async fn misuse(world: Rc<World>, engine: Engine, place: usize) {
    let Some(mut command) = world.known.borrow().orders.get(place).map(|order| order.command.clone()) else {
        return;
    };
    if let Some(key) = &mut command.idempotency {
        key.fingerprint = [2; 32];
    }
    let answer = engine.create_payment(command).await;
    match &answer {
        Err(Failure::Refused(Refusal::IdempotencyConflict)) => world.count("conflicts of keys"),
        Ok(_) => world.violated(invariants::KEYS, "another request under a key was answered".to_owned()),
        Err(_) => {}
    }
    world.judge("create_payment", answer);
}

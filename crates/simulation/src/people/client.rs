//! A shop's program: it makes payments, and asks again where it got no answer.

use std::rc::Rc;

use domain::{
    money::{Amount, Asset, Price},
    payment::Order as Wanted,
    refusal::{Failure, Refusal},
    terms::LateMoney,
    time::Span,
};
use engine::{
    Engine,
    payments::{CreatePayment, IdempotencyKey},
};
use testkit::plain::Plain;

use crate::{
    oracle::invariants,
    world::{Order, World},
};

/// Thinks of an order; its place among all.
pub(crate) fn think(world: &World) -> Option<usize> {
    let mut known = world.known.borrow_mut();
    let mut chance = world.chance.borrow_mut();
    let key = format!("order-{}", known.orders.len());
    let shop = *chance.pick(&world.shops)?;
    let code = if chance.one_in(4) { "EUR" } else { "USD" };
    let late = if chance.one_in(2) { LateMoney::Held } else { LateMoney::Reopens };
    let minutes = [Some(2), Some(10), Some(45), Some(120), None];
    let order_validity = chance.pick(&minutes)?.map(Span::minutes);
    let minor = u128::from(chance.between(100, 20_000));
    let customer_email = (!chance.one_in(4)).then(|| "buyer@example.com".to_owned());
    let command = CreatePayment {
        shop,
        dialect: Plain::dialect_name(),
        price: Price { amount: Amount::from_minor(minor), currency: Asset::currency(code).ok()? },
        order: Wanted { reference: Some(key.clone()), customer_email, ..Wanted::default() },
        order_validity,
        quote_validity: Span::minutes(15),
        seen_limit: Span::minutes(i64::from(chance.between(1, 60))),
        late,
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
    let shop = command.shop;
    let answer = engine.create_payment(command).await;
    if let Err(Failure::Refused(refusal)) = &answer {
        world.violated(invariants::KEYS, format!("an order was refused: {refusal}"));
    }
    let Some(created) = world.judge("create_payment", answer) else { return };
    let id = created.payment.id;
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

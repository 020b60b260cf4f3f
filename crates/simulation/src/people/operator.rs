//! The operator: endpoints, keys, rates, rules, and the clock of the sandbox.

use std::rc::Rc;

use domain::{
    id::{EndpointId, ShopId},
    merchant::KeyKind,
    money::{Amount, Rate},
    time::Span,
};
use engine::{
    Engine,
    credentials::CreateCredential,
    endpoints::CreateEndpoint,
    shops::{ChangePolicy, ChangeShop},
};
use testkit::{keyed::Keyed, plain::Plain};

use crate::{people::membership, world::World};

/// Lets a shop have another endpoint.
pub(crate) async fn add_endpoint(world: Rc<World>, engine: Engine, shop: ShopId) {
    let subscriptions =
        if world.one_in(2) { Vec::new() } else { vec!["paid".to_owned(), "expired".to_owned()] };
    let url = "http://shop.example/more".to_owned();
    let dialect = if world.one_in(3) { Keyed::dialect_name() } else { Plain::dialect_name() };
    let command = CreateEndpoint { shop, dialect, url, subscriptions };
    if let Some((endpoint, _)) = world.judge("create_endpoint", engine.create_endpoint(command).await) {
        world.known.borrow_mut().endpoints.push((shop, endpoint.id));
    }
}

/// Ends an endpoint.
pub(crate) async fn end_endpoint(world: Rc<World>, engine: Engine, (shop, id): (ShopId, EndpointId)) {
    world.judge("delete_endpoint", engine.delete_endpoint(shop, id).await);
}

/// Gives an endpoint another secret, and sends it something to try.
pub(crate) async fn rotate_endpoint(world: Rc<World>, engine: Engine, (shop, id): (ShopId, EndpointId)) {
    let cutover = Span::minutes(i64::try_from(world.below(20)).unwrap_or_default());
    world.judge("rotate_endpoint", engine.rotate_endpoint(shop, id, cutover).await);
    world.judge("test_endpoint", engine.test_endpoint(shop, id).await);
}

/// Sends something again.
pub(crate) async fn send_again(world: Rc<World>, engine: Engine) {
    let found = world.chance.borrow_mut().pick(&world.known.borrow().deliveries).copied();
    let Some(id) = found else { return };
    if world.judge("resend_delivery", engine.resend_delivery(id).await).is_some() {
        world.count("deliveries sent again by hand");
    }
}

/// Changes a shop's rules, for payments that are made from now on.
pub(crate) async fn change_rules(world: Rc<World>, engine: Engine, shop: ShopId) {
    let depth = [None, Some(1), Some(12)][world.below(3)];
    let absolute = Amount::from_minor(u128::try_from(world.below(3)).unwrap_or_default());
    let policy =
        ChangePolicy { depth: Some(depth), tolerance_absolute: Some(absolute), ..ChangePolicy::default() };
    world
        .judge("change_shop", engine.change_shop(shop, ChangeShop { policy, ..ChangeShop::default() }).await);
}

/// Moves the market.
pub(crate) async fn change_rates(world: Rc<World>, engine: Engine) {
    let price = 2_000 + world.below(2_000);
    let Ok(rate) = Rate::parse(&price.to_string()) else { return };
    if world.one_in(2) {
        world.judge("simulate_rate", engine.simulate_rate("ETH/USD", rate).await);
        return;
    }
    // Markets are not believed where there is a table, and disturb nobody.
    let price = u64::try_from(price).unwrap_or_default();
    world.judge("record_rates", engine.record_rates(membership::said(price)).await);
    let mut table = crate::template::rates();
    if world.one_in(2) {
        // Money may come that nobody can value until the pair is back.
        table.retain(|(pair, _)| !["ETH/USD", "EUR/USD"].contains(&pair.to_string().as_str()));
        world.count("missing rates");
    }
    world.judge("set_fixed_rates", engine.set_fixed_rates(table).await);
}

/// Moves the business clock ahead of the wall clock.
pub(crate) async fn advance(world: Rc<World>, engine: Engine) {
    let by = Span::seconds(i64::try_from(1 + world.below(600)).unwrap_or_default());
    if world.judge("advance_clock", engine.advance_clock(by).await).is_some() {
        world.ahead.set(world.ahead.get() + by);
        world.count("moves of the business clock");
    }
}

/// A key from its making to its end.
pub(crate) async fn keys(world: Rc<World>, engine: Engine, shop: ShopId) {
    let dialect = if world.one_in(2) { Plain::dialect_name() } else { Keyed::dialect_name() };
    let command = CreateCredential {
        shop,
        dialect,
        kind: KeyKind::Secret,
        scopes: Vec::new(),
        allowed_ips: Vec::new(),
        expires_at: None,
    };
    let Some((made, key)) = world.judge("create_credential", engine.create_credential(command).await) else {
        return;
    };
    let works = match &key.secret {
        None => world.judge("authenticate", engine.authenticate(dialect, &key.text, None).await).is_some(),
        Some(secret) => {
            let answer = engine.authenticate_signed(dialect, &key.text, None).await;
            world.judge("authenticate_signed", answer).is_some_and(|signer| *signer.secret == secret.text)
        }
    };
    if !works && !world.faulted.get() {
        world.violated(crate::oracle::invariants::ANSWERED, "a key that was given does not work".to_owned());
    }
    world.judge("list_credentials", engine.list_credentials(shop).await);
    if world.judge("revoke_credential", engine.revoke_credential(made.id).await).is_some()
        && engine.authenticate(dialect, &key.text, None).await.is_ok()
    {
        world.violated(crate::oracle::invariants::ANSWERED, "a key works that was revoked".to_owned());
    }
}

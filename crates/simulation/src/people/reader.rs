//! Somebody who only reads: every view there is of a payment, a shop and the deliveries.

use std::rc::Rc;

use crate::{oracle::invariants, world::World};
use domain::{
    id::{PaymentId, ShopId},
    money::AssetCode,
    pair::Pair,
};
use engine::{
    Engine,
    deliveries::ListDeliveries,
    mails::ListMails,
    numbers::Numbered,
    payments::{Filter, ListPayments},
};

/// Reads everything about a payment: it was answered, so it is there.
pub(crate) async fn payment(world: Rc<World>, engine: Engine, (shop, id): (ShopId, PaymentId)) {
    let (token, dialect) = (engine.token(id), world.dialect_of(id));
    let view = world.judge("payment_view", engine.payment_view(shop, id).await);
    let found = [
        world.judge("payment", engine.payment(shop, dialect, id).await).is_some(),
        world.judge("payment_by_token", engine.payment_by_token(&token).await).is_some(),
        world.judge("find_payment", engine.find_payment(&id.base62()).await).is_some(),
        view.is_some(),
        world.judge("checkout", engine.checkout(&token).await).is_some(),
    ];
    if found.contains(&false) && !world.faulted.get() {
        world.violated(invariants::ANSWERED, format!("{id:?} was answered, and cannot be read: {found:?}"));
    }
    let newest = view.as_ref().and_then(|view| view.record.receipts.last());
    let transaction = newest.map_or("none", |receipt| receipt.transaction.as_str());
    let paid = engine.payment_by_transaction(shop, dialect, transaction).await;
    world.judge("payment_by_transaction", paid);
    world.judge("look_at", engine.look_at(shop, dialect, id, |_| ()).await);
    if let Some(number) = view.and_then(|view| view.record.payment.number) {
        let named = world.judge("numbered", engine.numbered(shop, dialect, number).await);
        if named.is_some_and(|named| named != Some(Numbered::Payment(id))) {
            world.violated(invariants::NUMBERS, format!("{number} is {id:?}, and names something else"));
        }
    }
    let (dialect, filter, after, limit) = (None, Filter::default(), None, 20);
    let query = ListPayments { shop: Some(shop), dialect, filter, after, limit };
    world.judge("list_payments", engine.list_payments(query).await);
}

/// Reads everything else.
pub(crate) async fn rest(world: Rc<World>, engine: Engine, shop: ShopId) {
    let query = ListDeliveries { limit: 20, ..ListDeliveries::default() };
    let listed = world.judge("list_deliveries", engine.list_deliveries(query).await).unwrap_or_default();
    if let Some(delivery) = listed.first() {
        world.judge("delivery", engine.delivery(delivery.id).await);
    }
    world.judge("accounts", engine.accounts(shop).await);
    let query = ListMails { limit: 20, ..ListMails::default() };
    world.judge("list_mails", engine.list_mails(query).await);
    world.judge("list_endpoints", engine.list_endpoints(shop).await);
    world.judge("wallets", engine.wallets(shop).await);
    world.judge("shop", engine.shop(shop).await);
    world.judge("list_shops", engine.list_shops(None).await);
    world.judge("network_reports", engine.network_reports().await);
    let assets = engine.networks().iter().flat_map(|spec| &spec.assets).map(|known| known.asset.code);
    let pairs: Vec<_> =
        assets.clone().flat_map(|one| assets.clone().map(move |other| Pair::new(one, other))).collect();
    world.judge("market_rates", engine.market_rates(pairs).await);
    let currencies = ["USD", "EUR"].into_iter().filter_map(|code| AssetCode::parse(code).ok()).collect();
    world.judge("missing_rates", engine.missing_rates(currencies).await);
    world.judge("business_time", engine.business_time().await);
}

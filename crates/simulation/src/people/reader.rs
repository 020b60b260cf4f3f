//! Somebody who only reads: every view there is of a payment, a shop and the deliveries.

use std::rc::Rc;

use domain::{
    id::{PaymentId, ShopId},
    money::AssetCode,
};
use engine::{
    Engine,
    deliveries::ListDeliveries,
    mails::ListMails,
    payments::{Filter, ListPayments},
};
use testkit::plain::Plain;

use crate::{oracle::invariants, world::World};

/// Reads everything about a payment: it was answered, so it is there.
pub(crate) async fn payment(world: Rc<World>, engine: Engine, (shop, id): (ShopId, PaymentId)) {
    let token = engine.token(id);
    let found = [
        world.judge("payment", engine.payment(shop, Plain::dialect_name(), id).await).is_some(),
        world.judge("payment_by_token", engine.payment_by_token(&token).await).is_some(),
        world.judge("find_payment", engine.find_payment(&id.base62()).await).is_some(),
        world.judge("payment_view", engine.payment_view(shop, id).await).is_some(),
        world.judge("checkout", engine.checkout(&token).await).is_some(),
    ];
    if found.contains(&false) && !world.faulted.get() {
        world.violated(invariants::ANSWERED, format!("{id:?} was answered, and cannot be read: {found:?}"));
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
    let query = ListMails { limit: 20, ..ListMails::default() };
    world.judge("list_mails", engine.list_mails(query).await);
    world.judge("list_endpoints", engine.list_endpoints(shop).await);
    world.judge("wallets", engine.wallets(shop).await);
    world.judge("shop", engine.shop(shop).await);
    world.judge("list_shops", engine.list_shops(None).await);
    world.judge("network_reports", engine.network_reports().await);
    let currencies = ["USD", "EUR"].into_iter().filter_map(|code| AssetCode::parse(code).ok()).collect();
    world.judge("missing_rates", engine.missing_rates(currencies).await);
    world.judge("business_time", engine.business_time().await);
}

//! Addresses that stay with clients of shops, and the money that comes there.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::collections::BTreeSet;

use domain::{
    dialect::DialectName,
    event::EventKind,
    id::PaymentId,
    merchant::Shop,
    money::{Amount, Asset},
    payment::{Payment, Status},
    receipt::Standing,
    refusal::{Failure, Refusal},
    time::Span,
};
use engine::{
    client_addresses::{ClientAddress, TakeClientAddress},
    numbers::Numbered,
    payments::{Filter, ListPayments},
    sandbox::SimulateTransfer,
    shops::ChangeShop,
};
use testkit::{gateway::Gateway, keyed::Keyed, plain::Plain, scene::method};

fn wanted(shop: &Shop, client: &str) -> TakeClientAddress {
    TakeClientAddress {
        shop: shop.id,
        dialect: Keyed::dialect_name(),
        client: client.to_owned(),
        method: method("ethereum", "USDT"),
        settles_in: None,
        details: None,
    }
}

async fn take(gateway: &Gateway, command: TakeClientAddress) -> ClientAddress {
    gateway.engine.take_client_address(command).await.unwrap()
}

/// Sends tether to an address, and takes it in.
async fn send(gateway: &Gateway, to: &ClientAddress, amount: &str, confirmations: u32) {
    let (address, amount, confirmations) = (to.address.clone(), amount.to_owned(), Some(confirmations));
    let money = SimulateTransfer { method: method("ethereum", "USDT"), address, amount, confirmations };
    gateway.engine.simulate_transfer(money).await.unwrap();
    gateway.settle().await;
}

/// The shop's payments, oldest first.
async fn payments(gateway: &Gateway, shop: &Shop) -> Vec<Payment> {
    let filter = Filter::default();
    let query = ListPayments { shop: Some(shop.id), dialect: None, filter, after: None, limit: 100 };
    let mut payments = gateway.engine.list_payments(query).await.unwrap().payments;
    payments.reverse();
    payments
}

async fn story(gateway: &Gateway, shop: &Shop, id: PaymentId) -> Vec<EventKind> {
    let view = gateway.engine.payment_view(shop.id, id).await.unwrap();
    view.events.iter().rev().map(|event| event.kind).collect()
}

#[tokio::test]
async fn a_client_has_one_address_for_a_method_for_ever() {
    let gateway = Gateway::start(Vec::new()).await;
    let (shop, other) = (gateway.shop("Shop").await, gateway.shop("Other").await);
    let first = take(&gateway, wanted(&shop, "ada")).await;
    let plain: DialectName = Plain::dialect_name();
    let others = [
        take(&gateway, wanted(&shop, "Ada")).await,
        take(&gateway, wanted(&other, "ada")).await,
        take(&gateway, TakeClientAddress { dialect: plain, ..wanted(&shop, "ada") }).await,
        take(&gateway, TakeClientAddress { method: method("ethereum", "ETH"), ..wanted(&shop, "ada") }).await,
        take(&gateway, TakeClientAddress { method: method("bitcoin", "BTC"), ..wanted(&shop, "ada") }).await,
    ];
    let mut scripts = BTreeSet::from([first.script.clone()]);
    assert!(others.iter().all(|other| scripts.insert(other.script.clone())), "{others:?}");
    let named = gateway.engine.numbered(shop.id, Keyed::dialect_name(), first.number.unwrap()).await;
    assert_eq!(named.unwrap(), Some(Numbered::Address(first.script.clone())));
    assert_eq!(others[2].number, None);
    // Payments have others, and a restart changes nothing.
    for _ in 0..5 {
        let payment = gateway.payment(&shop, 2_500).await;
        let choice = engine::checkout::ChooseMethod {
            shop: shop.id,
            payment: payment.id,
            method: method("ethereum", "USDT"),
            version: None,
        };
        gateway.engine.choose_method(choice).await.unwrap();
        let view = gateway.engine.payment_view(shop.id, payment.id).await.unwrap();
        assert!(scripts.insert(view.record.quotes[0].script.clone()));
    }
    gateway.advance(Span::days(400)).await;
    let gateway = gateway.restart(Vec::new()).await;
    assert_eq!(take(&gateway, wanted(&shop, "ada")).await, first);
}

#[tokio::test]
async fn whatever_comes_makes_a_payment_of_its_own() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let details = Some("as given".to_owned());
    let address = take(&gateway, TakeClientAddress { details, ..wanted(&shop, "ada") }).await;
    send(&gateway, &address, "10", 3).await;
    gateway.clock.advance(Span::seconds(1));
    send(&gateway, &address, "0.5", 1).await;
    let made = payments(&gateway, &shop).await;
    assert_eq!(made.len(), 2);
    for (payment, minor) in made.iter().zip([10_000_000, 500_000]) {
        assert_eq!(
            (payment.price.amount, payment.price.currency.code.as_str()),
            (Amount::from_minor(minor), "USDT")
        );
        assert_eq!((payment.dialect, payment.terms.deadline), (Keyed::dialect_name(), None));
        assert_eq!(payment.order.reference.as_deref(), Some("ada"));
        assert_eq!(payment.order.details.as_deref(), Some("as given"));
        assert!(payment.number.is_some());
    }
    let statuses = [made[0].state.status, made[1].state.status];
    assert_eq!(statuses, [Status::Paid, Status::Processing]);
    let whole = [EventKind::Created, EventKind::Seen, EventKind::Paid];
    assert_eq!(story(&gateway, &shop, made[0].id).await, whole);
    assert_eq!(story(&gateway, &shop, made[1].id).await, whole[..2]);
    gateway.advance(Span::days(400)).await;
    assert_eq!(payments(&gateway, &shop).await[1].state.status, Status::Processing, "it has no deadline");
    let decisions = gateway.engine.payment_view(shop.id, made[0].id).await.unwrap().decisions;
    assert!(decisions.is_empty(), "{decisions:?}");
}

#[tokio::test]
async fn the_same_transaction_mined_again_is_the_same_payment() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let network = method("ethereum", "USDT").network;
    let address = take(&gateway, wanted(&shop, "ada")).await;
    send(&gateway, &address, "10", 0).await;
    let made = payments(&gateway, &shop).await;
    assert_eq!((made.len(), made[0].state.status), (1, Status::Processing), "it is seen before it is mined");
    gateway.engine.mine(network, 3).await.unwrap();
    gateway.settle().await;
    assert_eq!(payments(&gateway, &shop).await[0].state.status, Status::Paid);
    // Its block leaves the chain, and another one holds it; then that one leaves the chain too, and the money is gone.
    for (drops, status, standing) in
        [(false, Status::Paid, Standing::Confirmed), (true, Status::Waiting, Standing::Gone)]
    {
        let head = gateway.engine.mine(network, 1).await.unwrap().height;
        gateway.settle().await;
        let view = gateway.engine.payment_view(shop.id, made[0].id).await.unwrap();
        let held_by = view.record.receipts[0].inclusion.as_ref().unwrap().block.height;
        let depth = u32::try_from(head - held_by + 1).unwrap();
        gateway.engine.reorganise(network, depth, drops).await.unwrap();
        gateway.settle().await;
        gateway.engine.mine(network, 6).await.unwrap();
        gateway.settle().await;
        let after = payments(&gateway, &shop).await;
        let view = gateway.engine.payment_view(shop.id, made[0].id).await.unwrap();
        assert_eq!((after.len(), view.record.receipts.len()), (1, 1));
        assert_eq!((after[0].state.status, view.record.receipts[0].standing), (status, standing));
        assert!(story(&gateway, &shop, after[0].id).await.contains(&EventKind::Orphaned));
    }
}

#[tokio::test]
async fn money_settles_in_what_was_last_said_where_a_rate_is_trusted() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let euro = Some(Asset::currency("EUR").unwrap());
    let in_euro = TakeClientAddress { settles_in: euro, ..wanted(&shop, "ada") };
    let address = take(&gateway, in_euro.clone()).await;
    assert_eq!(address.settles_in, euro);
    send(&gateway, &address, "10", 3).await;
    gateway.clock.advance(Span::seconds(1));
    let itself = take(&gateway, wanted(&shop, "ada")).await;
    assert_eq!((itself.settles_in, &itself.address), (None, &address.address));
    send(&gateway, &address, "10", 3).await;
    gateway.clock.advance(Span::seconds(1));
    take(&gateway, in_euro).await;
    // A worth of nothing settles nothing.
    send(&gateway, &address, "0.000001", 3).await;
    gateway.clock.advance(Span::seconds(1));
    gateway.engine.set_fixed_rates(Vec::new()).await.unwrap();
    send(&gateway, &address, "10", 3).await;
    let made = payments(&gateway, &shop).await;
    let prices: Vec<(&str, u128)> =
        made.iter().map(|one| (one.price.currency.code.as_str(), one.price.amount.minor())).collect();
    assert_eq!(prices, [("EUR", 800), ("USDT", 10_000_000), ("USDT", 1), ("USDT", 10_000_000)]);
    assert!(made.iter().all(|payment| payment.state.status == Status::Paid));
    assert!(made.iter().all(|payment| !payment.state.flags.over && !payment.state.flags.short));
}

#[tokio::test]
async fn what_cannot_be_received_has_no_address() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let refused = async |command| match gateway.engine.take_client_address(command).await {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    };
    for (network, asset) in [("card", "USD"), ("ethereum", "BTC"), ("dogecoin", "DOGE")] {
        let command = TakeClientAddress { method: method(network, asset), ..wanted(&shop, "ada") };
        assert_eq!(refused(command).await, Refusal::MethodUnknown, "{network}");
    }
    let nowhere = domain::id::Id::from_bytes([7; 16]);
    let nobody = TakeClientAddress { shop: nowhere, ..wanted(&shop, "ada") };
    assert_eq!(refused(nobody).await, Refusal::ShopNotFound);
    let off = ChangeShop { active: Some(false), ..ChangeShop::default() };
    gateway.engine.change_shop(shop.id, off).await.unwrap();
    assert_eq!(refused(wanted(&shop, "ada")).await, Refusal::ShopInactive);
}

#[tokio::test]
async fn an_empty_pool_gives_no_address_for_a_moment() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let mut given = 0;
    let failure = loop {
        match gateway.engine.take_client_address(wanted(&shop, &format!("client-{given}"))).await {
            Ok(_) => given += 1,
            Err(failure) => break failure,
        }
    };
    assert!(matches!(failure, Failure::Unavailable { .. }) && given >= 50, "{failure:?} after {given}");
    assert!(gateway.engine.take_client_address(wanted(&shop, "client-0")).await.is_ok(), "it has one");
    gateway.settle().await;
    take(&gateway, wanted(&shop, &format!("client-{given}"))).await;
}

#[tokio::test]
async fn money_of_a_shop_that_was_switched_off_is_recorded_all_the_same() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let address = take(&gateway, wanted(&shop, "ada")).await;
    let off = ChangeShop { active: Some(false), ..ChangeShop::default() };
    gateway.engine.change_shop(shop.id, off).await.unwrap();
    send(&gateway, &address, "10", 3).await;
    assert_eq!(payments(&gateway, &shop).await[0].state.status, Status::Paid);
}

#[tokio::test]
async fn money_is_simulated_only_where_it_can_be_and_to_an_address() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let address = take(&gateway, wanted(&shop, "ada")).await.address;
    let to = |address: &str, amount: &str| SimulateTransfer {
        method: method("ethereum", "USDT"),
        address: address.to_owned(),
        amount: amount.to_owned(),
        confirmations: None,
    };
    for (command, refusal) in [
        (to("nowhere", "1"), Refusal::AddressInvalid),
        (to(&address, "0"), Refusal::AmountZero),
        (to(&address, "1.0000001"), Refusal::AmountMalformed),
        (SimulateTransfer { confirmations: Some(5_000), ..to(&address, "1") }, Refusal::BlocksOutOfRange),
        (SimulateTransfer { method: method("ethereum", "BTC"), ..to(&address, "1") }, Refusal::MethodUnknown),
    ] {
        let answer = gateway.engine.simulate_transfer(command).await;
        assert_eq!(answer.map(|_| ()), Err(Failure::Refused(refusal)));
    }
    gateway.settle().await;
    assert!(payments(&gateway, &shop).await.is_empty());
}

/// A wallet that looks for its money has to look as far as clients without money reach, and no farther.
#[tokio::test]
async fn addresses_of_clients_count_as_used_once_money_came() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let coin = method("bitcoin", "BTC");
    let mut taken = Vec::new();
    for number in 0..5 {
        let command = TakeClientAddress { method: coin, ..wanted(&shop, &format!("client-{number}")) };
        taken.push(take(&gateway, command).await);
    }
    let gap = async || {
        let wallets = gateway.engine.wallets(shop.id).await.unwrap();
        let wallet = wallets.into_iter().find(|view| view.network == coin.network).unwrap();
        (wallet.gap.widest, wallet.gap.unpaid)
    };
    assert_eq!(gap().await, (0, 5));
    let (address, amount) = (taken[3].address.clone(), "0.5".to_owned());
    let money = SimulateTransfer { method: coin, address, amount, confirmations: Some(0) };
    gateway.engine.simulate_transfer(money).await.unwrap();
    gateway.settle().await;
    assert_eq!(gap().await, (3, 1));
}

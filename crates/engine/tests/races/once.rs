//! What may happen once, asked for many times at the same moment.

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    merchant::{MAX_ENDPOINTS, Shop},
    money::Amount,
    payment::Order,
    refusal::{Failure, Refusal},
    terms::Tolerance,
    time::Span,
};
use engine::{
    checkout::ChooseMethod,
    client_addresses::TakeClientAddress,
    deliveries::Capacity,
    endpoints::CreateEndpoint,
    payments::{CreatePayment, Created},
    shops::{ChangePolicy, ChangeShop, CreateShop},
};
use testkit::{
    creation::{creation, creation_in, idempotency_key},
    gateway::Gateway,
    keyed::Keyed,
    plain::Plain,
    postgres::Server,
    scene::method,
};

/// How many ask at the same moment.
const AT_ONCE: usize = 16;

/// How often they do.
const ROUNDS: usize = 20;

/// Runs so many at the same moment, and gives what each was answered.
async fn at_once<T, F, R>(count: usize, run: F) -> Vec<T>
where
    F: Fn(usize) -> R,
    R: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let running: Vec<_> = (0..count).map(|number| tokio::spawn(run(number))).collect();
    let mut answers = Vec::new();
    for task in running {
        answers.push(task.await.unwrap());
    }
    answers
}

fn order(shop: &Shop, key: &str, fingerprint: u8) -> CreatePayment {
    CreatePayment { idempotency: Some(idempotency_key(key, fingerprint)), ..creation(shop, 2_500) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_makes_one_payment() {
    let gateway = Gateway::on_postgres(8).await;
    let shop = gateway.shop("Kiosk").await;
    for round in 0..ROUNDS {
        let key = format!("order-{round}");
        let answers = at_once(AT_ONCE, |number| {
            // A fourth of them ask for something else under the same key.
            let command = order(&shop, &key, u8::from(number % 4 == 3));
            let engine = gateway.engine.clone();
            async move { engine.create_payment(command).await }
        });
        let answers = answers.await;
        let made: Vec<&Created> = answers.iter().flatten().collect();
        let ids: BTreeSet<_> = made.iter().map(|created| created.payment.id).collect();
        assert_eq!(ids.len(), 1, "one payment");
        assert_eq!(made.iter().filter(|created| !created.replayed).count(), 1, "made once");
        let refused = answers.iter().filter_map(|answer| answer.as_ref().err());
        for failure in refused {
            assert_eq!(*failure, Failure::Refused(Refusal::IdempotencyConflict));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_payments_are_given_one_address() {
    let gateway = Gateway::on_postgres(8).await;
    let shop = gateway.shop("Kiosk").await;
    let mut scripts = BTreeSet::new();
    let mut chosen = 0;
    for _ in 0..3 {
        let mut payments = Vec::new();
        for _ in 0..AT_ONCE {
            payments.push(gateway.payment(&shop, 2_500).await);
        }
        let payments = Arc::new(payments);
        let answers = at_once(2 * AT_ONCE, |number| {
            let (engine, payments) = (gateway.engine.clone(), Arc::clone(&payments));
            async move {
                let payment = &payments[number / 2];
                let method = method("ethereum", "USDT");
                let command = ChooseMethod { shop: payment.shop, payment: payment.id, method, version: None };
                engine.choose_method(command).await
            }
        });
        for answer in answers.await {
            assert!(matches!(answer, Ok(()) | Err(Failure::Unavailable { .. })), "{answer:?}");
        }
        for payment in &*payments {
            let view = gateway.engine.payment_view(shop.id, payment.id).await.unwrap();
            let given: BTreeSet<_> =
                view.record.quotes.iter().map(|quote| quote.script.bytes().to_vec()).collect();
            assert!(given.len() <= 1, "a payment has one address on a network");
            chosen += given.len();
            scripts.extend(given);
        }
        gateway.settle().await;
    }
    assert_eq!(scripts.len(), chosen, "each address belongs to one payment");
    assert!(chosen >= AT_ONCE, "{chosen} addresses were given out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_is_taken_by_one() {
    let gateway = Gateway::on_postgres(8).await;
    let shop = gateway.shop("Kiosk").await;
    for _ in 0..3 {
        let command = CreateEndpoint {
            shop: shop.id,
            dialect: Plain::dialect_name(),
            url: "http://127.0.0.1:9/hook".to_owned(),
            subscriptions: Vec::new(),
        };
        gateway.engine.create_endpoint(command).await.unwrap();
    }
    for _ in 0..40 {
        gateway.payment(&shop, 2_500).await;
    }
    let mut taken = BTreeSet::new();
    for _ in 0..ROUNDS {
        let answers = at_once(8, |_| {
            let engine = gateway.engine.clone();
            let capacity =
                Capacity { per_endpoint: 3, total: 8, lease: Span::seconds(30), ..Capacity::default() };
            async move { engine.take_deliveries(capacity).await.unwrap().dispatches }
        });
        for dispatch in answers.await.into_iter().flatten() {
            assert!(taken.insert(dispatch.delivery.id), "a delivery was taken twice");
            assert_eq!(dispatch.delivery.attempts, 1);
        }
    }
    assert_eq!(taken.len(), 120, "every delivery was taken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_different_parts_all_last() {
    let gateway = Gateway::on_postgres(8).await;
    let shop = gateway.shop("Kiosk").await;
    for round in 1..=10_u32 {
        let id = shop.id;
        let answers = at_once(3, |number| {
            let engine = gateway.engine.clone();
            let policy = match number {
                0 => ChangePolicy { depth: Some(Some(round)), ..ChangePolicy::default() },
                1 => ChangePolicy { tolerance_parts_per_million: Some(round), ..ChangePolicy::default() },
                _ => ChangePolicy {
                    tolerance_absolute: Some(Amount::from_minor(round.into())),
                    ..ChangePolicy::default()
                },
            };
            async move { engine.change_shop(id, ChangeShop { policy, ..ChangeShop::default() }).await }
        });
        assert!(answers.await.iter().all(Result::is_ok));
        let policy = gateway.engine.shop(id).await.unwrap().policy;
        let tolerance = Tolerance { absolute: Amount::from_minor(round.into()), parts_per_million: round };
        assert_eq!((policy.depth, policy.tolerance), (Some(round), tolerance));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_hold_and_steps_add_up() {
    let gateway = Gateway::on_postgres(8).await;
    let shop = gateway.shop("Kiosk").await;
    let made = at_once(2 * MAX_ENDPOINTS, |_| {
        let engine = gateway.engine.clone();
        let command = CreateEndpoint {
            shop: shop.id,
            dialect: Plain::dialect_name(),
            url: "http://127.0.0.1:9/hook".to_owned(),
            subscriptions: Vec::new(),
        };
        async move { engine.create_endpoint(command).await }
    });
    assert_eq!(made.await.iter().filter(|answer| answer.is_ok()).count(), MAX_ENDPOINTS);

    let before = gateway.engine.business_time().await.unwrap();
    let moved = at_once(AT_ONCE, |_| {
        let engine = gateway.engine.clone();
        async move { engine.advance_clock(Span::minutes(1)).await }
    });
    assert!(moved.await.iter().all(Result::is_ok));
    let ahead = gateway.engine.business_time().await.unwrap().since(before);
    assert_eq!(ahead, Span::minutes(16), "no step of the clock was lost");

    let head = gateway.engine.mine(method("tron", "USDT").network, 1).await.unwrap().height;
    let mined = at_once(AT_ONCE, |_| {
        let engine = gateway.engine.clone();
        async move { engine.mine(method("tron", "USDT").network, 2).await }
    });
    assert!(mined.await.iter().all(Result::is_ok));
    let after = gateway.engine.mine(method("tron", "USDT").network, 1).await.unwrap().height;
    assert_eq!(after, head + 2 * 16 + 1, "every block has a height of its own");

    let empty = Gateway::on_postgres(8).await;
    let shops = at_once(4, |number| {
        let engine = empty.engine.clone();
        let name = domain::merchant::Name::parse(&format!("Shop {number}")).unwrap();
        async move { engine.create_shop(CreateShop { name, merchant: None }).await.unwrap().merchant }
    });
    let merchants: BTreeSet<_> = shops.await.into_iter().collect();
    assert_eq!(merchants.len(), 1, "first shops have one merchant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_holds_a_lease_and_a_buried_one_none() {
    let gateway = Gateway::on_postgres(8).await;
    for round in 0..ROUNDS {
        let mut nodes = Vec::new();
        for _ in 0..4 {
            nodes.push(gateway.engine.join().await.unwrap());
        }
        let name = format!("work-{round}");
        let leases = at_once(4, |number| {
            let (engine, node, name) = (gateway.engine.clone(), nodes[number], name.clone());
            async move { engine.lease(&name, node).await.unwrap() }
        });
        let held: Vec<_> = leases.await.into_iter().flatten().collect();
        assert_eq!(held.len(), 1, "one holds it");
        let beats = gateway.engine.beat(nodes[0]).await.unwrap();
        let buried = at_once(2 * beats.len(), |number| {
            let (engine, (node, beat)) = (gateway.engine.clone(), beats[number / 2]);
            async move { engine.bury(node, beat).await.unwrap() }
        });
        assert_eq!(buried.await.into_iter().filter(|buried| *buried).count(), beats.len(), "each once");
        let report = gateway.engine.network_reports().await.unwrap();
        assert!(report.is_empty());
        let late = gateway.engine.lease(&name, nodes[1]).await;
        assert_eq!(late, Err(Failure::Refused(Refusal::LeaseLost)), "a buried node takes nothing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reference_that_is_unique_names_one_payment() {
    let gateway = Gateway::on_postgres(8).await;
    let (shop, other) = (gateway.shop("Kiosk").await, gateway.shop("Other").await);
    for round in 0..ROUNDS {
        let reference = Some(format!("order-{round}"));
        let ordered = |shop: &Shop, dialect| {
            let named = Order { reference: reference.clone(), ..Order::default() };
            CreatePayment { order: named, unique_reference: true, ..creation_in(shop, dialect, 2_500) }
        };
        let answers = at_once(AT_ONCE, |_| {
            let (engine, command) = (gateway.engine.clone(), ordered(&shop, Plain::dialect_name()));
            async move { engine.create_payment(command).await }
        });
        let (made, refused): (Vec<_>, Vec<_>) = answers.await.into_iter().partition(Result::is_ok);
        assert_eq!(made.len(), 1, "one is made");
        assert!(refused.iter().all(|answer| *answer == Err(Refusal::ReferenceTaken.into())));
        let payment = made[0].as_ref().unwrap().payment.id;
        let dialect = Plain::dialect_name();
        let found = gateway.engine.payment_by_reference(shop.id, dialect, &format!("order-{round}")).await;
        assert_eq!(found.unwrap().id, payment);
        // To another shop, and in another dialect, it is another reference.
        for command in [ordered(&other, dialect), ordered(&shop, Keyed::dialect_name())] {
            assert_ne!(gateway.engine.create_payment(command).await.unwrap().payment.id, payment);
        }
    }
    gateway.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_has_one_address_and_nobody_else_has_it() {
    let gateway = Gateway::on_postgres(8).await;
    let shop = gateway.shop("Kiosk").await;
    let mut given = BTreeSet::new();
    for round in 0..ROUNDS {
        let taken = at_once(AT_ONCE, |number| {
            let engine = gateway.engine.clone();
            let command = TakeClientAddress {
                shop: shop.id,
                dialect: Keyed::dialect_name(),
                client: format!("client-{round}-{}", number % 2),
                method: method("ethereum", "USDT"),
                settles_in: None,
                details: None,
            };
            async move { engine.take_client_address(command).await.unwrap() }
        });
        let taken: BTreeSet<_> =
            taken.await.into_iter().map(|one| (one.client, one.address, one.number)).collect();
        assert_eq!(taken.len(), 2, "{taken:?}");
        for (_, address, _) in taken {
            assert!(given.insert(address), "an address was given twice");
        }
        gateway.engine.fill_pools().await.unwrap();
    }
    gateway.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_is_given_once_whichever_node_gives_it() {
    let url = Server::shared().database();
    let nodes = [Gateway::start_on(url.clone()).await, Gateway::start_on(url).await];
    // Both draw the same seeds; ids of another moment are others.
    nodes[1].clock.advance(Span::seconds(1));
    let shop = nodes[0].shop("Kiosk").await;
    let mut seen = BTreeSet::new();
    for _ in 0..ROUNDS {
        let made = at_once(AT_ONCE, |number| {
            let (engine, order) =
                (nodes[number % 2].engine.clone(), creation_in(&shop, Keyed::dialect_name(), 2_500));
            async move { engine.create_payment(order).await.unwrap().payment.number }
        });
        for number in made.await {
            assert!(seen.insert(number.unwrap()), "{number:?} was given twice");
        }
    }
    nodes[1].settle().await;
}

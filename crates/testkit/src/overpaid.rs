//! A database that somebody left behind, in which a buyer paid too much.

use std::{path::PathBuf, sync::Arc};

use domain::{
    chain::{Method, Network},
    dialect::Dialect,
    money::AssetCode,
    payment::{Order, Payment},
};
use engine::{
    payments::CreatePayment,
    sandbox::{SimulatePay, Target},
};

use crate::{creation::creation, gateway::Gateway, lookalike::Lookalike};

/// Makes a payment of 25 dollars in this dialect, and pays 30 in the sandbox, in the SQLite file at `path`. The buyer
/// gave an address, and is to be written to.
///
/// # Panics
/// When it cannot be made.
pub async fn overpaid(path: PathBuf, dialect: Arc<dyn Dialect>) -> Payment {
    let name = dialect.name();
    let gateway = Gateway::start_at(path, vec![Arc::new(Lookalike::writing(dialect))]).await;
    let shop = gateway.shop("Café Lumière").await;
    let order = Order {
        description: Some("Two\u{1b}[2J coffees".to_owned()),
        customer_email: Some("buyer@example.com".to_owned()),
        ..Order::default()
    };
    let command = CreatePayment { dialect: name, order, ..creation(&shop, 2_500) };
    let payment = gateway.engine.create_payment(command).await.expect("a payment").payment;
    let network = Network::parse("ethereum").expect("a network");
    let method = Some(Method { network, asset: AssetCode::parse("USDT").expect("an asset") });
    let target = Target { shop: shop.id, payment: payment.id };
    let pay = SimulatePay { target, method, amount: Some("30".to_owned()), confirmations: None };
    gateway.engine.simulate_pay(pay).await.expect("money that moves");
    gateway.settle().await;
    payment
}

//! One payment of 25 dollars, and what a test does with it.

use domain::{
    chain::{Method, Network},
    event::EventKind,
    merchant::Shop,
    money::AssetCode,
    payment::{DecisionKind, Order, Payment, Status},
    refusal::Failure,
};
use engine::{
    checkout::ChooseMethod,
    payments::PaymentView,
    sandbox::{SimulatePay, Target},
};

use crate::gateway::Gateway;

/// A method, by its names.
///
/// # Panics
/// For a text that names none.
pub fn method(network: &str, asset: &str) -> Method {
    Method {
        network: Network::parse(network).expect("a name"),
        asset: AssetCode::parse(asset).expect("a name"),
    }
}

/// A gateway with one payment of 25 dollars.
pub struct Scene {
    /// The gateway.
    pub gateway: Gateway,
    /// Its shop.
    pub shop: Shop,
    /// The payment.
    pub payment: Payment,
}

impl Scene {
    /// A gateway, a shop, and a payment of 25 dollars.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn new() -> Self {
        let gateway = Gateway::start(Vec::new()).await;
        let shop = gateway.shop("Café Lumière").await;
        let payment = gateway.payment(&shop, 2_500).await;
        Self { gateway, shop, payment }
    }

    /// The same, with the address of its buyer.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn with_buyer(email: &str) -> Self {
        let gateway = Gateway::start(Vec::new()).await;
        let shop = gateway.shop("Café Lumière").await;
        let order = Order {
            description: Some("Two coffees".to_owned()),
            customer_email: Some(email.to_owned()),
            ..Order::default()
        };
        let payment = gateway.payment_for(&shop, 2_500, order).await;
        Self { gateway, shop, payment }
    }

    /// Chooses a method as a buyer would.
    ///
    /// # Errors
    /// As the engine's command.
    pub async fn choose(&self, network: &str, asset: &str) -> Result<(), Failure> {
        let (shop, payment) = (self.shop.id, self.payment.id);
        let command = ChooseMethod { shop, payment, method: method(network, asset), version: None };
        self.gateway.engine.choose_method(command).await
    }

    /// Exactly what is due, deep enough to be final.
    pub const fn pay(&self) -> SimulatePay {
        let target = Target { shop: self.shop.id, payment: self.payment.id };
        SimulatePay { target, method: None, amount: None, confirmations: None }
    }

    /// Lets money arrive, and settles.
    ///
    /// # Panics
    /// When the sandbox refuses.
    pub async fn simulate(&self, command: SimulatePay) {
        self.gateway.engine.simulate_pay(command).await.expect("a scene that can be played");
        self.gateway.settle().await;
    }

    /// Lets this much arrive, in decimal text of the method's asset, deep enough to be final.
    ///
    /// # Panics
    /// When the sandbox refuses.
    pub async fn send(&self, amount: &str) {
        self.simulate(SimulatePay { amount: Some(amount.to_owned()), ..self.pay() }).await;
    }

    /// The payment with everything that happened to it.
    ///
    /// # Panics
    /// When it is not there.
    pub async fn view(&self) -> PaymentView {
        self.gateway
            .engine
            .payment_view(self.shop.id, self.payment.id)
            .await
            .expect("a scene that can be played")
    }

    /// Where the payment stands.
    pub async fn status(&self) -> Status {
        self.view().await.record.payment.state.status
    }

    /// What happened, oldest first.
    pub async fn story(&self) -> Vec<EventKind> {
        self.view().await.events.iter().rev().map(|event| event.kind).collect()
    }

    /// What a person has, or had, to decide.
    pub async fn decisions(&self) -> Vec<DecisionKind> {
        self.view().await.decisions.iter().map(|note| note.decision.kind).collect()
    }

    /// What the page asks for, in decimal text.
    ///
    /// # Panics
    /// Where no method was chosen.
    pub async fn due(&self) -> String {
        let token = self.gateway.engine.token(self.payment.id);
        let view = self.gateway.engine.checkout(&token).await.expect("a scene that can be played");
        let instruction = view.instruction.expect("a scene that can be played");
        instruction.due.to_trimmed_decimal(instruction.asset.asset.decimals, 2)
    }
}

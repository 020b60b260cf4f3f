//! A gateway with one payment and the buyer's pages, driven into any state.

use axum::Router;
use checkout::Checkout;
use domain::{
    buyer::Questions,
    chain::{Method, Network},
    id::PaymentId,
    merchant::Shop,
    money::AssetCode,
    payment::Order,
    time::Span,
};
use engine::{
    checkout::ChooseMethod,
    payments::CreatePayment,
    sandbox::{SimulatePay, Target},
};
use testkit::{creation::creation, gateway::Gateway};
use web::PublicUrl;

/// A gateway, a shop, a payment.
pub(crate) struct Till {
    pub(crate) gateway: Gateway,
    pub(crate) shop: Shop,
    pub(crate) payment: PaymentId,
}

/// What is said when the scene cannot be set.
pub(crate) const SETUP: &str = "a gateway that does as it is told";

/// What the pages must never tell.
pub(crate) const SECRETS: [&str; 3] = ["secret-reference", "secret@example.com", "secret-details"];

impl Till {
    /// A payment of 25 dollars at a shop whose own pages begin with `home`.
    pub(crate) async fn selling(home: &str, shop: &str, description: &str) -> Self {
        Self::at(Gateway::start(Vec::new()).await, home, shop, description).await
    }

    /// A payment of which the buyer is asked something first, and which has 15 minutes once he has chosen.
    pub(crate) async fn asking(home: &str, questions: Questions) -> Self {
        let gateway = Gateway::start(Vec::new()).await;
        let shop = gateway.shop("Corner Coffee").await;
        let order = Order { questions, ..order(home, "Two coffees and a cake") };
        let command = CreatePayment {
            order,
            order_validity: None,
            window: Some(Span::minutes(15)),
            ..creation(&shop, 2_500)
        };
        let payment = gateway.engine.create_payment(command).await.expect(SETUP).payment.id;
        gateway.settle().await;
        Self { gateway, shop, payment }
    }

    /// A payment at this gateway.
    pub(crate) async fn at(gateway: Gateway, home: &str, shop: &str, description: &str) -> Self {
        let shop = gateway.shop(shop).await;
        let till = Self { payment: create(&gateway, &shop, home, description).await, gateway, shop };
        till.gateway.settle().await;
        till
    }

    /// The buyer's pages and their files.
    pub(crate) fn pages(&self, public_url: &str) -> Router {
        let public_url = PublicUrl::parse(public_url).expect(SETUP);
        let pages = Checkout { engine: self.gateway.engine.clone(), public_url };
        checkout::pages_in("/bill", pages.clone()).merge(checkout::router(pages)).merge(web::assets())
    }

    /// The path of the payment's page, as a dialect with a prefix would give it out.
    pub(crate) fn path(&self) -> String {
        format!("/pay/chk_{}", self.gateway.engine.token(self.payment))
    }

    pub(crate) async fn choose(&self, network: &str, asset: &str) {
        let method = method(network, asset);
        let command = ChooseMethod { shop: self.shop.id, payment: self.payment, method, version: None };
        self.gateway.engine.choose_method(command).await.expect(SETUP);
        self.gateway.settle().await;
    }

    /// Money arrives; `None` for what is due. It waits for its first block.
    pub(crate) async fn pay(&self, amount: Option<&str>) {
        let command = SimulatePay {
            target: Target { shop: self.shop.id, payment: self.payment },
            method: None,
            amount: amount.map(str::to_owned),
            confirmations: Some(0),
        };
        self.gateway.engine.simulate_pay(command).await.expect(SETUP);
        self.gateway.settle().await;
    }

    pub(crate) async fn mine(&self, network: &str, blocks: u32) {
        self.gateway.engine.mine(Network::parse(network).expect(SETUP), blocks).await.expect(SETUP);
        self.gateway.settle().await;
    }

    pub(crate) async fn cancel(&self) {
        self.gateway.engine.cancel_payment(self.shop.id, self.payment, None).await.expect(SETUP);
    }

    /// Drives the payment into a state, by the name that its page has for it.
    pub(crate) async fn reach(&self, state: &str) {
        let (engine, gateway) = (&self.gateway.engine, &self.gateway);
        let ethereum = Network::parse("ethereum").expect(SETUP);
        match state {
            "choose" | "cancelled" | "failed" => {}
            "card" => self.choose("card", "USD").await,
            _ => self.choose("ethereum", "ETH").await,
        }
        match state {
            "choose" | "pay" | "card" => {}
            "short" => {
                self.pay(Some("0.004")).await;
                self.mine("ethereum", 1).await;
            }
            "requote" => gateway.advance(Span::minutes(16)).await,
            "blind" => engine.stall(ethereum, true).await.expect(SETUP),
            "orphaned" => {
                self.pay(None).await;
                self.mine("ethereum", 1).await;
                engine.reorganise(ethereum, 1, true).await.expect(SETUP);
                gateway.settle().await;
            }
            // The workers have not looked since the deadline passed.
            "checking" => gateway.clock.advance(Span::minutes(31)),
            "seen" => {
                self.pay(None).await;
                self.mine("ethereum", 1).await;
            }
            "paid" => {
                self.pay(None).await;
                self.mine("ethereum", 3).await;
            }
            "over" => {
                self.pay(Some("0.01")).await;
                self.mine("ethereum", 3).await;
            }
            "expired" => gateway.advance(Span::minutes(31)).await,
            "cancelled" => self.cancel().await,
            "failed" => {
                self.choose("card", "USD").await;
                engine.decline(self.shop.id, self.payment).await.expect(SETUP);
                gateway.settle().await;
            }
            "held" => {
                self.pay(Some("0.004")).await;
                self.mine("ethereum", 3).await;
                gateway.advance(Span::minutes(31)).await;
            }
            other => panic!("no such state: {other}"),
        }
    }
}

pub(crate) async fn create(gateway: &Gateway, shop: &Shop, home: &str, description: &str) -> PaymentId {
    let command = CreatePayment { order: order(home, description), ..creation(shop, 2_500) };
    gateway.engine.create_payment(command).await.expect(SETUP).payment.id
}

fn order(home: &str, description: &str) -> Order {
    Order {
        reference: Some(SECRETS[0].to_owned()),
        description: Some(description.to_owned()),
        customer_email: Some(SECRETS[1].to_owned()),
        questions: Questions::default(),
        success_url: Some(format!("{home}/thanks?order=7&x=y")),
        cancel_url: Some(format!("{home}/basket")),
        details: Some(SECRETS[2].to_owned()),
    }
}

/// Every state that a page can show.
pub(crate) const STATES: [&str; 15] = [
    "choose",
    "pay",
    "card",
    "short",
    "requote",
    "blind",
    "orphaned",
    "checking",
    "seen",
    "paid",
    "over",
    "expired",
    "cancelled",
    "failed",
    "held",
];

pub(crate) fn method(network: &str, asset: &str) -> Method {
    Method { network: Network::parse(network).expect(SETUP), asset: AssetCode::parse(asset).expect(SETUP) }
}

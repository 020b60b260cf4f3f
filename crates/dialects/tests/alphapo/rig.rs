//! A gateway that speaks the dialect, and a merchant's keys.

use std::sync::Arc;

use axum::{Router, http::Method};
use dialects::{
    Api, Limits, Urls,
    alphapo::{self, Alphapo, Settings},
};
use domain::{
    chain::Network,
    delivery::Outcome,
    dialect::{Announcement, CallbackAttempt, Dialect, DialectName},
    ip_block::IpBlock,
    merchant::{Environment, KeyKind, Shop},
    payment::Payment,
    refusal::Failure,
    time::{Span, Timestamp},
};
use engine::{
    checkout::ChooseMethod,
    credentials::CreateCredential,
    deliveries::{Capacity, Dispatch},
    endpoints::CreateEndpoint,
    sandbox::{SimulatePay, Target},
};
use serde_json::{Value, json};
use testkit::{clock::Seeded, gateway::Gateway, scene::method};
use tower::ServiceExt;

use crate::{
    contract::{Contract, PUBLIC_URL},
    exchange::{Answer, Ask, Key},
};

/// A gateway with one shop and a key.
pub(crate) struct Rig {
    pub(crate) gateway: Gateway,
    pub(crate) shop: Shop,
    pub(crate) key: Key,
    pub(crate) router: Router,
    contract: Contract,
}

/// How a rig differs from what is usual.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) limits: Option<Limits>,
    pub(crate) settings: Settings,
    pub(crate) dialects: Vec<Arc<dyn Dialect>>,
    pub(crate) own_host: bool,
    pub(crate) environment: Option<Environment>,
}

/// Where the rig's pages are: another host than its API, so that nothing is right by chance.
pub(crate) const CHECKOUT_URL: &str = "https://checkout.example.com";

/// The name of the dialect.
pub(crate) fn name() -> DialectName {
    DialectName::parse("alphapo").unwrap()
}

/// No limit of any kind.
pub(crate) fn unlimited() -> Limits {
    Limits { requests_per_minute: 0, failed_authentications_per_minute: 0, ..Limits::default() }
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::with(Plan::default()).await
    }

    pub(crate) async fn with(mut plan: Plan) -> Self {
        if !plan.dialects.iter().any(|dialect| dialect.name() == name()) {
            plan.dialects.push(Arc::new(Alphapo));
        }
        let environment = plan.environment.unwrap_or(Environment::Test);
        let gateway = Gateway::start_in(environment, plan.dialects).await;
        let shop = gateway.shop("Café Lumière").await;
        let api = Api {
            engine: gateway.engine.clone(),
            entropy: Arc::new(Seeded::new(77)),
            urls: Urls { public: PUBLIC_URL.to_owned(), checkout: CHECKOUT_URL.to_owned() },
            limits: plan.limits.unwrap_or_else(unlimited),
        };
        let build = if plan.own_host { alphapo::router_of_own_host } else { alphapo::router };
        let router = build(api, plan.settings);
        let key = key_for(&gateway, &shop, &[], None).await;
        Self { gateway, shop, key, router, contract: Contract::new() }
    }

    /// Another key of a shop, for these addresses, until this time.
    pub(crate) async fn key_for(&self, shop: &Shop, addresses: &[&str], until: Option<Timestamp>) -> Key {
        key_for(&self.gateway, shop, addresses, until).await
    }

    /// Sends a request, and compares the exchange with the document.
    pub(crate) async fn send(&self, ask: Ask) -> Answer {
        let response = self.router.clone().oneshot(ask.clone().request()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let answer = Answer { status: parts.status, headers: parts.headers, text };
        self.contract.check(&ask, &answer);
        answer
    }

    /// Sends a request, signed with the rig's key.
    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        self.send(ask.signed(&self.key)).await
    }

    /// Makes an invoice that has to be made.
    pub(crate) async fn create(&self, body: &Value) -> Answer {
        let answer = self.ask(Ask::create(body)).await;
        assert_eq!(answer.told(), "201", "{}", answer.text);
        answer
    }

    /// The payment of the merchant's own id.
    pub(crate) async fn payment(&self, foreign_id: &str) -> Payment {
        self.gateway.engine.payment_by_reference(self.shop.id, name(), foreign_id).await.unwrap()
    }

    /// Chooses a coin as the buyer would.
    pub(crate) async fn choose(&self, foreign_id: &str, network: &str, asset: &str) {
        self.try_to_choose(foreign_id, network, asset).await.unwrap();
    }

    /// The same, where it may be refused.
    pub(crate) async fn try_to_choose(
        &self,
        foreign_id: &str,
        network: &str,
        asset: &str,
    ) -> Result<(), Failure> {
        let (shop, payment) = (self.shop.id, self.payment(foreign_id).await.id);
        let command = ChooseMethod { shop, payment, method: method(network, asset), version: None };
        let done = self.gateway.engine.choose_method(command).await;
        self.gateway.settle().await;
        done
    }

    /// Lets money arrive: `None` for what is due, and for as deep as is final.
    pub(crate) async fn pay(&self, foreign_id: &str, amount: Option<&str>, confirmations: Option<u32>) {
        let target = Target { shop: self.shop.id, payment: self.payment(foreign_id).await.id };
        let amount = amount.map(str::to_owned);
        let command = SimulatePay { target, method: None, amount, confirmations };
        self.gateway.engine.simulate_pay(command).await.unwrap();
        self.gateway.settle().await;
    }

    /// Mines blocks.
    pub(crate) async fn mine(&self, network: &str, blocks: u32) {
        self.gateway.engine.mine(Network::parse(network).unwrap(), blocks).await.unwrap();
        self.gateway.settle().await;
    }

    /// Takes blocks back, and the money in them.
    pub(crate) async fn orphan(&self, network: &str, depth: u32) {
        self.gateway.engine.reorganise(Network::parse(network).unwrap(), depth, true).await.unwrap();
        self.gateway.settle().await;
    }

    /// What the API says of an invoice now.
    pub(crate) async fn info(&self, foreign_id: &str) -> Value {
        let body = json!({"foreign_id": foreign_id});
        let ask = Ask { method: Method::GET, ..Ask::json("/transactions/info", &body) };
        self.ask(ask).await.json()
    }

    /// A callback URL.
    pub(crate) async fn endpoint(&self) {
        let url = "https://merchant.example/callback".to_owned();
        let command = CreateEndpoint { shop: self.shop.id, dialect: name(), url, subscriptions: Vec::new() };
        self.gateway.engine.create_endpoint(command).await.unwrap();
    }

    /// What is to be told now, oldest first. It counts as told.
    pub(crate) async fn told(&self) -> Vec<Told> {
        let capacity =
            Capacity { per_endpoint: 100, total: 100, lease: Span::minutes(1), ..Capacity::default() };
        let taken = self.gateway.engine.take_deliveries(capacity).await.unwrap();
        let mut dispatches = taken.dispatches;
        dispatches.sort_by_key(|dispatch| {
            (dispatch.payment.created_at, dispatch.payment.id, dispatch.event.sequence)
        });
        let mut told = Vec::new();
        for dispatch in dispatches {
            told.push(Told::of(&dispatch, self.gateway.engine.wall_time()));
            let outcome =
                Outcome { http_status: Some(200), error: None, excerpt: String::new(), took: Span::ZERO };
            let began = self.gateway.engine.wall_time();
            self.gateway.engine.finish_delivery(&dispatch.delivery, began, outcome).await.unwrap();
        }
        told
    }

    /// Posts this value, signed with the rig's key.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Ask::json(path, body)).await
    }
}

/// A callback as it is sent.
pub(crate) struct Told {
    pub(crate) name: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Told {
    fn of(dispatch: &Dispatch, at: Timestamp) -> Self {
        let (event, name) = (&dispatch.event, dispatch.delivery.event_name.as_str());
        let announcement = Announcement {
            event,
            name,
            payment: &dispatch.payment,
            facts: dispatch.facts.as_deref(),
            environment: Environment::Test,
        };
        let body = Alphapo.callback_body(&announcement);
        let attempt = CallbackAttempt {
            delivery: dispatch.delivery.id,
            event,
            name,
            key: dispatch.key.as_deref(),
            secret: dispatch.secret.as_deref().unwrap(),
            at,
            body: &body,
        };
        Self { name: name.to_owned(), headers: Alphapo.callback_headers(&attempt), body }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

async fn key_for(gateway: &Gateway, shop: &Shop, addresses: &[&str], until: Option<Timestamp>) -> Key {
    let command = CreateCredential {
        shop: shop.id,
        dialect: name(),
        kind: KeyKind::Secret,
        scopes: Vec::new(),
        allowed_ips: addresses.iter().map(|text| IpBlock::parse(text).unwrap()).collect(),
        expires_at: until,
    };
    let (_, issued) = gateway.engine.create_credential(command).await.unwrap();
    assert_eq!(issued.field, "key");
    let secret = issued.secret.unwrap();
    assert_eq!(secret.field, "secret");
    Key { key: issued.text, secret: secret.text }
}

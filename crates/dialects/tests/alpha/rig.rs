//! A gateway that speaks the dialect, and a merchant's keys.

use std::sync::Arc;

use axum::Router;
use dialects::{
    Api, Limits, Urls,
    alpha::{self, Alpha, Settings},
};
use domain::{
    dialect::{Dialect, DialectName},
    id::PaymentId,
    merchant::{Environment, KeyKind, Shop},
    time::Timestamp,
};
use engine::{
    credentials::CreateCredential,
    sandbox::{SimulatePay, Target},
};
use serde_json::Value;
use testkit::{clock::Seeded, gateway::Gateway};
use tower::ServiceExt;

use crate::{
    contract::Contract,
    exchange::{Answer, Ask},
};

/// A gateway with one shop and a key that may do everything.
pub(crate) struct Rig {
    pub(crate) gateway: Gateway,
    pub(crate) shop: Shop,
    pub(crate) key: String,
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
pub(crate) fn alpha() -> DialectName {
    DialectName::parse("alpha").unwrap()
}

/// No limit of any kind.
pub(crate) fn unlimited() -> Limits {
    Limits {
        requests_per_minute: 0,
        checkout_requests_per_minute: 0,
        failed_authentications_per_minute: 0,
        ..Limits::default()
    }
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::with(Plan::default()).await
    }

    pub(crate) async fn with(mut plan: Plan) -> Self {
        if !plan.dialects.iter().any(|dialect| dialect.name() == alpha()) {
            plan.dialects.push(Arc::new(Alpha));
        }
        let environment = plan.environment.unwrap_or(Environment::Test);
        let gateway = Gateway::start_in(environment, plan.dialects).await;
        let shop = gateway.shop("Café Lumière").await;
        let api = Api {
            engine: gateway.engine.clone(),
            entropy: Arc::new(Seeded::new(77)),
            urls: Urls { public: "https://api.example.com".to_owned(), checkout: CHECKOUT_URL.to_owned() },
            limits: plan.limits.unwrap_or_else(unlimited),
        };
        let build = if plan.own_host { alpha::router_of_own_host } else { alpha::router };
        let router = build(api, plan.settings);
        let mut rig = Self { gateway, shop, key: String::new(), router, contract: Contract::new() };
        rig.key = rig.key_for(&rig.shop, &[]).await;
        rig
    }

    /// A key of a shop with these scopes; none: all of them.
    pub(crate) async fn key_for(&self, shop: &Shop, scopes: &[&str]) -> String {
        self.credential(shop, KeyKind::Secret, scopes, None).await
    }

    pub(crate) async fn credential(
        &self,
        shop: &Shop,
        kind: KeyKind,
        scopes: &[&str],
        expires_at: Option<Timestamp>,
    ) -> String {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let command = CreateCredential {
            shop: shop.id,
            dialect: alpha(),
            kind,
            scopes,
            allowed_ips: Vec::new(),
            expires_at,
        };
        self.gateway.engine.create_credential(command).await.unwrap().1.text
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

    /// The contract's own example, made under `idempotency_key`.
    pub(crate) async fn create(&self, idempotency_key: &str) -> Answer {
        self.send(Ask::create(idempotency_key).key(&self.key)).await
    }

    /// A payment with this body.
    pub(crate) async fn create_with(&self, idempotency_key: &str, body: &Value) -> Answer {
        self.send(Ask::create(idempotency_key).key(&self.key).json(body)).await
    }

    /// Reads a path with the rig's key.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Ask::get(path).key(&self.key)).await
    }

    /// The payment of an answer.
    pub(crate) async fn payment_of(&self, answer: &Answer) -> PaymentId {
        self.gateway.engine.find_payment(&answer.text_of("id")).await.unwrap().id
    }

    /// Lets what is due arrive, this deep; `None`: deep enough to be final.
    pub(crate) async fn pay(&self, payment: PaymentId, confirmations: Option<u32>) {
        let target = Target { shop: self.shop.id, payment };
        let command = SimulatePay { target, method: None, amount: None, confirmations };
        self.gateway.engine.simulate_pay(command).await.unwrap();
        self.gateway.settle().await;
    }
}

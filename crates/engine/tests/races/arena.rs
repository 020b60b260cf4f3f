//! Where commands meet: a gateway on PostgreSQL, with a payment that is new for each meeting.

use std::sync::Arc;

use domain::{
    delivery::Delivery,
    id::{EndpointId, NodeId},
    merchant::{Endpoint, Shop},
    payment::{Order, Payment},
    refusal::{Failure, Refusal},
    time::Span,
};
use engine::{Engine, deliveries::Capacity, endpoints::CreateEndpoint};
use testkit::{gateway::Gateway, plain::Plain};
use tokio::task::JoinHandle;

use crate::commands::Command;

/// What the commands of one meeting are about.
#[derive(Clone)]
pub(crate) struct Subject {
    pub(crate) engine: Engine,
    pub(crate) shop: Shop,
    pub(crate) payment: Payment,
    /// An endpoint that may be rotated, tested and deleted.
    pub(crate) endpoint: Endpoint,
    /// One that stays.
    pub(crate) lasting: EndpointId,
    /// A delivery that was taken, and not finished.
    pub(crate) taken: Option<Delivery>,
    pub(crate) node: NodeId,
    /// The number of the meeting: names that are made from it are new.
    pub(crate) meeting: u32,
}

/// Commands for which addresses may have to be made first.
const MAY_WAIT: [&str; 6] = [
    "choose_method",
    "create_payment",
    "decline",
    "simulate_pay",
    "simulate_transfer",
    "take_client_address",
];

pub(crate) struct Arena {
    gateway: Gateway,
    subject: Arc<Subject>,
    answered: usize,
    refused: usize,
}

impl Arena {
    pub(crate) async fn open() -> Self {
        let gateway = Gateway::on_postgres(8).await;
        let shop = gateway.shop("Kiosk").await;
        let (lasting, endpoint) =
            (endpoint(&gateway.engine, &shop).await, endpoint(&gateway.engine, &shop).await);
        let subject = Subject {
            engine: gateway.engine.clone(),
            payment: gateway.payment(&shop, 2_500).await,
            shop,
            endpoint,
            lasting: lasting.id,
            taken: None,
            node: gateway.engine.join().await.unwrap(),
            meeting: 0,
        };
        Self { gateway, subject: Arc::new(subject), answered: 0, refused: 0 }
    }

    /// A new payment, whose buyer is written to where its money does not fit.
    pub(crate) async fn next(&mut self) {
        let before = &*self.subject;
        let engine = before.engine.clone();
        let order = Order { customer_email: Some("buyer@example.com".to_owned()), ..Order::default() };
        let payment = self.gateway.payment_for(&before.shop, 2_500, order).await;
        let endpoints = engine.list_endpoints(before.shop.id).await.unwrap();
        for extra in endpoints.iter().filter(|one| one.id != before.lasting && one.id != before.endpoint.id) {
            engine.delete_endpoint(before.shop.id, extra.id).await.unwrap();
        }
        let endpoint = match endpoints.into_iter().find(|one| one.id == before.endpoint.id) {
            Some(endpoint) => endpoint,
            None => endpoint(&engine, &before.shop).await,
        };
        let capacity =
            Capacity { per_endpoint: 1, total: 1, lease: Span::seconds(30), ..Capacity::default() };
        let taken = engine.take_deliveries(capacity).await.unwrap().dispatches.pop();
        let node = match engine.beat(before.node).await {
            Ok(_) => before.node,
            Err(_) => engine.join().await.unwrap(),
        };
        let subject = Subject {
            engine,
            shop: before.shop.clone(),
            payment,
            endpoint,
            lasting: before.lasting,
            taken: taken.map(|dispatch| dispatch.delivery),
            node,
            meeting: before.meeting + 1,
        };
        self.subject = Arc::new(subject);
    }

    /// Begins a command of this meeting.
    pub(crate) fn run(
        &self,
        command: &Command,
        number: usize,
    ) -> JoinHandle<(&'static str, Result<(), Failure>)> {
        let (name, run) = (command.name, command.run);
        let subject = Arc::clone(&self.subject);
        tokio::spawn(async move { (name, run(subject, number).await) })
    }

    /// A command may be done or refused, and nothing else; addresses may have to be made first.
    pub(crate) fn judge(&mut self, name: &str, answer: Result<(), Failure>, pair: (&str, &str)) {
        self.answered += 1;
        match answer {
            Ok(()) => {}
            Err(Failure::Refused(_)) => self.refused += 1,
            Err(Failure::Unavailable { .. }) if MAY_WAIT.contains(&name) => {
                self.refused += 1;
            }
            Err(failure) => panic!("{name}, when {pair:?} met: {failure:?}"),
        }
    }

    /// Lets the rest of the world catch up, and compares the books with what they are about.
    pub(crate) async fn settle(&self) {
        for spec in self.subject.engine.networks() {
            match self.subject.engine.stall(spec.network, false).await {
                Ok(()) | Err(Failure::Refused(Refusal::NotSimulated)) => {}
                Err(failure) => panic!("{failure}"),
            }
        }
        self.gateway.settle().await;
    }

    pub(crate) const fn answered(&self) -> usize {
        self.answered
    }

    pub(crate) const fn refused(&self) -> usize {
        self.refused
    }
}

async fn endpoint(engine: &Engine, shop: &Shop) -> Endpoint {
    let command = CreateEndpoint {
        shop: shop.id,
        dialect: Plain::dialect_name(),
        url: "http://127.0.0.1:9/hook".to_owned(),
        subscriptions: Vec::new(),
    };
    engine.create_endpoint(command).await.unwrap().0
}

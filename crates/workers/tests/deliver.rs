//! The deliverer against merchants' servers, polite and rude, over real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::time::Duration;

use domain::{
    delivery::{Delivery, DeliveryStatus},
    merchant::Shop,
    time::Span,
};
use engine::{
    deliveries::{DeliveryView, ListDeliveries},
    endpoints::CreateEndpoint,
};
use outbound::{
    callback::{Callbacks, Settings},
    target::TargetPolicy,
};
use testkit::{
    gateway::Gateway,
    merchant::{Answer, Hit, Merchant, PATIENCE},
    plain::Plain,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use workers::deliver::{self, Deliverer, PER_ENDPOINT};

/// A gateway whose deliverer runs.
struct Sending {
    gateway: Gateway,
    shop: Shop,
    stopping: CancellationToken,
    running: JoinHandle<()>,
}

impl Sending {
    async fn start(policy: TargetPolicy, timeout: Duration) -> Self {
        let gateway = Gateway::start(Vec::new()).await;
        let shop = gateway.shop("Shop").await;
        if gateway.engine.is_shared() {
            // A deliverer takes nothing before its process is a node.
            gateway.engine.join().await.unwrap();
        }
        let callbacks = Callbacks::new(Settings { timeout, policy, ..Settings::default() }).unwrap();
        let deliverer = Deliverer::new(gateway.engine.clone(), callbacks, policy, timeout);
        let stopping = CancellationToken::new();
        let running = tokio::spawn(deliver::run(deliverer, stopping.clone()));
        Self { gateway, shop, stopping, running }
    }

    /// One that may reach this machine, and gives an attempt as long as a test may take.
    async fn patient() -> Self {
        Self::start(TargetPolicy { allow_private: true }, PATIENCE).await
    }

    async fn endpoint(&self, url: String) -> String {
        let (shop, dialect) = (self.shop.id, Plain::dialect_name());
        let command = CreateEndpoint { shop, dialect, url, subscriptions: vec!["created".to_owned()] };
        self.gateway.engine.create_endpoint(command).await.unwrap().1
    }

    async fn deliveries(&self) -> Vec<Delivery> {
        let query = ListDeliveries { limit: 100, ..ListDeliveries::default() };
        self.gateway.engine.list_deliveries(query).await.unwrap()
    }

    /// Waits until the only delivery has this many finished attempts.
    async fn attempted(&self, count: usize) -> DeliveryView {
        let look = async {
            loop {
                let id = self.deliveries().await[0].id;
                let view = self.gateway.engine.delivery(id).await.unwrap();
                if view.attempts.len() == count {
                    return view;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, look).await.expect("the attempt is written down")
    }

    /// Lets the next attempt be due.
    fn later(&self) {
        self.gateway.clock.advance(Span::minutes(10));
        self.gateway.engine.hints().deliver.notify_one();
    }

    async fn stop(self) {
        self.stopping.cancel();
        tokio::time::timeout(PATIENCE, self.running).await.expect("the deliverer ends").unwrap();
    }
}

fn header<'h>(hit: &'h Hit, name: &str) -> &'h str {
    let found = hit.headers.iter().find(|(written, _)| written.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str()).expect("a header")
}

#[tokio::test]
async fn an_event_arrives_as_its_dialect_words_it() {
    let sending = Sending::patient().await;
    let merchant = Merchant::start().await;
    let secret = sending.endpoint(merchant.url("/hook")).await;
    let payment = sending.gateway.payment(&sending.shop, 100).await;
    let hit = merchant.next().await;
    assert_eq!((hit.method.as_str(), hit.path.as_str()), ("POST", "/hook"));
    let body = String::from_utf8(hit.body.clone()).unwrap();
    assert!(body.contains(&payment.id.base62()) && body.contains(r#""name":"created""#), "{body}");
    assert_eq!(header(&hit, "X-Secret"), secret);
    let view = sending.attempted(1).await;
    assert_eq!(view.delivery.status, DeliveryStatus::Delivered);
    assert_eq!(view.attempts[0].outcome.http_status, Some(200));
    assert_eq!(header(&hit, "X-Delivery"), view.delivery.id.base62());
    sending.stop().await;
}

#[tokio::test]
async fn what_was_refused_comes_again_with_the_same_body_and_a_fresh_time() {
    let sending = Sending::patient().await;
    let merchant = Merchant::start().await;
    sending.endpoint(merchant.url("/hook")).await;
    merchant.answer_next(Answer::Status(500));
    sending.gateway.payment(&sending.shop, 100).await;
    let first = merchant.next().await;
    assert_eq!(sending.attempted(1).await.delivery.status, DeliveryStatus::Retrying);
    sending.later();
    let second = merchant.next().await;
    assert_eq!(first.body, second.body);
    assert_eq!(header(&first, "X-Delivery"), header(&second, "X-Delivery"));
    assert_ne!(header(&first, "X-At"), header(&second, "X-At"));
    let view = sending.attempted(2).await;
    assert_eq!(view.delivery.status, DeliveryStatus::Delivered);
    assert_eq!(view.attempts[0].outcome.http_status, Some(500));
    sending.stop().await;
}

#[tokio::test]
async fn every_rudeness_is_an_attempt_that_failed_and_is_repeated() {
    let elsewhere = Merchant::start().await;
    for rudeness in [
        Answer::Redirect(elsewhere.url("/stolen")),
        Answer::Reset,
        Answer::Close,
        Answer::malformed(),
        Answer::EndlessHead,
        Answer::Status(404),
        Answer::Status(301),
    ] {
        let name = format!("{rudeness:?}");
        let sending = Sending::patient().await;
        let merchant = Merchant::start().await;
        sending.endpoint(merchant.url("/hook")).await;
        merchant.answer_next(rudeness);
        sending.gateway.payment(&sending.shop, 100).await;
        merchant.next().await;
        let view = sending.attempted(1).await;
        assert_eq!(view.delivery.status, DeliveryStatus::Retrying, "{name}");
        sending.later();
        merchant.next().await;
        assert_eq!(sending.attempted(2).await.delivery.status, DeliveryStatus::Delivered, "{name}");
        sending.stop().await;
    }
    assert_eq!(elsewhere.connections(), 0, "a redirect is never followed");
}

#[tokio::test]
async fn an_endless_answer_is_cut_and_counts_by_its_status() {
    let sending = Sending::patient().await;
    let merchant = Merchant::start().await;
    sending.endpoint(merchant.url("/hook")).await;
    merchant.answer_next(Answer::Endless);
    sending.gateway.payment(&sending.shop, 100).await;
    merchant.next().await;
    let view = sending.attempted(1).await;
    assert_eq!(view.delivery.status, DeliveryStatus::Delivered);
    assert!(view.attempts[0].outcome.excerpt.len() <= domain::delivery::EXCERPT_BYTES);
    sending.stop().await;
}

#[tokio::test]
async fn a_server_that_never_answers_times_out() {
    let sending = Sending::start(TargetPolicy { allow_private: true }, Duration::from_millis(200)).await;
    let merchant = Merchant::start().await;
    sending.endpoint(merchant.url("/hook")).await;
    merchant.answer_next(Answer::Hang);
    sending.gateway.payment(&sending.shop, 100).await;
    let view = sending.attempted(1).await;
    assert_eq!(view.delivery.status, DeliveryStatus::Retrying);
    assert_eq!(view.attempts[0].outcome.error.as_deref(), Some("timed out"));
    sending.stop().await;
}

#[tokio::test]
async fn a_hanging_endpoint_has_eight_in_flight_and_delays_nobody() {
    let sending = Sending::start(TargetPolicy { allow_private: true }, Duration::from_secs(5)).await;
    let (hanging, quick) = (Merchant::start().await, Merchant::start().await);
    hanging.answer(Answer::Hang);
    sending.endpoint(hanging.url("/hook")).await;
    sending.endpoint(quick.url("/hook")).await;
    for _ in 0..40 {
        sending.gateway.payment(&sending.shop, 100).await;
    }
    for _ in 0..40 {
        quick.next().await;
    }
    assert!(hanging.hits().len() <= PER_ENDPOINT as usize, "{} in flight", hanging.hits().len());
    hanging.stop().await;
    sending.stop().await;
}

#[tokio::test]
async fn in_public_mode_nothing_on_this_machine_is_reached() {
    let sending = Sending::start(TargetPolicy::default(), PATIENCE).await;
    let merchant = Merchant::start().await;
    let port = merchant.address().port();
    for url in [
        merchant.url("/hook"),
        format!("https://127.0.0.1:{port}/hook"),
        format!("https://localhost:{port}/hook"),
        format!("https://[::ffff:127.0.0.1]:{port}/hook"),
        format!("https://2130706433:{port}/hook"),
        format!("https://0x7f.1:{port}/hook"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
    ] {
        sending.endpoint(url).await;
    }
    sending.gateway.payment(&sending.shop, 100).await;
    let all_tried = async {
        loop {
            let deliveries = sending.deliveries().await;
            if deliveries.iter().all(|delivery| delivery.status == DeliveryStatus::Retrying) {
                return deliveries;
            }
            tokio::task::yield_now().await;
        }
    };
    let deliveries = tokio::time::timeout(PATIENCE, all_tried).await.expect("every attempt is written down");
    assert_eq!(deliveries.len(), 7);
    for delivery in deliveries {
        let view = sending.gateway.engine.delivery(delivery.id).await.unwrap();
        assert_eq!(view.attempts[0].outcome.error.as_deref(), Some("address not allowed"), "{:?}", view.url);
    }
    assert_eq!(merchant.connections(), 0);
    sending.stop().await;
}

//! The shop's clients: they order, ask again, and let buyers pay, whether the gateway is there or not.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use reqwest::RequestBuilder;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::{
    dice::{Dice, Seed},
    log::Log,
    till::{Answer, Life, Lost, Till},
};

/// Clients that work at the same time.
const CLIENTS: u8 = 16;

/// Where buyers pay.
pub(crate) const NETWORKS: [&str; 4] = ["bitcoin", "card", "ethereum", "tron"];

/// Clients at work.
pub(crate) struct Load {
    closing: Arc<AtomicBool>,
    clients: JoinSet<()>,
}

/// One of them.
struct Shopper {
    number: u8,
    dice: Dice,
    till: Arc<Till>,
    log: Arc<Log>,
    closing: Arc<AtomicBool>,
}

impl Load {
    /// Lets the clients begin.
    pub(crate) fn start(till: &Arc<Till>, log: &Arc<Log>, seed: Seed) -> Self {
        let (closing, mut clients) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
        for number in 0..CLIENTS {
            let (till, log) = (Arc::clone(till), Arc::clone(log));
            let closing = Arc::clone(&closing);
            let shopper = Shopper { number, dice: seed.dice(number), till, log, closing };
            clients.spawn(shopper.work());
        }
        Self { closing, clients }
    }

    /// Waits for what is to happen under load; a client that found a fault ends the test at once.
    pub(crate) async fn during(&mut self, happens: impl Future<Output = ()>) {
        tokio::select! {
            () = happens => {}
            Some(ended) = self.clients.join_next() => {
                ended.expect("a client finds no fault");
                panic!("a client went home too early");
            }
        }
    }

    /// Lets every client finish what it does.
    pub(crate) async fn finish(mut self) {
        self.closing.store(true, Ordering::SeqCst);
        while let Some(ended) = self.clients.join_next().await {
            ended.expect("a client finds no fault");
        }
    }
}

impl Shopper {
    async fn work(self) {
        let (mut orders, mut life) = (0_u64, 0);
        while !self.is_closing() {
            let now = self.till.life().number;
            if now > life && orders > 0 {
                self.replay(&self.key(1 + self.dice.below(orders))).await;
            }
            life = now;
            orders += 1;
            let key = self.key(orders);
            let made = if self.dice.one_in(8) {
                // Twins: each may be the one that makes it, and each the one whose answer is lost.
                let (one, other) = tokio::join!(self.order(&key), self.order(&key));
                one.or(other)
            } else {
                self.order(&key).await
            };
            if let Some(payment) = made.filter(|_| self.dice.one_in(5)) {
                self.pay(&payment).await;
            }
            if self.dice.one_in(8) {
                self.mine().await;
            }
        }
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    fn network(&self) -> &'static str {
        NETWORKS[usize::try_from(self.dice.below(4)).expect("a small number")]
    }

    fn key(&self, order: u64) -> String {
        format!("order-{}-{order}", self.number)
    }

    async fn ask(&self, life: &Life, request: RequestBuilder) -> Result<Answer, Lost> {
        let asked = self.till.ask(life, request).await;
        asked.inspect_err(|Lost| self.log.lost())
    }

    /// Asks for a payment until there is an answer, or until an answer was lost and the client goes away for ever.
    /// Gives the payment's id.
    async fn order(&self, key: &str) -> Option<String> {
        let mut life = self.till.life();
        loop {
            self.log.sends(key);
            match self.ask(&life, life.create(key)).await {
                Ok(answer) if self.till.is_refusal(&answer, "service_unavailable") => {
                    self.log.refused();
                    if self.is_closing() {
                        return None;
                    }
                }
                Ok(answer) => {
                    assert_eq!(answer.status, 201, "{key}: {}", answer.body);
                    return Some(self.log.answered(key, &answer.body, answer.replayed));
                }
                Err(Lost) if self.dice.one_in(4) => return None,
                Err(Lost) => life = self.till.life_after(life.number).await,
            }
        }
    }

    /// Asks again, after a kill, for what was answered before it.
    async fn replay(&self, key: &str) {
        if !self.log.knows(key) {
            return;
        }
        let life = self.till.life();
        self.log.sends(key);
        if let Ok(answer) = self.ask(&life, life.create(key)).await {
            if self.till.is_refusal(&answer, "service_unavailable") {
                return self.log.refused();
            }
            assert_eq!((answer.status, answer.replayed), (201, true), "{key} again: {}", answer.body);
            self.log.answered(key, &answer.body, true);
        }
    }

    /// Lets money arrive for a payment. The sandbox's order has no key: where its answer was lost it is not repeated.
    async fn pay(&self, payment: &str) {
        let (network, is_final) = (self.network(), self.dice.one_in(2));
        let life = self.till.life();
        self.log.pays(payment);
        if self.order_of_the_operator(&life, life.pay(payment, network, is_final)).await.is_some() {
            self.log.paid(payment);
        }
    }

    /// Lets a block be mined: money that waited is in it, and what was in others is deeper.
    async fn mine(&self) {
        let (network, life) = (self.network(), self.till.life());
        if let Some(head) = self.order_of_the_operator(&life, life.mine(network, 1)).await {
            self.log.mined(network, head["height"].as_u64().expect("a height"));
        }
    }

    async fn order_of_the_operator(&self, life: &Life, request: RequestBuilder) -> Option<Value> {
        let answer = self.ask(life, request).await.ok()?;
        if self.till.is_unsure(&answer) {
            self.log.lost();
            return None;
        }
        if self.till.is_refusal(&answer, "unavailable") {
            self.log.refused();
            return None;
        }
        assert_eq!(answer.status, 200, "{}", answer.body);
        Some(serde_json::from_str(&answer.body).expect("JSON"))
    }
}

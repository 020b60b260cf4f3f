//! Clients that order and read all the time, and write down what they were answered.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use testkit::until::PATIENCE;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{self, MissedTickBehavior},
};

use crate::shop::{Shop, text};

/// Clients that work at the same time.
const CLIENTS: usize = 8;

/// How long a client waits before it asks again what was not answered.
const PAUSE: Duration = Duration::from_millis(50);

/// What clients take for a fault of the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Every answer but the one that is hoped for.
    NothingFails,
    /// The gateway may be away, and may say so; then the same is asked again, elsewhere.
    AskAgain,
}

/// What clients wrote down.
pub(crate) struct Log {
    /// The payment of each order that was answered, by its key.
    answered: Mutex<BTreeMap<String, String>>,
    /// How many orders were answered.
    count: watch::Sender<usize>,
    /// How many requests were answered as hoped: orders and reads.
    pub(crate) requests: AtomicU32,
    /// How many were not.
    pub(crate) unanswered: AtomicU32,
    /// How many answers told of a payment that an unanswered request had made.
    pub(crate) found_again: AtomicU32,
}

/// Clients at work.
pub(crate) struct Load {
    shop: Arc<Shop>,
    pub(crate) log: Arc<Log>,
    closing: Arc<AtomicBool>,
    clients: JoinSet<()>,
}

struct Client {
    number: usize,
    gateways: Vec<String>,
    rule: Rule,
    shop: Arc<Shop>,
    log: Arc<Log>,
}

impl Load {
    /// Lets clients begin, who ask each of these gateways in turn.
    pub(crate) fn start(shop: &Arc<Shop>, gateways: &[String], rule: Rule) -> Self {
        let log = Arc::new(Log {
            answered: Mutex::default(),
            count: watch::Sender::new(0),
            requests: AtomicU32::new(0),
            unanswered: AtomicU32::new(0),
            found_again: AtomicU32::new(0),
        });
        let (closing, mut clients) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
        for number in 0..CLIENTS {
            let (shop, log) = (Arc::clone(shop), Arc::clone(&log));
            let client = Client { number, gateways: gateways.to_vec(), rule, shop, log };
            clients.spawn(client.work(Arc::clone(&closing)));
        }
        Self { shop: Arc::clone(shop), log, closing, clients }
    }

    /// Waits for so many more answered orders; a client that found a fault ends the test at once. Gives how many there
    /// were before.
    pub(crate) async fn more(&mut self, count: usize) -> usize {
        let mut answered = self.log.count.subscribe();
        let before = *answered.borrow_and_update();
        let enough = answered.wait_for(|now| *now >= before + count);
        self.during(async { time::timeout(PATIENCE * 2, enough).await.map(drop).expect("answers enough") })
            .await;
        before
    }

    /// Waits for what is to happen under load; a client that found a fault ends the test at once.
    pub(crate) async fn during<T>(&mut self, happens: impl Future<Output = T>) -> T {
        tokio::select! {
            happened = happens => happened,
            Some(ended) = self.clients.join_next() => {
                ended.expect("a client finds no fault");
                panic!("a client went home too early");
            }
        }
    }

    /// Lets every client finish what it does. Then every order that was answered must be there, once, and none besides.
    /// Gives how many there are.
    pub(crate) async fn finish(self, gateway: &str) -> usize {
        self.finish_beside(gateway, &[]).await
    }

    /// The same, where these orders are there that others have made.
    pub(crate) async fn finish_beside(mut self, gateway: &str, others: &[&str]) -> usize {
        self.closing.store(true, Ordering::SeqCst);
        while let Some(ended) = self.clients.join_next().await {
            ended.expect("a client finds no fault");
        }
        let answered = self.log.answered.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut listed = self.shop.list(gateway).await;
        listed.retain(|(key, _)| !others.contains(&key.as_str()));
        let made: BTreeMap<String, String> = listed.iter().cloned().collect();
        assert_eq!(made.len(), listed.len(), "an order made two payments");
        assert_eq!(made, answered, "what is there, and what was answered");
        made.len()
    }
}

impl Client {
    async fn work(self, closing: Arc<AtomicBool>) {
        let mut number = 0;
        while !closing.load(Ordering::SeqCst) {
            let key = format!("order-{}-{number}", self.number);
            let id = self.order(&key, number).await;
            self.read(&id, number).await;
            number += 1;
        }
    }

    fn gateway(&self, turn: usize) -> &str {
        &self.gateways[(self.number + turn) % self.gateways.len()]
    }

    /// Asks for a payment until there is an answer.
    async fn order(&self, key: &str, turn: usize) -> String {
        let mut pauses = time::interval(PAUSE);
        pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for tries in 0.. {
            pauses.tick().await;
            let gateway = self.gateway(turn + tries);
            match self.shop.try_ask(self.shop.order(gateway, key)).await {
                Ok(answer) if answer.status == 201 => {
                    assert!(
                        tries > 0 || !answer.replayed,
                        "{key} was sent once, and is answered as a repetition"
                    );
                    self.log.found_again.fetch_add(u32::from(answer.replayed), Ordering::SeqCst);
                    self.log.requests.fetch_add(1, Ordering::SeqCst);
                    let id = text(&answer.body, "/data/id");
                    let mut answered = self.log.answered.lock().unwrap_or_else(PoisonError::into_inner);
                    answered.insert(key.to_owned(), id.clone());
                    let count = answered.len();
                    drop(answered);
                    self.log.count.send_replace(count);
                    return id;
                }
                Ok(answer) => self.failed(key, &format!("{answer:?}"), answer.status == 503),
                Err(error) => self.failed(key, &format!("{error:?}"), true),
            }
        }
        unreachable!("there is always another try")
    }

    /// Reads a payment at another gateway than the one that made it.
    async fn read(&self, id: &str, turn: usize) {
        let request = self.shop.look(self.gateway(turn + 1), &format!("/payments/{id}"));
        match self.shop.try_ask(request).await {
            Ok(answer) if answer.status == 200 => {
                assert_eq!(text(&answer.body, "/data/id"), id);
                self.log.requests.fetch_add(1, Ordering::SeqCst);
            }
            Ok(answer) => self.failed(id, &format!("{answer:?}"), answer.status == 503),
            Err(error) => self.failed(id, &format!("{error:?}"), true),
        }
    }

    fn failed(&self, what: &str, how: &str, may_be: bool) {
        assert!(may_be && self.rule == Rule::AskAgain, "{what}: {how}");
        self.log.unanswered.fetch_add(1, Ordering::SeqCst);
    }
}

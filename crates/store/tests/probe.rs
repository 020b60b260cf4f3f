//! A probe hears what the store does, and what it lets fail is undone.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::sync::{Arc, Mutex};

use domain::{
    id::{Entropy, MerchantId},
    merchant::{Merchant, Name},
    refusal::Failure,
    time::{Clock, Timestamp},
};
use store::{Abort, Fault, Probe, Settings, Store, Tx};

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1)
    }
}

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// Writes down what it hears, and lets one thing fail.
#[derive(Default)]
struct Listener {
    heard: Mutex<Vec<&'static str>>,
    fails: Mutex<Option<&'static str>>,
}

impl Listener {
    fn hear(&self, what: &'static str) -> Result<(), Fault> {
        self.heard.lock().unwrap().push(what);
        let fails = self.fails.lock().unwrap().is_some_and(|name| what.ends_with(name));
        if fails { Err(Fault::broken("as told")) } else { Ok(()) }
    }

    fn heard(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

impl Probe for Listener {
    fn begin(&self) {
        self.hear("begin").unwrap();
    }

    fn statement(&self, name: &'static str) -> Result<(), Fault> {
        self.hear(name)
    }

    fn before_commit(&self) -> Result<(), Fault> {
        self.hear("before")
    }

    fn after_commit(&self) {
        self.hear("after").unwrap();
    }
}

async fn add(store: &Store, number: u8) -> Result<(), Failure> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
        let (name, created_at) = (Name::parse("Merchant")?, Timestamp::from_seconds(1));
        store::merchants::insert(tx, &Merchant { id: id(number), name, created_at })?;
        Ok(store::merchants::get(tx, id(number)).map(|_| ())?)
    };
    store.transact("test.add", job).await
}

fn id(number: u8) -> MerchantId {
    MerchantId::from_bytes([number; 16])
}

async fn is_there(store: &Store, number: u8) -> bool {
    store.read("test.get", move |rx| Ok(store::merchants::get(rx, id(number))?)).await.unwrap().is_some()
}

#[tokio::test]
async fn a_probe_hears_everything_and_what_it_lets_fail_is_undone() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::Sqlite { path: folder.path().join("test.db"), readers: 1 };
    let listener = Arc::new(Listener::default());
    let probe: Arc<dyn Probe> = Arc::<Listener>::clone(&listener);
    let store = Store::open_probed(&settings, Arc::new(Fixed), Arc::new(Fixed), Some(&probe)).unwrap();
    assert!(listener.heard().is_empty(), "it listens once the store is open");

    add(&store, 1).await.unwrap();
    let (insert, get) = ("store::tables::merchants::INSERT", "store::tables::merchants::GET");
    assert_eq!(listener.heard(), ["begin", insert, get, "before", "after"]);
    assert!(is_there(&store, 1).await);
    assert_eq!(listener.heard(), ["begin", get]);

    *listener.fails.lock().unwrap() = Some("GET");
    assert!(matches!(add(&store, 2).await, Err(Failure::Internal { .. })));
    *listener.fails.lock().unwrap() = Some("before");
    assert!(matches!(add(&store, 3).await, Err(Failure::Unavailable { .. })));
    *listener.fails.lock().unwrap() = None;
    assert!(!is_there(&store, 2).await && !is_there(&store, 3).await);
    add(&store, 2).await.unwrap();
    assert!(is_there(&store, 2).await, "the store goes on after a fault");
}

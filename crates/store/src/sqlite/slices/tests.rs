//! Keys that lie in several slices.

use std::{
    path::Path,
    sync::{Arc, mpsc},
};

use domain::{
    dialect::DialectName,
    id::{PaymentId, ShopId},
    time::Timestamp,
};

use super::{filters::Task, *};
use crate::{
    Abort,
    idempotency::{Key, Used, claim, get, prune},
    sqlite::{Reader, Writer},
    tx::Tx,
};

const SHOP: ShopId = ShopId::from_bytes([7; 16]);

/// A database whose slices are closed after a few keys.
struct Till {
    builder: Builder,
    reader: Reader,
    writer: Writer,
}

impl Till {
    fn open(path: &Path, keys: u32) -> Self {
        crate::migrate::run(path).unwrap();
        let slices = Slices { keys, ..Slices::of(&crate::sqlite::connect(path).unwrap()).unwrap() };
        let builder = Builder::with(path, Arc::new(slices)).unwrap();
        let writer = Writer::start(path, builder.turner(), None).unwrap();
        let reader = Reader::start(path, 1, builder.slices(), None).unwrap();
        Self { builder, reader, writer }
    }

    async fn claim(&self, key: u8, at: i64) -> Option<Used> {
        let job = move |tx: &mut Tx<'_>| -> Result<Option<Used>, Abort> {
            let payment = PaymentId::from_bytes([key; 16]);
            Ok(claim(tx, &named(&key.to_string()), payment, Timestamp::from_micros(at))?)
        };
        self.writer.run("claim", job).await.unwrap()
    }

    async fn get(&self, key: u8) -> Option<Used> {
        self.reader.run("get", move |rx| Ok(get(rx, &named(&key.to_string()))?)).await.unwrap()
    }

    /// Waits until the thread has built what it was asked for.
    fn settle(&self) {
        let (caller, answer) = mpsc::channel();
        self.builder.ask(Task::Tell(caller));
        answer.recv().unwrap();
        assert!(self.builder.slices().without_filter().is_empty(), "every closed slice has its filter");
    }

    fn open_slice(&self) -> i64 {
        self.builder.slices().open()
    }
}

fn named(key: &str) -> Key<'_> {
    Key { shop: SHOP, dialect: DialectName::parse("plain").unwrap(), key, fingerprint: &[9; 32] }
}

#[tokio::test]
async fn a_key_is_found_in_whichever_slice_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.db");
    let till = Till::open(&path, 3);
    for key in 0..10 {
        assert_eq!(till.claim(key, 1).await, None);
    }
    assert_eq!(till.open_slice(), 3);
    let all_taken = async |till: &Till| {
        for key in 0..10 {
            let used = till.claim(key, 2).await.expect("it is taken");
            assert_eq!(used.payment, PaymentId::from_bytes([key; 16]));
            assert_eq!(till.get(key).await, Some(used));
        }
        assert_eq!(till.get(10).await, None);
    };
    all_taken(&till).await;
    till.settle();
    assert_eq!(till.builder.slices().that_may_hold(fingerprint(SHOP.bytes(), "plain", "4")), [1]);
    all_taken(&till).await;
    drop(till);
    // As another process finds them.
    let till = Till::open(&path, 3);
    assert_eq!(till.open_slice(), 3);
    all_taken(&till).await;
    assert_eq!(till.claim(10, 2).await, None);
}

#[tokio::test]
async fn a_slice_whose_keys_are_all_too_old_is_asked_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let till = Till::open(&folder.path().join("till.db"), 2);
    for key in 0..5 {
        assert_eq!(till.claim(key, i64::from(key)).await, None);
    }
    let pruned = async |before| {
        let job = move |tx: &mut Tx<'_>| -> Result<usize, Abort> {
            Ok(prune(tx, Timestamp::from_micros(before), 10)?)
        };
        till.writer.run("prune", job).await.unwrap()
    };
    assert_eq!(pruned(1).await, 1);
    assert_eq!(till.builder.slices().oldest_closed(), Some(0), "it still holds one");
    assert_eq!(pruned(3).await, 2);
    assert_eq!(till.builder.slices().oldest_closed(), Some(1));
    assert_eq!(till.claim(0, 5).await, None, "a key is new again");
    assert!(till.claim(3, 5).await.is_some());
}

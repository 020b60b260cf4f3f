//! What must be true after all the kills, told from the shop's own log.

use std::collections::{BTreeMap, BTreeSet};

use domain::{delivery::DeliveryStatus, id::DeliveryId};
use serde_json::Value;
use store::{Abort, Rx};
use testkit::{audit::audit, merchant::Merchant};

use crate::{
    load::NETWORKS,
    log::{Entries, id_in},
    till::{Till, amount},
    told::Told,
};

const CREATED: &str = "payment.created";
const COMPLETED: &str = "payment.completed";

/// Deliveries that are read at once.
const PAGE: u32 = 500;

/// Blocks above money with which it is final on every network.
const FINAL: u32 = 100;

/// Compares what the gateway says in its last life with what the shop wrote down, and with what the merchant is told.
/// Gives every payment there is.
pub(crate) async fn judge_alive(
    till: &Till,
    log: &Entries,
    merchant: &Merchant,
    told: &mut Told,
) -> BTreeSet<String> {
    mine_on(till, log).await;
    let listed = list(till).await;
    for (id, payment) in &listed {
        let key = payment["reference"].as_str().expect("a reference");
        assert!(log.creations.contains_key(key), "{id} was made for {key:?}, which nobody asked for");
        assert_eq!(payment["amount"], amount(key), "{id}");
    }
    let references: BTreeSet<&str> =
        listed.values().filter_map(|payment| payment["reference"].as_str()).collect();
    assert_eq!(references.len(), listed.len(), "a key made two payments");

    let made: BTreeSet<String> = listed.into_keys().collect();
    told.wait(merchant, &made, CREATED).await;
    let paid =
        log.pays.iter().filter(|(_, answered)| **answered).map(|(payment, _)| payment.clone()).collect();
    told.wait(merchant, &paid, COMPLETED).await;

    let mut completed = BTreeSet::new();
    for (key, creation) in &log.creations {
        let Some(answer) = &creation.answer else { continue };
        let id = id_in(answer);
        let payment = read(till, &id).await;
        assert!(made.contains(&id), "{id} of {key} is in no page of the list");
        assert_eq!(payment["reference"], *key, "{id}");
        if payment["status"] == "completed" {
            completed.insert(id);
        } else {
            assert!(!paid.contains(&id), "{id} was paid, and is {}", payment["status"]);
        }
    }
    // Of pays whose answer was lost, those that happened after all are told as well.
    told.wait(merchant, &completed, COMPLETED).await;
    made
}

/// Looks into what the last life left behind: the books add up, nothing that was to be told is given up, and nothing
/// was told that is not so.
pub(crate) async fn judge_dead(
    till: &Till,
    log: &Entries,
    merchant: &Merchant,
    made: &BTreeSet<String>,
) -> Told {
    let store = till.left_behind();
    audit(&store).await;
    let given_up = store.read("test.given_up", given_up).await.expect("deliveries are read");
    assert_eq!(given_up, 0, "deliveries to a merchant that takes everything were put off or given up");

    let mut told = Told::default();
    for hit in merchant.hits() {
        told.take(&hit);
    }
    assert_eq!(told.payments(CREATED), *made, "what was told as created");
    let paid = told.payments(COMPLETED);
    assert!(
        paid.iter().all(|payment| log.pays.contains_key(payment)),
        "what nobody paid for was told as completed"
    );
    told
}

/// Makes all money that waits final. Every block that was answered is still below.
async fn mine_on(till: &Till, log: &Entries) {
    let life = till.life();
    for network in NETWORKS {
        let Ok(answer) = till.ask(&life, life.mine(network, FINAL)).await else {
            panic!("{network}: no answer")
        };
        assert_eq!(answer.status, 200, "{network}: {}", answer.body);
        let head: Value = serde_json::from_str(&answer.body).expect("JSON");
        let height = head["height"].as_u64().expect("a height");
        let mined = log.mined.get(network).copied().unwrap_or_default();
        assert!(height >= mined + u64::from(FINAL), "{network} is at {height} after a block at {mined}");
    }
}

/// Every payment of the shop, by id, page by page.
async fn list(till: &Till) -> BTreeMap<String, Value> {
    let mut listed = BTreeMap::new();
    let mut path = "/payments?limit=100".to_owned();
    loop {
        let page = get(till, &path).await;
        for payment in page["data"].as_array().expect("payments") {
            let id = payment["id"].as_str().expect("an id").to_owned();
            assert!(listed.insert(id.clone(), payment.clone()).is_none(), "{id} is listed twice");
        }
        let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { return listed };
        path = format!("/payments?limit=100&cursor={cursor}");
    }
}

async fn read(till: &Till, id: &str) -> Value {
    get(till, &format!("/payments/{id}")).await["data"].take()
}

async fn get(till: &Till, path: &str) -> Value {
    let life = till.life();
    let Ok(answer) = till.ask(&life, life.read(path)).await else { panic!("{path}: no answer") };
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).expect("JSON")
}

fn given_up(rx: &mut Rx<'_>) -> Result<usize, Abort> {
    let (mut before, mut count) = (DeliveryId::from_bytes([0xff; 16]), 0);
    loop {
        let page = store::deliveries::list(rx, before, PAGE)?;
        let Some(last) = page.last() else { return Ok(count) };
        before = last.id;
        let is_given_up = |status| matches!(status, DeliveryStatus::Retrying | DeliveryStatus::Failed);
        count += page.iter().filter(|delivery| is_given_up(delivery.status)).count();
    }
}

//! Lists: pages, filters, and what is not taken.

use domain::time::Span;
use serde_json::Value;

use crate::{
    exchange::{Answer, Ask, example_with},
    rig::Rig,
};

fn ids(answer: &Answer) -> Vec<String> {
    let data = answer.data();
    data.as_array().unwrap().iter().map(|payment| payment["id"].as_str().unwrap().to_owned()).collect()
}

/// Payments one minute apart, oldest first.
async fn payments(rig: &Rig, count: usize) -> Vec<String> {
    let mut made = Vec::new();
    for number in 0..count {
        made.push(rig.create(&format!("key-{number}")).await.text_of("id"));
        rig.gateway.advance(Span::minutes(1)).await;
    }
    made
}

#[tokio::test]
async fn pages_follow_each_other_from_the_newest_on() {
    let rig = Rig::new().await;
    let mut made = payments(&rig, 5).await;
    made.reverse();
    let mut seen = Vec::new();
    let mut path = "/v1/payments?limit=2".to_owned();
    let mut sizes = Vec::new();
    loop {
        let page = rig.get(&path).await;
        sizes.push(ids(&page).len());
        seen.extend(ids(&page));
        let pagination = page.json()["pagination"].clone();
        assert_eq!(pagination["limit"], 2);
        let Some(cursor) = pagination["next_cursor"].as_str() else {
            assert_eq!(pagination["has_more"], false);
            break;
        };
        assert_eq!(pagination["has_more"], true);
        path = format!("/v1/payments?limit=2&cursor={cursor}");
        // What is made meanwhile changes no page that follows.
        rig.create(&format!("later-{}", seen.len())).await;
    }
    assert_eq!(seen, made);
    assert_eq!(sizes, [2, 2, 1]);
}

#[tokio::test]
async fn a_list_says_what_a_read_says() {
    let rig = Rig::new().await;
    let made = payments(&rig, 1).await;
    let list = rig.get("/v1/payments").await;
    let read = rig.get(&format!("/v1/payments/{}", made[0])).await;
    assert_eq!(list.data()[0], read.data());
    let expected: Value = serde_json::json!({"limit": 20, "has_more": false, "next_cursor": null});
    assert_eq!(list.json()["pagination"], expected);
}

#[tokio::test]
async fn payments_of_one_moment_have_one_order() {
    let rig = Rig::new().await;
    let mut made = Vec::new();
    for number in 0..7 {
        made.push(rig.create(&format!("key-{number}")).await);
    }
    assert!(made.iter().all(|answer| answer.text_of("created_at") == "2026-06-16T12:00:00Z"));
    let mut whole: Vec<String> = made.iter().map(|answer| answer.text_of("id")).collect();
    whole.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(ids(&rig.get("/v1/payments").await), whole);
    let (mut seen, mut path) = (Vec::new(), "/v1/payments?limit=3".to_owned());
    loop {
        let page = rig.get(&path).await;
        seen.extend(ids(&page));
        let pagination = page.json()["pagination"].clone();
        let Some(cursor) = pagination["next_cursor"].as_str() else { break };
        path = format!("/v1/payments?limit=3&cursor={cursor}");
    }
    assert_eq!(seen, whole);
}

#[tokio::test]
async fn a_cursor_is_a_place_and_goes_with_any_filter() {
    let rig = Rig::new().await;
    let mut made = payments(&rig, 4).await;
    made.reverse();
    let euro = rig.create_with("euro", &example_with("currency", "EUR")).await.text_of("id");
    let page = rig.get("/v1/payments?limit=2&currency=USD").await;
    assert_eq!(ids(&page), made[..2]);
    let cursor = page.json()["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    let after = async |query: &str| ids(&rig.get(&format!("/v1/payments?cursor={cursor}{query}")).await);
    assert_eq!(after("").await, made[2..]);
    assert_eq!(after("&created_to=2026-06-16T12:01:00Z").await, made[3..]);
    // What lies before that place is on no page after it, whatever is asked for.
    assert_eq!(after("&currency=EUR").await, [""; 0]);
    assert_eq!(after("&created_from=2026-06-16T12:02:00Z").await, [""; 0]);
    assert_eq!(ids(&rig.get("/v1/payments?currency=EUR").await), [euro]);
}

#[tokio::test]
async fn filters_take_what_they_say() {
    let rig = Rig::new().await;
    let plain = rig.create("a").await.text_of("id");
    rig.gateway.advance(Span::minutes(1)).await;
    let euro = rig.create_with("b", &example_with("currency", "EUR")).await.text_of("id");
    rig.gateway.advance(Span::minutes(1)).await;
    let other = rig.create_with("c", &example_with("reference", "ö/1 2")).await.text_of("id");
    rig.gateway.advance(Span::minutes(1)).await;
    let mail = rig.create_with("d", &example_with("customer_email", "a+b@example.org")).await.text_of("id");
    let all = [&mail, &other, &euro, &plain];
    for (query, found) in [
        ("", &all[..]),
        ("unknown=1&page=7", &all),
        ("unknown=1&unknown=2&Status=x&status%5B%5D=x&%F6=%F6&&=&x", &all),
        ("reference=100%&currency=EUR", &[]),
        ("cur%72ency=E%55R", &[&euro]),
        ("limit=007", &all),
        ("currency=EUR", &[&euro]),
        ("currency=CHF", &[]),
        ("reference=%C3%B6%2F1+2", &[&other]),
        ("reference=order-a1001", &[&mail, &euro, &plain]),
        ("reference=", &[]),
        ("customer_email=a%2Bb%40example.org", &[&mail]),
        ("status=pending", &all),
        ("status=completed", &[]),
        ("status=refunded", &[]),
        ("status=disputed", &[]),
        ("created_from=2026-06-16T12:01:00Z", &all[..3]),
        ("created_to=2026-06-16T12:01:00Z", &all[3..]),
        ("created_from=2026-06-16T14:01:00%2B02:00&created_to=2026-06-16T12:03:00Z", &all[1..3]),
        ("created_from=1900-01-01T00:00:00Z", &all),
        ("created_from=2100-01-01T00:00:00Z", &[]),
        ("created_from=2026-06-17T00:00:00Z&created_to=2026-06-16T00:00:00Z", &[]),
        ("currency=USD&reference=order-a1001&limit=1", &[&mail]),
    ] {
        let answer = rig.get(&format!("/v1/payments?{query}")).await;
        assert_eq!(answer.told(), "200", "{query}");
        assert_eq!(ids(&answer).iter().collect::<Vec<_>>(), found, "{query}");
    }
}

#[tokio::test]
async fn values_that_cannot_be_are_refused() {
    let rig = Rig::new().await;
    for (query, fields) in [
        ("limit=0", &["limit"][..]),
        ("limit=101", &["limit"]),
        ("limit=-1", &["limit"]),
        ("limit=%2B5", &["limit"]),
        ("limit=1.0", &["limit"]),
        ("limit=", &["limit"]),
        ("limit=99999999999999999999", &["limit"]),
        ("limit=1&limit=2", &["limit"]),
        ("status=paid", &["status"]),
        ("status=Pending", &["status"]),
        ("status=pending,completed", &["status"]),
        ("currency=usd", &["currency"]),
        ("currency=XYZ", &["currency"]),
        ("customer_email=nobody", &["customer_email"]),
        ("created_from=yesterday", &["created_from"]),
        ("created_from=2026-06-16T12:00:00+02:00", &["created_from"]),
        ("created_to=2026-06-16", &["created_to"]),
        ("created_to=1781611200", &["created_to"]),
        ("status=", &["status"]),
        ("status=pending&status=pending", &["status"]),
        ("reference=a&reference=b", &["reference"]),
        ("reference=%F6", &["reference"]),
        ("customer_email=k%E4ufer%40example.com", &["customer_email"]),
        ("limit=%31%FF", &["limit"]),
        (
            "limit=x&status=x&currency=x&customer_email=x&created_from=x&created_to=x",
            &["limit", "status", "currency", "customer_email", "created_from", "created_to"],
        ),
    ] {
        let answer = rig.get(&format!("/v1/payments?{query}")).await;
        assert_eq!(answer.told(), "422 validation_failed", "{query}");
        assert_eq!(answer.fields(), fields, "{query}");
    }
    let long = format!("/v1/payments?reference={}", "r".repeat(256));
    assert_eq!(rig.get(&long).await.fields(), ["reference"]);
}

#[tokio::test]
async fn cursors_that_no_list_gave_out_are_refused() {
    let rig = Rig::new().await;
    payments(&rig, 2).await;
    let page = rig.get("/v1/payments?limit=1").await;
    let cursor = page.json()["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    let reversed: String = cursor.chars().rev().collect();
    for wrong in
        ["", "x", &cursor[1..], &reversed, &format!("{cursor}A"), "pay_00033ZMYAb50T29kTFmGqkRU", "%ff%00"]
    {
        let answer = rig.get(&format!("/v1/payments?cursor={wrong}")).await;
        assert_eq!(answer.told(), "400 invalid_cursor", "{wrong}");
    }
    let twice = rig.get(&format!("/v1/payments?cursor={cursor}&cursor={cursor}")).await;
    assert_eq!(twice.told(), "400 invalid_cursor");
    // In another shop's hands it opens nothing.
    let other = rig.gateway.shop("Other").await;
    let key = rig.key_for(&other, &[]).await;
    let theirs = rig.send(Ask::get(format!("/v1/payments?cursor={cursor}")).key(&key)).await;
    assert_eq!((theirs.told().as_str(), ids(&theirs).len()), ("200", 0));
}

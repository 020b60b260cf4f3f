use std::fmt::Write as _;

use domain::{
    dialect::Dialect,
    id::{DeliveryId, Id},
    merchant::Environment,
    payment::Flags,
};
use serde_json::Value;

use super::*;
use crate::alpha::{Alpha, openapi::samples};

/// An attempt at `at`, by the vector's secret.
fn sent(secret: &str, at: domain::time::Timestamp, body: &[u8]) -> Vec<(&'static str, String)> {
    let payment = samples::payment(Status::Paid).unwrap();
    let event = samples::event(&payment, EventKind::Paid);
    let delivery: DeliveryId = Id::floor(at);
    headers(&CallbackAttempt { delivery, event: &event, name: COMPLETED, key: None, secret, at, body })
}

fn header<'a>(headers: &'a [(&'static str, String)], name: &str) -> &'a str {
    headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str()).unwrap()
}

#[test]
fn signatures_are_those_of_the_vectors() {
    let fixture: Value = serde_json::from_str(include_str!("../../../fixtures/alpha.json")).unwrap();
    let vectors = fixture["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 1);
    for vector in vectors {
        let text = |field: &str| vector[field].as_str().unwrap();
        assert_eq!(text("message"), "{timestamp}.{body}");
        let at = time::read(text("timestamp")).unwrap();
        let headers = sent(text("key"), at, text("body").as_bytes());
        assert_eq!(header(&headers, "X-Alpha-Timestamp"), text("timestamp"));
        assert_eq!(header(&headers, text("header")), text("expected"));
    }
}

#[test]
fn each_attempt_is_signed_at_its_own_time_and_keeps_its_delivery() {
    let payment = samples::payment(Status::Paid).unwrap();
    let event = samples::event(&payment, EventKind::Paid);
    let delivery = samples::delivery();
    let at = |minutes| {
        let at = event.at + Span::minutes(minutes);
        let (event, name, body) = (&event, COMPLETED, b"{}");
        headers(&CallbackAttempt { delivery, event, name, key: None, secret: "s", at, body })
    };
    let (first, second) = (at(0), at(5));
    assert_eq!(header(&first, "X-Alpha-Timestamp"), "2026-06-16T12:07:30Z");
    assert_eq!(header(&second, "X-Alpha-Timestamp"), "2026-06-16T12:12:30Z");
    assert_ne!(header(&first, "X-Alpha-Signature"), header(&second, "X-Alpha-Signature"));
    assert_eq!(header(&first, "X-Alpha-Delivery"), header(&second, "X-Alpha-Delivery"));
    assert!(header(&first, "X-Alpha-Delivery").starts_with("del_"));
    assert_eq!(header(&first, "X-Alpha-Event"), "payment.completed");
    assert_eq!(header(&first, "X-Alpha-API-Version"), "2026-06-08");
    assert_eq!(header(&first, "Content-Type"), "application/json");
}

#[test]
fn every_event_has_its_name_or_silence() {
    let mut table = String::new();
    for kind in EventKind::ALL {
        let told: Vec<String> = Status::ALL
            .iter()
            .filter_map(|status| {
                let name = event_name(*kind, &State { status: *status, ..State::NEW })?;
                Some(format!("{}: {name}", status.code()))
            })
            .collect();
        let told = if told.is_empty() { "-".to_owned() } else { told.join(", ") };
        writeln!(table, "{} -> {told}", kind.code()).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn flags_do_not_change_an_event_s_name() {
    let flags = Flags { short: true, over: true, late: true };
    for kind in EventKind::ALL {
        for status in Status::ALL {
            let plain = State { status: *status, ..State::NEW };
            assert_eq!(event_name(*kind, &State { flags, ..plain }), event_name(*kind, &plain));
        }
    }
}

#[test]
fn what_is_told_can_be_listened_to() {
    for (name, _) in TOLD {
        assert!(EVENT_NAMES.contains(name), "{name}");
    }
    let mut told: Vec<&str> = EventKind::ALL
        .iter()
        .flat_map(|kind| Status::ALL.iter().map(move |status| (*kind, *status)))
        .filter_map(|(kind, status)| event_name(kind, &State { status, ..State::NEW }))
        .collect();
    told.sort_unstable();
    told.dedup();
    let mut known: Vec<&str> = TOLD.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(told, known);
}

#[test]
fn a_body_is_the_contract_s_and_knows_only_its_event() {
    let mut payment = samples::payment(Status::Paid).unwrap();
    let event = samples::event(&payment, EventKind::Paid);
    let told = |payment: &domain::payment::Payment, environment| {
        let announcement = Announcement { event: &event, name: COMPLETED, payment, facts: None, environment };
        String::from_utf8(body(&announcement)).unwrap()
    };
    let first = told(&payment, Environment::Test);
    insta::assert_snapshot!(first);
    payment.state = State::NEW;
    payment.updated_at = event.at + Span::hours(9);
    payment.paid_at = None;
    assert_eq!(told(&payment, Environment::Test), first);
    assert_eq!(
        told(&payment, Environment::Production),
        first.replace(r#""livemode":false"#, r#""livemode":true"#)
    );
}

#[test]
fn secrets_and_schedule_are_the_contract_s() {
    assert_eq!(endpoint_secret(&[0xff; 32]), format!("whsec_{}8", "_".repeat(42)));
    let minutes: Vec<i64> = SCHEDULE.iter().map(|wait| wait.whole_seconds() / 60).collect();
    assert_eq!(minutes, [0, 1, 5, 30, 120, 360, 720, 1_440]);
    let taken: Vec<u16> = (100..600).filter(|status| Alpha.callback_taken(*status)).collect();
    assert_eq!(taken, (200..300).collect::<Vec<_>>());
}

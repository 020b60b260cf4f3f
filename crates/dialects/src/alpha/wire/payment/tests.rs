use std::fmt::Write as _;

use domain::{
    money::{Asset, Price},
    payment::Flags,
    time::Span,
};
use serde_json::Value;

use super::*;
use crate::{alpha::openapi::samples, http::json};

fn shown(payment: &Payment, word: fn(&Subject<'_>) -> PaymentBody) -> String {
    json::to_text(&word(&Subject {
        payment,
        token: "t",
        checkout_url: "https://pay.example",
        livemode: false,
    }))
}

fn value(payment: &Payment) -> Value {
    serde_json::from_str(&shown(payment, PaymentBody::now)).unwrap()
}

#[test]
fn every_status_with_every_flag_is_one_of_the_vendor_s_states() {
    let mut table = String::new();
    for status in Status::ALL {
        for bits in 0..8_u8 {
            let mut payment = samples::payment(*status).unwrap();
            payment.state.flags = Flags { short: bits & 1 != 0, over: bits & 2 != 0, late: bits & 4 != 0 };
            let Flags { short, over, late } = payment.state.flags;
            let flags: Vec<&str> = [(short, "short"), (over, "over"), (late, "late")]
                .into_iter()
                .filter_map(|(is_set, name)| is_set.then_some(name))
                .collect();
            let body = value(&payment);
            let (flags, state, failure) = (flags.join(" "), &body["status"], &body["failure_code"]);
            writeln!(table, "{} [{flags}] -> {state} {failure}", status.code()).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_payment_is_rendered_as_it_was_made_however_far_it_has_moved_on() {
    let first = shown(&samples::payment(Status::Waiting).unwrap(), PaymentBody::as_created);
    insta::assert_snapshot!(first);
    for status in Status::ALL {
        let mut payment = samples::payment(*status).unwrap();
        payment.closing.expired_at = Some(payment.created_at + Span::hours(1));
        payment.version = 9;
        assert_eq!(shown(&payment, PaymentBody::as_created), first, "{status:?}");
    }
}

#[test]
fn metadata_is_given_back_as_it_was_kept() {
    let mut payment = samples::payment(Status::Waiting).unwrap();
    let kept = r#"{"z":1.50,"a":{"b":[null,true,"é"]}}"#;
    payment.order.details = Some(kept.to_owned());
    assert!(shown(&payment, PaymentBody::now).contains(&format!(r#""metadata":{kept},"#)));
    payment.order.details = None;
    assert!(shown(&payment, PaymentBody::now).contains(r#""metadata":null,"#));
}

#[test]
fn amounts_have_the_places_of_their_currency() {
    let mut payment = samples::payment(Status::Paid).unwrap();
    for (code, amount, none) in [("USD", "25.00", "0.00"), ("JPY", "2500", "0"), ("KWD", "2.500", "0.000")] {
        let currency = Asset::currency(code).unwrap();
        payment.price = Price { amount: Amount::from_minor(2_500), currency };
        let body = value(&payment);
        assert_eq!((&body["amount"], &body["amount_refunded"]), (&amount.into(), &none.into()), "{code}");
    }
}

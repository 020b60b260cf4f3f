//! What failures are answered with.

use axum::response::IntoResponse;
use domain::{
    id::IncidentId,
    refusal::{Failure, Refusal},
    time::Span,
};
use operator::error::ApiError;

/// Every refusal, with its status: a change of one is a change of the API.
#[test]
fn every_refusal_has_its_status() {
    let lines = Refusal::ALL.iter().map(|refusal| {
        let status = ApiError::from(*refusal).into_response().status();
        format!("{} {}", status.as_u16(), refusal.code())
    });
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_gateway_that_cannot_says_when_to_come_back() {
    let answer = |failure: Failure| {
        let response = ApiError::from(failure).into_response();
        let wait = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), wait)
    };
    assert_eq!(
        answer(Failure::Unavailable { retry_after: Span::from_micros(1) }),
        (503, Some("1".to_owned()))
    );
    assert_eq!(answer(Failure::Unavailable { retry_after: Span::seconds(7) }), (503, Some("7".to_owned())));
    assert_eq!(answer(Failure::Unknown), (503, None));
    let incident = IncidentId::from_bytes([7; 16]);
    assert_eq!(answer(Failure::Internal { incident }), (500, None));
}

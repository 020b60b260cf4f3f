//! Why there is no page of a payment, in words that say first what it means for money.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    refusal::{Failure, Refusal},
    time::Span,
};
use web::{
    mark::Mark,
    problem::{Answer, Problem},
};

use crate::{Checkout, pages, place::Place};

/// Where a buyer goes from a problem: back to the payment's page.
fn to_payment(place: &Place) -> (&'static str, String) {
    ("Look at the payment", place.page())
}

fn answer(checkout: &Checkout, status: StatusCode, retry_after: Option<Span>, problem: &Problem) -> Response {
    let banner = pages::banner(checkout.engine.environment());
    problem.answer(&Answer { status, retry_after, banner }, &checkout.public_url)
}

/// There is no such payment, or no such page.
pub(crate) async fn not_found(State(checkout): State<Checkout>) -> Response {
    no_payment(&checkout)
}

/// There is no such payment.
pub(crate) fn no_payment(checkout: &Checkout) -> Response {
    let problem = Problem {
        mark: Mark::Attention,
        heading: "There is no payment here",
        lines: &[
            "Nothing was charged. If you have paid before, that money is not affected.",
            "The link may be incomplete: open it again from the shop, or copy all of it.",
        ],
        reference: None,
        way: None,
    };
    answer(checkout, StatusCode::NOT_FOUND, None, &problem)
}

/// The path is one of ours, and this is not how it is used.
pub(crate) async fn wrong_method(State(checkout): State<Checkout>) -> Response {
    let problem = Problem {
        mark: Mark::Attention,
        heading: "This cannot be opened like that",
        lines: &["Nothing was changed, and nothing was charged.", "Open the payment's link again."],
        reference: None,
        way: None,
    };
    answer(&checkout, StatusCode::METHOD_NOT_ALLOWED, None, &problem)
}

/// A form that no page of ours has sent.
pub(crate) fn foreign(checkout: &Checkout, place: &Place) -> Response {
    let problem = Problem {
        mark: Mark::Attention,
        heading: "That was not done",
        lines: &[
            "Nothing was changed, and nothing was charged.",
            "The request did not come from the payment's own page. Please do it there.",
        ],
        reference: None,
        way: Some(to_payment(place)),
    };
    answer(checkout, StatusCode::FORBIDDEN, None, &problem)
}

/// A form that cannot be read: too long, of another type, or not as the page made it.
pub(crate) fn unreadable(checkout: &Checkout, place: &Place, status: StatusCode) -> Response {
    let problem = Problem {
        mark: Mark::Attention,
        heading: "That was not understood",
        lines: &["Nothing was changed, and nothing was charged.", "Please do it on the payment's page."],
        reference: None,
        way: Some(to_payment(place)),
    };
    answer(checkout, status, None, &problem)
}

/// What is answered where nothing can be shown.
pub(crate) fn failed(checkout: &Checkout, place: &Place, failure: Failure) -> Response {
    match failure {
        Failure::Refused(Refusal::PaymentNotFound) => no_payment(checkout),
        Failure::Unavailable { retry_after } => busy(checkout, place, retry_after),
        // Nothing is known of what happened; the payment's page knows more in a moment.
        Failure::Refused(_) | Failure::Unknown => busy(checkout, place, Span::seconds(1)),
        Failure::Internal { incident } => {
            let problem = Problem {
                mark: Mark::Bad,
                heading: "Something went wrong on our side",
                lines: &[
                    "Your money is safe: what was sent is recorded, and is not lost by this.",
                    "Please look at the payment again in a minute. If this stays, tell the shop.",
                ],
                reference: Some(incident.base62()),
                way: Some(to_payment(place)),
            };
            answer(checkout, StatusCode::INTERNAL_SERVER_ERROR, None, &problem)
        }
    }
}

fn busy(checkout: &Checkout, place: &Place, retry_after: Span) -> Response {
    let problem = Problem {
        mark: Mark::Wait,
        heading: "One moment, please",
        lines: &[
            "Your money is safe: what was sent is recorded, and is not lost by this.",
            "The payment cannot be shown right now. This page tries again by itself, in a few seconds.",
        ],
        reference: None,
        way: Some(to_payment(place)),
    };
    answer(checkout, StatusCode::SERVICE_UNAVAILABLE, Some(retry_after), &problem)
}

#[cfg(test)]
mod tests {
    use axum::{body::to_bytes, http::header};
    use domain::id::IncidentId;
    use testkit::gateway::Gateway;
    use web::PublicUrl;

    use super::*;

    #[tokio::test]
    async fn every_failure_has_a_page_that_says_first_that_money_is_safe() {
        let public_url = PublicUrl::parse("https://pay.example").unwrap();
        let checkout = Checkout { engine: Gateway::start(Vec::new()).await.engine, public_url };
        let (place, _) = Place::parse(&checkout.public_url, "chk_0123456789abcdefABCDEF").unwrap();
        let incident = IncidentId::from_bytes([7; 16]);
        for (failure, status, after, words) in [
            (Refusal::PaymentNotFound.into(), StatusCode::NOT_FOUND, None, "Nothing was charged."),
            (
                Failure::Unavailable { retry_after: Span::seconds(7) },
                StatusCode::SERVICE_UNAVAILABLE,
                Some("7"),
                "Your money is safe",
            ),
            (Failure::Unknown, StatusCode::SERVICE_UNAVAILABLE, Some("1"), "Your money is safe"),
            (Failure::Internal { incident }, StatusCode::INTERNAL_SERVER_ERROR, None, "Your money is safe"),
        ] {
            let answer = failed(&checkout, &place, failure);
            assert_eq!(answer.status(), status);
            let retry_after = answer.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap());
            assert_eq!(retry_after, after);
            let body =
                String::from_utf8(to_bytes(answer.into_body(), 100_000).await.unwrap().to_vec()).unwrap();
            let (_, first) = body.split_once("</h1>\n<p>").unwrap();
            assert!(first.starts_with(words), "{body}");
            let tries_again = "data-look=\"/pay/chk_0123456789abcdefABCDEF\"";
            assert_eq!(body.contains(tries_again), after.is_some());
            let named = body.contains(&incident.base62());
            assert_eq!(named, status == StatusCode::INTERNAL_SERVER_ERROR);
        }
    }
}

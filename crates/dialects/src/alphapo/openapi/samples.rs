//! Examples: what is sent, and what was answered to it, to the byte. A test asks the same, and compares.

use serde_json::{Value, json};
use utoipa::openapi::{Content, RefOr, path::Operation};

/// What the addresses of a gateway begin with that does not exist: the one of the document that is kept in the
/// repository.
pub const SAMPLE_URL: &str = "https://pay.example.com";

/// Rows of a list that an example shows.
const ROWS: usize = 2;

macro_rules! golden {
    ($name:literal) => {
        include_str!(concat!("../../../golden/alphapo/", $name, ".json"))
    };
}

/// A callback for each thing that happens, with what it is about and what it means.
pub(super) const CALLBACKS: &[(&str, &str, &str)] = &[
    ("part", "A part came, and the timer runs", golden!("callback-pending-part")),
    (
        "chosen",
        "The buyer chose a coin; an invoice without a timer has one now",
        golden!("callback-pending-chosen"),
    ),
    ("processing", "All that is due was seen", golden!("callback-processing")),
    ("confirmed", "All that is due is final", golden!("callback-confirmed")),
    ("over", "More came than was due", golden!("callback-confirmed-over")),
    ("fee", "Where the operator calls a share a fee", golden!("callback-confirmed-fee")),
    ("unpaid", "Nobody paid in time", golden!("callback-failed-unpaid")),
    ("unchosen", "Nobody chose a coin in time", golden!("callback-failed-unchosen")),
    ("short", "Less came than was due", golden!("callback-failed-short")),
    ("slow", "The money was not final a day later", golden!("callback-failed-slow")),
];

/// The same of deposits.
pub(super) const DEPOSITS: &[(&str, &str, &str)] = &[
    ("not_confirmed", "Money was seen", golden!("callback-deposit-not-confirmed")),
    ("confirmed", "It is final", golden!("callback-deposit-confirmed")),
];

/// What is sent to an operation.
fn request(operation: &str) -> Option<Value> {
    Some(match operation {
        "createInvoice" => json!({
            "timer": true,
            "title": "Order A1001",
            "currency": "EUR",
            "amount": 106.75,
            "foreign_id": "order-a1001",
            "end_user_reference": "12345",
            "url_success": "https://merchant.example/success",
            "url_failed": "https://merchant.example/failed",
            "email_user": "buyer@example.com",
            "sender_currency": "BTC",
        }),
        "takeAddress" => json!({"currency": "BTC", "foreign_id": "user-2048", "end_user_reference": "12345"}),
        "getTransaction" => json!({"foreign_id": "order-a1001"}),
        "listCurrencies" | "listAccounts" => json!({}),
        "listPairs" | "listRates" => json!({"currency_from": "BTC", "currency_to": "EUR"}),
        "calculateExchange" => {
            json!({"sender_currency": "BTC", "receiver_currency": "EUR", "sender_amount": 0.02})
        }
        _ => return None,
    })
}

/// What was answered to it.
fn answer(operation: &str) -> Option<(&'static str, Value)> {
    let (status, text) = match operation {
        "createInvoice" => ("201", golden!("answer-create-invoice")),
        "takeAddress" => ("201", golden!("answer-take-address")),
        "getTransaction" => ("200", golden!("answer-get-transaction")),
        "listCurrencies" => ("200", golden!("answer-list-currencies")),
        "listAccounts" => ("200", golden!("answer-list-accounts")),
        "listPairs" | "listRates" => ("200", golden!("answer-list-pairs")),
        "calculateExchange" => ("200", golden!("answer-calculate-exchange")),
        _ => return None,
    };
    let mut answer: Value = serde_json::from_str(text).ok()?;
    if let Some(rows) = answer.get_mut("data").and_then(Value::as_array_mut) {
        rows.truncate(ROWS);
    }
    Some((status, answer))
}

/// Shows at an operation what is sent to it, and what it answers.
pub(super) fn attach(operation: &mut Operation) {
    let name = operation.operation_id.clone().unwrap_or_default();
    if let (Some(RefOr::T(body)), Some(example)) = (&mut operation.request_body, request(&name)) {
        body.content.values_mut().for_each(|content| show(content, &example));
    }
    let Some((status, example)) = answer(&name) else { return };
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
        response.content.values_mut().for_each(|content| show(content, &example));
    }
}

fn show(content: &mut RefOr<Content>, example: &Value) {
    if let RefOr::T(content) = content {
        content.example = Some(example.clone());
    }
}

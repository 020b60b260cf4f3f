//! Examples, made by the code that makes the answers: what the document shows is what is sent.

use domain::{
    buyer::Questions,
    event::{Event, EventKind, EventTail},
    id::{DeliveryId, EventId, Id, PaymentId, ShopId},
    money::{Amount, Asset, Price},
    payment::{Balance, Closing, Order, Payment, State, Status},
    terms::{LateMoney, Terms, Tolerance},
    time::Timestamp,
};
use serde_json::{Value, json};
use utoipa::openapi::{RefOr, path::Operation};

use crate::alpha::{
    settings::Settings,
    wire::{
        checkout::{CheckoutAnswer, CheckoutBody},
        payment::{PaymentAnswer, PaymentBody, Subject},
    },
};

/// The payment of the contract's own example: 2026-06-16T12:00:00Z.
const CREATED: Timestamp = Timestamp::from_seconds(1_781_611_200);

/// When the sample was paid.
const PAID: Timestamp = Timestamp::from_seconds(1_781_611_650);

const TOKEN: &str = "5fRVv5KBnSuVHpZcNW4mOe";
/// What the addresses of a gateway begin with that does not exist: the one of the document that is kept in the
/// repository.
pub const SAMPLE_URL: &str = "https://pay.example.com";

/// The id of the request that an example answers.
pub(super) fn request_id() -> String {
    format!("req_{}", PaymentId::floor(CREATED).base62())
}

/// The id of the delivery that an example is part of.
pub(crate) fn delivery() -> DeliveryId {
    Id::floor(PAID)
}

/// The body of the contract's own example.
pub(super) fn request() -> Value {
    json!({
        "amount": "25.00",
        "currency": "USD",
        "customer_email": "buyer@example.com",
        "success_url": "https://merchant.example/success",
        "cancel_url": "https://merchant.example/cancel",
        "description": "Order A1001",
        "reference": "order-a1001",
    })
}

/// A payment that was made by [`request`], with this status since [`PAID`].
pub(crate) fn payment(status: Status) -> Option<Payment> {
    let settings = Settings::default();
    let amount = Amount::from_minor(2_500);
    let text = |text: &str| Some(text.to_owned());
    let is_new = status == Status::Waiting;
    let seen = if matches!(status, Status::Processing | Status::Paid) { amount } else { Amount::ZERO };
    let confirmed = if status == Status::Paid { amount } else { Amount::ZERO };
    Some(Payment {
        id: PaymentId::floor(CREATED),
        shop: ShopId::floor(CREATED),
        dialect: crate::alpha::name(),
        number: None,
        price: Price { amount, currency: Asset::currency("USD").ok()? },
        terms: Terms {
            deadline: Some(CREATED + settings.order_validity),
            quote_validity: settings.quote_validity,
            seen_limit: settings.seen_limit,
            window: None,
            confirm_limit: None,
            late: LateMoney::Held,
            tolerance: Tolerance::default(),
            depth: None,
            spread_parts_per_million: 0,
            fixes_rates: false,
        },
        order: Order {
            reference: text("order-a1001"),
            description: text("Order A1001"),
            questions: Questions::default(),
            customer_email: text("buyer@example.com"),
            success_url: text("https://merchant.example/success"),
            cancel_url: text("https://merchant.example/cancel"),
            details: None,
        },
        created_at: CREATED,
        updated_at: if is_new { CREATED } else { PAID },
        paid_at: (status == Status::Paid).then_some(PAID),
        confirm_by: None,
        closing: Closing::default(),
        state: State { status, balance: Balance { seen, confirmed }, ..State::NEW },
        events: EventTail::default(),
        version: 1,
    })
}

/// The event that led a sample payment to its status.
pub(crate) fn event(payment: &Payment, kind: EventKind) -> Event {
    Event {
        id: EventId::floor(payment.updated_at),
        shop: payment.shop,
        payment: payment.id,
        sequence: 1,
        kind,
        at: payment.updated_at,
        state: payment.state,
        receipt: None,
        previous: None,
    }
}

/// Shows at an operation what is sent to it, and what it answers.
pub(super) fn attach(operation: &mut Operation) {
    let Some((status, example)) = answer(operation.operation_id.as_deref().unwrap_or_default()) else {
        return;
    };
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        for content in body.content.values_mut() {
            if let RefOr::T(content) = content {
                content.example = Some(request());
            }
        }
    }
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
        for content in response.content.values_mut() {
            if let RefOr::T(content) = content {
                content.example = Some(example.clone());
            }
        }
    }
}

fn answer(operation: &str) -> Option<(&'static str, Value)> {
    let new = payment(Status::Waiting)?;
    let paid = payment(Status::Paid)?;
    let subject = |payment| Subject { payment, token: TOKEN, checkout_url: SAMPLE_URL, livemode: false };
    let (status, body) = match operation {
        "createPayment" => {
            ("201", serde_json::to_value(PaymentAnswer { data: PaymentBody::now(&subject(&new)) }))
        }
        "getPayment" => {
            ("200", serde_json::to_value(PaymentAnswer { data: PaymentBody::now(&subject(&paid)) }))
        }
        "getCheckout" => {
            let data = CheckoutBody::now(&subject(&new), "Café Lumière".to_owned());
            ("200", serde_json::to_value(CheckoutAnswer { data }))
        }
        "listPayments" => {
            let data = PaymentBody::now(&subject(&paid));
            let pagination = json!({"limit": 20, "has_more": false, "next_cursor": null});
            ("200", Ok(json!({"data": [data], "pagination": pagination})))
        }
        _ => return None,
    };
    Some((status, body.ok()?))
}

#[cfg(test)]
mod tests {
    use domain::time::Span;

    use super::*;

    #[test]
    fn the_sample_is_the_contract_s_own() {
        assert_eq!(CREATED + Span::seconds(450), PAID);
        let (_, created) = answer("createPayment").unwrap();
        assert_eq!(created["data"]["created_at"], "2026-06-16T12:00:00Z");
        assert_eq!(created["data"]["expires_at"], "2026-06-16T12:30:00Z");
    }
}

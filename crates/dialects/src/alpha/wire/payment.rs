//! A payment, as merchants read it.

use domain::{
    money::Amount,
    payment::{Closing, Payment, State, Status},
};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{ids, status, time};

/// A payment, and what besides it its words take.
pub(crate) struct Subject<'a> {
    /// The payment.
    pub(crate) payment: &'a Payment,
    /// Its public token.
    pub(crate) token: &'a str,
    /// What the addresses of the buyer's pages begin with.
    pub(crate) checkout_url: &'a str,
    /// Whether money is real.
    pub(crate) livemode: bool,
}

/// A payment.
#[derive(Serialize, ToSchema)]
#[schema(as = Payment)]
pub(crate) struct PaymentBody {
    /// The payment's id. Keep it with the order before the buyer is sent to the checkout.
    #[schema(pattern = "^pay_[0-9A-Za-z]{24}$", examples("pay_00033ZMYAb50T29kTFmGqkRU"))]
    id: String,
    /// Where the buyer pays. Send the buyer there, to the letter.
    #[schema(format = "uri", examples("https://pay.example.com/pay/chk_5fRVv5KBnSuVHpZcNW4mOe"))]
    checkout_url: String,
    /// What was asked: major units, with the places of the currency.
    #[schema(pattern = "^[0-9]+(\\.[0-9]+)?$", examples("25.00"))]
    amount: String,
    /// The currency: ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$", examples("USD"))]
    currency: String,
    /// How the payment stands.
    #[schema(value_type = status::PaymentStatus)]
    status: &'static str,
    /// When it was made: RFC 3339, in UTC, whole seconds.
    #[schema(format = DateTime, examples("2026-06-16T12:00:00Z"))]
    created_at: String,
    /// When its checkout closes. The payment expires once it is certain that nothing came before.
    #[schema(format = DateTime, examples("2026-06-16T12:30:00Z"))]
    expires_at: String,
    /// Always `payment`.
    #[schema(pattern = "^payment$", examples("payment"))]
    object: &'static str,
    /// Whether money is real.
    livemode: bool,
    /// The buyer's e-mail address, where one was given.
    #[schema(required = true, examples("buyer@example.com"))]
    customer_email: Option<String>,
    /// What the buyer reads, where it was given.
    #[schema(required = true, examples("Order A1001"))]
    description: Option<String>,
    /// The merchant's own id for the order, where one was given.
    #[schema(required = true, examples("order-a1001"))]
    reference: Option<String>,
    /// What else was given, as it was given.
    #[schema(required = true, value_type = Option<Object>, examples(json!({"cart": "c-77"})))]
    metadata: Option<Box<RawValue>>,
    /// Where the buyer goes once it is paid.
    #[schema(required = true, examples("https://merchant.example/success"))]
    success_url: Option<String>,
    /// Where the buyer goes otherwise.
    #[schema(required = true, examples("https://merchant.example/cancel"))]
    cancel_url: Option<String>,
    /// What was given back, in major units.
    #[schema(pattern = "^[0-9]+(\\.[0-9]+)?$", examples("0.00"))]
    amount_refunded: String,
    /// When it was completed; null until then, and again where that money is orphaned.
    #[schema(required = true, format = DateTime, examples("2026-06-16T12:07:30Z"))]
    completed_at: Option<String>,
    /// Why it failed: `declined`. Null unless it did.
    #[schema(required = true, examples("declined"))]
    failure_code: Option<&'static str>,
    /// When anything about it last changed.
    #[schema(format = DateTime, examples("2026-06-16T12:07:30Z"))]
    updated_at: String,
}

/// One payment.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaymentAnswer {
    /// The payment.
    pub(crate) data: PaymentBody,
}

impl PaymentBody {
    /// The payment as it is now.
    pub(crate) fn now(subject: &Subject<'_>) -> Self {
        let payment = subject.payment;
        let (currency, order) = (payment.price.currency, &payment.order);
        // Every payment of this dialect has a deadline.
        let deadline = payment.terms.deadline.unwrap_or(payment.created_at);
        Self {
            id: ids::payment(payment.id),
            checkout_url: format!("{}{}", subject.checkout_url, ids::checkout_path(subject.token)),
            amount: payment.price.amount.to_decimal(currency.decimals),
            currency: currency.code.to_string(),
            status: status::name(payment.state.status),
            created_at: time::write(payment.created_at),
            expires_at: time::write(deadline),
            object: "payment",
            livemode: subject.livemode,
            customer_email: order.customer_email.clone(),
            description: order.description.clone(),
            reference: order.reference.clone(),
            // It was JSON when it was stored.
            metadata: order.details.clone().and_then(|text| RawValue::from_string(text).ok()),
            success_url: order.success_url.clone(),
            cancel_url: order.cancel_url.clone(),
            amount_refunded: Amount::ZERO.to_decimal(currency.decimals),
            completed_at: payment.paid_at.map(time::write),
            failure_code: (payment.state.status == Status::Failed).then_some("declined"),
            updated_at: time::write(payment.updated_at),
        }
    }

    /// The payment as it was made: from the facts of its creation alone, so that a request that is sent again gets the
    /// answer of the first, byte for byte, however far the payment has moved on.
    pub(crate) fn as_created(subject: &Subject<'_>) -> Self {
        let created = Payment {
            updated_at: subject.payment.created_at,
            paid_at: None,
            closing: Closing::default(),
            state: State::NEW,
            ..subject.payment.clone()
        };
        Self::now(&Subject { payment: &created, ..*subject })
    }
}

#[cfg(test)]
mod tests;

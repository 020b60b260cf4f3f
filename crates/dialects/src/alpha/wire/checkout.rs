//! A checkout, as anybody may read it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ids, payment::Subject, status, time};

/// The public state of a checkout. Neither the buyer's address nor the merchant's own notes are in it.
#[derive(Serialize, ToSchema)]
#[schema(as = Checkout)]
pub(crate) struct CheckoutBody {
    /// Always `checkout`.
    #[schema(pattern = "^checkout$", examples("checkout"))]
    object: &'static str,
    /// The checkout's token, as its address has it.
    #[schema(pattern = "^chk_[0-9A-Za-z]{22}$", examples("chk_5fRVv5KBnSuVHpZcNW4mOe"))]
    token: String,
    /// How the payment stands.
    #[schema(value_type = status::PaymentStatus)]
    status: &'static str,
    /// What was asked: major units, with the places of the currency.
    #[schema(pattern = "^[0-9]+(\\.[0-9]+)?$", examples("25.00"))]
    amount: String,
    /// The currency: ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$", examples("USD"))]
    currency: String,
    /// What the buyer reads, where it was given.
    #[schema(required = true, examples("Order A1001"))]
    description: Option<String>,
    /// Who is paid.
    #[schema(examples("Café Lumière"))]
    merchant_name: String,
    /// Whether money is real.
    livemode: bool,
    /// When the checkout closes: RFC 3339, in UTC, whole seconds.
    #[schema(format = DateTime, examples("2026-06-16T12:30:00Z"))]
    expires_at: String,
    /// Where the buyer goes once it is paid.
    #[schema(required = true, examples("https://merchant.example/success"))]
    success_url: Option<String>,
    /// Where the buyer goes otherwise.
    #[schema(required = true, examples("https://merchant.example/cancel"))]
    cancel_url: Option<String>,
}

/// One checkout.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckoutAnswer {
    /// The checkout.
    pub(crate) data: CheckoutBody,
}

impl CheckoutBody {
    /// The checkout of a payment, as it is now.
    pub(crate) fn now(subject: &Subject<'_>, merchant_name: String) -> Self {
        let payment = subject.payment;
        let currency = payment.price.currency;
        Self {
            object: "checkout",
            token: ids::checkout(subject.token),
            status: status::name(payment.state.status),
            amount: payment.price.amount.to_decimal(currency.decimals),
            currency: currency.code.to_string(),
            description: payment.order.description.clone(),
            merchant_name,
            livemode: subject.livemode,
            expires_at: time::write(payment.terms.deadline.unwrap_or(payment.created_at)),
            success_url: payment.order.success_url.clone(),
            cancel_url: payment.order.cancel_url.clone(),
        }
    }
}

//! Requests for money, of every dialect.

mod detail;
mod event;
mod list;
mod quote;
mod receipt;
mod summary;

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    detail::{PaymentDetail, PaymentOrder, PaymentSender, PaymentTerms},
    event::{PaymentDecision, PaymentEvent},
    quote::{PaymentQuote, QuoteSource},
    receipt::{BlockInclusion, PaymentReceipt},
    summary::{Money, Payment, PaymentBalance, PaymentFlags},
};
use crate::{
    Api,
    error::ApiError,
    input::{Path, Query},
    page::Page,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(cancel))
}

/// List payments, newest first.
#[utoipa::path(get, path = "/payments", operation_id = "listPayments", tag = "Payments", params(list::Wanted),
    responses((status = 200, description = "A page of payments", body = Page<Payment>)))]
async fn list(
    State(api): State<Api>,
    Query(query): Query<list::Wanted>,
) -> Result<Json<Page<Payment>>, ApiError> {
    let page = api.engine.list_payments(query.command()?).await?;
    let payments = page.payments.iter().map(|payment| Payment::new(&api, payment));
    Ok(Json(Page::new(payments.collect::<Result<_, _>>()?, page.next)))
}

/// Show a payment with everything that happened to it.
#[utoipa::path(get, path = "/payments/{payment}", operation_id = "showPayment", tag = "Payments",
    params(("payment" = String, Path, description = "Any dialect's id, a UUID, a checkout token, or an address")),
    responses((status = 200, description = "The payment", body = PaymentDetail)))]
async fn show(State(api): State<Api>, Path(payment): Path<String>) -> Result<Json<PaymentDetail>, ApiError> {
    let found = api.engine.find_payment(&payment).await?;
    let view = api.engine.payment_view(found.shop, found.id).await?;
    Ok(Json(PaymentDetail::new(&api, &view)?))
}

/// Cancel a payment for which no money was seen.
#[utoipa::path(post, path = "/payments/{payment}/cancel", operation_id = "cancelPayment", tag = "Payments",
    params(("payment" = String, Path, description = "Any dialect's id, a UUID, a checkout token, or an address")),
    responses((status = 200, description = "The payment after it", body = Payment)))]
async fn cancel(State(api): State<Api>, Path(payment): Path<String>) -> Result<Json<Payment>, ApiError> {
    let found = api.engine.find_payment(&payment).await?;
    let cancelled = api.engine.cancel_payment(found.shop, found.id, None).await?;
    Ok(Json(Payment::new(&api, &cancelled)?))
}

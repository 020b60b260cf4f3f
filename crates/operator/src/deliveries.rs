//! What was sent to endpoints, and what came back.

mod list;

use axum::{Json, extract::State, http::StatusCode};
use domain::{delivery::Attempt, id::kind};
use engine::deliveries::DeliveryView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Api,
    error::ApiError,
    ids,
    input::{Path, Query},
    page::Page,
    time,
};

/// A delivery: one event for one endpoint.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// Its id.
    pub id: String,
    /// The shop.
    pub shop: String,
    /// Where it goes.
    pub endpoint: String,
    /// What it tells.
    pub event: String,
    /// What the dialect calls that event.
    pub event_name: String,
    /// How it stands: `pending`, `retrying`, `delivered` or `failed`.
    pub status: String,
    /// Tries that were begun.
    pub attempts: u32,
    /// When the next try is due.
    pub next_attempt_at: Option<String>,
    /// What it waits for besides its time: `credential`, where the shop has none that works and could sign it. No try
    /// is spent meanwhile. Null for nothing.
    pub waits_for: Option<String>,
    /// Whether a person asked for it.
    pub manual: bool,
    /// When it was made.
    pub created_at: String,
}

/// A delivery with everything that came of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeliveryDetail {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// The payment that it is about, as its dialect writes it.
    pub payment: String,
    /// The URL; null once the endpoint is gone.
    pub url: Option<String>,
    /// Its tries, oldest first.
    pub log: Vec<DeliveryAttempt>,
}

/// One try of a delivery.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeliveryAttempt {
    /// Its id.
    pub id: String,
    /// Which try it was: 1, 2, 3.
    pub number: u32,
    /// When it began.
    pub at: String,
    /// The status of the answer; null where there was none.
    pub http_status: Option<u16>,
    /// Why there was no answer, or why it is not taken as one.
    pub error: Option<String>,
    /// The first of what the answer said.
    pub response_excerpt: String,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
}

impl From<domain::delivery::Delivery> for Delivery {
    fn from(delivery: domain::delivery::Delivery) -> Self {
        Self {
            id: ids::write(delivery.id),
            shop: ids::write(delivery.shop),
            endpoint: ids::write(delivery.endpoint),
            event: ids::write(delivery.event),
            event_name: delivery.event_name,
            status: delivery.status.code().to_owned(),
            attempts: delivery.attempts,
            next_attempt_at: delivery.next_attempt_at.map(time::write),
            waits_for: delivery.waits_for.map(|lack| lack.code().to_owned()),
            manual: delivery.manual,
            created_at: time::write(delivery.created_at),
        }
    }
}

impl From<Attempt> for DeliveryAttempt {
    fn from(attempt: Attempt) -> Self {
        Self {
            id: ids::write(attempt.id),
            number: attempt.number,
            at: time::write(attempt.at),
            http_status: attempt.outcome.http_status,
            error: attempt.outcome.error,
            response_excerpt: attempt.outcome.excerpt,
            took_ms: attempt.outcome.took.micros() / 1_000,
        }
    }
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(resend))
}

/// List deliveries, newest first.
#[utoipa::path(get, path = "/deliveries", operation_id = "listDeliveries", tag = "Deliveries", params(list::Wanted),
    responses((status = 200, description = "A page of deliveries", body = Page<Delivery>)))]
async fn list(
    State(api): State<Api>,
    Query(query): Query<list::Wanted>,
) -> Result<Json<Page<Delivery>>, ApiError> {
    let command = query.command()?;
    let limit = command.limit;
    let deliveries = api.engine.list_deliveries(command).await?;
    let next = deliveries.last().filter(|_| deliveries.len() == limit).map(|last| last.id);
    Ok(Json(Page::new(deliveries.into_iter().map(Delivery::from).collect(), next)))
}

/// Show a delivery with its tries.
#[utoipa::path(get, path = "/deliveries/{delivery}", operation_id = "showDelivery", tag = "Deliveries",
    params(("delivery" = String, Path, description = "The delivery's id")),
    responses((status = 200, description = "The delivery", body = DeliveryDetail)))]
async fn show(
    State(api): State<Api>,
    Path(delivery): Path<String>,
) -> Result<Json<DeliveryDetail>, ApiError> {
    let view: DeliveryView = api.engine.delivery(ids::read::<kind::Delivery>(&delivery)?).await?;
    let payment = api.engine.find_payment(&view.event.payment.base62()).await?;
    Ok(Json(DeliveryDetail {
        payment: api.engine.dialect(payment.dialect)?.payment_id(payment.id),
        delivery: view.delivery.into(),
        url: view.url,
        log: view.attempts.into_iter().map(DeliveryAttempt::from).collect(),
    }))
}

/// Send an event again, as a new delivery to the same endpoint.
#[utoipa::path(post, path = "/deliveries/{delivery}/resend", operation_id = "resendDelivery", tag = "Deliveries",
    params(("delivery" = String, Path, description = "The delivery's id")),
    responses((status = 201, description = "The new delivery", body = Delivery)))]
async fn resend(
    State(api): State<Api>,
    Path(delivery): Path<String>,
) -> Result<(StatusCode, Json<Delivery>), ApiError> {
    let made = api.engine.resend_delivery(ids::read(&delivery)?).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

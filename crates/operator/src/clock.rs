//! The business clock.

use axum::{Json, extract::State};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Api, error::ApiError, input::Body, span, time};

/// What the clocks show.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Clock {
    /// The time of deadlines, retries and simulated blocks.
    pub business_time: String,
    /// The time of signatures and rate limits: the machine's own.
    pub wall_time: String,
    /// How far the first is ahead of the second: `31m`.
    pub ahead: String,
}

/// How far to move the business clock.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// A length of time: `31m`, `1h30m`, `90d`.
    pub by: String,
}

impl Clock {
    fn new(wall: Timestamp, business: Timestamp) -> Self {
        Self {
            business_time: time::write(business),
            wall_time: time::write(wall),
            ahead: span::write(business.since(wall)),
        }
    }
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(advance))
}

/// Show the clocks.
#[utoipa::path(get, path = "/clock", operation_id = "showClock", tag = "Clock",
    responses((status = 200, description = "The clocks", body = Clock)))]
async fn show(State(api): State<Api>) -> Result<Json<Clock>, ApiError> {
    // The wall clock is read first: what the reading takes must not make the difference shorter than it is.
    let wall = api.engine.wall_time();
    Ok(Json(Clock::new(wall, api.engine.business_time().await?)))
}

/// Let time pass. Only a sandbox can.
#[utoipa::path(post, path = "/clock/advance", operation_id = "advanceClock", tag = "Clock", request_body = Advance,
    responses((status = 200, description = "The clocks after it", body = Clock)))]
async fn advance(State(api): State<Api>, Body(body): Body<Advance>) -> Result<Json<Clock>, ApiError> {
    let by = span::read(&body.by).ok_or_else(|| ApiError::invalid("by", span::FORM))?;
    let wall = api.engine.wall_time();
    Ok(Json(Clock::new(wall, api.engine.advance_clock(by).await?)))
}

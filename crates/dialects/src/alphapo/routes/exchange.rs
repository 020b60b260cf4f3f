//! Exchanges and withdrawals. The first are calculated and never made: a gateway without keys holds nothing that it
//! could exchange. The second are not part of this version.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{Extensions, StatusCode},
    response::{IntoResponse, Response},
};
use domain::pair::Pair;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Data, data};
use crate::{
    alphapo::{
        auth::{self, Signed},
        errors::{ApiError, Code, NO_EXCHANGE},
        openapi::{CalculateErrors, ExchangeErrors, WithdrawalErrors},
        server::Server,
        wire::{
            calculate::{CalculateBody, Calculated, Calculation},
            codes,
            fields::Fields,
        },
    },
    http::AddressKey,
};

/// What a withdrawal is answered with.
pub(crate) const NO_WITHDRAWAL: &str = "Withdrawal is unavailable for given currency";

pub(super) fn routes() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::new()
        .routes(routes!(calculate))
        .routes(routes!(fixed))
        .routes(routes!(now))
        .routes(routes!(withdraw))
}

/// Calculate an exchange
///
/// What one currency is worth in another, for your own pages. Nothing is exchanged, and no price is kept. At most 30
/// requests a minute from one address.
#[utoipa::path(post, path = "/exchange/calculate", operation_id = "calculateExchange", tag = "Exchange",
    request_body = CalculateBody,
    responses((status = 200, description = "The figure", body = Data<Calculated>), CalculateErrors),
    security(("key" = [], "signature" = [])))]
async fn calculate(State(server): State<Arc<Server>>, extensions: Extensions, signed: Signed) -> Response {
    let allowance = server.calculations.count(AddressKey::of(&extensions));
    if let Some(seconds) = allowance.and_then(|allowance| allowance.retry_after) {
        let mut response = ApiError::too_often(seconds).into_response();
        auth::write(allowance, &mut response);
        return response;
    }
    calculated(&server, &signed).await.unwrap_or_else(IntoResponse::into_response)
}

async fn calculated(server: &Server, signed: &Signed) -> Result<Response, ApiError> {
    let json = signed.json()?;
    let fields = Fields::of(&json).ok_or(Code::BadContentFormat)?;
    let known = codes::all(server.engine().networks());
    let calculation = Calculation::read(fields, &known)?;
    let pair = Pair::new(calculation.from.asset().code, calculation.to.asset().code);
    let rates = server.engine().market_rates(vec![pair]).await?;
    let rate = rates.into_iter().next().flatten().ok_or_else(unavailable)?;
    let now = server.engine().wall_time();
    Ok(data(StatusCode::OK, calculation.answer(rate, now)?))
}

/// Exchange at a fixed price
///
/// Refused: this gateway holds no money, and so exchanges none.
#[utoipa::path(post, path = "/exchange/fixed", operation_id = "exchangeFixed", tag = "Exchange",
    responses(ExchangeErrors), security(("key" = [], "signature" = [])))]
async fn fixed(signed: Signed) -> Result<Response, ApiError> {
    signed.json()?;
    Err(unavailable())
}

/// Exchange at any price
///
/// Refused: this gateway holds no money, and so exchanges none.
#[utoipa::path(post, path = "/exchange/now", operation_id = "exchangeNow", tag = "Exchange",
    responses(ExchangeErrors), security(("key" = [], "signature" = [])))]
async fn now(signed: Signed) -> Result<Response, ApiError> {
    signed.json()?;
    Err(unavailable())
}

/// Withdraw a coin
///
/// Refused by this version. What was received is in the shop's own wallet, and is sent from there.
#[utoipa::path(post, path = "/withdrawal/crypto", operation_id = "withdraw", tag = "Withdrawal",
    responses(WithdrawalErrors), security(("key" = [], "signature" = [])))]
async fn withdraw(signed: Signed) -> Result<Response, ApiError> {
    signed.json()?;
    Err(ApiError::worded("currency", NO_WITHDRAWAL))
}

fn unavailable() -> ApiError {
    ApiError::worded("sender_currency", NO_EXCHANGE)
}

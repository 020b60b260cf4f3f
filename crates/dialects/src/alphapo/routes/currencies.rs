//! What is offered, and what it is worth.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{money::Rate, pair};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Data, data};
use crate::alphapo::{
    auth::Signed,
    errors::{ApiError, Code},
    openapi::{ListErrors, PairErrors},
    server::Server,
    wire::{
        codes::{self, Currency},
        currencies::{CurrencyBody, Pair, PairFilter, PairsBody, VisibleBody},
        fields::Fields,
    },
};

pub(super) fn routes() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(pairs)).routes(routes!(rates))
}

/// List the currencies
///
/// The coins that the networks of this gateway carry, and the fiat currencies that an invoice may be made out in.
#[utoipa::path(post, path = "/currencies/list", operation_id = "listCurrencies", tag = "Currencies",
    request_body(content = VisibleBody, description = "An object; null, an empty list and no body are taken as well"),
    responses((status = 200, description = "The currencies", body = Data<Vec<CurrencyBody>>), ListErrors),
    security(("key" = [], "signature" = [])))]
async fn list(State(server): State<Arc<Server>>, signed: Signed) -> Result<Response, ApiError> {
    let json = signed.json_or_nothing()?;
    let fields = Fields::of(&json).ok_or(Code::BadContentFormat)?;
    fields.flag("visible")?;
    let all = codes::all(server.engine().networks());
    let rows: Vec<_> = all.iter().map(|currency| CurrencyBody::of(currency, &server.settings)).collect();
    Ok(data(StatusCode::OK, rows))
}

/// List what currencies are worth in one another
///
/// Pairs of which one is a coin, as far as there are rates.
#[utoipa::path(post, path = "/currencies/pairs", operation_id = "listPairs", tag = "Currencies",
    request_body(content = PairsBody, description = "An object; null, an empty list and no body are taken as well"),
    responses((status = 200, description = "The pairs", body = Data<Vec<Pair>>), PairErrors),
    security(("key" = [], "signature" = [])))]
async fn pairs(State(server): State<Arc<Server>>, signed: Signed) -> Result<Response, ApiError> {
    priced(&server, &signed).await
}

/// List rates
///
/// The same as the pairs.
#[utoipa::path(post, path = "/currencies/rates", operation_id = "listRates", tag = "Currencies",
    request_body(content = PairsBody, description = "An object; null, an empty list and no body are taken as well"),
    responses((status = 200, description = "The rates", body = Data<Vec<Pair>>), PairErrors),
    security(("key" = [], "signature" = [])))]
async fn rates(State(server): State<Arc<Server>>, signed: Signed) -> Result<Response, ApiError> {
    priced(&server, &signed).await
}

async fn priced(server: &Server, signed: &Signed) -> Result<Response, ApiError> {
    let json = signed.json_or_nothing()?;
    let fields = Fields::of(&json).ok_or(Code::BadContentFormat)?;
    let all = codes::all(server.engine().networks());
    let filter = PairFilter::read(fields, &all)?;
    let wanted: Vec<(&Currency<'_>, &Currency<'_>)> = all
        .iter()
        .flat_map(|from| all.iter().map(move |to| (from, to)))
        .filter(|(from, to)| filter.takes(from, to))
        .collect();
    let asked = wanted.iter().map(|(from, to)| pair::Pair::new(from.asset().code, to.asset().code)).collect();
    let found: Vec<Option<Rate>> = server.engine().market_rates(asked).await?;
    let rows: Vec<_> = wanted
        .into_iter()
        .zip(found)
        .filter_map(|((from, to), rate)| Some(Pair::of(from, to, rate?)))
        .collect();
    Ok(data(StatusCode::OK, rows))
}

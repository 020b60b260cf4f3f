//! The paths, and what is done at each.

mod accounts;
mod currencies;
mod exchange;
mod invoices;

use std::sync::Arc;

use axum::{
    Router,
    http::{StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::any,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use self::exchange::NO_WITHDRAWAL;
use super::{
    auth::{self, Signed},
    errors::{ApiError, Code},
    frame,
    server::Server,
    settings::Settings,
};
use crate::{
    Api,
    http::{
        detach::detach,
        json::{self, Json},
    },
};

/// What the paths of this version begin with.
const BASE: &str = "/api/v2";

/// What an answer carries.
#[derive(Serialize, ToSchema)]
pub(crate) struct Data<T> {
    /// What was asked for.
    data: T,
}

/// Everything that the dialect answers on a host that it shares: its paths, and all else under `/api/v2` that no other
/// dialect has.
pub fn router(api: Api, settings: Settings) -> Router {
    let server = Server::new(api, settings);
    dressed(own_paths(&server), server)
}

/// Everything on a host of its own, where no other dialect answers: whatever is at no path of ours is told so in the
/// same form.
pub fn router_of_own_host(api: Api, settings: Settings) -> Router {
    let server = Server::new(api, settings);
    let elsewhere =
        Router::new().fallback(not_found).layer(from_fn_with_state(Arc::clone(&server), auth::keyed));
    dressed(own_paths(&server).fallback_service(elsewhere.with_state(Arc::clone(&server))), server)
}

/// The operations that take a signature, with their document.
pub(super) fn guarded() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::new()
        .merge(invoices::routes())
        .merge(currencies::routes())
        .merge(exchange::routes())
        .merge(accounts::routes())
}

/// The operations that take none, with their document.
pub(super) fn open() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::new().routes(routes!(ping))
}

fn own_paths(server: &Arc<Server>) -> Router<Arc<Server>> {
    let (guarded, _) = guarded().split_for_parts();
    let (open, _) = open().split_for_parts();
    let keyed = || from_fn_with_state(Arc::clone(server), auth::keyed);
    let known = guarded
        .route_layer(from_fn_with_state(Arc::clone(server), auth::guard))
        .method_not_allowed_fallback(wrong_method);
    // A path that is none of ours takes no signature: that it names a key is all that is asked.
    let unknown = Router::new().route("/{*rest}", any(not_found)).route("/", any(not_found));
    let asks_for_key = known.merge(unknown).layer(keyed());
    let open = open.method_not_allowed_fallback(wrong_method);
    let base = Router::new().route(&format!("{BASE}/"), any(not_found)).layer(keyed());
    Router::new().nest(BASE, asks_for_key.merge(open)).merge(base)
}

fn dressed(routes: Router<Arc<Server>>, server: Arc<Server>) -> Router {
    routes
        .layer(from_fn(detach))
        .layer(from_fn_with_state(Arc::clone(&server), frame::frame))
        .with_state(server)
}

async fn not_found() -> ApiError {
    Code::NotFound.into()
}

async fn wrong_method() -> ApiError {
    Code::MethodNotAllowed.into()
}

/// Ask whether the API answers
///
/// It takes no key and no signature.
#[utoipa::path(get, path = "/ping", operation_id = "ping", tag = "Status",
    responses((status = 200, description = "It does", body = String, content_type = "text/plain", example = "OK")),
    security(()))]
async fn ping() -> &'static str {
    "OK"
}

impl Signed {
    /// The body as JSON.
    ///
    /// # Errors
    /// [`Code::BadContentFormat`] where it is none, or the headers do not say that it is.
    fn json(&self) -> Result<Json, ApiError> {
        let json = self.says_json.then(|| Json::parse(&self.body).ok()).flatten();
        json.ok_or_else(|| Code::BadContentFormat.into())
    }

    /// The same, where there need be no body.
    fn json_or_nothing(&self) -> Result<Json, ApiError> {
        if self.body.is_empty() { Ok(Json::Null) } else { self.json() }
    }
}

/// The path of an invoice's page.
pub(super) fn checkout_path(token: &str) -> String {
    format!("/invoice/{token}")
}

/// An answer with a body.
fn answer<T: Serialize>(status: StatusCode, body: &T) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], json::to_text(body)).into_response()
}

/// An answer in the vendor's envelope.
fn data<T: Serialize>(status: StatusCode, data: T) -> Response {
    answer(status, &Data { data })
}

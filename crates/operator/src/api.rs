//! The routes together, and what their handlers share.

use axum::{Json, Router, routing::get};
use engine::Engine;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    clock, credentials, deliveries, endpoints, error, frame, mails, networks, payments, shops, simulate,
    wallets,
};

/// Where the API begins.
pub const BASE: &str = "/operator/v1";

/// Where its document is.
pub const DOCUMENT_PATH: &str = "/operator/v1/openapi.json";

/// What the handlers need.
#[derive(Clone)]
pub struct Api {
    /// The engine.
    pub engine: Engine,
    /// What links to checkout pages begin with, without a slash at its end.
    pub checkout_url: String,
}

/// The whole API, document included. What it does not know is answered in its own form.
pub fn router(api: Api) -> Router {
    let (routes, document) = parts();
    let document = Json(document);
    routes
        .with_state(api)
        .route(DOCUMENT_PATH, get(async move || document))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
}

/// The OpenAPI 3.1 document of the API.
pub fn document() -> OpenApi {
    parts().1
}

/// Handlers and document come from one list, so that neither has a path that the other lacks.
fn parts() -> (Router<Api>, OpenApi) {
    let routes = OpenApiRouter::new()
        .merge(shops::routes())
        .merge(credentials::routes())
        .merge(wallets::routes())
        .merge(endpoints::routes())
        .merge(deliveries::routes())
        .merge(mails::routes())
        .merge(payments::routes())
        .merge(simulate::routes())
        .merge(clock::routes())
        .merge(networks::routes());
    let (routes, mut document) =
        OpenApiRouter::with_openapi(frame::empty()).nest(BASE, routes).split_for_parts();
    frame::finish(&mut document);
    (routes, document)
}

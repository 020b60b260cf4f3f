//! What every answer has: its request's id, and one of the two forms of errors.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::time::Span;
use tracing::Instrument;

use crate::{
    alphapo::{errors::ApiError, server::Server},
    http::RequestId,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives a request its id, and its answer its form.
pub(crate) async fn frame(State(server): State<Arc<Server>>, mut request: Request, next: Next) -> Response {
    let known = request.extensions().get::<RequestId>().cloned();
    let id = known.unwrap_or_else(|| RequestId::new(&*server.api.entropy, server.engine().wall_time()));
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!("alphapo", request_id = id.as_str());
    let response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| dress(response, &id))
}

/// The answer to a request that the gateway cannot take: it drains, or has more than it can do. For the server, which
/// knows that before any route does.
pub fn unavailable(id: &RequestId, retry_after: Span) -> Response {
    let error = ApiError::from(domain::refusal::Failure::Unavailable { retry_after });
    dress(error.into_response(), id)
}

fn dress(response: Response, id: &RequestId) -> Response {
    let (mut parts, mut body) = response.into_parts();
    let error = parts.extensions.remove::<ApiError>().or_else(|| bare(parts.status));
    if let Some(error) = error {
        parts.status = error.status();
        error.write_headers(&mut parts.headers);
        body = Body::from(error.body());
    }
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        parts.headers.insert(REQUEST_ID, id);
    }
    // Answers are about one shop at one moment.
    parts.headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    Response::from_parts(parts, body)
}

/// An error that no handler made: one that panicked. It must not be seen in another form either.
fn bare(status: StatusCode) -> Option<ApiError> {
    let is_error = status.is_client_error() || status.is_server_error();
    is_error.then(|| {
        tracing::error!(status = status.as_u16(), "an answer had no form");
        ApiError::internal()
    })
}

//! The end of every request, whatever its handler does: in time, and in a form that its caller understands.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use dialects::http::RequestId;
use serde_json::json;
use tokio::time::timeout;

use super::limits::REQUEST;

/// Writes an answer to the request with this id.
type Words = Arc<dyn Fn(&RequestId) -> Response + Send + Sync>;

/// How a caller is told what went wrong around a handler.
#[derive(Clone)]
pub(crate) struct Form {
    /// The answer after a fault of ours.
    pub(crate) fault: Words,
    /// The answer to a request that took too long. What it had begun may still be done.
    pub(crate) too_slow: Words,
}

impl Form {
    /// The gateway's own form.
    pub(crate) fn plain() -> Self {
        Self { fault: Arc::new(fault), too_slow: Arc::new(too_slow) }
    }
}

/// The same routes, each request of which ends. Its handler runs as a task of its own: a caller who leaves changes
/// nothing, and a fault in it ends nothing else.
pub(crate) fn bounded(router: Router, form: Form) -> Router {
    router.layer(middleware::from_fn_with_state(form, bound))
}

async fn bound(State(form): State<Form>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    match timeout(REQUEST, tokio::spawn(next.run(request))).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => answer(&form.fault, id.as_ref()),
        Err(_) => answer(&form.too_slow, id.as_ref()),
    }
}

/// Every request has an id by the guard around it.
fn answer(words: &Words, id: Option<&RequestId>) -> Response {
    id.map_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response(), |id| words(id))
}

/// An error in the gateway's own form.
fn error(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "error": { "code": code, "message": message } }))).into_response()
}

/// The answer to a path that nothing answers.
pub(super) async fn not_found() -> Response {
    error(StatusCode::NOT_FOUND, "not_found", "nothing is at that path")
}

/// The answer to a method that a path of ours does not take.
pub(super) async fn method_not_allowed() -> Response {
    error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "that path does not take this method")
}

fn fault(_: &RequestId) -> Response {
    error(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "a fault of the gateway; its log tells more")
}

fn too_slow(_: &RequestId) -> Response {
    let message = "the request took too long, and may still be done: ask before you repeat it";
    let mut response = error(StatusCode::SERVICE_UNAVAILABLE, "too_slow", message);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        routing::get,
    };
    use tower::ServiceExt;

    use super::*;
    use crate::http::{client_address::TrustedProxies, guard::guarded};

    async fn ask(router: Router) -> (u16, String, String) {
        let router = guarded(bounded(router, Form::plain()), TrustedProxies::default());
        let response = router.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
        let id = response.headers().get("x-request-id").unwrap().to_str().unwrap().to_owned();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1_000).await.unwrap();
        (status, id, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_fault_is_answered_and_ends_nothing_else() {
        let router = Router::new().route("/", get(async || -> () { panic!("as told") }));
        let (status, id, body) = ask(router).await;
        assert_eq!(status, 500);
        assert!(id.starts_with("req_"));
        assert!(body.contains("internal_error") && !body.contains("as told"), "{body}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_without_end_is_given_up() {
        let router = Router::new().route("/", get(std::future::pending::<()>));
        let (status, _, body) = ask(router).await;
        assert_eq!(status, 503);
        assert!(body.contains("too_slow"), "{body}");
    }
}

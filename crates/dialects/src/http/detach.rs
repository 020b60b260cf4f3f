//! A caller who leaves changes nothing.

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::Instrument;

/// Lets a request that was begun finish, whether its caller stays to read the answer or not: a handler is dropped with
/// its connection otherwise, in the middle of whatever it waits for. A handler that panics is answered with a bare 500,
/// which the dialect dresses.
pub(crate) async fn detach(request: Request, next: Next) -> Response {
    let work = next.run(request).in_current_span();
    match tokio::spawn(work).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(panicked = error.is_panic(), "a request was not finished");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{Router, body::Body, middleware, routing::get};
    use tokio::sync::Semaphore;
    use tower::ServiceExt;

    use super::*;

    fn request() -> Request {
        Request::builder().uri("/").body(Body::empty()).unwrap()
    }

    #[tokio::test]
    async fn a_request_finishes_without_its_caller() {
        let (go_on, done) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (gate, mark) = (Arc::clone(&go_on), Arc::clone(&done));
        let handler = async move || {
            let _ = gate.acquire().await.unwrap();
            mark.add_permits(1);
        };
        let router = Router::new().route("/", get(handler)).layer(middleware::from_fn(detach));
        let mut answer = Box::pin(router.oneshot(request()));
        // The handler has begun once the answer was waited for, and waits at the gate.
        assert!(futures_poll(answer.as_mut()).await);
        drop(answer);
        go_on.add_permits(1);
        assert!(done.acquire().await.is_ok());
    }

    /// Polls once; whether the future is still waiting.
    async fn futures_poll<F: Future>(mut future: std::pin::Pin<&mut F>) -> bool {
        std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_pending()))
            .await
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_answered() {
        let handler = async || -> () { panic!("as told") };
        let router = Router::new().route("/", get(handler)).layer(middleware::from_fn(detach));
        assert_eq!(router.oneshot(request()).await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}

//! Whether the process lives, and whether it should be sent requests.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::refusal::Failure;
use engine::Engine;
use serde_json::json;
use tokio::time::timeout;

/// How long the database may take to answer before the gateway is no longer ready.
const DATABASE: Duration = Duration::from_secs(2);

/// What readiness depends on.
#[derive(Clone)]
pub(crate) struct Readiness {
    engine: Engine,
    draining: Arc<AtomicBool>,
}

impl Readiness {
    /// The readiness of a gateway that just began.
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, draining: Arc::default() }
    }

    /// From now on the gateway is not ready, and will not be again.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    async fn state(&self) -> Result<&'static str, &'static str> {
        if self.draining.load(Ordering::Acquire) {
            return Err("draining");
        }
        // A database that answers was opened by this process, and so has a schema that fits.
        judged(timeout(DATABASE, self.engine.business_time()).await.ok().as_ref())
    }
}

/// What the answer of the database says of readiness; `None` where there was none in time.
fn judged<T>(answer: Option<&Result<T, Failure>>) -> Result<&'static str, &'static str> {
    match answer {
        Some(Ok(_)) => Ok("ready"),
        Some(Err(_)) => Err("database_failed"),
        None => Err("database_silent"),
    }
}

pub(super) fn routes(readiness: Readiness) -> Router {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).with_state(readiness)
}

async fn alive() -> Response {
    answer(StatusCode::OK, "alive")
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    match readiness.state().await {
        Ok(word) => answer(StatusCode::OK, word),
        Err(word) => answer(StatusCode::SERVICE_UNAVAILABLE, word),
    }
}

fn answer(status: StatusCode, word: &str) -> Response {
    let headers = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (status, headers, Json(json!({ "status": word }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_fails_or_says_nothing_is_not_ready() {
        assert_eq!(judged(Some(&Ok(()))), Ok("ready"));
        assert_eq!(judged::<()>(Some(&Err(Failure::Unknown))), Err("database_failed"));
        assert_eq!(judged::<()>(None), Err("database_silent"));
    }
}

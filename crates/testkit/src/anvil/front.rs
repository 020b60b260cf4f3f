//! A stand-in between a client and a node: it passes calls on, and changes answers as a test says. So a real node plays
//! another one: an older one, one that lags, one that lies.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Json, Router, extract::State, routing};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{client, post};

/// A server on a free port of 127.0.0.1 before a node. It ends when it is dropped.
pub struct Front {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// Changes the answer to a request.
type Amend = dyn Fn(&Value, &mut Value) + Send + Sync;

struct Shared {
    http: Client,
    node: String,
    amend: Box<Amend>,
    requests: Mutex<Vec<Vec<String>>>,
}

impl Front {
    /// Starts a server before the node at the URL `node`. `amend` is shown every request with the node's answer to it,
    /// and may change the answer. Where it is about single calls, [`Front::each`] makes one of it.
    ///
    /// # Panics
    /// When 127.0.0.1 has no free port.
    pub async fn start(node: String, amend: impl Fn(&Value, &mut Value) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on 127.0.0.1");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared =
            Arc::new(Shared { http: client(), node, amend: Box::new(amend), requests: Mutex::default() });
        let routes = Router::new().fallback(routing::post(answer)).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("a listener that stays");
        });
        Self { address, shared, server }
    }

    /// Lets `amend` see each call of a request with the answer to it, whether it came alone or in a list.
    pub fn each(
        amend: impl Fn(&Value, &mut Value) + Send + Sync + 'static,
    ) -> impl Fn(&Value, &mut Value) + Send + Sync + 'static {
        move |request, answer| match (request, answer) {
            (Value::Array(calls), Value::Array(answers)) => {
                for answer in answers {
                    if let Some(call) = calls.iter().find(|call| call["id"] == answer["id"]) {
                        amend(call, answer);
                    }
                }
            }
            (call, answer) => amend(call, answer),
        }
    }

    /// Makes an answer a refusal with this code.
    pub fn refuse(answer: &mut Value, code: i64) {
        let id = answer.get("id").cloned();
        *answer =
            json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": "refused by a test"}});
    }

    /// Where it is called.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, each with the methods that it called.
    pub fn requests(&self) -> Vec<Vec<String>> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often a method was called so far.
    pub fn count(&self, method: &str) -> usize {
        self.requests().iter().flatten().filter(|called| *called == method).count()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, Json(request): Json<Value>) -> Json<Value> {
    let calls = request.as_array().map_or(std::slice::from_ref(&request), Vec::as_slice);
    let methods = calls.iter().map(|call| call["method"].as_str().unwrap_or_default().to_owned()).collect();
    shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(methods);
    let mut answer = post(&shared.http, &shared.node, &request).await;
    (shared.amend)(&request, &mut answer);
    Json(answer)
}

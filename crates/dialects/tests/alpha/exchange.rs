//! One request, and what came back.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode},
};
use dialects::http::ClientAddress;
use serde_json::Value;

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) address: Option<ClientAddress>,
}

impl Ask {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: HeaderMap::new(), body: Vec::new(), address: None }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// A creation of the contract's own example under `key`.
    pub(crate) fn create(idempotency_key: &str) -> Self {
        Self::new(Method::POST, "/v1/payments").header("Idempotency-Key", idempotency_key).json(&example())
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.header("Authorization", &format!("Bearer {key}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.without("Content-Type").header("Content-Type", "application/json").bytes(body.to_string())
    }

    pub(crate) fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn from(mut self, address: &str) -> Self {
        self.address = Some(ClientAddress(address.parse().unwrap()));
        self
    }

    pub(crate) fn request(self) -> Request<Body> {
        let mut request = Request::new(Body::from(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.path.parse().unwrap();
        *request.headers_mut() = self.headers;
        if let Some(address) = self.address {
            request.extensions_mut().insert(address);
        }
        request
    }
}

/// The body of the contract's own example.
pub(crate) fn example() -> Value {
    serde_json::json!({
        "amount": "25.00",
        "currency": "USD",
        "customer_email": "buyer@example.com",
        "success_url": "https://merchant.example/success",
        "cancel_url": "https://merchant.example/cancel",
        "description": "Order A1001",
        "reference": "order-a1001",
    })
}

/// The example with a member changed.
pub(crate) fn example_with(field: &str, value: impl Into<Value>) -> Value {
    let mut body = example();
    body[field] = value.into();
    body
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// What the answer carries.
    pub(crate) fn data(&self) -> Value {
        self.json()["data"].clone()
    }

    /// A text in what the answer carries.
    pub(crate) fn text_of(&self, field: &str) -> String {
        self.json()["data"][field].as_str().unwrap_or_default().to_owned()
    }

    /// Status and code: `404 payment_not_found`; the status alone where there is no error.
    pub(crate) fn told(&self) -> String {
        let status = self.status.as_u16();
        self.json()["error"]["code"]
            .as_str()
            .map_or_else(|| status.to_string(), |code| format!("{status} {code}"))
    }

    /// The fields that an error is about.
    pub(crate) fn fields(&self) -> Vec<String> {
        let details = self.json()["error"]["details"].as_array().cloned().unwrap_or_default();
        details.iter().filter_map(|detail| Some(detail["field"].as_str()?.to_owned())).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

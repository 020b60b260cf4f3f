//! One request, and what came back.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode},
};
use dialects::{alphapo, http::ClientAddress};
use serde_json::{Value, json};

/// A key, and what is signed with it.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) key: String,
    pub(crate) secret: String,
}

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
    pub(crate) fn new(method: Method, path: &str) -> Self {
        let path = format!("/api/v2{path}");
        Self { method, path, headers: HeaderMap::new(), body: Vec::new(), address: None }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    /// A POST of these bytes, which say that they are JSON.
    pub(crate) fn post(path: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new(Method::POST, path).header("Content-Type", "application/json").bytes(body)
    }

    /// A POST of this value.
    pub(crate) fn json(path: &str, body: &Value) -> Self {
        Self::post(path, body.to_string())
    }

    /// A creation of an invoice.
    pub(crate) fn create(body: &Value) -> Self {
        Self::json("/invoices/create", body)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// The body is this.
    pub(crate) fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Names a key, and signs the body as it is now.
    pub(crate) fn signed(self, Key { key, secret }: &Key) -> Self {
        let signature = alphapo::sign(secret, &self.body);
        self.header("X-Processing-Key", key).header("X-Processing-Signature", &signature)
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

/// The body of the contract's own example, an invoice without a timer, under this id.
pub(crate) fn example(foreign_id: &str) -> Value {
    json!({
        "timer": false,
        "title": "Invoice Title",
        "currency": "EUR",
        "amount": 106.75,
        "foreign_id": foreign_id,
        "end_user_reference": "12345",
        "url_success": "https://example.com/success",
        "url_failed": "https://example.com/failed",
        "email_user": "buyer@example.com",
    })
}

/// An invoice with a timer.
pub(crate) fn timed(foreign_id: &str) -> Value {
    let mut body = example(foreign_id);
    body["timer"] = true.into();
    body
}

/// An invoice with a timer and a coin.
pub(crate) fn fixed(foreign_id: &str, coin: &str) -> Value {
    let mut body = timed(foreign_id);
    body["sender_currency"] = coin.into();
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

    /// Status, and what is told where something is wrong: `403 bad_header_key`, or the sentences.
    pub(crate) fn told(&self) -> String {
        let (status, body) = (self.status.as_u16(), self.json());
        match (body["code"].as_str(), &body["errors"]) {
            (Some(code), _) => format!("{status} {code}"),
            (None, Value::Object(errors)) => format!("{status} {}", Value::Object(errors.clone())),
            (None, _) => status.to_string(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

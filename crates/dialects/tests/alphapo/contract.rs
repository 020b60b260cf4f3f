//! The OpenAPI document as a judge: what it does not declare may not happen.

use axum::http::Method;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::exchange::{Answer, Ask};

/// The document, strict: an answer may not have a field that it does not name.
pub(crate) struct Contract {
    pub(crate) document: Value,
}

/// Where the API is, as far as these tests go.
pub(crate) const PUBLIC_URL: &str = "https://api.example.com";

impl Contract {
    pub(crate) fn new() -> Self {
        let mut document = served();
        forbid_others(&mut document["components"]["schemas"]);
        Self { document }
    }

    /// Every operation: path, method, and what the document says of it.
    pub(crate) fn operations(&self) -> Vec<(String, String, Value)> {
        let paths = self.document["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, item)| {
            let item = item.as_object().unwrap();
            item.iter().map(move |(method, operation)| (path.clone(), method.clone(), operation.clone()))
        });
        operations.collect()
    }

    /// Holds an exchange against the document.
    pub(crate) fn check(&self, ask: &Ask, answer: &Answer) {
        let what = format!("{} {} -> {answer:?}", ask.method, ask.path);
        assert!(answer.header("cache-control").is_some(), "{what}");
        let id = answer.header("x-request-id").unwrap();
        assert!(id.starts_with("req_") && id.len() == 28, "{what}");
        let operation = self.operation(ask);
        if ask.method == Method::HEAD {
            assert!(answer.text.is_empty(), "{what}");
            return;
        }
        let status = answer.status.as_u16();
        if status == 200 && ask.path == "/api/v2/ping" {
            assert_eq!(
                (answer.text.as_str(), answer.header("content-type")),
                ("OK", Some("text/plain; charset=utf-8"))
            );
            return;
        }
        assert_eq!(answer.header("content-type"), Some("application/json"), "{what}");
        let body = answer.json();
        if status >= 400 {
            self.valid(&json!({"$ref": "#/components/schemas/ErrorAnswer"}), &body, &what);
            // Public clients decode a code from a 403 only, and sentences from any other status.
            assert!(status != 403 || body["code"].is_string(), "{what}");
            assert_eq!(matches!(status, 429 | 503), answer.header("retry-after").is_some(), "{what}");
        }
        match operation {
            Some(operation) => self.check_operation(&operation, ask, answer, &body, &what),
            None => assert!(matches!(status, 403..=405), "{what}"),
        }
    }

    fn check_operation(&self, operation: &Value, ask: &Ask, answer: &Answer, body: &Value, what: &str) {
        let response = &operation["responses"][answer.status.as_str()];
        assert!(response.is_object(), "an undeclared status: {what}");
        let content = &response["content"]["application/json"];
        self.valid(&content["schema"], body, what);
        if let Some(code) = body["code"].as_str() {
            assert!(content["examples"][code].is_object(), "an undeclared code: {what}");
        }
        for name in answer.headers.keys().map(|name| name.as_str().to_owned()) {
            let declared = response["headers"]
                .as_object()
                .unwrap()
                .keys()
                .any(|known| known.eq_ignore_ascii_case(&name));
            assert!(declared || UNDECLARED.contains(&name.as_str()), "an undeclared header {name}: {what}");
        }
        let _ = ask;
    }

    /// What the document says of a request; nothing for a path that it does not have.
    pub(crate) fn operation(&self, ask: &Ask) -> Option<Value> {
        let path = ask.path.split('?').next()?.strip_prefix("/api/v2")?;
        let method = if ask.method == Method::HEAD { "GET" } else { ask.method.as_str() };
        let found = self
            .operations()
            .into_iter()
            .find(|(known_path, known, _)| known.to_uppercase() == method && known_path == path);
        found.map(|(_, _, operation)| operation)
    }

    /// Holds a value against a schema of the document.
    pub(crate) fn valid(&self, schema: &Value, value: &Value, what: &str) {
        let validator = self.validator(schema);
        let problems: Vec<String> =
            validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(problems, [""; 0], "{what}");
    }

    fn validator(&self, schema: &Value) -> Validator {
        let mut schema = schema.clone();
        schema["components"] = self.document["components"].clone();
        jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema)
            .unwrap()
    }
}

/// The document as it is served.
fn served() -> Value {
    serde_json::from_str(&dialects::alphapo::document(PUBLIC_URL).to_json()).unwrap()
}

/// Headers that every HTTP answer may have.
const UNDECLARED: &[&str] = &["cache-control", "content-length", "content-type", "date"];

/// Forbids every object of a schema to have members that it does not name.
fn forbid_others(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("properties").is_some_and(Value::is_object) {
                members.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            members.values_mut().for_each(forbid_others);
        }
        Value::Array(values) => values.iter_mut().for_each(forbid_others),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

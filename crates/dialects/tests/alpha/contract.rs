//! The OpenAPI document as a judge: what it does not declare may not happen.

use axum::http::Method;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::exchange::{Answer, Ask};

/// The document, strict: an answer may not have a field that it does not name.
pub(crate) struct Contract {
    pub(crate) document: Value,
}

impl Contract {
    pub(crate) fn new() -> Self {
        let document = dialects::alpha::document("https://api.example.com").to_json();
        let mut document: Value = serde_json::from_str(&document).unwrap();
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
        assert_eq!(answer.header("x-alpha-api-version"), Some("v1"), "{what}");
        assert_eq!(answer.header("x-alpha-supported-api-versions"), Some("v1"), "{what}");
        assert!(answer.header("cache-control").is_some(), "{what}");
        let id = answer.header("x-request-id").unwrap();
        assert!(id.starts_with("req_") && id.len() == 28, "{what}");
        if ask.path == "/openapi.json" && answer.status == 200 {
            return;
        }
        assert_eq!(answer.header("content-type"), Some("application/json"), "{what}");
        let is_error = answer.status.as_u16() >= 400;
        if ask.method == Method::HEAD && answer.text.is_empty() {
            // Nothing is there to compare but what goes for every answer.
            let operation = self.operation(ask);
            let is_declared = |operation: Value| operation["responses"][answer.status.as_str()].is_object();
            assert!(operation.map_or(is_error, is_declared), "{what}");
            return;
        }
        let body = answer.json();
        if is_error {
            self.valid(&json!({"$ref": "#/components/schemas/ErrorAnswer"}), &body, &what);
            assert_eq!(body["error"]["request_id"], id, "{what}");
            let waits = matches!(answer.status.as_u16(), 429 | 503);
            assert!(!waits || answer.header("retry-after").is_some(), "{what}");
            assert_eq!(answer.status == 401, answer.header("www-authenticate") == Some("Bearer"), "{what}");
        }
        match self.operation(ask) {
            Some(operation) => self.check_operation(&operation, ask, answer, &body, &what),
            None => assert!(is_error && matches!(answer.status.as_u16(), 404 | 405), "{what}"),
        }
    }

    fn check_operation(&self, operation: &Value, ask: &Ask, answer: &Answer, body: &Value, what: &str) {
        let response = &operation["responses"][answer.status.as_str()];
        assert!(response.is_object(), "an undeclared status: {what}");
        let content = &response["content"]["application/json"];
        self.valid(&content["schema"], body, what);
        if let Some(code) = body["error"]["code"].as_str() {
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
        let request = &operation["requestBody"]["content"]["application/json"]["schema"];
        if answer.status.is_success() && request.is_object() {
            let sent = serde_json::from_slice(&ask.body).unwrap();
            let lenient = Self { document: lenient_document() };
            lenient.valid(request, &sent, what);
        }
    }

    /// What the document says of a request; nothing for a path that it does not have.
    pub(crate) fn operation(&self, ask: &Ask) -> Option<Value> {
        let path = ask.path.split('?').next()?.strip_prefix("/v1")?;
        let method = if ask.method == Method::HEAD { "GET" } else { ask.method.as_str() };
        self.operations()
            .into_iter()
            .find(|(template, known, _)| known.to_uppercase() == method && is_at(template, path))
            .map(|(_, _, operation)| operation)
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

/// Headers that every HTTP answer may have.
const UNDECLARED: &[&str] =
    &["cache-control", "content-length", "content-type", "date", "vary", "access-control-allow-origin"];

fn lenient_document() -> Value {
    serde_json::from_str(&dialects::alpha::document("https://api.example.com").to_json()).unwrap()
}

fn is_at(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(known, part)| (known.starts_with('{') && !part.is_empty()) || known == part)
}

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

//! The headers of answers.

use utoipa::openapi::{
    Components, HeaderBuilder, Object, ObjectBuilder, Ref, RefOr, Response, Type, path::Operation,
};

/// A header, its type, and what it says.
type Known = (&'static str, Type, &'static str);

/// On every answer.
const EVERY: &[Known] = &[("X-Request-Id", Type::String, "The request's id: name it when you ask for help")];

/// On answers to callers that are limited.
const LIMITED: &[Known] = &[
    ("RateLimit-Limit", Type::Integer, "Requests in a minute; absent where there is no limit"),
    ("RateLimit-Remaining", Type::Integer, "Requests that may follow at once"),
    ("RateLimit-Reset", Type::Integer, "Seconds until all of them may again"),
];

const RETRY_AFTER: Known = ("Retry-After", Type::Integer, "Seconds after which it is worth trying again");

/// Writes every header down once.
pub(super) fn declare(components: &mut Components) {
    for (name, kind, text) in EVERY.iter().chain(LIMITED).chain(&[RETRY_AFTER]) {
        let schema: Object = ObjectBuilder::new().schema_type(kind.clone()).build();
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(*text)).build();
        components.headers.insert((*name).to_owned(), RefOr::T(header));
    }
}

/// Names at every answer of an operation the headers that it has.
pub(super) fn attach(operation: &mut Operation) {
    let is_signed = operation.operation_id.as_deref() != Some("ping");
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let own: &[Known] = if matches!(status.as_str(), "429" | "503") { &[RETRY_AFTER] } else { &[] };
        let limited = if status == "403" || !is_signed { &[] } else { LIMITED };
        EVERY.iter().chain(limited).chain(own).for_each(|(name, ..)| refer(response, name));
    }
}

fn refer(response: &mut Response, name: &str) {
    let place = format!("#/components/headers/{name}");
    response.headers.insert(name.to_owned(), RefOr::Ref(Ref::new(place)));
}

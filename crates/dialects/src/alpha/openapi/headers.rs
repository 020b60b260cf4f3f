//! The headers of answers.

use utoipa::openapi::{
    Components, HeaderBuilder, Object, ObjectBuilder, Ref, RefOr, Response, Type, path::Operation,
};

/// A header, its type, and what it says.
type Known = (&'static str, Type, &'static str);

/// On every answer.
const EVERY: &[Known] = &[
    ("X-Request-Id", Type::String, "The request's id: name it when you ask for help"),
    ("X-Alpha-API-Version", Type::String, "The version of the API: v1"),
    ("X-Alpha-Supported-API-Versions", Type::String, "The versions that are served: v1"),
];

/// On answers to callers that are limited.
const LIMITED: &[Known] = &[
    ("RateLimit-Limit", Type::Integer, "Requests in a minute; absent where there is no limit"),
    ("RateLimit-Remaining", Type::Integer, "Requests that may follow at once"),
    ("RateLimit-Reset", Type::Integer, "Seconds until all of them may again"),
];

const REPLAYED: Known =
    ("Idempotent-Replayed", Type::Boolean, "true where the payment had been made before under the same key");
const RETRY_AFTER: Known = ("Retry-After", Type::Integer, "Seconds after which it is worth trying again");
const AUTHENTICATE: Known = ("WWW-Authenticate", Type::String, "Bearer: the way to authenticate");

/// Writes every header down once.
pub(super) fn declare(components: &mut Components) {
    let others = [REPLAYED, RETRY_AFTER, AUTHENTICATE];
    for (name, kind, text) in EVERY.iter().chain(LIMITED).chain(&others) {
        let schema: Object = ObjectBuilder::new().schema_type(kind.clone()).build();
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(*text)).build();
        components.headers.insert((*name).to_owned(), RefOr::T(header));
    }
}

/// Names at every answer of an operation the headers that it has.
pub(super) fn attach(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let own: &[Known] = match status.as_str() {
            "201" => &[REPLAYED],
            "401" => &[AUTHENTICATE],
            "409" | "429" | "503" => &[RETRY_AFTER],
            _ => &[],
        };
        let limited = if status == "401" { &[] } else { LIMITED };
        EVERY.iter().chain(limited).chain(own).for_each(|(name, ..)| refer(response, name));
    }
}

fn refer(response: &mut Response, name: &str) {
    let place = format!("#/components/headers/{name}");
    response.headers.insert(name.to_owned(), RefOr::Ref(Ref::new(place)));
}

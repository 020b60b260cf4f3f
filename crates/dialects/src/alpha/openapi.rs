//! The OpenAPI document: what programs read of the contract.

mod errors;
mod headers;
pub(crate) mod samples;
mod webhooks;

use serde::Serialize;
use utoipa::openapi::{
    ComponentsBuilder, ExternalDocs, Info, License, OpenApi, OpenApiBuilder, Ref, RefOr, ServerBuilder,
    path::Operation,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};
use utoipa::{ToSchema as _, openapi::PathItem};
use utoipa_axum::router::OpenApiRouter;

pub(crate) use self::errors::{CheckoutErrors, CreateErrors, GetErrors, ListErrors};
pub use self::samples::SAMPLE_URL;
use super::{
    callbacks,
    errors::{Code, ErrorAnswer},
    routes,
};
use crate::http::json;

/// The version of the document, a date.
const VERSION: &str = "2026-06-16";

/// The versions of the API, as the document names them.
const REST_VERSION: &str = "v1";

/// The OpenAPI 3.1 document of the dialect.
#[derive(Serialize)]
pub struct Document {
    #[serde(flatten)]
    standard: OpenApi,
    #[serde(rename = "x-alpha-current-rest-version")]
    current: &'static str,
    #[serde(rename = "x-alpha-supported-rest-versions")]
    supported: [&'static str; 1],
}

impl Document {
    /// The document as JSON, on many lines.
    pub fn to_pretty_json(&self) -> String {
        json::to_pretty_text(self)
    }

    /// The document as JSON.
    pub fn to_json(&self) -> String {
        json::to_text(self)
    }
}

/// The document, for an API that is reached at `public_url`.
pub fn document(public_url: &str) -> Document {
    let mut document = OpenApiRouter::with_openapi(frame(public_url))
        .merge(routes::guarded())
        .merge(routes::open())
        .into_openapi();
    let components = document.components.get_or_insert_default();
    headers::declare(components);
    for (name, schema) in schemas() {
        components.schemas.entry(name).or_insert(schema);
    }
    components.security_schemes.insert("secret_key".to_owned(), RefOr::T(secret_key()));
    for path in document.paths.paths.values_mut() {
        for operation in operations(path) {
            headers::attach(operation);
            samples::attach(operation);
        }
    }
    document.webhooks = Some(webhooks::paths());
    Document { current: REST_VERSION, supported: [REST_VERSION], standard: document }
}

/// The schemas that are named only where the router does not look: in errors and callbacks.
fn schemas() -> Vec<(String, RefOr<utoipa::openapi::Schema>)> {
    let mut schemas = Vec::new();
    <ErrorAnswer as utoipa::ToSchema>::schemas(&mut schemas);
    <callbacks::Event as utoipa::ToSchema>::schemas(&mut schemas);
    schemas.push((ErrorAnswer::name().into_owned(), <ErrorAnswer as utoipa::PartialSchema>::schema()));
    schemas
        .push((callbacks::Event::name().into_owned(), <callbacks::Event as utoipa::PartialSchema>::schema()));
    schemas
}

/// The operations of a path.
fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut path.get, &mut path.put, &mut path.post, &mut path.delete, &mut path.patch].into_iter().flatten()
}

/// A reference to a schema of the document.
fn schema_of<T: utoipa::ToSchema>() -> Ref {
    Ref::from_schema_name(T::name())
}

fn frame(public_url: &str) -> OpenApi {
    let mut info = Info::new("Alpha DigiWallet Merchant Integration API", VERSION);
    let text = "Take payments: create one from your server, send the buyer to its hosted checkout, and fulfil once \
         a signed callback or a read of the payment says that it is completed.\n\n\
         Amounts are strings in major units, with exactly the places of their currency. Times are RFC 3339 in UTC. \
         Clients should ignore fields and events that they do not know: some may be added within a version. \
         Every answer carries X-Request-Id, which names the request when you ask for help.";
    info.description = Some(format!("{text}\n\n{}", catalogue()));
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    let server = ServerBuilder::new().url(format!("{public_url}/v1")).description(Some("This gateway"));
    let tag = |name: &str, text: &str| TagBuilder::new().name(name).description(Some(text)).build();
    let mut vendor = ExternalDocs::new("https://alphadigiwallet.com/docs");
    vendor.description = Some("The vendor's own documentation".to_owned());
    let mut document = OpenApiBuilder::new()
        .info(info)
        .servers(Some([server.build()]))
        .components(Some(ComponentsBuilder::new().build()))
        .tags(Some([
            tag("Payments", "Requests for money, for servers with a secret key"),
            tag("Checkout", "The public state of a hosted checkout"),
            tag("Webhooks", "What your endpoints are told, and how to know that it was us"),
        ]))
        .external_docs(Some(vendor))
        .build();
    document.json_schema_dialect = Some("https://json-schema.org/draft/2020-12/schema".to_owned());
    document
}

/// Every error there is, as a table.
fn catalogue() -> String {
    let rows = Code::ALL.iter().map(|code| {
        let status = code.status();
        format!("| {} | `{}` | {} |\n", status.as_u16(), code.as_str(), code.message())
    });
    format!("| Status | Code | What it means |\n|---|---|---|\n{}", rows.collect::<String>())
}

fn secret_key() -> SecurityScheme {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("sk_...").description(Some(
        "A secret key, from a server only. Its scopes are independent: `payments:create` lets a key create payments, \
         `payments:read` lets it list and read them. Publishable keys are refused.",
    ));
    SecurityScheme::Http(scheme.build())
}

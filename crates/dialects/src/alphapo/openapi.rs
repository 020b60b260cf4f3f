//! The OpenAPI document: what programs read of the contract.

mod errors;
mod headers;
pub(crate) mod samples;
mod webhooks;

use utoipa::openapi::{
    ComponentsBuilder, Info, License, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, ServerBuilder,
    path::Operation,
    security::{ApiKey, ApiKeyValue, SecurityScheme},
    tag::TagBuilder,
};
use utoipa_axum::router::OpenApiRouter;

pub(crate) use self::errors::{
    AccountErrors, CalculateErrors, CreateErrors, ExchangeErrors, InfoErrors, ListErrors, PairErrors,
    TakeErrors, WithdrawalErrors,
};
pub use self::samples::SAMPLE_URL;
use super::{
    auth,
    errors::{Code, ErrorBody},
    routes,
    wire::callback::{DepositCallback, InvoiceCallback},
};
use crate::http::json;

/// The version of the API.
const VERSION: &str = "2.0";

/// The OpenAPI 3.1 document of the dialect.
pub struct Document(OpenApi);

impl Document {
    /// The document as JSON, on many lines.
    pub fn to_pretty_json(&self) -> String {
        json::to_pretty_text(&self.0)
    }

    /// The document as JSON.
    pub fn to_json(&self) -> String {
        json::to_text(&self.0)
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
    for (name, scheme) in security() {
        components.security_schemes.insert(name.to_owned(), RefOr::T(scheme));
    }
    for path in document.paths.paths.values_mut() {
        for operation in operations(path) {
            headers::attach(operation);
            samples::attach(operation);
        }
    }
    document.webhooks = Some(webhooks::paths());
    Document(document)
}

/// The schemas that are named only where the router does not look: in errors and callbacks.
fn schemas() -> Vec<(String, RefOr<utoipa::openapi::Schema>)> {
    let mut schemas = Vec::new();
    add::<ErrorBody>(&mut schemas);
    add::<InvoiceCallback>(&mut schemas);
    add::<DepositCallback>(&mut schemas);
    schemas
}

fn add<T: utoipa::ToSchema>(schemas: &mut Vec<(String, RefOr<utoipa::openapi::Schema>)>) {
    T::schemas(schemas);
    schemas.push((T::name().into_owned(), T::schema()));
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
    let mut info = Info::new("AlphaPo Merchant API", VERSION);
    let text = "Take payments in coins: create an invoice from your server, send the buyer to its page, and fulfil \
         once a signed callback says `confirmed`. The invoices, deposit addresses and lists of AlphaPo's merchant \
         API (CryptoProcessing, CoinsPaid), spoken by a gateway that holds no money: coins go to the shop's own \
         wallet, and nothing is exchanged or withdrawn.\n\n\
         Amounts are strings with eight decimal places. Times are Unix seconds. Numbers of things are below 2^31.";
    info.description = Some(format!("{text}\n\n{}", catalogue()));
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    let server = ServerBuilder::new().url(format!("{public_url}/api/v2")).description(Some("This gateway"));
    let tag = |name: &str, text: &str| TagBuilder::new().name(name).description(Some(text)).build();
    let mut document = OpenApiBuilder::new()
        .info(info)
        .servers(Some([server.build()]))
        .components(Some(ComponentsBuilder::new().build()))
        .tags(Some([
            tag("Status", "Whether the API answers"),
            tag("Invoices", "Requests for money"),
            tag("Deposit addresses", "Addresses that stay with a client of the shop"),
            tag("Transactions", "What became of them"),
            tag("Balance", "What came"),
            tag("Currencies", "What is offered, and what it is worth"),
            tag("Exchange", "Figures; nothing is exchanged"),
            tag("Withdrawal", "Not part of this version"),
            tag("Callbacks", "What your endpoint is told, and how to know that it was us"),
        ]))
        .build();
    document.json_schema_dialect = Some("https://json-schema.org/draft/2020-12/schema".to_owned());
    document
}

/// Every error that has a code, as a table.
fn catalogue() -> String {
    let rows = Code::ALL.iter().map(|code| {
        let status = code.status();
        format!("| {} | `{}` | {} | {} |\n", status.as_u16(), code.as_str(), code.message(), code.meaning())
    });
    format!(
        "| Status | `code` | `error` | What it means |\n|---|---|---|---|\n{}\n\
         Everything else is told as `errors`: one sentence for each field that is not what it has to be. 429, 500 and \
         503 have that form too, with the names `rate_limit` and `service`.",
        rows.collect::<String>()
    )
}

/// How callers prove who they are. Both are needed.
fn security() -> [(&'static str, SecurityScheme); 2] {
    let header = |name: &str, text: &str| {
        SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, text)))
    };
    [
        ("key", header(auth::KEY, "The shop's public key")),
        (
            "signature",
            header(
                auth::SIGNATURE,
                "HMAC-SHA512 over the bytes of the body, in lower-case hexadecimal. The key is the whole secret. Of a \
                 request without a body it is the signature of nothing",
            ),
        ),
    ]
}

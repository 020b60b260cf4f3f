//! The OpenAPI document: its frame, and what every operation may answer.

use utoipa::{
    PartialSchema as _, ToSchema as _,
    openapi::{
        ContentBuilder, Info, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder, ServerBuilder,
        path::Operation, tag::TagBuilder,
    },
};

use crate::error::{ErrorBody, ErrorDetail};

/// What the document says besides the operations.
pub(crate) fn empty() -> OpenApi {
    let mut info = Info::new("Tillgate operator API", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "What the operator of a gateway can do. It answers on the Unix socket in the data directory: whoever may open \
         it is the operator. Amounts are decimal strings, times are RFC 3339, lists are paged with cursors."
            .to_owned(),
    );
    let mut license = utoipa::openapi::License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    let tag = |name: &str, text: &str| TagBuilder::new().name(name).description(Some(text)).build();
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new()
            .url("http://localhost")
            .description(Some("The socket `operator.sock` in the data directory"))
            .build()]))
        .tags(Some([
            tag("Shops", "Places that sell, and their own rules"),
            tag("Credentials", "Keys that act for a shop in one dialect"),
            tag("Wallets", "Extended public keys that a shop receives with"),
            tag("Endpoints", "Where a shop's events go"),
            tag("Deliveries", "What was sent there, and what came back"),
            tag("Mails", "What buyers were written, and what came of it"),
            tag("Payments", "Requests for money, of every dialect"),
            tag("Simulate", "The sandbox: money, chains and market on demand"),
            tag("Clock", "The business clock, which moves ahead in a sandbox"),
            tag("Networks", "The networks that are served, and how well they are seen"),
        ]))
        .build()
}

/// What any operation may answer besides its own answers.
const ERRORS: [(&str, &str); 8] = [
    ("400", "The request cannot be read"),
    ("404", "Something that the request names is not there"),
    ("409", "That cannot be done as things are now"),
    ("413", "The body is too large"),
    ("415", "The body is not JSON by its content type"),
    ("422", "A value is not what it has to be"),
    ("500", "A fault of the gateway; its log tells more under the id in the message"),
    (
        "503",
        "The gateway cannot take it now. Nothing was changed, except perhaps where the code is `outcome_unknown` or \
         `too_slow`: look first, then ask again",
    ),
];

/// Declares the errors at every operation.
pub(crate) fn finish(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    for (name, schema) in
        [(ErrorBody::name(), ErrorBody::schema()), (ErrorDetail::name(), ErrorDetail::schema())]
    {
        components.schemas.insert(name.into_owned(), schema);
    }
    let content = || {
        let schema = Ref::from_schema_name(ErrorBody::name());
        ContentBuilder::new().schema(Some(schema)).build()
    };
    for path in document.paths.paths.values_mut() {
        let operations = [&mut path.get, &mut path.put, &mut path.post, &mut path.delete, &mut path.patch];
        for operation in operations.into_iter().flatten() {
            declare(operation, content);
        }
    }
}

fn declare(operation: &mut Operation, content: impl Fn() -> utoipa::openapi::Content) {
    for (status, text) in ERRORS {
        let response =
            ResponseBuilder::new().description(text).content("application/json", content()).build();
        operation.responses.responses.entry(status.to_owned()).or_insert(RefOr::T(response));
    }
}

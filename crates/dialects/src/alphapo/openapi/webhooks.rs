//! What endpoints are told, as the document tells it.

use serde_json::Value;
use utoipa::openapi::{
    ContentBuilder, HttpMethod, Object, PathItem, Paths, Ref, Required, ResponseBuilder, Type,
    example::{Example, ExampleBuilder},
    path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
};

use super::{samples, schema_of};
use crate::alphapo::{
    auth::{KEY, SIGNATURE},
    wire::callback::{DepositCallback, InvoiceCallback},
};

/// A POST for each kind of callback.
pub(super) fn paths() -> Paths {
    let mut paths = Paths::new();
    let invoice = "The state of an invoice changed, or a part of it came.";
    let deposit = "Money came at the address of a client, or is final.";
    for (name, text, schema, samples) in [
        ("invoice", invoice, schema_of::<InvoiceCallback>(), samples::CALLBACKS),
        ("deposit", deposit, schema_of::<DepositCallback>(), samples::DEPOSITS),
    ] {
        paths.paths.insert(name.to_owned(), path(name, text, schema, samples));
    }
    paths
}

fn path(name: &str, text: &str, schema: Ref, samples: &[(&str, &str, &str)]) -> PathItem {
    let examples = samples.iter().map(|(name, summary, body)| ((*name).to_owned(), example(summary, body)));
    let body = ContentBuilder::new().schema(Some(schema)).examples_from_iter(examples).build();
    let request = RequestBodyBuilder::new()
        .description(Some(
            "The same bytes at every attempt: compact, `/` as `\\/`, what is not ASCII as `\\uXXXX`, as PHP writes it",
        ))
        .content("application/json", body)
        .required(Some(Required::True));
    let taken = "Taken: 200, and no other status; send it once the callback is kept. Anything else is tried again: 12 \
                 times, over about a day.";
    let operation = OperationBuilder::new()
        .tag("Callbacks")
        .operation_id(Some(format!("on{}{}", name[..1].to_uppercase(), &name[1..])))
        .summary(Some(name))
        .description(Some(text))
        .parameters(Some([
            header(KEY, "The shop's public key"),
            header(
                SIGNATURE,
                "HMAC-SHA512 over the body's bytes, in lower-case hexadecimal; the key is the secret of that public \
                 key. Compare it in constant time, before the body is read",
            ),
        ]))
        .request_body(Some(request.build()))
        .response("200", ResponseBuilder::new().description(taken));
    PathItem::new(HttpMethod::Post, operation)
}

fn example(summary: &str, body: &str) -> Example {
    ExampleBuilder::new().summary(summary).value(serde_json::from_str::<Value>(body).ok()).build()
}

fn header(name: &'static str, text: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(text))
        .schema(Some(Object::with_type(Type::String)))
        .build()
}

//! The errors that each operation may give, each with a true example.

use std::collections::BTreeMap;

use domain::{money::Amount, refusal::Refusal};
use utoipa::{
    IntoResponses,
    openapi::{
        Content, ContentBuilder, RefOr, Response, ResponseBuilder,
        example::{Example, ExampleBuilder},
    },
};

use super::schema_of;
use crate::alphapo::{
    errors::{ApiError, Code, ErrorBody, NO_EXCHANGE},
    routes::NO_WITHDRAWAL,
    wire::{new_invoice, sentence::Rule},
};

macro_rules! errors {
    ($($(#[doc = $doc:literal])* $name:ident = $own:expr;)*) => {$(
        $(#[doc = $doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                declare([$own.to_vec(), of_all()].concat())
            }
        }
    )*};
}

errors! {
    /// What createInvoice may be refused with.
    CreateErrors = [
        ("required", ApiError::of("foreign_id", &Rule::Required)),
        ("taken", Refusal::ReferenceTaken.into()),
        ("too_small", new_invoice::too_small(Amount::from_minor(1_000))),
        ("unavailable", Refusal::RateUnavailable.into()),
    ];
    /// What lists may be refused with.
    ListErrors = [("boolean", ApiError::of("visible", &Rule::Boolean))];
    /// What lists of pairs may be refused with.
    PairErrors = [("unknown", ApiError::of("currency_from", &Rule::In))];
    /// What a list without fields may be refused with.
    AccountErrors = [];
    /// What takeAddress may be refused with.
    TakeErrors = [
        ("unknown", ApiError::of("currency", &Rule::In)),
        ("exchange", ApiError::worded("convert_to", NO_EXCHANGE)),
    ];
    /// What calculateExchange may be refused with.
    CalculateErrors = [
        ("unknown", ApiError::of("sender_currency", &Rule::In)),
        ("one_amount", ApiError::of("sender_amount", &Rule::RequiredWithout("receiver_amount"))),
        ("unavailable", ApiError::worded("sender_currency", NO_EXCHANGE)),
    ];
    /// What exchanges are refused with.
    ExchangeErrors = [("unavailable", ApiError::worded("sender_currency", NO_EXCHANGE))];
    /// What withdrawals are refused with.
    WithdrawalErrors = [("unavailable", ApiError::worded("currency", NO_WITHDRAWAL))];
    /// What getTransaction may be refused with.
    InfoErrors = [
        ("required", ApiError::of("id", &Rule::Required)),
        (Code::NotFound.as_str(), Code::NotFound.into()),
    ];
}

/// An error, and the name of its example.
type Named = (&'static str, ApiError);

/// What every operation that takes a signature may be refused with.
fn of_all() -> Vec<Named> {
    let codes = [
        Code::RequiredHeaderKey,
        Code::BadHeaderKey,
        Code::RequiredHeaderSignature,
        Code::BadHeaderSignature,
        Code::ForbiddenIp,
        Code::BadContentFormat,
        Code::PayloadTooLarge,
    ];
    let told = codes.into_iter().map(|code| (code.as_str(), ApiError::from(code)));
    let others = [
        ("rate_limit", ApiError::too_often(60)),
        ("internal", ApiError::internal()),
        ("service", ApiError::unavailable(1)),
    ];
    told.chain(others).collect()
}

/// One response for each status, with its examples.
fn declare(errors: Vec<Named>) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<String, Vec<Named>> = BTreeMap::new();
    for error in errors {
        by_status.entry(error.1.status().as_str().to_owned()).or_default().push(error);
    }
    by_status.into_iter().map(|(status, errors)| (status, RefOr::T(response(errors)))).collect()
}

fn response(errors: Vec<Named>) -> Response {
    let names: Vec<String> = errors.iter().map(|(name, _)| format!("`{name}`")).collect();
    let content: Content = ContentBuilder::new()
        .schema(Some(schema_of::<ErrorBody>()))
        .examples_from_iter(errors.into_iter().map(example))
        .build();
    ResponseBuilder::new().description(names.join(" or ")).content("application/json", content).build()
}

fn example((name, error): Named) -> (&'static str, Example) {
    (name, ExampleBuilder::new().value(serde_json::to_value(error.answer()).ok()).build())
}

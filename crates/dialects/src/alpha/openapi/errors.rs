//! The errors that each operation may give, each with a true example.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{
        Content, ContentBuilder, RefOr, Response, ResponseBuilder,
        example::{Example, ExampleBuilder},
    },
};

use super::{samples, schema_of};
use crate::{
    alpha::{
        auth::{self, Scope},
        errors::{ApiError, Code, Detail, DetailCode, ErrorAnswer, ErrorBody},
        wire::new_payment,
    },
    http::json::JsonError,
};

/// What createPayment may be refused with.
pub(crate) struct CreateErrors;
/// What listPayments may be refused with.
pub(crate) struct ListErrors;
/// What getPayment may be refused with.
pub(crate) struct GetErrors;
/// What getCheckout may be refused with.
pub(crate) struct CheckoutErrors;

impl IntoResponses for CreateErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let missing = Detail::new("amount", DetailCode::Required, "it is missing");
        let card =
            Detail::new("metadata.card_number", DetailCode::NotAllowed, "no field of this name may be sent");
        let own = [
            new_payment::unreadable(JsonError::DuplicateName),
            Code::IdempotencyKeyRequired.into(),
            Code::IdempotencyKeyInvalid.into(),
            Code::IdempotencyConflict.into(),
            ApiError::new(Code::IdempotencyInProgress).after(1),
            Code::PayloadTooLarge.into(),
            Code::UnsupportedMediaType.into(),
            ApiError::about(Code::ValidationFailed, vec![missing]),
            ApiError::about(Code::PaymentCredentialsNotAllowed, vec![card]),
        ];
        declare([own.to_vec(), of_key(Scope::Create), of_all()].concat())
    }
}

impl IntoResponses for ListErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let limit = Detail::new("limit", DetailCode::Invalid, "it has to be a whole number from 1 to 100");
        let own = [Code::InvalidCursor.into(), ApiError::about(Code::ValidationFailed, vec![limit])];
        declare([own.to_vec(), of_key(Scope::Read), of_all()].concat())
    }
}

impl IntoResponses for GetErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        declare([vec![Code::PaymentNotFound.into()], of_key(Scope::Read), of_all()].concat())
    }
}

impl IntoResponses for CheckoutErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        declare([vec![Code::CheckoutNotFound.into()], of_all()].concat())
    }
}

/// What every operation that takes a key may be refused with.
fn of_key(scope: Scope) -> Vec<ApiError> {
    let errors =
        [Code::MissingApiKey, Code::InvalidApiKey, Code::PublishableKeyNotAllowed, Code::MerchantNotActive];
    let mut errors: Vec<ApiError> = errors.into_iter().map(ApiError::from).collect();
    errors.push(auth::insufficient(scope));
    errors
}

/// What every operation may be refused with.
fn of_all() -> Vec<ApiError> {
    [Code::RateLimited, Code::InternalError, Code::ServiceUnavailable]
        .into_iter()
        .map(ApiError::from)
        .collect()
}

/// One response for each status, with an example for each code.
fn declare(errors: Vec<ApiError>) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<String, Vec<ApiError>> = BTreeMap::new();
    for error in errors {
        by_status.entry(error.code.status().as_str().to_owned()).or_default().push(error);
    }
    by_status.into_iter().map(|(status, errors)| (status, RefOr::T(response(errors)))).collect()
}

fn response(errors: Vec<ApiError>) -> Response {
    let codes: Vec<String> = errors.iter().map(|error| format!("`{}`", error.code.as_str())).collect();
    let content: Content = ContentBuilder::new()
        .schema(Some(schema_of::<ErrorAnswer>()))
        .examples_from_iter(errors.into_iter().map(example))
        .build();
    ResponseBuilder::new().description(codes.join(" or ")).content("application/json", content).build()
}

fn example(error: ApiError) -> (&'static str, Example) {
    let (code, message, details) = (error.code.as_str(), error.message, error.details);
    let body = ErrorBody { code, message, request_id: samples::request_id(), details };
    (code, ExampleBuilder::new().value(serde_json::to_value(ErrorAnswer { error: body }).ok()).build())
}

//! The one form of an error, and which status each refusal has.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use domain::refusal::{Failure, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a request was not done.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorDetail,
}

/// An error: a code for programs, and words for people.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// The stable code: `shop_not_found`.
    pub code: String,
    /// What is wrong, and what to do about it.
    pub message: String,
}

/// An error on its way out.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<i64>,
}

impl ApiError {
    /// An error that is no refusal of the engine: the request itself is at fault.
    pub(crate) fn request(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    /// A value that is not of the form that it has to have.
    pub(crate) fn invalid(field: &str, form: &str) -> Self {
        Self::request(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_value",
            format!("`{field}` has to be {form}"),
        )
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self {
            status: status(refusal),
            code: refusal.code(),
            message: refusal.to_string(),
            retry_after: None,
        }
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        let (status, code, wait) = match failure {
            Failure::Refused(refusal) => return refusal.into(),
            Failure::Unavailable { retry_after } => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", Some(retry_after.whole_seconds().max(1)))
            }
            Failure::Unknown => (StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown", None),
            Failure::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error", None),
        };
        Self { status, code, message: failure.to_string(), retry_after: wait }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let error = ErrorDetail { code: self.code.to_owned(), message: self.message };
        let mut response = (self.status, Json(ErrorBody { error })).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

pub(crate) async fn not_found() -> ApiError {
    ApiError::request(
        StatusCode::NOT_FOUND,
        "not_found",
        "nothing is at that path: see /operator/v1/openapi.json",
    )
}

pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::request(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "that path does not take this method",
    )
}

/// The status of each refusal: 404 for what is not there, 409 for what is not so now, 422 for what was never right.
const fn status(refusal: Refusal) -> StatusCode {
    use Refusal as R;
    match refusal {
        R::CursorInvalid => StatusCode::BAD_REQUEST,
        R::NetworkUnknown
        | R::MerchantNotFound
        | R::ShopNotFound
        | R::CredentialNotFound
        | R::WalletNotFound
        | R::EndpointNotFound
        | R::DeliveryNotFound
        | R::MailNotFound
        | R::PaymentNotFound => StatusCode::NOT_FOUND,
        R::RateUnavailable
        | R::MethodUnavailable
        | R::ShopInactive
        | R::KeyInUse
        | R::EndpointLimit
        | R::EndpointUnsigned
        | R::EventNotFound
        | R::IdempotencyConflict
        | R::ReferenceTaken
        | R::PaymentClosed
        | R::MoneySeen
        | R::NothingDue
        | R::VersionStale
        | R::BatchStale
        | R::LeaseLost
        | R::ReorgTooDeep
        | R::NotSimulated => StatusCode::CONFLICT,
        R::AmountMalformed
        | R::AmountOutOfRange
        | R::AmountZero
        | R::AssetUnknown
        | R::RateMalformed
        | R::AddressInvalid
        | R::MethodUnknown
        | R::NameInvalid
        | R::PolicyInvalid
        | R::DialectUnknown
        | R::TooMany
        | R::KeyKindUnknown
        | R::ScopeUnknown
        | R::ExpiryPast
        | R::KeyInvalid
        | R::KeyPrivate
        | R::KeyOfSandbox
        | R::KeyOfOtherForm
        | R::KeyOfOtherNetwork
        | R::KeyOfOtherScript
        | R::KeyMultisig
        | R::DescriptorInvalid
        | R::DescriptorChecksum
        | R::KeyNotPinned
        | R::EndpointUrlInvalid
        | R::EventUnknown
        | R::BlocksOutOfRange
        | R::IpBlockInvalid
        | R::CallerNotAllowed
        | R::CutoverOutOfRange
        | R::ClockOutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

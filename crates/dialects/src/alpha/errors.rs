//! What a request is answered with that is not done.

use std::borrow::Cow;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::refusal::{Failure, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! codes {
    ($($name:ident = $status:ident, $code:literal, $message:literal;)*) => {
        /// The codes of the contract. A code never changes its meaning, and always comes with the same status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Code { $($name,)* }

        impl Code {
            /// Every code there is, in the order of their statuses.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as callers read it.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The status that it comes with.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),* }
            }

            /// What it means, where nothing more is known.
            pub(crate) const fn message(self) -> &'static str {
                match self { $(Self::$name => $message),* }
            }
        }
    };
}

codes! {
    InvalidJson = BAD_REQUEST, "invalid_json", "The body cannot be read as JSON.";
    IdempotencyKeyRequired = BAD_REQUEST, "idempotency_key_required",
        "Send an Idempotency-Key header: a name for this attempt to pay this order, such as order-a1001.";
    IdempotencyKeyInvalid = BAD_REQUEST, "idempotency_key_invalid",
        "An Idempotency-Key is one header of 1 to 255 visible ASCII characters.";
    InvalidCursor = BAD_REQUEST, "invalid_cursor",
        "That cursor was not given out by this list; send next_cursor as it was, or none to begin again.";
    MissingApiKey = UNAUTHORIZED, "missing_api_key", "Send the header Authorization: Bearer, followed by a secret key.";
    InvalidApiKey = UNAUTHORIZED, "invalid_api_key",
        "That key is not one that works here: it may be mistyped, revoked, expired, or of another environment.";
    InsufficientScope = FORBIDDEN, "insufficient_scope", "That key does not have the scope that this takes.";
    PublishableKeyNotAllowed = FORBIDDEN, "publishable_key_not_allowed",
        "A publishable key proves nothing; use a secret key, from a server only.";
    MerchantNotActive = FORBIDDEN, "merchant_not_active", "This merchant is not active.";
    PaymentNotFound = NOT_FOUND, "payment_not_found", "There is no such payment.";
    CheckoutNotFound = NOT_FOUND, "checkout_not_found", "There is no such checkout.";
    NotFound = NOT_FOUND, "not_found", "Nothing is at that path; see /openapi.json.";
    UnsupportedApiVersion = NOT_FOUND, "unsupported_api_version", "This version is not served; use /v1.";
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method_not_allowed",
        "That path does not take this method; the Allow header names those that it takes.";
    IdempotencyConflict = CONFLICT, "idempotency_conflict",
        "That Idempotency-Key was used for another request; a new attempt takes a new key.";
    IdempotencyInProgress = CONFLICT, "idempotency_in_progress",
        "The first request under that Idempotency-Key has not ended; send this one again in a moment.";
    PayloadTooLarge = PAYLOAD_TOO_LARGE, "payload_too_large", "The body is larger than 65536 bytes.";
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type",
        "Send the body as JSON in UTF-8, not compressed, with Content-Type: application/json.";
    ValidationFailed = UNPROCESSABLE_ENTITY, "validation_failed",
        "Some values are not what they have to be; see details.";
    PaymentCredentialsNotAllowed = UNPROCESSABLE_ENTITY, "payment_credentials_not_allowed",
        "Payment credentials do not belong in a request; the buyer enters them on the hosted checkout alone. \
         Nothing of it was kept; see details for where they were.";
    RateLimited = TOO_MANY_REQUESTS, "rate_limited", "Too many requests; wait as long as Retry-After says.";
    InternalError = INTERNAL_SERVER_ERROR, "internal_error",
        "A fault of this gateway; its operator finds the cause under the request id.";
    ServiceUnavailable = SERVICE_UNAVAILABLE, "service_unavailable",
        "The gateway cannot take this now; wait as long as Retry-After says, and send it again under the same key.";
}

/// The body of every answer to a request that is not done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ErrorAnswer {
    /// What is wrong.
    pub(crate) error: ErrorBody,
}

/// What is wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorBody {
    /// The code, for programs. It never changes its meaning.
    #[schema(pattern = "^[a-z_]+$", examples("validation_failed"))]
    pub(crate) code: &'static str,
    /// What is wrong and what to do, for people. It may be worded anew at any time.
    pub(crate) message: Cow<'static, str>,
    /// The request's id, which X-Request-Id repeats: name it when you ask for help.
    #[schema(pattern = "^req_[0-9A-Za-z]{24}$", examples("req_00033ZMYAb50T29kTFmGqkRU"))]
    pub(crate) request_id: String,
    /// What is wrong with which field, the first 50 of it. Empty where the error is not about fields.
    #[schema(max_items = 50)]
    pub(crate) details: Vec<Detail>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ErrorDetail)]
pub(crate) struct Detail {
    /// The field, with the names of those around it: `metadata.cart`. Empty where it is the whole body.
    #[schema(examples("amount"))]
    pub(crate) field: String,
    /// The code, for programs.
    pub(crate) code: DetailCode,
    /// What is wrong, for people.
    pub(crate) message: Cow<'static, str>,
}

/// What may be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DetailCode {
    /// It is missing.
    Required,
    /// It is of another JSON type.
    InvalidType,
    /// It does not have the form that it has to have.
    Invalid,
    /// It is longer than it may be.
    TooLong,
    /// It has more members than it may have.
    TooMany,
    /// It is less than the least.
    TooSmall,
    /// It is more than the most.
    TooLarge,
    /// It has the right form, and is not served here.
    Unsupported,
    /// It may not be sent at all.
    NotAllowed,
}

/// An error on its way out. The frame of the routes gives it its body, since that names the request.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) code: Code,
    pub(crate) message: Cow<'static, str>,
    pub(crate) details: Vec<Detail>,
    /// Seconds after which it is worth trying again.
    pub(crate) retry_after: Option<u64>,
}

/// When it is worth asking again whether something was done: the connection to the store is made anew meanwhile.
const UNKNOWN_RETRY: u64 = 1;

impl ApiError {
    /// The error with this code, in the code's own words.
    pub(crate) fn new(code: Code) -> Self {
        Self::worded(code, Cow::Borrowed(code.message()))
    }

    /// The error with this code, in words that say more.
    pub(crate) fn worded(code: Code, message: Cow<'static, str>) -> Self {
        Self { code, message, details: Vec::new(), retry_after: None }
    }

    /// The error with this code about these fields.
    pub(crate) fn about(code: Code, details: Vec<Detail>) -> Self {
        Self { details, ..Self::new(code) }
    }

    /// The same error, worth trying again after so many seconds.
    pub(crate) fn after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let code = answer(refusal);
        match code {
            Code::InternalError => {
                tracing::error!(refusal = refusal.code(), "a request was refused as none can be");
            }
            Code::ServiceUnavailable => return Self::new(code).after(UNKNOWN_RETRY),
            Code::InvalidApiKey if refusal == Refusal::CallerNotAllowed => {
                return Self::worded(code, Cow::Borrowed("That key may not be used from this address."));
            }
            _ => {}
        }
        Self::new(code)
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Unavailable { retry_after } => {
                let seconds = u64::try_from(retry_after.whole_seconds()).unwrap_or_default();
                Self::new(Code::ServiceUnavailable).after(seconds.max(1))
            }
            Failure::Unknown => Self::new(Code::ServiceUnavailable).after(UNKNOWN_RETRY),
            Failure::Internal { incident } => {
                // The request's id stands in the span of this line, and so both are found together.
                tracing::error!(incident = incident.base62(), "a request met a fault of ours");
                Self::new(Code::InternalError)
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What each refusal is answered with. No request of this API can be refused in the ways of the last arm: it would be
/// a fault of ours, and must not look like one of the caller's.
const fn answer(refusal: Refusal) -> Code {
    use Refusal as R;
    match refusal {
        R::CursorInvalid => Code::InvalidCursor,
        R::CredentialNotFound | R::CallerNotAllowed => Code::InvalidApiKey,
        R::ShopInactive | R::ShopNotFound | R::MerchantNotFound => Code::MerchantNotActive,
        R::PaymentNotFound => Code::PaymentNotFound,
        R::IdempotencyConflict => Code::IdempotencyConflict,
        R::AmountMalformed | R::AmountOutOfRange | R::AmountZero | R::AssetUnknown | R::TooMany => {
            Code::ValidationFailed
        }
        R::RateUnavailable | R::MethodUnavailable => Code::ServiceUnavailable,
        R::RateMalformed
        | R::NetworkUnknown
        | R::AddressInvalid
        | R::MethodUnknown
        | R::NameInvalid
        | R::PolicyInvalid
        | R::DialectUnknown
        | R::KeyKindUnknown
        | R::ScopeUnknown
        | R::ExpiryPast
        | R::IpBlockInvalid
        | R::KeyInvalid
        | R::KeyPrivate
        | R::KeyOfSandbox
        | R::KeyInUse
        | R::KeyOfOtherForm
        | R::KeyOfOtherNetwork
        | R::KeyOfOtherScript
        | R::KeyMultisig
        | R::DescriptorInvalid
        | R::DescriptorChecksum
        | R::KeyNotPinned
        | R::WalletNotFound
        | R::EndpointNotFound
        | R::EndpointUrlInvalid
        | R::EndpointLimit
        | R::EndpointUnsigned
        | R::EventUnknown
        | R::EventNotFound
        | R::DeliveryNotFound
        | R::MailNotFound
        | R::ReferenceTaken
        | R::PaymentClosed
        | R::MoneySeen
        | R::NothingDue
        | R::VersionStale
        | R::BatchStale
        | R::LeaseLost
        | R::ReorgTooDeep
        | R::NotSimulated
        | R::BlocksOutOfRange
        | R::CutoverOutOfRange
        | R::ClockOutOfRange => Code::InternalError,
    }
}

#[cfg(test)]
mod tests {
    use domain::{id::IncidentId, time::Span};

    use super::*;

    fn told(error: &ApiError) -> String {
        let wait = error.retry_after.map_or_else(String::new, |seconds| format!(", after {seconds} s"));
        format!("{} {}{wait}", error.code.status().as_u16(), error.code.as_str())
    }

    #[test]
    fn every_refusal_has_its_answer() {
        let table: Vec<String> = Refusal::ALL
            .iter()
            .map(|refusal| format!("{}: {}", refusal.code(), told(&ApiError::from(*refusal))))
            .collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn what_is_no_refusal_has_its_answer_too() {
        let told = |failure: Failure| told(&failure.into());
        assert_eq!(told(Failure::Unknown), "503 service_unavailable, after 1 s");
        let later = |retry_after| Failure::Unavailable { retry_after };
        assert_eq!(told(later(Span::seconds(7))), "503 service_unavailable, after 7 s");
        assert_eq!(told(later(Span::ZERO)), "503 service_unavailable, after 1 s");
        let incident = IncidentId::from_bytes([7; 16]);
        assert_eq!(told(Failure::Internal { incident }), "500 internal_error");
    }

    #[test]
    fn codes_are_those_of_the_contract() {
        let table: Vec<String> =
            Code::ALL.iter().map(|code| format!("{} {}", code.status().as_u16(), code.as_str())).collect();
        insta::assert_snapshot!(table.join("\n"));
        assert!(Code::ALL.is_sorted_by_key(|code| code.status()));
    }
}

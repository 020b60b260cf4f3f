//! What a request is answered with that is not done.
//!
//! There are two forms. What concerns the request as a whole has a code: `{"error":…,"code":…}`. What concerns a field,
//! or the service, is a map from names to one sentence each: `{"errors":{…}}`. Public clients decode the first from a
//! 403 only, and the second from any other status that is no success, as texts: never as lists.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::refusal::{Failure, Refusal};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::{
    alphapo::wire::{
        fields::{Problem, Problems},
        sentence::Rule,
    },
    http::json,
};

macro_rules! codes {
    ($($name:ident = $status:ident, $code:literal, $message:literal, $meaning:literal;)*) => {
        /// What is wrong with a request as a whole.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code { $($name,)* }

        impl Code {
            /// Every code there is.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as callers read it.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The status that it comes with.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),* }
            }

            /// What it says.
            pub(crate) const fn message(self) -> &'static str {
                match self { $(Self::$name => $message),* }
            }

            /// What it means, for the document.
            pub(crate) const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),* }
            }
        }
    };
}

codes! {
    RequiredHeaderKey = FORBIDDEN, "required_header_key", "No key header",
        "X-Processing-Key is missing. Unknown paths are answered so too.";
    BadHeaderKey = FORBIDDEN, "bad_header_key", "Bad key header", "The key is not one that works here.";
    RequiredHeaderSignature = FORBIDDEN, "required_header_signature", "No signature header",
        "X-Processing-Signature is missing.";
    BadHeaderSignature = FORBIDDEN, "bad_header_signature", "Bad signature header",
        "The signature is not that of the bytes that were received.";
    ForbiddenIp = FORBIDDEN, "forbidden_ip", "Forbidden IP", "The key may not be used from this address.";
    BadContentFormat = BAD_REQUEST, "bad_content_format", "Bad content format",
        "The body is not JSON, or Content-Type does not say application/json.";
    NotFound = NOT_FOUND, "not_found", "Not found", "Nothing is there.";
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed",
        "That path takes another method; Allow names it.";
    PayloadTooLarge = PAYLOAD_TOO_LARGE, "payload_too_large", "Payload too large",
        "The body is larger than 65536 bytes.";
}

/// The field that stands for the service itself, and for how often it is asked.
const SERVICE: &str = "service";
const RATE_LIMIT: &str = "rate_limit";

/// What the vendor says where nothing is exchanged.
pub(crate) const NO_EXCHANGE: &str = "Exchange is unavailable for given currencies";

/// When it is worth asking again whether something was done: the connection to the store is made anew meanwhile.
const UNKNOWN_RETRY: u64 = 1;

/// An error on its way out.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    told: Told,
    retry_after: Option<u64>,
}

/// What an error says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    Code(Code),
    Fields(Vec<Problem>),
}

/// The body of every answer to a request that is not done.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ErrorAnswer)]
pub(crate) enum ErrorBody {
    /// What is wrong with the request as a whole.
    Coded(Coded),
    /// What is wrong with its fields.
    About(About),
}

/// What is wrong with a request as a whole.
#[derive(Serialize, ToSchema)]
#[schema(as = RequestError)]
pub(crate) struct Coded {
    /// What is wrong, for people.
    #[schema(examples("Bad key header"))]
    error: &'static str,
    /// The code, for programs.
    #[schema(pattern = "^[a-z_]+$", examples("bad_header_key"))]
    code: &'static str,
}

/// What is wrong with the fields of a request: one sentence for each, under its name.
#[derive(Serialize, ToSchema)]
#[schema(as = FieldErrors)]
pub(crate) struct About {
    /// Names and sentences. The name `service` stands for the gateway itself, and `rate_limit` for too many requests.
    #[serde(serialize_with = "as_map")]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    errors: Vec<Problem>,
}

fn as_map<S: Serializer>(problems: &[Problem], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(problems.iter().map(|problem| (&problem.field, &problem.sentence)))
}

impl ApiError {
    /// A field that does not meet a rule.
    pub(crate) fn of(field: &str, rule: &Rule) -> Self {
        Self::fields(StatusCode::BAD_REQUEST, vec![Problem::new(field, rule)])
    }

    /// A field, and a sentence about it that no rule has.
    pub(crate) fn worded(field: &str, sentence: impl Into<String>) -> Self {
        Self::about(StatusCode::BAD_REQUEST, field, sentence)
    }

    /// The caller asks too often, and may again after so many seconds.
    pub(crate) fn too_often(seconds: u64) -> Self {
        // The vendor's answer comes from what stands before it, and is no JSON. This one says the same to clients that
        // decode a map.
        Self::about(StatusCode::TOO_MANY_REQUESTS, RATE_LIMIT, "error code: 1015").after(seconds)
    }

    /// The gateway cannot take it now.
    pub(crate) fn unavailable(seconds: u64) -> Self {
        Self::about(StatusCode::SERVICE_UNAVAILABLE, SERVICE, "Service unavailable").after(seconds)
    }

    /// A fault of ours.
    pub(crate) fn internal() -> Self {
        Self::about(StatusCode::INTERNAL_SERVER_ERROR, SERVICE, "Internal server error")
    }

    fn about(status: StatusCode, field: &str, sentence: impl Into<String>) -> Self {
        Self::fields(status, vec![Problem { field: field.to_owned(), sentence: sentence.into() }])
    }

    const fn fields(status: StatusCode, problems: Vec<Problem>) -> Self {
        Self { status, told: Told::Fields(problems), retry_after: None }
    }

    fn after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The same, where the endpoint has another name for a field.
    pub(crate) fn renamed(mut self, from: &str, to: &str) -> Self {
        if let Told::Fields(problems) = &mut self.told {
            problems.iter_mut().filter(|problem| problem.field == from).for_each(|problem| {
                to.clone_into(&mut problem.field);
            });
        }
        self
    }

    /// Whether it says who the caller is not.
    pub(crate) fn is_about_the_caller(&self) -> bool {
        self.status == StatusCode::FORBIDDEN
    }

    /// The status.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// What it says.
    pub(crate) fn answer(&self) -> ErrorBody {
        match &self.told {
            Told::Code(code) => ErrorBody::Coded(Coded { error: code.message(), code: code.as_str() }),
            Told::Fields(problems) => ErrorBody::About(About { errors: problems.clone() }),
        }
    }

    /// The body.
    pub(crate) fn body(&self) -> String {
        json::to_text(&self.answer())
    }

    /// Writes the headers of the answer.
    pub(crate) fn write_headers(&self, headers: &mut HeaderMap) {
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self { status: code.status(), told: Told::Code(code), retry_after: None }
    }
}

impl From<Problems> for ApiError {
    fn from(problems: Problems) -> Self {
        Self::fields(StatusCode::BAD_REQUEST, problems.into_inner())
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self::fields(StatusCode::BAD_REQUEST, vec![problem])
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        answer(refusal).unwrap_or_else(|| {
            tracing::error!(refusal = refusal.code(), "a request was refused as none can be");
            Self::internal()
        })
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Unavailable { retry_after } => {
                Self::unavailable(u64::try_from(retry_after.whole_seconds()).unwrap_or_default().max(1))
            }
            Failure::Unknown => Self::unavailable(UNKNOWN_RETRY),
            Failure::Internal { incident } => {
                // The request's id stands in the span of this line, and so both are found together.
                tracing::error!(incident = incident.base62(), "a request met a fault of ours");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What each refusal is answered with. No request of this API can be refused in the ways of the last arm: it would be a
/// fault of ours, and must not look like one of the caller's.
fn answer(refusal: Refusal) -> Option<ApiError> {
    use Refusal as R;
    Some(match refusal {
        R::CredentialNotFound | R::ShopInactive | R::ShopNotFound | R::MerchantNotFound => {
            Code::BadHeaderKey.into()
        }
        R::CallerNotAllowed => Code::ForbiddenIp.into(),
        R::PaymentNotFound => Code::NotFound.into(),
        R::ReferenceTaken => ApiError::of("foreign_id", &Rule::Taken),
        R::AmountMalformed | R::AmountOutOfRange | R::AmountZero => ApiError::of("amount", &Rule::Format),
        R::AssetUnknown => ApiError::of("currency", &Rule::In),
        // There is no rate, no address, or no way to see what is paid: the coin cannot be taken now.
        R::RateUnavailable
        | R::NetworkUnknown
        | R::MethodUnknown
        | R::MethodUnavailable
        | R::WalletNotFound => ApiError::worded("sender_currency", NO_EXCHANGE),
        R::CursorInvalid
        | R::TooMany
        | R::IdempotencyConflict
        | R::RateMalformed
        | R::NameInvalid
        | R::PolicyInvalid
        | R::DialectUnknown
        | R::KeyKindUnknown
        | R::ScopeUnknown
        | R::ExpiryPast
        | R::IpBlockInvalid
        | R::AddressInvalid
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
        | R::EndpointNotFound
        | R::EndpointUrlInvalid
        | R::EndpointLimit
        | R::EndpointUnsigned
        | R::EventUnknown
        | R::EventNotFound
        | R::DeliveryNotFound
        | R::MailNotFound
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
        | R::ClockOutOfRange => return None,
    })
}

#[cfg(test)]
mod tests {
    use domain::{id::IncidentId, time::Span};

    use super::*;

    fn told(error: &ApiError) -> String {
        let wait = error.retry_after.map_or_else(String::new, |seconds| format!(", after {seconds} s"));
        format!("{} {}{wait}", error.status().as_u16(), error.body())
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
        let limited = ApiError::too_often(60);
        assert_eq!(told(&limited), r#"429 {"errors":{"rate_limit":"error code: 1015"}}, after 60 s"#);
        let told = |failure: Failure| told(&failure.into());
        let unavailable = r#"503 {"errors":{"service":"Service unavailable"}}, after"#;
        assert_eq!(told(Failure::Unknown), format!("{unavailable} 1 s"));
        let later = |retry_after| Failure::Unavailable { retry_after };
        assert_eq!(told(later(Span::seconds(7))), format!("{unavailable} 7 s"));
        assert_eq!(told(later(Span::ZERO)), format!("{unavailable} 1 s"));
        let incident = IncidentId::from_bytes([7; 16]);
        assert_eq!(
            told(Failure::Internal { incident }),
            r#"500 {"errors":{"service":"Internal server error"}}"#
        );
    }

    #[test]
    fn codes_are_those_of_the_contract() {
        let table: Vec<String> = Code::ALL.iter().map(|code| told(&ApiError::from(*code))).collect();
        insta::assert_snapshot!(table.join("\n"));
    }
}

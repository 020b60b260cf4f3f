//! Who is calling, and what they may.

use std::{borrow::Cow, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{
    dialect::IssuedKey,
    id::ShopId,
    merchant::{Environment, KeyKind},
};

use crate::{
    alpha::{
        errors::{ApiError, Code},
        server::Server,
    },
    http::{AddressKey, ClientAddress, rate::Allowance},
};

/// What a key may be used for. One does not include the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Make payments.
    Create,
    /// List and read them.
    Read,
}

/// The scopes as keys have them.
pub(crate) const SCOPES: &[&str] = &[Scope::Create.as_str(), Scope::Read.as_str()];

impl Scope {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "payments:create",
            Self::Read => "payments:read",
        }
    }
}

/// Characters of a key after its prefix: 32 bytes in base64url (RFC 4648, section 5).
const KEY_LENGTH: usize = 43;

/// What keys begin with. Test and staging share their prefixes; their keys differ by where they are known.
const fn prefix(kind: KeyKind, environment: Environment) -> &'static str {
    match (kind, environment) {
        (KeyKind::Secret, Environment::Test | Environment::Staging) => "sk_test_",
        (KeyKind::Secret, Environment::Production) => "sk_production_",
        (KeyKind::Publishable, Environment::Test | Environment::Staging) => "pk_test_",
        (KeyKind::Publishable, Environment::Production) => "pk_production_",
    }
}

/// What every publishable key begins with.
const PUBLISHABLE: &str = "pk_";

/// A new key.
pub(crate) fn issue(kind: KeyKind, environment: Environment, entropy: &[u8; 32]) -> IssuedKey {
    let field = match kind {
        KeyKind::Secret => "secret_key",
        KeyKind::Publishable => "publishable_key",
    };
    let text = format!("{}{}", prefix(kind, environment), BASE64_URL_SAFE_NO_PAD.encode(entropy));
    IssuedKey { field, text, secret: None }
}

/// Whoever showed a key that works.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Arc<engine::credentials::Caller>);

impl Caller {
    /// The shop that the caller acts for. There is no way to it but through the scope that the act takes.
    pub(crate) fn shop(&self, scope: Scope) -> Result<ShopId, ApiError> {
        if self.0.credential.scopes.iter().any(|known| known == scope.as_str()) {
            return Ok(self.0.shop.id);
        }
        Err(insufficient(scope))
    }
}

/// The error for a key without a scope.
pub(crate) fn insufficient(scope: Scope) -> ApiError {
    let words = format!("That key does not have the scope {}, which this takes.", scope.as_str());
    ApiError::worded(Code::InsufficientScope, Cow::Owned(words))
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // A route without the guard is a fault of ours, and stays shut.
        parts.extensions.get().cloned().ok_or_else(|| Code::InternalError.into())
    }
}

/// Lets only callers with a key that works through, no more often than their limit says, before anything else of the
/// request is looked at.
pub(crate) async fn guard(State(server): State<Arc<Server>>, mut request: Request, next: Next) -> Response {
    let address = request.extensions().get().copied();
    let caller = match identify(&server, request.headers(), address).await {
        Ok(caller) => caller,
        Err(error) => return turn_away(&server, AddressKey::of(request.extensions()), error),
    };
    let allowance = server.requests.count(caller.0.credential.id);
    let too_often = allowance.and_then(|allowance| allowance.retry_after);
    let mut response = if let Some(seconds) = too_often {
        ApiError::new(Code::RateLimited).after(seconds).into_response()
    } else {
        request.extensions_mut().insert(caller);
        next.run(request).await
    };
    write(allowance, &mut response);
    response
}

/// Answers a request that showed no key that works. Too many of them from one address are told to wait.
fn turn_away(server: &Server, address: AddressKey, error: ApiError) -> Response {
    if !matches!(error.code.status().as_u16(), 401 | 403) {
        return error.into_response();
    }
    let allowance = server.strangers.count(address);
    match allowance.and_then(|allowance| allowance.retry_after) {
        Some(seconds) => {
            let mut response = ApiError::new(Code::RateLimited).after(seconds).into_response();
            write(allowance, &mut response);
            response
        }
        None => error.into_response(),
    }
}

/// Tells how a caller stands to the limit, where there is one.
pub(crate) fn write(allowance: Option<Allowance>, response: &mut Response) {
    if let Some(allowance) = allowance {
        allowance.write(response.headers_mut());
    }
}

async fn identify(
    server: &Server,
    headers: &HeaderMap,
    address: Option<ClientAddress>,
) -> Result<Caller, ApiError> {
    let environment = server.environment();
    let key = bearer(headers)?;
    if key.starts_with(PUBLISHABLE) {
        return Err(Code::PublishableKeyNotAllowed.into());
    }
    if !has_form(key, environment) {
        return Err(unfit(key, environment));
    }
    let from = address.map(|ClientAddress(address)| address);
    let caller = server.engine().authenticate(super::name(), key, from).await?;
    match caller.credential.kind {
        KeyKind::Secret => Ok(Caller(Arc::new(caller))),
        KeyKind::Publishable => Err(Code::PublishableKeyNotAllowed.into()),
    }
}

/// The key in the `Authorization` header (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(Code::MissingApiKey)?;
    let (scheme, key) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Code::InvalidApiKey)?;
    if values.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Code::InvalidApiKey.into());
    }
    Ok(key.trim_matches(' '))
}

fn has_form(key: &str, environment: Environment) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    key.strip_prefix(prefix(KeyKind::Secret, environment))
        .is_some_and(|rest| rest.len() == KEY_LENGTH && rest.bytes().all(is_letter))
}

/// The error for a key that cannot be one of this environment. Where the key itself says which environment it is of,
/// so does the error: it is the most common mistake, and tells nobody anything new.
fn unfit(key: &str, environment: Environment) -> ApiError {
    let own = prefix(KeyKind::Secret, environment);
    let other = match environment {
        Environment::Test | Environment::Staging => Environment::Production,
        Environment::Production => Environment::Test,
    };
    let words = if key.starts_with(prefix(KeyKind::Secret, other)) {
        let (theirs, ours) = (other.code(), environment.code());
        format!("That is a key of the {theirs} environment; this is {ours}, whose keys begin with {own}.")
    } else if key.starts_with("sk_live_") {
        format!("No key begins with sk_live_; those of this environment begin with {own}.")
    } else {
        return Code::InvalidApiKey.into();
    };
    ApiError::worded(Code::InvalidApiKey, Cow::Owned(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: [Environment; 3] = [Environment::Test, Environment::Staging, Environment::Production];

    #[test]
    fn keys_have_the_form_that_is_asked_of_them() {
        for environment in EVERY {
            let secret = issue(KeyKind::Secret, environment, &[0xfb; 32]);
            assert_eq!(secret.field, "secret_key");
            assert!(has_form(&secret.text, environment), "{}", secret.text);
            let publishable = issue(KeyKind::Publishable, environment, &[0xfb; 32]);
            assert_eq!(publishable.field, "publishable_key");
            assert!(publishable.text.starts_with(PUBLISHABLE) && !has_form(&publishable.text, environment));
        }
        let text = |environment| issue(KeyKind::Secret, environment, &[0; 32]).text;
        assert_eq!(text(Environment::Staging), format!("sk_test_{}", "A".repeat(43)));
        assert_eq!(text(Environment::Production), format!("sk_production_{}", "A".repeat(43)));
    }

    #[test]
    fn a_key_of_another_environment_is_told_so() {
        let key = |environment| issue(KeyKind::Secret, environment, &[1; 32]).text;
        let words = |key: &str, environment| {
            assert!(!has_form(key, environment));
            unfit(key, environment).message
        };
        let production = words(&key(Environment::Production), Environment::Test);
        assert!(production.contains("of the production environment; this is test"), "{production}");
        let test = words(&key(Environment::Staging), Environment::Production);
        assert!(test.contains("of the test environment; this is production"), "{test}");
        assert!(words("sk_live_abc", Environment::Test).contains("begin with sk_test_"));
        assert_eq!(words("something", Environment::Test), Code::InvalidApiKey.message());
    }
}

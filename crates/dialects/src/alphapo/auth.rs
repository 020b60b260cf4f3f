//! Who is calling, and the proof of it: a signature over the bytes of the body.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use domain::{
    dialect::{IssuedKey, IssuedSecret},
    id::ShopId,
    merchant::KeyKind,
};
use engine::credentials::Signer;

use super::{
    errors::{ApiError, Code},
    server::Server,
    sign,
};
use crate::http::{
    AddressKey, ClientAddress,
    body::{self, BodyError},
    media,
    rate::Allowance,
};

/// The header with the public key of the shop; callbacks carry it too.
pub(crate) const KEY: &str = "X-Processing-Key";
/// The header with the signature; likewise.
pub(crate) const SIGNATURE: &str = "X-Processing-Signature";

/// The same, as requests are asked for them.
const KEY_HEADER: HeaderName = HeaderName::from_static("x-processing-key");
const SIGNATURE_HEADER: HeaderName = HeaderName::from_static("x-processing-signature");

/// The largest body that is read, in bytes.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// The kinds of keys: all of them sign.
pub(crate) const KINDS: &[KeyKind] = &[KeyKind::Secret];

/// Bytes that become the public key; the rest becomes the secret. It is the secret that nobody may guess.
const KEY_BYTES: usize = 12;

/// A new key with its secret: two texts of letters, digits, hyphens and underscores, without prefixes, as the vendor's.
pub(crate) fn issue(entropy: &[u8; 32]) -> IssuedKey {
    let (key, secret) = entropy.split_at(KEY_BYTES);
    IssuedKey {
        field: "key",
        text: BASE64_URL_SAFE_NO_PAD.encode(key),
        secret: Some(IssuedSecret { field: "secret", text: BASE64_URL_SAFE_NO_PAD.encode(secret) }),
    }
}

/// A request whose caller is known, and its body.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    /// The shop that the caller acts for.
    pub(crate) shop: ShopId,
    /// The body, to the byte.
    pub(crate) body: Bytes,
    /// Whether the headers say that it is JSON.
    pub(crate) says_json: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // A route without the guard is a fault of ours, and stays shut.
        parts.extensions.get().cloned().ok_or_else(ApiError::internal)
    }
}

/// Lets only requests through that name a key at all, whatever their path: without one a wrong path is answered as a
/// missing key.
pub(crate) async fn keyed(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    match named(request.headers(), &KEY_HEADER) {
        Some(_) => next.run(request).await,
        None => turn_away(&server, AddressKey::of(request.extensions()), Code::RequiredHeaderKey.into()),
    }
}

/// Lets only requests through whose signature is right, no more often than their limit says, before anything of the
/// body is understood.
pub(crate) async fn guard(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let address = AddressKey::of(request.extensions());
    let (mut parts, body) = request.into_parts();
    let (signer, body) = match identify(&server, &parts, body).await {
        Ok(identified) => identified,
        Err(error) => return turn_away(&server, address, error),
    };
    let allowance = server.requests.count(signer.caller.credential.id);
    let too_often = allowance.and_then(|allowance| allowance.retry_after);
    let mut response = if let Some(seconds) = too_often {
        ApiError::too_often(seconds).into_response()
    } else {
        let says_json = media::is_json(&parts.headers);
        parts.extensions.insert(Signed { shop: signer.caller.shop.id, body, says_json });
        next.run(Request::from_parts(parts, Body::empty())).await
    };
    write(allowance, &mut response);
    response
}

/// Answers a request that did not prove who it is from. Too many of them from one address are told to wait.
fn turn_away(server: &Server, address: AddressKey, error: ApiError) -> Response {
    if !error.is_about_the_caller() {
        return error.into_response();
    }
    let allowance = server.strangers.count(address);
    match allowance.and_then(|allowance| allowance.retry_after) {
        Some(seconds) => {
            let mut response = ApiError::too_often(seconds).into_response();
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

/// Key, then address, then signature, in this order: each has an answer of its own.
async fn identify(server: &Server, parts: &Parts, body: Body) -> Result<(Signer, Bytes), ApiError> {
    let key = named(&parts.headers, &KEY_HEADER).ok_or(Code::RequiredHeaderKey)?;
    let from = parts.extensions.get().map(|ClientAddress(address)| *address);
    let signer = server.engine().authenticate_signed(super::name(), key, from).await?;
    let signature = named(&parts.headers, &SIGNATURE_HEADER).ok_or(Code::RequiredHeaderSignature)?;
    let body = body::read(body, MAX_BODY).await.map_err(|error| match error {
        BodyError::TooLarge => Code::PayloadTooLarge,
        BodyError::Incomplete => Code::BadContentFormat,
    })?;
    if !sign::is_genuine(&signer.secret, &body, signature) {
        return Err(Code::BadHeaderSignature.into());
    }
    Ok((signer, body))
}

/// The one value of a header. One that is blank is as good as none; several of them, or one that is no text, are read
/// as a text that is nobody's.
fn named<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().unwrap_or("?").trim();
    match values.next() {
        Some(_) => Some("?"),
        None => Some(value).filter(|value| !value.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_key_and_its_secret_tell_nothing_of_each_other() {
        let mut entropy = [0; 32];
        entropy[..KEY_BYTES].fill(0xff);
        let issued = issue(&entropy);
        let secret = issued.secret.unwrap();
        assert_eq!((issued.field, issued.text.as_str()), ("key", "_".repeat(16).as_str()));
        assert_eq!((secret.field, secret.text), ("secret", "A".repeat(27)));
    }

    #[test]
    fn a_header_is_one_text_or_nobody_s() {
        let read = |values: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(KEY_HEADER, HeaderValue::from_bytes(value).unwrap());
            }
            named(&headers, &KEY_HEADER).map(str::to_owned)
        };
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[b""]), None);
        assert_eq!(read(&[b" "]), None);
        assert_eq!(read(&[b" a b "]), Some("a b".to_owned()));
        assert_eq!(read(&[b"a", b"a"]), Some("?".to_owned()));
        assert_eq!(read(&["é".as_bytes()]), Some("?".to_owned()));
    }
}

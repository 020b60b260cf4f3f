//! The headers of every answer to a browser: nothing is loaded from elsewhere, framed, guessed, kept or indexed.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    middleware::map_response,
    response::Response,
};

/// What a page may load and where its forms may go: our own host, by name. No inline script or style, no frame around
/// us, no `<base>`. `connect-src` is the script that looks whether the page has changed.
///
/// A form is answered by a redirect to our own page, and the way back to a shop is a link: so `form-action` names
/// nobody else.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Nobody else learns where a visitor came from: a page's address is as good as a key to it.
///
/// It is not `no-referrer`, which would make browsers send `Origin: null` with our own forms (Fetch, "append a request
/// Origin header"), so that they could not be told from a stranger's.
pub const REFERRER_POLICY: &str = "same-origin";

/// Features that no page of ours uses. Writing to the clipboard is what the copy buttons do.
pub const PERMISSIONS_POLICY: &str = "camera=(), clipboard-read=(), clipboard-write=(self), display-capture=(), \
    geolocation=(), microphone=(), payment=(), usb=()";

/// Every header that does not depend on the answer.
static ALWAYS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::REFERRER_POLICY, REFERRER_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// The same routes, with these headers on every answer: pages, redirects and errors alike.
pub fn secured<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(map_response(secure))
}

/// An answer that says nothing about being kept must not be.
async fn secure(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in &ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

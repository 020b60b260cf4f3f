//! Where browsers find our pages.

use axum::http::{HeaderMap, HeaderName, header};
use url::Url;

/// What the addresses of our pages begin with: `https://pay.example.com`, or the same with a path behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// Scheme, host and port, as browsers write an origin.
    origin: String,
    /// The path, without a slash at its end; empty for none.
    path: String,
}

/// Why a text is no such URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlError {
    /// It is no absolute `http` or `https` URL.
    #[error("it must begin with http:// or https://, and name a host")]
    NotHttp,
    /// It has a user, a query, a fragment, or a path that begins like another host.
    #[error("it must end after its host, or after a path")]
    TooMuch,
}

/// Says by its word where a request comes from: no page can set or change it (Fetch Metadata, section 2.4).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl PublicUrl {
    /// The URL that `text` writes.
    ///
    /// # Errors
    /// [`PublicUrlError`], to be told to whoever configured it.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let url = Url::parse(text).map_err(|_| PublicUrlError::NotHttp)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(PublicUrlError::NotHttp);
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        let path = url.path().trim_end_matches('/').to_owned();
        // A browser takes what begins with two slashes for another host.
        if has_user || url.query().is_some() || url.fragment().is_some() || path.starts_with("//") {
            return Err(PublicUrlError::TooMuch);
        }
        Ok(Self { origin: url.origin().ascii_serialization(), path })
    }

    /// The path, for a browser, of a page that we know as `path`, which begins with a slash.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.path)
    }

    /// Whether a request was made by a page of ours. Every browser says so with a form, and says it once; a request
    /// that does not say, or says two things, is nobody's form.
    pub fn is_origin_of(&self, headers: &HeaderMap) -> bool {
        if headers.contains_key(SEC_FETCH_SITE) {
            says_only(headers, &SEC_FETCH_SITE, "same-origin")
        } else {
            says_only(headers, &header::ORIGIN, &self.origin)
        }
    }
}

/// Whether a header is there once, with this value.
fn says_only(headers: &HeaderMap, name: &HeaderName, value: &str) -> bool {
    let mut values = headers.get_all(name).iter();
    values.next().is_some_and(|first| first == value) && values.next().is_none()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_public_url_is_an_origin_and_perhaps_a_path() {
        let plain = PublicUrl::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(plain.path("/pay/x"), "/pay/x");
        let below = PublicUrl::parse("https://Shop.Example:443/till/").unwrap();
        assert_eq!(below.path("/pay/x"), "/till/pay/x");
        assert_eq!(below.origin, "https://shop.example");
        for text in ["", "shop.example", "ftp://shop.example", "/pay"] {
            assert_eq!(PublicUrl::parse(text), Err(PublicUrlError::NotHttp), "{text}");
        }
        for text in
            ["https://a@b.example", "https://b.example?c", "https://b.example/#d", "https://b.example//e"]
        {
            assert_eq!(PublicUrl::parse(text), Err(PublicUrlError::TooMuch), "{text}");
        }
    }

    #[test]
    fn only_our_own_pages_may_act() {
        let own = PublicUrl::parse("https://pay.example/till").unwrap();
        for (pairs, ours) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], true),
            (&[("origin", "https://pay.example")], true),
            (&[], false),
            (&[("origin", "null")], false),
            (&[("origin", "https://pay.example.evil.example")], false),
            (&[("origin", "http://pay.example")], false),
            (&[("origin", "https://pay.example:8443")], false),
            (&[("sec-fetch-site", "same-site"), ("origin", "https://pay.example")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], false),
            (&[("origin", "https://pay.example"), ("origin", "https://evil.example")], false),
            (&[("origin", "https://evil.example"), ("origin", "https://pay.example")], false),
            (&[("origin", "https://pay.example/till")], false),
            (&[("origin", "https://pay.example/")], false),
        ] {
            assert_eq!(own.is_origin_of(&headers(pairs)), ours, "{pairs:?}");
        }
    }
}

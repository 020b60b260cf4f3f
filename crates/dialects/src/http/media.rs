//! What a body says that it is.

use axum::http::{HeaderMap, HeaderValue, header};
use mime::Mime;

/// Whether a request says that its body is JSON, in UTF-8 and not compressed. JSON between systems is UTF-8 whatever
/// its parameters say (RFC 8259, section 8.1), so a `charset` of that name is tolerated, and no other.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let is_plain = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(header::CONTENT_ENCODING).iter().all(is_plain) {
        return false;
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(text), None) = (types.next(), types.next()) else { return false };
    let Some(media) = text.to_str().ok().and_then(|text| text.parse::<Mime>().ok()) else { return false };
    media.essence_str() == mime::APPLICATION_JSON.essence_str()
        && media.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(types: &[&'static str], coding: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        for text in types {
            headers.append(header::CONTENT_TYPE, HeaderValue::from_static(text));
        }
        if let Some(coding) = coding {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        is_json(&headers)
    }

    #[test]
    fn json_is_known_by_its_type() {
        for text in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
            "application/json; charset=\"utf-8\"",
        ] {
            assert!(of(&[text], None), "{text}");
        }
        assert!(of(&["application/json"], Some("identity")));
    }

    #[test]
    fn other_bodies_are_not_json() {
        for text in [
            "",
            "text/json",
            "application/problem+json",
            "application/x-www-form-urlencoded",
            "application/json; charset=latin1",
            "application/jsonp",
        ] {
            assert!(!of(&[text], None), "{text}");
        }
        assert!(!of(&[], None));
        assert!(!of(&["application/json", "application/json"], None));
        assert!(!of(&["application/json"], Some("gzip")));
    }
}

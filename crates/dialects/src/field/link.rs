//! Links that buyers are sent to.

use url::{Host, Url};

/// The longest link, in bytes.
pub(crate) const MAX_LINK: usize = 2_048;

/// Why a text is not taken as a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkError {
    /// It is too long.
    TooLong,
    /// It is no absolute URL in the characters of RFC 3986.
    Malformed,
    /// It has a scheme that buyers are not sent to.
    Scheme,
    /// It names a user.
    UserInfo,
}

/// Checks a link that buyers are sent to, to the letter as it is written: `https`, and `http` where `allow_local` is
/// set and the host is this very machine.
///
/// Browsers mend what they read (WHATWG URL Standard): they drop blanks and line breaks, take `\` for `/`, supply
/// slashes that are missing, and pass over those that are too many. A link that has to be mended is refused, so that
/// every reader understands the same; so is `javascript:`, like every scheme but those two.
pub(crate) fn check(text: &str, allow_local: bool) -> Result<(), LinkError> {
    if text.len() > MAX_LINK {
        return Err(LinkError::TooLong);
    }
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    let url = Url::parse(text).map_err(|_| LinkError::Malformed)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(LinkError::Scheme);
    }
    let rest = text.get(url.scheme().len()..).and_then(|rest| rest.strip_prefix("://")).unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if !text.bytes().all(is_plain) || authority.is_empty() {
        return Err(LinkError::Malformed);
    }
    if url.scheme() == "http" && !(allow_local && is_local(&url)) {
        return Err(LinkError::Scheme);
    }
    if authority.contains('@') || !url.username().is_empty() || url.password().is_some() {
        return Err(LinkError::UserInfo);
    }
    Ok(())
}

/// Reads a link that buyers are sent to, over `http` and `https` alike, and brings it into the one form that every
/// reader understands in the same way (WHATWG URL Standard): what belongs there percent-encoded is so.
///
/// A link is refused where browsers would leave something out, or read another host than people do: control characters,
/// backslashes, missing or further slashes, users.
pub(crate) fn mended(text: &str) -> Result<Url, LinkError> {
    let text = text.trim();
    if text.len() > MAX_LINK {
        return Err(LinkError::TooLong);
    }
    if text.chars().any(|letter| letter.is_control() || letter == '\\') {
        return Err(LinkError::Malformed);
    }
    let url = Url::parse(text).map_err(|_| LinkError::Malformed)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(LinkError::Scheme);
    }
    let rest = text.get(url.scheme().len()..).and_then(|rest| rest.strip_prefix("://")).unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') || !url.username().is_empty() || url.password().is_some() {
        return Err(LinkError::UserInfo);
    }
    match url.as_str().len() {
        _ if authority.is_empty() => Err(LinkError::Malformed),
        ..=MAX_LINK => Ok(url),
        _ => Err(LinkError::TooLong),
    }
}

/// Whether a link is what a strict vendor asks for: `https`, and the name of a host instead of an address.
pub(crate) fn is_strict(url: &Url) -> bool {
    let is_name = |name: &str| name.trim_end_matches('.').contains('.');
    url.scheme() == "https" && matches!(url.host(), Some(Host::Domain(name)) if is_name(name))
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_need_no_mending_are_taken() {
        for text in [
            "https://merchant.example/success",
            "https://merchant.example",
            "HTTPS://Merchant.Example:8443/a%20b/?c=d&e[]=f#g",
            "https://xn--bcher-kva.example/~x/(y)!*'",
            "https://192.0.2.1/",
            "https://[2001:db8::1]/",
            "https://merchant.example?mail=a@b.example",
            "https://merchant.example#a@b.example",
        ] {
            assert_eq!(check(text, false), Ok(()), "{text}");
        }
        let longest = format!("https://merchant.example/{}", "a".repeat(MAX_LINK - 25));
        assert_eq!(check(&longest, false), Ok(()));
        assert_eq!(check(&format!("{longest}a"), false), Err(LinkError::TooLong));
    }

    #[test]
    fn plain_http_is_for_this_machine_and_for_sandboxes() {
        for text in ["http://localhost:3000/a", "http://127.0.0.1/a", "http://[::1]:80/a"] {
            assert_eq!(check(text, true), Ok(()), "{text}");
            assert_eq!(check(text, false), Err(LinkError::Scheme), "{text}");
        }
        for text in ["http://merchant.example/", "http://localhost.example/", "http://127.0.0.2/"] {
            assert_eq!(check(text, true), Err(LinkError::Scheme), "{text}");
        }
    }

    #[test]
    fn links_are_mended_where_nothing_is_lost() {
        for (text, expected) in [
            ("http://shop.test", "http://shop.test/"),
            (" https://Shop.example/a b?c=|{d}#é ", "https://shop.example/a%20b?c=|{d}#%C3%A9"),
            ("http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC"),
            ("http://10.0.0.7:8080/x", "http://10.0.0.7:8080/x"),
            ("https://a.example/@user", "https://a.example/@user"),
        ] {
            assert_eq!(mended(text).map(String::from), Ok(expected.to_owned()), "{text}");
        }
        let long = format!("https://a.example/{}", "é".repeat(MAX_LINK / 5));
        assert!(long.len() < MAX_LINK);
        assert_eq!(mended(&long), Err(LinkError::TooLong));
        assert_eq!(mended(&format!("https://a.example/{}", "a".repeat(MAX_LINK))), Err(LinkError::TooLong));
    }

    #[test]
    fn links_that_cannot_be_mended_are_refused() {
        for (text, why) in [
            ("", LinkError::Malformed),
            ("shop.example", LinkError::Malformed),
            ("/success", LinkError::Malformed),
            ("https:/shop.example", LinkError::Malformed),
            ("https:///shop.example/", LinkError::Malformed),
            ("https:\\\\shop.example", LinkError::Malformed),
            ("https://good.example\\@bad.example/", LinkError::Malformed),
            ("https://shop.example/a\nb", LinkError::Malformed),
            ("https://shop.example/\u{0}", LinkError::Malformed),
            ("javascript:alert(1)", LinkError::Scheme),
            ("ftp://shop.example/", LinkError::Scheme),
            ("https://user@shop.example/", LinkError::UserInfo),
            ("https://@shop.example/", LinkError::UserInfo),
        ] {
            assert_eq!(mended(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_strict_link_names_a_host_over_tls() {
        for (text, expected) in [
            ("https://shop.example/", true),
            ("http://shop.example/", false),
            ("https://localhost/", false),
            ("https://192.0.2.1/", false),
            ("https://0x7f.1/", false),
            ("https://[2001:db8::1]/", false),
        ] {
            assert_eq!(mended(text).is_ok_and(|url| is_strict(&url)), expected, "{text}");
        }
    }

    #[test]
    fn other_schemes_are_refused() {
        for text in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,a",
            "ftp://a.example/",
            "file:///a",
        ] {
            assert_eq!(check(text, true), Err(LinkError::Scheme), "{text}");
        }
    }

    #[test]
    fn links_that_readers_could_understand_in_two_ways_are_refused() {
        for text in [
            "",
            "/success",
            "//merchant.example/",
            "merchant.example",
            "https:merchant.example",
            "https:/merchant.example",
            "https:///merchant.example/",
            "https:////merchant.example/",
            "https:///@merchant.example/",
            "https:\\\\merchant.example",
            "https://good.example\\@bad.example/",
            " https://merchant.example/",
            "https://merchant.example/a b",
            "https://merchant.example/\n",
            "https://merchant.example/é",
            "https://bücher.example/",
            "https://",
            "https://merchant.example/\"",
        ] {
            assert_eq!(check(text, true), Err(LinkError::Malformed), "{text}");
        }
        for text in ["https://user@a.example/", "https://user:pass@a.example/", "https://@a.example/"] {
            assert_eq!(check(text, true), Err(LinkError::UserInfo), "{text}");
        }
        assert_eq!(check("https://a.example/@user", true), Ok(()));
    }
}

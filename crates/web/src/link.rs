//! Links that somebody else gave us.

/// A shop's own URL, exactly as it was given, where a browser may be sent there: absolute, `http` or `https`, with a
/// host and no user. Anything else, such as `javascript:`, is no link.
///
/// The URL is read as browsers read it on a page of ours (the URL standard), so that what is judged is where they would
/// go: `https:thanks` is a host of that name by itself, and on a page a path of that page's own host. A user before the
/// host is how one host is made to look like another.
pub fn outward(given: &str) -> Option<&str> {
    let read = url::Url::parse(given).ok()?;
    let is_web = matches!(read.scheme(), "http" | "https") && read.has_host();
    let has_user = !read.username().is_empty() || read.password().is_some();
    let page = url::Url::parse(&format!("{}://page.invalid/", read.scheme())).ok()?;
    let is_absolute = page.join(given).is_ok_and(|followed| followed == read);
    (is_web && !has_user && is_absolute).then_some(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_and_https_are_links_and_are_left_as_they_are() {
        for url in [
            "https://shop.example/thanks?order=1&x=%20#a",
            "http://localhost:3000/ok",
            "HTTPS://Shop.Example",
        ] {
            assert_eq!(outward(url), Some(url));
        }
        for url in [
            "",
            "/thanks",
            "//shop.example",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://shop.example",
            "https://",
            "mailto:a@b.example",
            "https:thanks",
            "https:/thanks",
            "http:thanks",
            "https://bank.example@evil.example/",
            "https://:word@shop.example/",
        ] {
            assert_eq!(outward(url), None, "{url}");
        }
    }
}

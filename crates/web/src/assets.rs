//! The stylesheet, the script and the icon: files of the program, served under names that change with their content.

use std::sync::LazyLock;

use axum::{
    Router,
    extract::{Path, rejection::PathRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};

use crate::{headers, theme};

/// A file of the program.
struct Asset {
    /// What stands before the hash in its name.
    stem: &'static str,
    /// What stands after it.
    ending: &'static str,
    /// Its type.
    kind: &'static str,
    /// Its path, with the hash of its content.
    path: String,
    body: String,
}

/// How long a file is kept: its name changes when it does.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A name of another version is answered with this one's content, and not kept.
const NOT_AT_ALL: &str = "no-store";

/// Digits of the hash in a name.
const HASH_DIGITS: usize = 16;

static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    let head = theme::stylesheet_head(theme::DEFAULT_ACCENT);
    Asset::new(".css", "text/css; charset=utf-8", head + include_str!("../assets/page.css"))
});

static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(".js", "text/javascript; charset=utf-8", include_str!("../assets/page.js").to_owned())
});

static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new(".svg", "image/svg+xml", include_str!("../assets/page.svg").to_owned()));

impl Asset {
    fn new(ending: &'static str, kind: &'static str, body: String) -> Self {
        let stem = "page-";
        let mut hash = const_hex::encode(Sha256::digest(&body));
        hash.truncate(HASH_DIGITS);
        Self { stem, ending, kind, path: format!("/assets/{stem}{hash}{ending}"), body }
    }

    /// Whether a name is this file's, in this version or another.
    fn is_called(&self, name: &str) -> bool {
        name.strip_prefix(self.stem).is_some_and(|rest| rest.ends_with(self.ending))
    }
}

/// The path of the stylesheet.
pub fn stylesheet_path() -> &'static str {
    &STYLESHEET.path
}

/// The path of the script.
pub fn script_path() -> &'static str {
    &SCRIPT.path
}

/// The path of the icon.
pub fn icon_path() -> &'static str {
    &ICON.path
}

/// Serves the files.
pub fn assets() -> Router {
    headers::secured(Router::new().route("/assets/{name}", get(serve)))
}

/// While a new version takes over from an old one, pages of the one ask the other: they get the file that there is,
/// which is better than none, and may not keep it.
async fn serve(name: Result<Path<String>, PathRejection>) -> Response {
    // A name that is no text is no name of ours.
    let name = name.map(|Path(name)| name).unwrap_or_default();
    let Some(asset) = [&*STYLESHEET, &*SCRIPT, &*ICON].into_iter().find(|asset| asset.is_called(&name))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let keep = if asset.path.ends_with(&name) { FOR_EVER } else { NOT_AT_ALL };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
    ];
    (headers, asset.body.as_str()).into_response()
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::Request,
    };
    use tower::ServiceExt;

    use super::*;

    async fn get(path: &str) -> (StatusCode, String, String) {
        let answer = assets().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let header = |name| {
            let value = answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
            value.unwrap_or_default()
        };
        let (keep, kind) = (header(header::CACHE_CONTROL), header(header::CONTENT_TYPE));
        assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        let status = answer.status();
        assert_eq!(to_bytes(answer.into_body(), 100_000).await.unwrap().is_empty(), !status.is_success());
        (status, keep, kind)
    }

    #[tokio::test]
    async fn files_are_kept_under_the_name_of_their_content_only() {
        for (path, kind) in [
            (stylesheet_path(), "text/css; charset=utf-8"),
            (script_path(), "text/javascript; charset=utf-8"),
            (icon_path(), "image/svg+xml"),
        ] {
            assert_eq!(get(path).await, (StatusCode::OK, FOR_EVER.to_owned(), kind.to_owned()));
            let (_, ending) = path.rsplit_once('.').unwrap();
            let other = format!("/assets/page-0000000000000000.{ending}");
            assert_eq!(get(&other).await, (StatusCode::OK, NOT_AT_ALL.to_owned(), kind.to_owned()));
        }
        for path in ["/assets/other.css", "/assets/page-.txt", "/assets/..%2fpage.css", "/assets/%ff.css"] {
            assert_eq!(get(path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }
}

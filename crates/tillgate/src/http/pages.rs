//! Two small pages: what this is, and where its documents are.

use axum::{Router, http::header, response::IntoResponse, routing::get};

/// The documents of the dialects that are served: their names and their paths.
const DOCUMENTS: &[(&str, &str)] = &[("alpha", "/openapi/alpha.json"), ("alphapo", "/openapi/alphapo.json")];

/// What a base URL's own path is in front of ours; empty for most.
#[derive(Clone, Debug)]
pub(super) struct Prefix(String);

impl Prefix {
    /// The path of a base URL.
    pub(super) fn of(base: &str) -> Self {
        let path = url::Url::parse(base).map(|url| url.path().trim_end_matches('/').to_owned());
        Self(path.unwrap_or_default())
    }
}

/// The pages. What this is, is said in the test environment only.
pub(super) fn routes(prefix: &Prefix, is_test: bool) -> Router {
    let docs = docs(prefix);
    let mut routes = Router::new().route("/docs", get(async move || html(docs)));
    if is_test {
        let home = home(prefix);
        routes = routes.route("/", get(async move || html(home)));
    }
    web::headers::secured(routes)
}

fn html(page: String) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page)
}

fn home(Prefix(prefix): &Prefix) -> String {
    page(
        prefix,
        "Tillgate",
        &format!(
            "<p>This is a payment gateway in the test environment: nothing here is real money.</p>\n\
             <p>The keys of its demo shop are in <code>demo.json</code> in its data directory, and the commands to try \
             are what it printed when it started.</p>\n<p><a href=\"{prefix}/docs\">Documents of its APIs</a></p>"
        ),
    )
}

fn docs(Prefix(prefix): &Prefix) -> String {
    let item =
        |(name, path): &(&str, &str)| format!("<li><a href=\"{prefix}{path}\">{name}</a> (OpenAPI 3.1)</li>");
    let items: Vec<String> = DOCUMENTS.iter().map(item).collect();
    page(
        prefix,
        "Tillgate: documents",
        &format!(
            "<p>The APIs that this gateway speaks:</p>\n<ul>\n{}\n</ul>\n<p>The operator's own API answers on the \
             socket in the data directory, and has its document there: <code>/operator/v1/openapi.json</code>.</p>",
            items.join("\n")
        ),
    )
}

/// A page around markup of ours. The prefix is a path as the URL standard writes it: no quote can be in it.
fn page(prefix: &str, title: &str, main: &str) -> String {
    let (style, icon) = (web::assets::stylesheet_path(), web::assets::icon_path());
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"{prefix}{icon}\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"{prefix}{style}\">\n</head>\n<body>\n<main>\n\
         <article class=\"card\"><section class=\"state\">\n<h1>{title}</h1>\n{main}\n</section></article>\n\
         </main>\n</body>\n</html>\n"
    )
}

//! Asking for pages without a browser, and reading what they say.

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use tower::ServiceExt;

use crate::till::{SETUP, Till, create};

/// Where buyers find the pages, as far as these tests go.
pub(crate) const PUBLIC_URL: &str = "https://pay.example";

impl Till {
    /// The payment that most tests are about.
    pub(crate) async fn new(home: &str) -> Self {
        Self::selling(home, "Corner Coffee", "Two coffees and a cake").await
    }

    /// Asks for a page as a browser would.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).expect(SETUP)).await
    }

    /// Sends a form from the payment's own page.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header("sec-fetch-site", "same-origin");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(form.to_owned())).expect(SETUP)).await
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        let answer = self.pages(PUBLIC_URL).oneshot(request).await.expect("a router that answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = to_bytes(answer.into_body(), 1_000_000).await.expect("a body");
        Answer { status, headers, body: String::from_utf8(bytes.to_vec()).expect("text") }
    }

    /// Sends the form with this act from the payment's own page, filled in as the page has it, and gives the page that
    /// follows.
    pub(crate) async fn act(&self, act: &str, fields: &str) -> Answer {
        let version = self.gateway.read(self.payment).await.version;
        let answer =
            self.post(&format!("{}/{act}", self.path()), &format!("{fields}version={version}")).await;
        self.gateway.settle().await;
        self.follow(&answer).await
    }

    /// The page that an act leads to.
    pub(crate) async fn follow(&self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.get(answer.header("location")).await
    }

    /// The page of one more payment at the same shop.
    pub(crate) async fn another(&self) -> String {
        let payment = create(&self.gateway, &self.shop, "https://coffee.example", "Tea").await;
        format!("/pay/{}", self.gateway.engine.token(payment))
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// A header, which must be there once.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().unwrap_or_else(|| panic!("no {name} in {:?}", self.headers));
        assert_eq!(values.next(), None, "{name} twice");
        value.to_str().expect("a header of plain characters")
    }

    /// The name of the state that the page shows.
    pub(crate) fn state(&self) -> &str {
        let (_, rest) =
            self.body.split_once("<main data-state=\"").unwrap_or_else(|| panic!("{}", self.body));
        rest.split('"').next().unwrap_or_default()
    }

    /// The heading.
    pub(crate) fn heading(&self) -> &str {
        let (_, rest) = self.body.split_once("</svg><span>").unwrap_or_else(|| panic!("{}", self.body));
        rest.split("</span>").next().unwrap_or_default()
    }

    /// What is said of the last act.
    pub(crate) fn note(&self) -> &str {
        let (_, rest) = self.body.split_once("id=\"note\" role=\"status\">").unwrap_or_default();
        rest.split("</p>").next().unwrap_or_default()
    }
}

//! A gateway and its operator, who checks every answer against the document.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderValue, Method, Request, StatusCode, header},
};
use domain::merchant::Shop;
use operator::{Api, BASE};
use serde_json::{Value, json};
use testkit::{gateway::Gateway, plain::PLAIN};
use tower::ServiceExt;

/// What links to checkout pages begin with here.
pub(crate) const CHECKOUT: &str = "https://pay.example.com/till";

/// A gateway with its operator.
pub(crate) struct Desk {
    pub(crate) gateway: Gateway,
    router: Router,
    document: Value,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let gateway = Gateway::start(Vec::new()).await;
        let api = Api { engine: gateway.engine.clone(), checkout_url: CHECKOUT.to_owned() };
        let document = serde_json::to_value(operator::document()).expect("a document");
        Self { gateway, router: operator::router(api), document }
    }

    /// Asks, and holds the answer against the document. `template` is the path as the document writes it, `names` what
    /// stands in the place of its parameters.
    pub(crate) async fn ask(
        &self,
        method: Method,
        template: &str,
        names: &[&str],
        body: Option<Value>,
    ) -> Answer {
        let (path, query) = template.split_once('?').map_or((template, ""), |(path, query)| (path, query));
        let mut names = names.iter();
        let parts = path.split('/').map(|part| {
            if part.starts_with('{') { names.next().expect("a name for each parameter") } else { part }
        });
        let uri = format!("{BASE}{}?{query}", parts.collect::<Vec<_>>().join("/"));
        let mut request = Request::builder().method(method.clone()).uri(uri.trim_end_matches('?'));
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.send(request.body(body).expect("a request")).await;
        self.check(&method, path, &answer);
        answer
    }

    /// The same, for an answer that must be good.
    pub(crate) async fn good(
        &self,
        method: Method,
        template: &str,
        names: &[&str],
        body: Option<Value>,
    ) -> Value {
        let answer = self.ask(method, template, names, body).await;
        assert!(answer.status.is_success(), "{template}: {answer:?}");
        answer.body
    }

    pub(crate) async fn get(&self, template: &str, names: &[&str]) -> Value {
        self.good(Method::GET, template, names, None).await
    }

    pub(crate) async fn post(&self, template: &str, names: &[&str], body: Value) -> Value {
        self.good(Method::POST, template, names, Some(body)).await
    }

    /// Sends a request of any kind.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        let kind = response.headers().get(header::CONTENT_TYPE).cloned();
        assert_eq!(kind, Some(HeaderValue::from_static("application/json")));
        let bytes = to_bytes(response.into_body(), 1_000_000).await.expect("a body");
        Answer { status, body: serde_json::from_slice(&bytes).expect("JSON") }
    }

    fn check(&self, method: &Method, path: &str, answer: &Answer) {
        let operation = &self.document["paths"][format!("{BASE}{path}")][method.as_str().to_lowercase()];
        let declared =
            &operation["responses"][answer.status.as_str()]["content"]["application/json"]["schema"];
        assert!(declared.is_object(), "{method} {path} does not declare {}: {}", answer.status, answer.body);
        let schema = json!({ "allOf": [declared], "components": self.document["components"] });
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let faults: Vec<String> =
            validator.iter_errors(&answer.body).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{method} {path}: {faults:?} in {}", answer.body);
    }

    /// A new shop's id.
    pub(crate) async fn shop(&self, name: &str) -> String {
        let shop = self.post("/shops", &[], json!({ "name": name })).await;
        self.gateway.settle().await;
        shop["id"].as_str().expect("an id").to_owned()
    }

    /// The shop that was made last, as the engine has it.
    pub(crate) async fn owner(&self) -> Shop {
        let shops = self.gateway.engine.list_shops(None).await.expect("a list");
        shops.into_iter().next_back().expect("a shop")
    }

    /// An endpoint of a shop in the plain dialect.
    pub(crate) async fn endpoint(&self, shop: &str, url: &str) -> Value {
        self.post("/shops/{shop}/endpoints", &[shop], json!({ "dialect": PLAIN, "url": url })).await
    }

    /// The operations of the document: method, path, and whether they take a body.
    pub(crate) fn operations(&self) -> Vec<(Method, String, bool)> {
        let paths = self.document["paths"].as_object().expect("paths");
        let of_path = |(path, item): (&String, &Value)| {
            let operations = item.as_object().expect("operations").iter();
            let named = operations.map(|(method, operation)| {
                let method = method.to_uppercase().parse().expect("a method");
                (method, path.clone(), operation.get("requestBody").is_some())
            });
            named.collect::<Vec<_>>()
        };
        paths.iter().flat_map(of_path).collect()
    }
}

//! The document: that it is kept, served, and true.

use std::{fs, path::Path};

use dialects::{
    alpha::{self, SAMPLE_URL},
    http::RequestId,
};
use serde_json::Value;
use testkit::clock::{START, Seeded};
use tower::{Service, ServiceExt};

use crate::{
    contract::Contract,
    exchange::{Ask, example},
    rig::{CHECKOUT_URL, Plan, Rig},
};

#[test]
fn the_document_in_the_repository_is_the_one_that_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/alpha.json");
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let current = alpha::document(SAMPLE_URL).to_pretty_json() + "\n";
    assert!(
        kept == current,
        "openapi/alpha.json is stale: run `cargo run -p dialects --example openapi`, and read the difference"
    );
}

#[tokio::test]
async fn the_document_is_served_to_anybody() {
    let rig = Rig::new().await;
    let answer = rig.send(Ask::get("/openapi.json")).await;
    assert_eq!((answer.told().as_str(), answer.header("content-type")), ("200", Some("application/json")));
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Alpha DigiWallet Merchant Integration API");
    assert_eq!(document["info"]["version"], "2026-06-16");
    assert_eq!(document["x-alpha-current-rest-version"], "v1");
    assert_eq!(document["x-alpha-supported-rest-versions"], serde_json::json!(["v1"]));
    assert_eq!(document["jsonSchemaDialect"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(document["externalDocs"]["url"], "https://alphadigiwallet.com/docs");
    assert_eq!(document["servers"][0]["url"], "https://api.example.com/v1");
    let tags: Vec<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    assert_eq!(tags, ["Payments", "Checkout", "Webhooks"]);
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/checkout/{token}", "/payments", "/payments/{id}"]);
}

#[tokio::test]
async fn the_examples_of_the_document_are_what_is_answered() {
    let rig = Rig::new().await;
    let contract = Contract::new();
    let example_of = |path: &str, method: &str, status: &str| {
        contract.document["paths"][path][method]["responses"][status]["content"]["application/json"]["example"]
            .clone()
    };
    let request = &contract.document["paths"]["/payments"]["post"]["requestBody"];
    assert_eq!(request["content"]["application/json"]["example"], example());
    let made = rig.create("order-a1001").await;
    // Ids are made anew in every gateway, and so are tokens.
    let same = |mut shown: Value, mut told: Value, differing: &[&str]| {
        for field in differing {
            shown["data"][field] = Value::Null;
            told["data"][field] = Value::Null;
        }
        assert_eq!(told, shown);
    };
    same(example_of("/payments", "post", "201"), made.json(), &["id", "checkout_url"]);
    let token = made.text_of("checkout_url").replace(&format!("{CHECKOUT_URL}/pay/"), "");
    let checkout = rig.send(Ask::get(format!("/v1/checkout/{token}"))).await;
    same(example_of("/checkout/{token}", "get", "200"), checkout.json(), &["token"]);
    rig.gateway.advance(domain::time::Span::seconds(450)).await;
    rig.pay(rig.payment_of(&made).await, None).await;
    let read = rig.get(&format!("/v1/payments/{}", made.text_of("id"))).await;
    same(example_of("/payments/{id}", "get", "200"), read.json(), &["id", "checkout_url"]);
    let list = rig.get("/v1/payments").await.json();
    let shown = example_of("/payments", "get", "200");
    assert_eq!(list["pagination"], shown["pagination"]);
}

#[test]
fn every_example_fits_its_schema() {
    let contract = Contract::new();
    let mut count = 0;
    walk(&contract.document, &mut |content| {
        let schema = &content["schema"];
        let single = content.get("example").into_iter();
        let named =
            content["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
        for example in single.chain(named) {
            contract.valid(schema, example, &example.to_string());
            count += 1;
        }
    });
    assert!(count >= 40, "{count}");
}

/// Finds every content of a body.
fn walk(value: &Value, visit: &mut impl FnMut(&Value)) {
    match value {
        Value::Object(members) => {
            if let Some(content) = members.get("content").and_then(|content| content.get("application/json"))
            {
                visit(content);
            }
            members.values().for_each(|member| walk(member, visit));
        }
        Value::Array(values) => values.iter().for_each(|value| walk(value, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_operation_says_what_may_go_wrong() {
    for (path, method, operation) in Contract::new().operations() {
        let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        let mut expected = vec!["429", "500", "503"];
        if operation["security"][0].as_object().is_some_and(|required| !required.is_empty()) {
            expected.extend(["401", "403"]);
        }
        if method == "post" {
            expected.extend(["201", "400", "409", "413", "415", "422"]);
        }
        for status in expected {
            assert!(statuses.iter().any(|known| *known == status), "{method} {path}: {status}");
        }
        for response in operation["responses"].as_object().unwrap().values() {
            assert!(!response["description"].as_str().unwrap_or_default().is_empty(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn all_else_under_the_version_is_not_found() {
    let rig = Rig::new().await;
    for path in ["/v1", "/v1/", "/v1/refunds", "/v1/payments/", "/v1/payments/a/b", "/v1/checkout", "/v1/%ff"]
    {
        assert_eq!(rig.send(Ask::get(path)).await.told(), "404 not_found", "{path}");
        let post = Ask::create("a").key(&rig.key);
        assert_eq!(rig.send(Ask { path: path.to_owned(), ..post }).await.told(), "404 not_found", "{path}");
    }
}

#[tokio::test]
async fn a_path_that_takes_another_method_says_which() {
    let rig = Rig::new().await;
    for (method, path, allowed) in [
        ("DELETE", "/v1/payments", "POST,GET,HEAD"),
        ("PUT", "/v1/payments/pay_x", "GET,HEAD"),
        ("POST", "/v1/checkout/chk_x", "GET,HEAD"),
        ("OPTIONS", "/v1/checkout/chk_x", "GET,HEAD"),
        ("POST", "/openapi.json", "GET,HEAD"),
    ] {
        let answer = rig.send(Ask::new(method.parse().unwrap(), path)).await;
        assert_eq!(answer.told(), "405 method_not_allowed", "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
    }
}

#[tokio::test]
async fn a_shared_host_keeps_what_is_others() {
    let rig = Rig::new().await;
    let mut shared = rig.router.clone().fallback(async || "others");
    for path in
        ["/", "/v2", "/v2/payments", "/v10/payments", "/pay/chk_x", "/shop/v1/payments", "/openapi.json/"]
    {
        let response = shared.call(Ask::get(path).request()).await.unwrap();
        assert_eq!(response.headers().get("x-alpha-api-version"), None, "{path}");
        assert_eq!(response.status(), 200, "{path}");
    }
    let own = shared.call(Ask::get("/v1/refunds").request()).await.unwrap();
    assert_eq!(own.status(), 404);
}

#[tokio::test]
async fn a_request_s_name_is_never_its_caller_s() {
    let rig = Rig::new().await;
    let ask = Ask::get("/v1/refunds").header("X-Request-Id", "req_000000000000000000000000");
    let (one, other) = (rig.send(ask.clone()).await, rig.send(ask.clone()).await);
    assert_ne!(one.header("x-request-id"), Some("req_000000000000000000000000"));
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    // The server's own name for it is kept.
    let mut request = ask.request();
    let id = RequestId::new(&Seeded::new(9), START);
    request.extensions_mut().insert(id.clone());
    let answer = rig.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.headers()["x-request-id"], id.as_str());
}

#[tokio::test]
async fn a_host_of_its_own_belongs_to_it_whole() {
    let rig = Rig::with(Plan { own_host: true, ..Plan::default() }).await;
    for path in ["/v2", "/v2/", "/v2/payments"] {
        assert_eq!(rig.send(Ask::get(path)).await.told(), "404 unsupported_api_version", "{path}");
    }
    for path in ["/", "/favicon.ico", "/v3/payments", "/pay/chk_x"] {
        assert_eq!(rig.send(Ask::get(path)).await.told(), "404 not_found", "{path}");
    }
    assert_eq!(rig.create("a").await.told(), "201");
}

//! The document itself.

use std::{fs, path::PathBuf};

use axum::{body::Body, http::Request};

use crate::asked::Desk;

/// The document that is kept: clients are made from it.
fn kept() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi/operator.json")
}

/// A change of the API is a change of this file, and seen as one. `INSTA_UPDATE=always` writes it anew.
#[test]
fn the_document_is_the_one_that_is_kept() {
    let document = operator::document().to_pretty_json().unwrap() + "\n";
    #[expect(clippy::disallowed_methods, reason = "a test is told by its environment whether to write")]
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(kept(), &document).unwrap();
    }
    let kept = fs::read_to_string(kept()).unwrap_or_default();
    assert!(
        kept == document,
        "openapi/operator.json is stale: run this test with INSTA_UPDATE=always, and look at it"
    );
}

#[tokio::test]
async fn the_document_is_served() {
    let desk = Desk::new().await;
    let request = Request::get(operator::DOCUMENT_PATH).body(Body::empty()).unwrap();
    let served = desk.send(request).await.body;
    assert_eq!(served["openapi"], "3.1.0");
    assert_eq!(served, serde_json::to_value(operator::document()).unwrap());
}

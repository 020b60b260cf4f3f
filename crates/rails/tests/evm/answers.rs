//! Servers that are no nodes, or answer as if they were none.

use std::time::Duration;

use domain::time::Span;
use rails::{NodeUrl, RailError, evm::EvmRail};
use testkit::merchant::{Answer, Merchant};

use crate::chain::settings;

/// What a rail says of a server that answers everything like this.
async fn answered(answer: Answer) -> RailError {
    let server = Merchant::start().await;
    server.answer(answer);
    let mut settings = settings(&server.url("/"), &[]);
    settings.timeout = Duration::from_millis(300);
    EvmRail::new(settings).unwrap().chain().await.unwrap_err()
}

#[tokio::test]
async fn anything_but_an_answer_is_an_error() {
    let text = |status: u16, body: &str| answered(Answer::Text(status, body.to_owned()));
    for body in ["", "<html>", "{}", "[]", "[{\"id\":0}]", "null", "{\"result\":\"0x7a69\"}"] {
        let error = text(200, body).await;
        assert!(matches!(error, RailError::Malformed { .. }) && !error.is_transient(), "{body}: {error:?}");
    }
    assert_eq!(text(404, "not here").await, RailError::Http { status: 404 });
    assert_eq!(text(502, "<html>").await, RailError::Http { status: 502 });
    assert!(
        RailError::Http { status: 502 }.is_transient() && !RailError::Http { status: 404 }.is_transient()
    );
    assert_eq!(
        answered(Answer::Redirect("http://127.0.0.1:1/".into())).await,
        RailError::Http { status: 307 }
    );
    assert_eq!(text(429, "").await, RailError::RateLimited { retry_after: None });
    let refused = text(401, r#"{"id":null,"error":{"code":-32000,"message":"who are you?"}}"#).await;
    assert!(matches!(refused, RailError::Rpc { code: -32000, .. }), "{refused:?}");
    for status in [429, 503] {
        let patience = format!("HTTP/1.1 {status} \r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
        let error = answered(Answer::Raw(patience.into_bytes())).await;
        assert_eq!(error, RailError::RateLimited { retry_after: Some(Span::seconds(7)) });
    }
    for answer in [Answer::Reset, Answer::Close, Answer::malformed(), Answer::torn("[{\"id\":0")] {
        let error = answered(answer.clone()).await;
        assert!(
            matches!(error, RailError::Unreachable { .. }) && error.is_transient(),
            "{answer:?}: {error:?}"
        );
    }
    assert_eq!(answered(Answer::Hang).await, RailError::TimedOut);
}

#[tokio::test]
async fn no_answer_is_read_beyond_its_bound() {
    let server = Merchant::start().await;
    server.answer(Answer::Endless);
    let rail = EvmRail::new(settings(&server.url("/"), &[])).unwrap();
    let limit = 64 * 1024 * 1024;
    let error = rail.chain().await.unwrap_err();
    assert_eq!(error, RailError::TooLarge { method: "eth_chainId", limit });

    // A length that is promised is believed, and not waited for.
    let promise = format!("HTTP/1.1 200 \r\nContent-Length: {}\r\n\r\n[", limit + 1);
    server.answer(Answer::Raw(promise.into_bytes()));
    assert_eq!(rail.chain().await, Err(RailError::TooLarge { method: "eth_chainId", limit }));
}

#[tokio::test]
async fn secrets_of_the_url_go_to_the_node_and_nowhere_else() {
    let server = Merchant::start().await;
    let key = "0123456789abcdef";
    server.answer(Answer::Text(
        200,
        format!(r#"{{"id":0,"error":{{"code":-32000,"message":"no {key} for hunter2"}}}}"#),
    ));
    let address = server.address();
    let url = format!("http://operator:hunter2@{address}/v3/{key}?token=fedcba9876543210");
    let mut settings = settings(&server.url("/"), &[]);
    settings.rpc_url = NodeUrl::parse(&url).unwrap();
    let shown = format!("{settings:?}");
    let error = EvmRail::new(settings.clone()).unwrap().chain().await.unwrap_err();
    let hit = server.next().await;
    assert_eq!(hit.header("authorization"), Some("Basic b3BlcmF0b3I6aHVudGVyMg=="));
    assert!(hit.path.ends_with(&format!("/v3/{key}?token=fedcba9876543210")), "{}", hit.path);
    server.stop().await;
    let gone = EvmRail::new(settings).unwrap().chain().await.unwrap_err();
    assert!(matches!(gone, RailError::Unreachable { .. }), "{gone:?}");
    for text in [shown, format!("{error} {error:?}"), format!("{gone} {gone:?}")] {
        for secret in ["operator", "hunter2", key, "fedcba9876543210"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    assert!(error.to_string().contains("no *** for ***"), "{error}");
}

//! Servers that are no nodes, or answer as if they were none.

use std::time::Duration;

use domain::time::Span;
use rails::{
    NodeUrl, RailError,
    bitcoin::{BitcoinRail, Server},
};
use testkit::merchant::{Answer, Merchant};

use crate::rig::settings;

/// What rails say of a server that answers everything like this: one that takes it for a node, and one that takes it
/// for an Esplora server.
async fn answered(answer: Answer) -> [RailError; 2] {
    let server = Merchant::start().await;
    server.answer(answer);
    let url = || NodeUrl::parse(&server.url("/api")).unwrap();
    let mut errors = Vec::new();
    for kind in [Server::Core(url()), Server::Esplora(url())] {
        let mut settings = settings(kind);
        settings.timeout = Duration::from_millis(300);
        errors.push(BitcoinRail::new(settings).unwrap().chain().await.unwrap_err());
    }
    errors.try_into().unwrap()
}

#[tokio::test]
async fn anything_but_an_answer_is_an_error() {
    let text = |status: u16, body: &str| answered(Answer::Text(status, body.to_owned()));
    for body in
        ["", "<html><body>It works!</body></html>", "{}", "[]", "null", "0f9188", "{\"result\":\"0f91\"}"]
    {
        for error in text(200, body).await {
            let is_malformed = matches!(error, RailError::Malformed { .. });
            assert!(is_malformed && !error.is_transient(), "{body}: {error:?}");
            assert!(!error.to_string().contains("works"), "what it says is not repeated: {error}");
        }
    }
    assert_eq!(text(502, "<html>").await, [502, 502].map(|status| RailError::Http { status }));
    assert_eq!(
        text(503, "Work queue depth exceeded").await,
        [503, 503].map(|status| RailError::Http { status })
    );
    for status in [401, 403] {
        assert_eq!(text(status, "").await, [status, status].map(|status| RailError::Unauthorized { status }));
    }
    let moved = answered(Answer::Redirect("http://127.0.0.1:1/".into())).await;
    assert_eq!(moved, [307, 307].map(|status| RailError::Http { status }));
    let patience = |retry_after| [(); 2].map(|()| RailError::RateLimited { retry_after });
    assert_eq!(text(429, "").await, patience(None));
    let busy = b"HTTP/1.1 429 \r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n".to_vec();
    assert_eq!(answered(Answer::Raw(busy)).await, patience(Some(Span::seconds(7))));
    for answer in [Answer::Reset, Answer::Close, Answer::malformed(), Answer::torn("{\"id\":0")] {
        for error in answered(answer.clone()).await {
            assert!(matches!(error, RailError::Unreachable { .. }) && error.is_transient(), "{error:?}");
        }
    }
    assert_eq!(answered(Answer::Hang).await, [RailError::TimedOut, RailError::TimedOut]);
}

#[tokio::test]
async fn no_answer_is_read_beyond_its_bound() {
    let limit = 64 * 1024 * 1024;
    let server = Merchant::start().await;
    server.answer(Answer::Endless);
    let url = || NodeUrl::parse(&server.url("/")).unwrap();
    let node = BitcoinRail::new(settings(Server::Core(url()))).unwrap();
    assert_eq!(node.chain().await, Err(RailError::TooLarge { method: "getblockhash", limit }));
    let esplora = BitcoinRail::new(settings(Server::Esplora(url()))).unwrap();
    let method = "GET /block-height/:height";
    assert_eq!(esplora.chain().await, Err(RailError::TooLarge { method, limit }));
    let promise = format!("HTTP/1.1 200 \r\nContent-Length: {}\r\n\r\n[", limit + 1);
    server.answer(Answer::Raw(promise.into_bytes()));
    assert_eq!(esplora.chain().await, Err(RailError::TooLarge { method, limit }));
}

#[tokio::test]
async fn credentials_go_to_the_node_and_nowhere_else() {
    let server = Merchant::start().await;
    let words = r#"{"id":0,"error":{"code":-1,"message":"no such user till with hunter22"}}"#;
    server.answer(Answer::Text(500, words.to_owned()));
    let url = NodeUrl::parse(&server.url("/")).unwrap().with_credentials("till", "hunter22").unwrap();
    let settings = settings(Server::Core(url));
    let shown = format!("{settings:?}");
    let error = BitcoinRail::new(settings).unwrap().chain().await.unwrap_err();
    assert_eq!(server.next().await.header("authorization"), Some("Basic dGlsbDpodW50ZXIyMg=="));
    for text in [shown, format!("{error} {error:?}")] {
        assert!(!text.contains("till") && !text.contains("hunter22"), "{text}");
    }
}

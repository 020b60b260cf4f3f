//! Callbacks against a merchant that is polite, and against one that is not.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, TcpListener},
    sync::Arc,
    time::Duration,
};

use domain::delivery::{EXCERPT_BYTES, Outcome};
use outbound::{
    callback::{Callbacks, Settings, USER_AGENT},
    resolve::{Lookup, Resolver},
    target::{Target, TargetPolicy},
};
use testkit::merchant::{Answer, Merchant, PATIENCE};
use tokio::time;

const PRIVATE: TargetPolicy = TargetPolicy { allow_private: true };

/// Where a test waits for a time-out, it waits this long.
const SHORT: Duration = Duration::from_secs(1);

/// The time-out where none is meant to pass.
const LONG: Duration = PATIENCE;

/// More than the kernel takes for a connection on this host before anybody reads from it.
const BUFFERS: u64 = 32 * 1024 * 1024;

/// Answers every name in the same way.
struct Fixed(fn() -> io::Result<Vec<IpAddr>>);

impl Resolver for Fixed {
    fn lookup(&self, _: &str) -> Lookup {
        let answer = self.0();
        Box::pin(async move { answer })
    }
}

fn callbacks(timeout: Duration) -> Callbacks {
    let resolver = Arc::new(Fixed(|| Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)])));
    Callbacks::new(Settings { timeout, policy: PRIVATE, resolver }).expect("a client")
}

fn target(url: &str) -> Target {
    Target::parse(url, PRIVATE).expect("a target")
}

/// Sends a callback. One that outlives its own time-out fails the test instead of holding it up.
async fn send(callbacks: &Callbacks, url: &str, headers: &[(&str, String)], body: &[u8]) -> Outcome {
    let url = target(url);
    let outcome = time::timeout(PATIENCE * 2, callbacks.post(&url, headers, body.to_vec())).await;
    outcome.expect("a callback ends by itself")
}

async fn post(url: &str) -> Outcome {
    send(&callbacks(LONG), url, &[], b"{}").await
}

/// What a merchant's answer comes down to: status, error, excerpt.
async fn told(answer: Answer, timeout: Duration) -> (Option<u16>, Option<String>, String) {
    let merchant = Merchant::start().await;
    merchant.answer(answer);
    let outcome = send(&callbacks(timeout), &merchant.url("/hook"), &[], b"{}").await;
    assert_eq!(merchant.next().await.body, b"{}");
    // The connection of an answer that did not end in good order is given up.
    merchant.ended(0).await;
    (outcome.http_status, outcome.error, outcome.excerpt)
}

fn failed(error: &str) -> (Option<u16>, Option<String>, String) {
    (None, Some(error.to_owned()), String::new())
}

/// Whether nobody has tried to connect. The kernel accepts by itself, so a connection shows here once it was tried.
fn untouched(listener: &TcpListener) -> bool {
    listener.set_nonblocking(true).expect("a socket");
    listener.accept().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

#[tokio::test]
async fn a_callback_arrives_to_the_byte_with_exactly_its_headers() {
    let merchant = Merchant::start().await;
    let body: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let headers = [
        ("X-Event", "payment.paid".to_owned()),
        ("Content-Type", "application/json".to_owned()),
        ("X-Signature", "00ff==".to_owned()),
    ];
    let port = merchant.address().port();
    let url = format!("http://shop.test:{port}/hook%20a?b=%C3%A4&c=1#part");
    let outcome = send(&callbacks(LONG), &url, &headers, &body).await;
    assert_eq!((outcome.http_status, outcome.error), (Some(200), None));
    let hit = merchant.next().await;
    assert_eq!((hit.method.as_str(), hit.path.as_str()), ("POST", "/hook%20a?b=%C3%A4&c=1"));
    assert!(hit.body == body, "the body is another");
    // Ours in their order; the client's own in whatever order it likes.
    let mut written: Vec<_> = hit.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(
        written.drain(..3).collect::<Vec<_>>(),
        ["X-Event: payment.paid", "Content-Type: application/json", "X-Signature: 00ff=="],
        "in title case, for receivers that know no other"
    );
    written.sort();
    let (host, agent) = (format!("Host: shop.test:{port}"), format!("User-Agent: {USER_AGENT}"));
    assert_eq!(written, ["Accept: */*", "Content-Length: 70000", &host, &agent]);
    assert_eq!(USER_AGENT, format!("Tillgate/{}", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn every_status_is_just_that_status() {
    for status in [200, 201, 204, 301, 302, 304, 400, 404, 410, 429, 500, 503, 599] {
        assert_eq!(told(Answer::Status(status), LONG).await, (Some(status), None, String::new()));
    }
}

#[tokio::test]
async fn the_beginning_of_an_answer_is_kept() {
    let text = "{\n\t\"error\": \"schlüssel\"\u{1b}\n}";
    let told = told(Answer::Text(422, text.into()), LONG).await;
    assert_eq!(told, (Some(422), None, "{  \"error\": \"schlüssel\" }".into()));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", elsewhere.local_addr().unwrap());
    assert_eq!(told(Answer::Redirect(url), LONG).await, (Some(307), None, String::new()));
    assert!(untouched(&elsewhere));
}

#[tokio::test]
async fn a_hanging_merchant_is_left_in_time_and_the_time_is_told() {
    let merchant = Merchant::start().await;
    merchant.answer(Answer::Hang);
    let outcome = send(&callbacks(SHORT), &merchant.url("/"), &[], b"{}").await;
    assert_eq!((outcome.http_status, outcome.error.as_deref()), (None, Some("timed out")));
    assert!(outcome.took.to_std() >= SHORT);
    assert_eq!(merchant.next().await.body, b"{}");
    assert_eq!(merchant.ended(0).await, 0);
}

#[tokio::test]
async fn a_trickling_answer_is_left_in_time_with_its_status() {
    let text = "drop ".repeat(200);
    let (status, error, excerpt) = told(Answer::Trickle(text.clone(), SHORT / 50), SHORT).await;
    assert_eq!((status, error.as_deref()), (Some(200), Some("timed out")));
    assert!(text.starts_with(&excerpt) && excerpt.len() <= 50, "{excerpt}");
}

#[tokio::test]
async fn an_endless_answer_is_cut_and_not_read() {
    let merchant = Merchant::start().await;
    merchant.answer(Answer::Endless);
    let outcome = post(&merchant.url("/")).await;
    assert_eq!((outcome.http_status, outcome.error), (Some(200), None));
    assert_eq!(outcome.excerpt, "x".repeat(EXCERPT_BYTES));
    let written = merchant.ended(0).await;
    assert!(written < BUFFERS, "{written} bytes were taken");
}

#[tokio::test]
async fn an_endless_head_is_no_answer_and_not_read() {
    let merchant = Merchant::start().await;
    merchant.answer(Answer::EndlessHead);
    let outcome = post(&merchant.url("/")).await;
    assert_eq!((outcome.http_status, outcome.error.as_deref()), (None, Some("answer malformed")));
    let written = merchant.ended(0).await;
    assert!(written < BUFFERS, "{written} bytes were taken");
}

#[tokio::test]
async fn resets_and_closed_connections_are_outcomes() {
    assert_eq!(told(Answer::Reset, LONG).await, failed("connection reset"));
    assert_eq!(told(Answer::Close, LONG).await, failed("connection closed"));
}

#[tokio::test]
async fn what_is_no_http_is_malformed() {
    let noise: Vec<u8> = (0..=255).cycle().take(1_000).collect();
    for bytes in [
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n".to_vec(),
        b"HTTP/1.1 two hundred\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab".to_vec(),
        b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(),
        noise,
    ] {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(told(Answer::Raw(bytes), LONG).await, failed("answer malformed"), "{text}");
    }
    assert_eq!(told(Answer::malformed(), LONG).await, failed("answer malformed"));
}

#[tokio::test]
async fn an_answer_that_breaks_off_has_its_status_and_an_error() {
    let told_torn = told(Answer::torn("half a "), LONG).await;
    assert_eq!(told_torn, (Some(200), Some("connection closed".into()), "half a ".into()));
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n".to_vec();
    let told_chunked = told(Answer::Raw(chunked), LONG).await;
    assert_eq!(told_chunked, (Some(200), Some("answer malformed".into()), "ok".into()));
}

#[tokio::test]
async fn nobody_listening_is_an_outcome() {
    let merchant = Merchant::start().await;
    let url = merchant.url("/");
    merchant.stop().await;
    let outcome = post(&url).await;
    assert_eq!((outcome.http_status, outcome.error.as_deref()), (None, Some("connection refused")));
}

#[tokio::test]
async fn a_name_without_an_address_is_an_outcome() {
    for answer in [|| Err(io::ErrorKind::Other.into()), || Ok(Vec::new())] {
        let settings = Settings { policy: PRIVATE, resolver: Arc::new(Fixed(answer)), ..Settings::default() };
        let callbacks = Callbacks::new(settings).unwrap();
        let outcome = send(&callbacks, "http://shop.test/", &[], b"").await;
        assert_eq!((outcome.http_status, outcome.error.as_deref()), (None, Some("name not found")));
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_is_an_outcome() {
    let merchant = Merchant::start().await;
    for header in
        [("X-Signature", "a\r\nX-Forged: b".to_owned()), ("X Signature", "a".to_owned()), ("", String::new())]
    {
        let outcome = send(&callbacks(LONG), &merchant.url("/"), &[header], b"").await;
        assert_eq!((outcome.http_status, outcome.error.as_deref()), (None, Some("request not valid")));
    }
    assert_eq!(merchant.hits(), []);
}

#[tokio::test]
async fn a_connection_serves_many_callbacks_unless_its_answer_was_cut() {
    let merchant = Merchant::start().await;
    let callbacks = callbacks(LONG);
    let url = merchant.url("/");
    for _ in 0..3 {
        send(&callbacks, &url, &[], b"").await;
        merchant.next().await;
    }
    assert_eq!(merchant.connections(), 1);
    merchant.answer_next(Answer::Endless);
    send(&callbacks, &url, &[], b"").await;
    merchant.ended(3).await;
    let outcome = send(&callbacks, &url, &[], b"").await;
    assert_eq!((outcome.http_status, merchant.connections()), (Some(200), 2));
}

#[tokio::test]
async fn a_target_is_judged_again_when_it_is_sent_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let callbacks = Callbacks::new(Settings::default()).unwrap();
    for scheme in ["http", "https"] {
        let registered = format!("{scheme}://{}/", listener.local_addr().unwrap());
        let outcome = send(&callbacks, &registered, &[], b"").await;
        assert_eq!((outcome.http_status, outcome.error.as_deref()), (None, Some("address not allowed")));
    }
    assert!(untouched(&listener));
}

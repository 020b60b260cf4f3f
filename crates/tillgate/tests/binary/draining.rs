//! Being told to stop.

use rustix::process::Signal;
use testkit::process::Process;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::asked::{BODY, get, launch};

/// A request of which the gateway has the head and half of the body.
async fn half_a_request(process: &Process, key: &str) -> TcpStream {
    let address = process.url.strip_prefix("http://").expect("a URL");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = format!(
        "POST /v1/payments HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: half\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        BODY.len()
    );
    stream.write_all(head.as_bytes()).await.expect("a head");
    // The handler asks for the body: from here on the request runs.
    let mut answer = [0_u8; 25];
    stream.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&BODY.as_bytes()[..10]).await.expect("half of a body");
    stream
}

#[tokio::test]
async fn a_request_that_runs_is_finished() {
    for signal in [Signal::TERM, Signal::INT] {
        let launch = launch();
        let mut process = launch.start().await;
        let mut stream = half_a_request(&process, &launch.demo_key("alpha")).await;
        process.signal(signal);
        process.line("stopping: what runs is finished").await;
        let ready = get(&format!("{}/readyz", process.url)).await;
        assert_eq!((ready.status, ready.text.as_str()), (503, r#"{"status":"draining"}"#));
        assert_eq!(get(&format!("{}/healthz", process.url)).await.status, 200);
        stream.write_all(&BODY.as_bytes()[10..]).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
        let ended = process.ended().await;
        assert_eq!(ended.code, Some(0), "{}", ended.log);
        assert!(ended.log.contains("\"message\":\"stopped\""), "{}", ended.log);
        assert!(!ended.log.contains("cut off"), "{}", ended.log);
    }
}

#[tokio::test]
async fn a_second_signal_stops_at_once() {
    let launch = launch();
    let mut process = launch.start().await;
    let _stream = half_a_request(&process, &launch.demo_key("alpha")).await;
    process.signal(Signal::TERM);
    process.line("stopping: what runs is finished").await;
    process.signal(Signal::TERM);
    let ended = process.ended().await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.log.contains("stopped at once"), "{}", ended.log);
}

//! Connections without a network: what a slow, a late and a patient caller see.

use std::sync::Arc;

use axum::routing::get;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::{Semaphore, mpsc},
};

use super::*;

/// A door that tests walk through.
struct Callers(mpsc::Receiver<DuplexStream>);

impl Door for Callers {
    type Stream = DuplexStream;

    async fn accept(&mut self) -> io::Result<(DuplexStream, Option<IpAddr>)> {
        let stream = self.0.recv().await.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok((stream, Some([127, 0, 0, 1].into())))
    }
}

/// A server of this application, its door, and what stops it.
struct Served {
    callers: mpsc::Sender<DuplexStream>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Served {
    fn new(app: Router) -> Self {
        let (callers, door) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let task = tokio::spawn(serve(Callers(door), app, stop.clone()));
        Self { callers, stop, task }
    }

    async fn call(&self, request: &str) -> DuplexStream {
        let (mut ours, theirs) = duplex(4_096);
        self.callers.send(theirs).await.unwrap();
        ours.write_all(request.as_bytes()).await.unwrap();
        ours
    }
}

async fn rest(stream: &mut DuplexStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

/// The paused clock jumps to the next moment at which anything is to happen: here, the end of the server's patience.
#[tokio::test(start_paused = true)]
async fn a_caller_who_does_not_finish_its_head_is_let_go() {
    let served = Served::new(Router::new().route("/", get(async || "here")));
    let begun = tokio::time::Instant::now();
    let mut slow = served.call("GET / HTTP/1.1\r\nHost: x\r\nA: ").await;
    assert_eq!(rest(&mut slow).await, "");
    assert_eq!(begun.elapsed(), HEADERS);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_let_go() {
    let served = Served::new(Router::new().route("/", get(async || "here")));
    let mut idle = served.call("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let said = rest(&mut idle).await;
    assert!(said.starts_with("HTTP/1.1 200 OK") && said.ends_with("here"), "{said}");
}

#[tokio::test]
async fn a_stop_lets_a_request_finish_and_takes_no_other() {
    let (begun, go_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (mark, gate) = (Arc::clone(&begun), Arc::clone(&go_on));
    let handler = async move || {
        mark.add_permits(1);
        let _ = gate.acquire().await.unwrap();
        "done"
    };
    let served = Served::new(Router::new().route("/", get(handler)));
    let mut caller = served.call("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let _ = begun.acquire().await.unwrap();
    served.stop.cancel();
    // The door is closed: nobody is left to whom a stream could be handed.
    served.callers.closed().await;
    assert!(!served.task.is_finished());
    go_on.add_permits(1);
    let said = rest(&mut caller).await;
    assert!(said.ends_with("done") && said.contains("connection: close"), "{said}");
    served.task.await.unwrap();
}

/// A head that is longer than the pipe: once it is written, the server has read some of it.
#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_the_rest_of_a_head() {
    let served = Served::new(Router::new().route("/", get(async || "here")));
    let begun = tokio::time::Instant::now();
    let mut slow = served.call(&format!("GET / HTTP/1.1\r\nA: {}", "a".repeat(5_000))).await;
    served.stop.cancel();
    assert_eq!(rest(&mut slow).await, "");
    served.task.await.unwrap();
    assert!(begun.elapsed().is_zero(), "{:?}", begun.elapsed());
}

//! A server that takes every request and answers at once, or never: for callbacks, and to know what the load generator
//! could do if the other side cost nothing.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

use crate::{
    connection::{content_length, end_of_head},
    error::Done,
};

/// What every answer says: 400 bytes of body where there is one.
const BODY: usize = 400;

/// A server.
pub(crate) struct Receiver {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What has come.
    pub(crate) heard: Arc<Heard>,
    server: JoinHandle<()>,
}

/// What has come to a receiver.
#[derive(Default)]
pub(crate) struct Heard {
    count: AtomicU64,
    more: Notify,
    /// When the first request about each payment came; empty while nobody asks.
    arrivals: Mutex<Option<HashMap<String, Instant>>>,
}

/// How requests are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// At once, with a body.
    Full,
    /// At once, with nothing.
    Bare,
    /// Never.
    Hang,
}

impl Receiver {
    /// Starts one on a free port.
    pub(crate) async fn start(manner: Manner) -> Done<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let heard = Arc::<Heard>::default();
        let told = Arc::clone(&heard);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&told), manner));
            }
        });
        Ok(Self { address, heard, server })
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Heard {
    /// How many requests have come.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// Waits until so many have come.
    pub(crate) async fn until(&self, count: u64) {
        loop {
            let more = self.more.notified();
            if self.count() >= count {
                return;
            }
            more.await;
        }
    }

    /// Begins to note when requests about payments come.
    pub(crate) fn note_arrivals(&self) {
        *self.arrivals.lock().unwrap_or_else(PoisonError::into_inner) = Some(HashMap::new());
    }

    /// What was noted, by payment.
    pub(crate) fn take_arrivals(&self) -> HashMap<String, Instant> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }

    fn arrived(&self, body: &[u8]) {
        let now = Instant::now();
        if let Some(arrivals) = &mut *self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
            && let Some(id) = payment_id(body)
        {
            arrivals.entry(id.to_owned()).or_insert(now);
        }
        self.count.fetch_add(1, Ordering::AcqRel);
        self.more.notify_one();
    }
}

/// The first id of a payment in a text.
pub(crate) fn payment_id(text: &[u8]) -> Option<&str> {
    const LENGTH: usize = 28;
    let at = text.windows(4).position(|four| four == b"pay_")?;
    std::str::from_utf8(text.get(at..at.saturating_add(LENGTH))?).ok()
}

/// Answers the requests of one connection. What is wrong with one ends it: its sender sees that.
async fn converse(mut stream: TcpStream, heard: Arc<Heard>, manner: Manner) {
    let _ = stream.set_nodelay(true);
    let body = if manner == Manner::Full { "x".repeat(BODY) } else { String::new() };
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        let end = loop {
            if let Some(end) = whole_request(&buffer) {
                break end;
            }
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        };
        heard.arrived(&buffer[..end]);
        buffer.drain(..end);
        if manner == Manner::Hang {
            continue;
        }
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Where the first request of a buffer ends, if all of it is there. A GET has no length, and no body.
fn whole_request(buffer: &[u8]) -> Option<usize> {
    let head = end_of_head(buffer)?;
    let end = head.saturating_add(content_length(&buffer[..head]).unwrap_or_default());
    (buffer.len() >= end).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_with_its_body() {
        let request = b"POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\nabcd";
        assert_eq!(whole_request(request), Some(request.len()));
        assert_eq!(whole_request(&request[..request.len() - 1]), None);
        assert_eq!(whole_request(b"GET / HTTP/1.1\r\n\r\n"), Some(18));
    }

    #[test]
    fn a_payment_is_found_in_a_text() {
        let id = "pay_00033ZMYAb50T29kTFmGqkRU";
        assert_eq!(payment_id(format!("{{\"id\":\"{id}\"}}").as_bytes()), Some(id));
        assert_eq!(payment_id(b"pay_short"), None);
    }
}

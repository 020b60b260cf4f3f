//! A request, as it was on the wire.

use tokio::{io::AsyncReadExt, net::TcpStream};

/// The most headers that a request may have.
const MAX_HEADERS: usize = 64;

/// The most bytes that a head, or a body, may have.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// A request that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which request it was at this server: 0, 1, 2.
    pub index: usize,
    /// The method.
    pub method: String,
    /// The path with its query, as written.
    pub path: String,
    /// Names and values in their order; the names in the case in which they were written.
    pub headers: Vec<(String, String)>,
    /// The head as it was on the wire, with the empty line that ends it.
    pub head: Vec<u8>,
    /// The body, to the byte.
    pub body: Vec<u8>,
}

impl Hit {
    /// The value of the first header with this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Reads a head; nothing while it is incomplete. `Err` for what is no HTTP.
    fn parse(bytes: &[u8]) -> Result<Option<Self>, httparse::Error> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(length) = request.parse(bytes)? else { return Ok(None) };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = request.headers.iter().map(|header| (header.name.to_owned(), text(header.value)));
        Ok(Some(Self {
            index: 0,
            method: request.method.unwrap_or_default().to_owned(),
            path: request.path.unwrap_or_default().to_owned(),
            headers: headers.collect(),
            head: bytes.iter().copied().take(length).collect(),
            body: Vec::new(),
        }))
    }
}

/// Reads one request after the other from a connection.
#[derive(Default)]
pub(super) struct Reader {
    /// What arrived and belongs to no request yet.
    pending: Vec<u8>,
}

impl Reader {
    /// The next request; nothing once the other side is gone, or sends what is no request with a `Content-Length`.
    pub(super) async fn read(&mut self, stream: &mut TcpStream) -> Option<Hit> {
        let mut hit = loop {
            match Hit::parse(&self.pending) {
                Ok(Some(hit)) => break hit,
                Ok(None) => self.fill(stream).await?,
                Err(_) => return None,
            }
        };
        if hit.header("transfer-encoding").is_some() {
            return None;
        }
        let length = hit.header("content-length").map_or(Ok(0), str::parse).ok()?;
        self.pending.drain(..hit.head.len());
        while self.pending.len() < length {
            self.fill(stream).await?;
        }
        hit.body = self.pending.drain(..length).collect();
        Some(hit)
    }

    async fn fill(&mut self, stream: &mut TcpStream) -> Option<()> {
        let read = stream.read_buf(&mut self.pending).await.ok()?;
        (read > 0 && self.pending.len() <= MAX_BYTES).then_some(())
    }
}

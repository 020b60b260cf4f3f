//! One HTTP/1.1 connection that is kept: as little work for each answer as is possible, so that the load generator is
//! not what is measured.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::error::{Done, Trouble};

/// Bytes that are read ahead.
const BUFFER: usize = 64 * 1024;

/// A connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer. It is overwritten by the next one.
pub(crate) struct Answer<'a> {
    /// Its status.
    pub(crate) status: u16,
    /// Its body.
    pub(crate) body: &'a [u8],
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Done<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(BUFFER) })
    }

    /// Sends a request as it stands, and reads the whole answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Done<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (mut head, mut length) = (None, 0);
        loop {
            if head.is_none()
                && let Some(end) = end_of_head(&self.buffer)
            {
                length = content_length(&self.buffer[..end])?;
                head = Some(end);
            }
            if let Some(end) = head.filter(|end| self.buffer.len() >= end.saturating_add(length)) {
                let status = status(&self.buffer)?;
                return Ok(Answer { status, body: &self.buffer[end..end.saturating_add(length)] });
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(Trouble::new("the gateway closed the connection in the middle of an answer"));
            }
        }
    }
}

/// Where the body begins.
pub(crate) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at.saturating_add(4))
}

/// The length of a body, as its head says.
pub(crate) fn content_length(head: &[u8]) -> Done<usize> {
    const NAME: &[u8] = b"\r\ncontent-length: ";
    let is_name = |window: &[u8]| window.eq_ignore_ascii_case(NAME);
    let at = head.windows(NAME.len()).position(is_name);
    let digits = at.map(|at| &head[at.saturating_add(NAME.len())..]);
    let digits = digits.ok_or_else(|| Trouble::new("a message without a length"))?;
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    Ok(digits.fold(0, |sum: usize, digit| sum.saturating_mul(10).saturating_add(usize::from(digit - b'0'))))
}

fn status(answer: &[u8]) -> Done<u16> {
    let digits = answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| Trouble::new("an answer without a status"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let answer = b"HTTP/1.1 201 Created\r\nx: y\r\nContent-Length: 12\r\n\r\nabc";
        let end = end_of_head(answer).unwrap();
        assert_eq!(&answer[end..], b"abc");
        assert_eq!(content_length(&answer[..end]).unwrap(), 12);
        assert_eq!(status(answer).unwrap(), 201);
        assert!(content_length(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\r\n"), None);
    }
}

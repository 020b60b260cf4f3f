//! How a merchant answers.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time,
};

/// How much of an endless answer is written at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// An answer, or the want of one.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A status without a body.
    Status(u16),
    /// A status with a body.
    Text(u16, String),
    /// 307, which keeps method and body, to this URL.
    Redirect(String),
    /// Nothing, until the other side or the merchant goes away.
    Hang,
    /// 200 and this body, a byte at a time with this pause before each.
    Trickle(String, Duration),
    /// 200 and a body that never ends.
    Endless,
    /// 200 and a head that never ends.
    EndlessHead,
    /// The connection is reset: what the other side reads next is an error.
    Reset,
    /// The connection is closed in good order, without an answer.
    Close,
    /// These bytes as they are; then the connection is closed in good order.
    Raw(Vec<u8>),
}

impl Default for Answer {
    fn default() -> Self {
        Self::Status(200)
    }
}

/// What becomes of the connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    Keep,
    Close,
}

impl Answer {
    /// Something that is no HTTP.
    pub fn malformed() -> Self {
        Self::Raw(b"!! this is no HTTP\r\n\r\n".to_vec())
    }

    /// 200 and the first half of a body, whose length was promised.
    pub fn torn(half: &str) -> Self {
        let length = half.len() * 2;
        Self::Raw(format!("HTTP/1.1 200 \r\nContent-Length: {length}\r\n\r\n{half}").into_bytes())
    }

    /// Writes it and counts the bytes. An answer ends early when the other side goes away.
    pub(super) async fn play(self, stream: &mut TcpStream, written: &mut u64) -> After {
        let played = match self {
            Self::Status(status) => {
                write(stream, written, &whole(status, "", "")).await.map(|()| After::Keep)
            }
            Self::Text(status, body) => {
                write(stream, written, &whole(status, "", &body)).await.map(|()| After::Keep)
            }
            Self::Redirect(url) => {
                let location = format!("Location: {url}\r\n");
                write(stream, written, &whole(307, &location, "")).await.map(|()| After::Keep)
            }
            Self::Hang => until_gone(stream).await.map(|()| After::Close),
            Self::Trickle(body, pause) => trickle(stream, written, &body, pause).await.map(|()| After::Keep),
            Self::Endless => {
                endless(stream, written, "\r\n", &[b'x'; CHUNK_BYTES]).await.map(|()| After::Close)
            }
            Self::EndlessHead => {
                endless(stream, written, "", b"X-More: and more\r\n").await.map(|()| After::Close)
            }
            // The socket is told to leave nothing behind, and so closes with a reset.
            Self::Reset => stream.set_zero_linger().map(|()| After::Close),
            Self::Close => Ok(After::Close),
            Self::Raw(bytes) => write(stream, written, &bytes).await.map(|()| After::Close),
        };
        played.unwrap_or(After::Close)
    }
}

/// An answer whose length is known.
fn whole(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} \r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len()).into_bytes()
}

async fn write(stream: &mut TcpStream, written: &mut u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        *written += stream.write_buf(&mut bytes).await? as u64;
    }
    Ok(())
}

async fn until_gone(stream: &mut TcpStream) -> io::Result<()> {
    while stream.read(&mut [0; 64]).await? > 0 {}
    Ok(())
}

async fn trickle(stream: &mut TcpStream, written: &mut u64, body: &str, pause: Duration) -> io::Result<()> {
    let head = format!("HTTP/1.1 200 \r\nContent-Length: {}\r\n\r\n", body.len());
    write(stream, written, head.as_bytes()).await?;
    for byte in body.bytes() {
        time::sleep(pause).await;
        write(stream, written, &[byte]).await?;
    }
    Ok(())
}

async fn endless(stream: &mut TcpStream, written: &mut u64, end: &str, chunk: &[u8]) -> io::Result<()> {
    write(stream, written, format!("HTTP/1.1 200 \r\nX-Endless: yes\r\n{end}").as_bytes()).await?;
    loop {
        write(stream, written, chunk).await?;
    }
}

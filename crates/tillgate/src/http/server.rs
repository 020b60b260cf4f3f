//! Accepting connections, and letting go of them.

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    sync::Semaphore,
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::limits::{ACCEPT_PAUSE, BUFFER_BYTES, CONNECTIONS, HEADER_BYTES, HEADERS};

/// Who is at the other end of a connection; nobody with an address where it is a socket of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(super) Option<IpAddr>);

/// What marks a request that comes from an address. Nothing but a connection makes one, and this process itself.
pub(crate) const fn from(address: IpAddr) -> Peer {
    Peer(Some(address))
}

/// Where connections come in.
pub(crate) trait Door: Send {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Waits for the next connection, and says who is at its other end.
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Stream, Option<IpAddr>)>> + Send;
}

impl Door for TcpListener {
    type Stream = TcpStream;

    async fn accept(&mut self) -> io::Result<(TcpStream, Option<IpAddr>)> {
        let (stream, address) = Self::accept(self).await?;
        // Answers are small, and nobody waits for more of them to come together.
        stream.set_nodelay(true)?;
        Ok((stream, Some(address.ip())))
    }
}

impl Door for UnixListener {
    type Stream = UnixStream;

    async fn accept(&mut self) -> io::Result<(UnixStream, Option<IpAddr>)> {
        Ok((Self::accept(self).await?.0, None))
    }
}

/// Serves what comes in until `stop`; then lets every connection finish its request, and ends.
///
/// Whoever has no patience for the last of them drops this: what handlers had begun is finished elsewhere.
pub(crate) async fn serve(mut door: impl Door, app: Router, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let protocol = protocol();
    while let Some(place) = stop.run_until_cancelled(Arc::clone(&places).acquire_owned()).await {
        let Some(accepted) = stop.run_until_cancelled(door.accept()).await else { break };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_callers(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let app = app.clone();
        let has_asked = Arc::new(AtomicBool::new(false));
        let asks = Arc::clone(&has_asked);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            asks.store(true, Ordering::Release);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            app.clone().oneshot(request)
        });
        let connection = graceful.watch(protocol.serve_connection(TokioIo::new(stream), service));
        let stopped = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                biased;
                ended = connection => if let Err(error) = ended {
                    // Callers who break off, are too slow, or speak something else: their matter, and nothing of ours.
                    tracing::debug!(%error, "a connection ended early");
                },
                // A caller in the middle of its first head has asked for nothing yet: no stop waits for the rest.
                () = unasked(&stopped, &has_asked) => {}
            }
            drop(place);
        });
    }
    drop(door);
    graceful.shutdown().await;
}

/// Ends at the stop, unless the connection has brought a request by then.
async fn unasked(stop: &CancellationToken, has_asked: &AtomicBool) {
    stop.cancelled().await;
    if has_asked.load(Ordering::Acquire) {
        std::future::pending::<()>().await;
    }
}

fn protocol() -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_header_size(HEADER_BYTES)
        .max_buf_size(BUFFER_BYTES);
    protocol
}

/// Whether a connection broke before it was accepted, which says nothing about the next one.
fn is_callers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests;

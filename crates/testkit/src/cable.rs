//! A cable between a gateway and its PostgreSQL that can be cut: at any time, or exactly where it hurts.
//!
//! It understands just enough of the protocol to know a commit from everything else, and its answer:
//! <https://www.postgresql.org/docs/current/protocol-message-formats.html>.

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use crate::postgres::Server;

/// Where a connection is lost that commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The commit never arrives: nothing is kept.
    Commit,
    /// The commit is done, and its answer never arrives.
    Answer,
    /// The commit is done, and instead of its answer comes the last word of a server that falls: its log has no room
    /// for what others write.
    Fall,
}

/// A cable to a server. It ends with this value.
pub struct Cable {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    socket: PathBuf,
    /// Whether it is not cut.
    whole: watch::Sender<bool>,
    /// Whether what is sent arrives. What does not is kept.
    flowing: watch::Sender<bool>,
    /// Whether the next commit stops that.
    freezing: AtomicBool,
    /// How many of the next commits lose their connection, and where.
    commits: AtomicU32,
    answers: AtomicU32,
    falls: AtomicU32,
    /// How many did.
    lost: AtomicU32,
}

/// A message without its length: its kind, which the first one of a connection has not, and the rest.
struct Message {
    kind: Option<u8>,
    rest: Vec<u8>,
}

impl Cable {
    /// A cable to this server, from a port of 127.0.0.1.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            socket: server.folder().join(format!(".s.PGSQL.{}", server.port())),
            whole: watch::Sender::new(true),
            flowing: watch::Sender::new(true),
            freezing: AtomicBool::new(false),
            commits: AtomicU32::new(0),
            answers: AtomicU32::new(0),
            falls: AtomicU32::new(0),
            lost: AtomicU32::new(0),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared, task }
    }

    /// The URL of the database with this name at its other end.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://postgres@{}/{name}", self.address)
    }

    /// Lets the next connections that commit be lost, as many as this.
    pub fn lose(&self, what: Loss, count: u32) {
        match what {
            Loss::Commit => self.shared.commits.store(count, Ordering::SeqCst),
            Loss::Answer => self.shared.answers.store(count, Ordering::SeqCst),
            Loss::Fall => self.shared.falls.store(count, Ordering::SeqCst),
        }
    }

    /// How many were lost so.
    pub fn lost(&self) -> u32 {
        self.shared.lost.load(Ordering::SeqCst)
    }

    /// Cuts every connection, and lets none be made until it is mended.
    pub fn cut(&self) {
        self.shared.whole.send_replace(false);
    }

    /// Lets connections be made again.
    pub fn mend(&self) {
        self.shared.whole.send_replace(true);
    }

    /// Lets nothing through any more from the next commit on, in either direction, and ends no connection: as a machine
    /// does that stands still, or a network that swallows everything. The commit does not arrive, so its transaction
    /// stays as it is, with all that it locked.
    pub async fn freeze_at_commit(&self) {
        self.shared.freezing.store(true, Ordering::SeqCst);
        // The sender is as old as this.
        let _ = self.shared.flowing.subscribe().wait_for(|flowing| !flowing).await;
    }

    /// Lets through what was kept, and everything after it.
    pub fn thaw(&self) {
        self.shared.flowing.send_replace(true);
    }
}

impl Shared {
    async fn flows(&self) {
        // The sender is as old as this.
        let _ = self.flowing.subscribe().wait_for(|flowing| *flowing).await;
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        if *shared.whole.borrow() {
            connections.spawn(carry(client, Arc::clone(&shared)));
        }
    }
}

/// Carries one connection until it ends, or is made to.
async fn carry(client: TcpStream, shared: Arc<Shared>) {
    let mut whole = shared.whole.subscribe();
    let Ok(server) = UnixStream::connect(&shared.socket).await else { return };
    // Messages go one by one, and none may wait for the other side to have noticed the last.
    if client.set_nodelay(true).is_err() {
        return;
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (silenced, falling) = (AtomicBool::new(false), AtomicBool::new(false));
    let up = async {
        let mut is_first = true;
        loop {
            let message = Message::read(&mut from_client, !is_first).await?;
            is_first = false;
            if message.is_commit() {
                if take(&shared.commits) {
                    shared.lost.fetch_add(1, Ordering::SeqCst);
                    return Ok(());
                }
                if shared.freezing.swap(false, Ordering::SeqCst) {
                    shared.flowing.send_replace(false);
                }
                // From here on the client hears nothing, and so not what the commit is answered.
                silenced.fetch_or(take(&shared.answers), Ordering::SeqCst);
                falling.fetch_or(take(&shared.falls), Ordering::SeqCst);
            }
            shared.flows().await;
            message.write(&mut to_server).await?;
        }
    };
    let down = async {
        loop {
            let message = Message::read(&mut from_server, true).await?;
            let (is_silenced, is_end) = (silenced.load(Ordering::SeqCst), message.is_end_of_commit());
            if is_end && (is_silenced || falling.load(Ordering::SeqCst)) {
                if !is_silenced {
                    Message::last_word().write(&mut to_client).await?;
                }
                shared.lost.fetch_add(1, Ordering::SeqCst);
                return Ok(());
            }
            if !is_silenced {
                shared.flows().await;
                message.write(&mut to_client).await?;
            }
        }
    };
    let _: io::Result<()> = tokio::select! {
        ended = up => ended,
        ended = down => ended,
        _ = whole.wait_for(|whole| !whole) => Ok(()),
    };
}

/// Counts down to zero; whether it was not there yet.
fn take(count: &AtomicU32) -> bool {
    count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

impl Message {
    async fn read(from: &mut (impl AsyncRead + Unpin), has_kind: bool) -> io::Result<Self> {
        let kind = if has_kind { Some(from.read_u8().await?) } else { None };
        // The length counts itself.
        let length = from.read_u32().await?.saturating_sub(4);
        let mut rest = vec![0; usize::try_from(length).unwrap_or_default()];
        from.read_exact(&mut rest).await?;
        Ok(Self { kind, rest })
    }

    async fn write(&self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let length = u32::try_from(self.rest.len() + 4).unwrap_or(u32::MAX);
        let bytes = [self.kind.as_slice(), &length.to_be_bytes(), &self.rest].concat();
        to.write_all(&bytes).await
    }

    /// What PostgreSQL 15 says where its log has no room for the next segment.
    fn last_word() -> Self {
        let fields = [
            "SPANIC",
            "VPANIC",
            "C53100",
            "Mcould not write to file \"pg_wal/xlogtemp.1\": No space left on device",
            "",
        ];
        Self { kind: Some(b'E'), rest: fields.map(|field| format!("{field}\0")).concat().into_bytes() }
    }

    fn is_commit(&self) -> bool {
        self.kind == Some(b'Q') && self.rest == b"commit\0"
    }

    fn is_end_of_commit(&self) -> bool {
        self.kind == Some(b'C') && (self.rest == b"COMMIT\0" || self.rest == b"ROLLBACK\0")
    }
}

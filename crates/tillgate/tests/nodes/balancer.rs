//! A proxy in front of three nodes, with the configuration that docs/scale.md recommends.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use tempfile::TempDir;
use testkit::{process::free_port, until::until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    process::{Child, Command},
};

/// The configuration, as it stands there.
const CONFIG: &str = "../../docs/haproxy.cfg";

/// Where Debian has the program, in a folder that is not in everybody's path.
const PROGRAM: &str = "/usr/sbin/haproxy";

/// A balancer that runs. It is killed when it is dropped.
pub(crate) struct Balancer {
    port: u16,
    socket: PathBuf,
    _folder: TempDir,
    _process: Child,
}

impl Balancer {
    /// Starts one in front of nodes on these ports, and waits until it has found them.
    pub(crate) async fn start(nodes: [u16; 3]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (port, socket) = (free_port(), folder.path().join("admin.sock"));
        let mut command = Command::new(PROGRAM);
        command.arg("-db").arg("-f").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(CONFIG));
        command.env("HAPROXY_BIND", format!("127.0.0.1:{port}")).env("HAPROXY_SOCKET", &socket);
        for (name, node) in ["ONE", "TWO", "THREE"].iter().zip(nodes) {
            command.env(format!("TILLGATE_{name}"), format!("127.0.0.1:{node}"));
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let process = command.spawn().expect("HAProxy: `cargo xtask test --only tools` installs it");
        let balancer = Self { port, socket, _folder: folder, _process: process };
        for name in ["one", "two", "three"] {
            balancer.sees(name, true).await;
        }
        balancer
    }

    /// What requests go to.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits until it takes a node for ready, or no longer does.
    pub(crate) async fn sees(&self, name: &str, ready: bool) {
        let wanted = if ready { "UP" } else { "DOWN" };
        until(&format!("{name} is {wanted}"), async || {
            let state = self.state(name).await.map_err(|error| error.to_string())?;
            // Between the two it says how many checks are still wanted, as in "UP 1/2".
            if state == wanted { Ok(()) } else { Err(state) }
        })
        .await;
    }

    async fn state(&self, name: &str) -> std::io::Result<String> {
        let mut socket = UnixStream::connect(&self.socket).await?;
        socket.write_all(b"show stat\n").await?;
        let mut table = String::new();
        socket.read_to_string(&mut table).await?;
        let mut lines =
            table.trim_start_matches("# ").lines().map(|line| line.split(',').collect::<Vec<_>>());
        let names = lines.next().unwrap_or_default();
        let column = |wanted: &str| names.iter().position(|name| *name == wanted).unwrap_or(usize::MAX);
        let (server, status) = (column("svname"), column("status"));
        let state =
            lines.find(|line| line.get(server) == Some(&name)).and_then(|line| Some(*line.get(status)?));
        Ok(state.unwrap_or("unknown").to_owned())
    }
}

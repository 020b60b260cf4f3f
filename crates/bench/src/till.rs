//! The real binary: started on a folder, asked, told to stop.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    time::{MissedTickBehavior, interval, timeout},
};

use crate::{
    connection::Connection,
    error::{Done, During, Trouble},
    process, request,
};

/// The key of gateways on a database that is not theirs alone. It guards nothing here.
const MASTER_KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

/// How long a gateway may take to begin and to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often it is tried whether it listens.
const TRY: Duration = Duration::from_micros(200);

/// How often it is looked at until it has nothing to do, and how much of that time it may be at work then.
const LOOK: Duration = Duration::from_millis(500);
const IDLE: Duration = Duration::from_millis(20);

/// A gateway's folder and how it is started.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The binary.
    pub(crate) binary: PathBuf,
    /// Its working directory; its data is in `data` below it.
    pub(crate) folder: PathBuf,
    /// Which database it uses; `None` for the file in its data directory.
    pub(crate) database: Option<String>,
}

/// A gateway that runs.
pub(crate) struct Till {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its process.
    pub(crate) pid: u32,
    /// From its start to its first answer.
    pub(crate) first_answer: Duration,
    place: Place,
    child: Child,
}

impl Place {
    /// The SQLite file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("data/tillgate.db")
    }

    /// Bytes of the database on the disk, its log included.
    pub(crate) fn bytes(&self) -> u64 {
        let size =
            |name: &str| fs::metadata(self.folder.join("data").join(name)).map_or(0, |file| file.len());
        size("tillgate.db") + size("tillgate.db-wal")
    }

    /// The same gateway on a copy of its data, which nobody may be using.
    pub(crate) fn copied_to(&self, folder: &Path) -> Done<Self> {
        let data = folder.join("data");
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(&data)?;
        for entry in fs::read_dir(self.folder.join("data"))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), data.join(entry.file_name()))?;
            }
        }
        Ok(Self { folder: folder.to_owned(), ..self.clone() })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .current_dir(&self.folder)
            .env_clear()
            .env("TILLGATE_DATA_DIR", "data")
            .env("TILLGATE_LIMITS__REQUESTS_PER_MINUTE", "0")
            .env("TILLGATE_DIALECTS__ALPHA__CHECKOUT_REQUESTS_PER_MINUTE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        if let Some(database) = &self.database {
            // Nodes of one database share a key, so none of them makes it.
            command.env("TILLGATE_DATABASE__URL", database).env("TILLGATE_SECRETS__MASTER_KEY", MASTER_KEY);
        }
        command
    }

    /// Starts it, and waits for the answer to `first`.
    pub(crate) async fn start(&self, first: &[u8]) -> Done<Till> {
        let address = free_port()?;
        let mut command = self.command();
        command.env("TILLGATE_LISTEN", address.to_string());
        // Its log is written as always, and goes nowhere: where it would go is another disk's or program's matter.
        command.stderr(Stdio::null());
        let begun = Instant::now();
        let mut child = command.spawn().during(format!("{} cannot be started", self.binary.display()))?;
        let pid = child.id().ok_or_else(|| Trouble::new("a process without a number"))?;
        let answered = timeout(PATIENCE, first_answer(&mut child, address, first)).await;
        answered.map_err(|_| Trouble::new("the gateway did not answer"))?.during(format!(
            "the gateway did not begin; `{} serve` in {} says why",
            self.binary.display(),
            self.folder.display()
        ))?;
        Ok(Till { address, pid, first_answer: begun.elapsed(), place: self.clone(), child })
    }
}

async fn first_answer(child: &mut Child, address: SocketAddr, first: &[u8]) -> Done {
    let mut tries = interval(TRY);
    tries.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tries.tick().await;
        if let Some(status) = child.try_wait()? {
            return Err(Trouble(format!("it ended: {status}")));
        }
        let Ok(mut connection) = Connection::open(address).await else { continue };
        let answer = connection.ask(first).await?;
        return match answer.status {
            200 | 201 => Ok(()),
            status => Err(Trouble(format!("its first answer was {status}"))),
        };
    }
}

fn free_port() -> Done<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

impl Till {
    /// Runs a command of the binary beside it, and gives its document.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Done<Value> {
        let mut command = self.place.command();
        command.args(arguments).arg("--json").stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = timeout(PATIENCE, command.output()).await.during("a command did not end")??;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Trouble(format!("`tillgate {}`: {said}", arguments.join(" "))));
        }
        serde_json::from_slice(&output.stdout).during(format!("`tillgate {}`", arguments.join(" ")))
    }

    /// Waits until it has nothing to do. A new shop is given addresses for a while.
    pub(crate) async fn settle(&self) -> Done {
        let quiet = async {
            let mut looks = interval(LOOK);
            let mut before = process::cpu(self.pid)?;
            looks.tick().await;
            loop {
                looks.tick().await;
                let now = process::cpu(self.pid)?;
                if now.saturating_sub(before) <= IDLE {
                    return Ok(());
                }
                before = now;
            }
        };
        timeout(PATIENCE, quiet).await.map_err(|_| Trouble::new("the gateway never came to rest"))?
    }

    /// The body of the answer to a GET, as JSON.
    pub(crate) async fn get(&self, path: &str, shop: &crate::shops::Shop) -> Done<Value> {
        let mut connection = Connection::open(self.address).await?;
        let answer = connection.ask(&request::get(path, Some(shop))).await?;
        serde_json::from_slice(answer.body).during(path)
    }

    /// Tells it to stop, and waits for its end.
    pub(crate) async fn stop(mut self) -> Done<Place> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| Trouble::new("a process without a number"))?;
        kill_process(pid, Signal::TERM).during("the gateway is gone")?;
        timeout(PATIENCE, self.child.wait()).await.during("the gateway did not end")??;
        Ok(self.place)
    }
}

//! The real binary as a process of its own, for tests: started in a folder of its own, heard, asked, and ended.
//!
//! It listens on a port that the system picks and says which one in its log, so that nothing is waited for but that
//! line. Every wait is bounded by [`PATIENCE`]. When the handle is dropped, the process is killed.

use std::{
    ffi::OsStr,
    net::TcpListener,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::watch,
    task::JoinHandle,
    time,
};

/// How long a test waits for the process, in whatever it does.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The message of the line that says where it listens.
const LISTENING: &str = "listening";

/// What the process is started with. Starts of one launch use one folder: a second start goes on where the first
/// ended.
pub struct Launch {
    binary: PathBuf,
    folder: TempDir,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
}

/// A process that listens.
pub struct Process {
    /// What its links begin with.
    pub url: String,
    child: Child,
    heard: Heard,
    readers: [JoinHandle<()>; 2],
}

/// A process that has ended.
#[derive(Debug)]
pub struct Ended {
    /// How it ended: 0 for well.
    pub code: Option<i32>,
    /// The signal that ended it, where one did.
    pub signal: Option<i32>,
    /// What it said to programs and people.
    pub output: String,
    /// What it said besides: the log, and why it did not do what it was asked.
    pub log: String,
}

/// What a process has said so far.
#[derive(Clone)]
struct Heard {
    output: Arc<Mutex<Vec<String>>>,
    log: Arc<Mutex<Vec<String>>>,
    /// Changes with every line.
    lines: watch::Sender<usize>,
}

impl Launch {
    /// A launch of `binary` in a folder of its own, on a port that the system picks.
    ///
    /// # Panics
    /// When there is no temporary folder.
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let arguments = ["--listen", "127.0.0.1:0"].map(str::to_owned).to_vec();
        Self { binary: binary.into(), folder, arguments, variables: Vec::new() }
    }

    /// On this port of 127.0.0.1, also in a later life.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.arguments[1] = format!("127.0.0.1:{port}");
        self
    }

    /// With a further argument of `serve`.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// With this environment variable, in `serve` and in commands.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this `tillgate.toml`.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn config(self, text: &str) -> Self {
        std::fs::write(self.folder().join("tillgate.toml"), text).expect("a file in a temporary folder");
        self
    }

    /// The working directory.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.folder().join("tillgate-data")
    }

    /// What `demo.json` says.
    ///
    /// # Panics
    /// When there is none.
    pub fn demo(&self) -> Value {
        let bytes = std::fs::read(self.data_dir().join("demo.json")).expect("a demo file");
        serde_json::from_slice(&bytes).expect("a JSON document")
    }

    /// The secret key of the demo shop in a dialect.
    ///
    /// # Panics
    /// When there is none.
    pub fn demo_key(&self, dialect: &str) -> String {
        self.demo()[dialect]["secret_key"].as_str().expect("a key of that dialect").to_owned()
    }

    /// Starts `serve`, and waits until it listens.
    ///
    /// # Panics
    /// When it ends instead, or takes too long.
    pub async fn start(&self) -> Process {
        self.start_under(&[]).await
    }

    /// Starts `serve` as the last words of another command, which must become our process and not its parent.
    ///
    /// # Panics
    /// When it ends instead, or takes too long.
    pub async fn start_under(&self, words: &[&str]) -> Process {
        let mut process = self.spawn(words);
        let line = process.line(LISTENING).await;
        line["url"].as_str().expect("a URL").clone_into(&mut process.url);
        process
    }

    /// Starts `serve`, and kills it as a crash would: after this time, or as soon as it listens.
    ///
    /// # Panics
    /// When it ends by itself, or cannot be killed.
    pub async fn start_and_kill(&self, after: Duration) {
        let mut process = self.spawn(&[]);
        let _ = time::timeout(after, process.line(LISTENING)).await;
        process.kill().await;
    }

    fn spawn(&self, words: &[&str]) -> Process {
        let mut command = self.command(words, &["serve"]);
        let mut child = command.args(&self.arguments).spawn().expect("the binary can be started");
        let heard = Heard::default();
        let output = child.stdout.take().expect("a pipe");
        let log = child.stderr.take().expect("a pipe");
        let readers = [
            tokio::spawn(heard.clone().listen(output, Arc::clone(&heard.output))),
            tokio::spawn(heard.clone().listen(log, Arc::clone(&heard.log))),
        ];
        Process { url: String::new(), child, heard, readers }
    }

    /// Runs a command to its end.
    ///
    /// # Panics
    /// When it cannot be started, or takes too long.
    pub async fn run(&self, arguments: &[&str]) -> Ended {
        let output = time::timeout(PATIENCE, self.command(&[], arguments).output()).await;
        let output = output.expect("a command that ends").expect("the binary can be started");
        Ended {
            code: output.status.code(),
            signal: output.status.signal(),
            output: String::from_utf8(output.stdout).expect("UTF-8"),
            log: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Runs a command with `--json`, which must succeed, and gives its document.
    ///
    /// # Panics
    /// When it fails, or prints anything else.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["--json"]].concat()).await;
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.log);
        serde_json::from_str(&ended.output).unwrap_or_else(|_| panic!("{arguments:?}: {}", ended.output))
    }

    fn command(&self, words: &[&str], arguments: &[&str]) -> Command {
        let mut all = words.iter().map(OsStr::new).chain([self.binary.as_os_str()]);
        let mut command = Command::new(all.next().unwrap_or_default());
        command
            .args(all)
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

impl Process {
    /// Waits for a line of the log with this message, and gives the newest.
    ///
    /// # Panics
    /// When the process ends first, or it takes too long.
    pub async fn line(&mut self, message: &str) -> Value {
        let mut lines = self.heard.lines.subscribe();
        let found = async {
            loop {
                if let Some(line) = self.heard.find(message) {
                    return line;
                }
                tokio::select! {
                    _ = lines.changed() => {}
                    ended = self.child.wait() => {
                        // What it said last may still be on its way through the pipe.
                        for reader in &mut self.readers {
                            let _ = reader.await;
                        }
                        if let Some(line) = self.heard.find(message) {
                            return line;
                        }
                        panic!("it ended ({ended:?}) and never said {message:?}:\n{}", self.heard.log());
                    }
                }
            }
        };
        let found = time::timeout(PATIENCE, found).await;
        found.unwrap_or_else(|_| panic!("it never said {message:?}:\n{}", self.heard.log()))
    }

    /// Waits for a line of the output that begins like this, and gives it.
    ///
    /// # Panics
    /// When it takes too long.
    pub async fn output_line(&self, beginning: &str) -> String {
        let mut lines = self.heard.lines.subscribe();
        let found = lines.wait_for(|_| self.heard.output_line(beginning).is_some());
        let _ = time::timeout(PATIENCE, found).await;
        self.heard.output_line(beginning).unwrap_or_else(|| panic!("no line begins with {beginning:?}"))
    }

    /// Everything that it has said so far, output and log.
    pub fn said(&self) -> String {
        format!("{}\n{}", text(&self.heard.output), self.heard.log())
    }

    /// Its number.
    ///
    /// # Panics
    /// When it is no longer there.
    pub fn id(&self) -> Pid {
        let id = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        id.expect("a process that runs")
    }

    /// Sends a signal to it.
    ///
    /// # Panics
    /// When it is no longer there.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.id(), signal).expect("a signal");
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it takes too long.
    pub async fn ended(mut self) -> Ended {
        let status: ExitStatus = time::timeout(PATIENCE, self.child.wait())
            .await
            .unwrap_or_else(|_| panic!("it does not end:\n{}", self.heard.log()))
            .expect("a status");
        for reader in &mut self.readers {
            let _ = reader.await;
        }
        let (code, signal) = (status.code(), status.signal());
        Ended { code, signal, output: text(&self.heard.output), log: self.heard.log() }
    }

    /// Tells it to stop, and waits for its end.
    ///
    /// # Panics
    /// When it takes too long.
    pub async fn stop(self) -> Ended {
        self.signal(Signal::TERM);
        self.ended().await
    }

    /// Kills it at once, as a crash would.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("a process that can be killed");
    }
}

impl Drop for Process {
    /// What it said helps whoever reads about a test that failed.
    #[expect(clippy::print_stderr, reason = "a test that fails prints what is known")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the process had said:\n{}", self.said());
        }
    }
}

impl Default for Heard {
    fn default() -> Self {
        Self { output: Arc::default(), log: Arc::default(), lines: watch::Sender::new(0) }
    }
}

impl Heard {
    async fn listen(self, pipe: impl AsyncRead + Unpin, into: Arc<Mutex<Vec<String>>>) {
        let mut lines = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            into.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            self.lines.send_modify(|count| *count += 1);
        }
    }

    fn find(&self, message: &str) -> Option<Value> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines = log.iter().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.find(|line| line["message"] == message)
    }

    fn output_line(&self, beginning: &str) -> Option<String> {
        let output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        output.iter().find(|line| line.trim_start().starts_with(beginning)).map(|line| line.trim().to_owned())
    }

    fn log(&self) -> String {
        text(&self.log)
    }
}

/// A port of 127.0.0.1 on which nobody listens. It is none of those that the system gives to connections, so it stays
/// free until somebody asks for this very one.
///
/// # Panics
/// When all of them are taken.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test processes that run at the same time look in different places.
    let first = u16::try_from(std::process::id() % 10_000).expect("a small number");
    (0..10_000)
        .map(|_| 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

fn text(lines: &Mutex<Vec<String>>) -> String {
    lines.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
}

//! A real PostgreSQL, for tests: started from the distribution's binaries in a temporary folder, on a Unix socket.
//!
//! It ends with the test process, however that ends: a shell holds it, and lets go of it once its own input is closed.

mod folders;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use self::folders::{ACCOUNT, own_as};
pub use self::folders::{as_account, cut_log, lay_out, own_folder, own_folder_at};
use crate::process::free_port;

/// The variable that lets every gateway of a test process use PostgreSQL instead of SQLite, where it says `postgres`.
pub const DATABASE_VARIABLE: &str = "TILLGATE_TEST_DATABASE";

/// Where Debian keeps the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Settings of every server: small, and only on its socket.
const SETTINGS: &[&str] = &["listen_addresses=", "shared_buffers=32MB", "max_connections=120"];

/// The port of a server that has no port of its own: no more than a part of its socket's name.
const PORT: u16 = 5432;

/// What a standby is called by its primary.
pub const STANDBY: &str = "s1";

/// Settings of a server that outlives no test, and so needs no disk.
const FORGETFUL: &[&str] = &["fsync=off", "full_page_writes=off"];

/// Starts a server, and says when it can be spoken to; starts it again, where it has ended, with every line that it is
/// sent; and ends it when nobody holds the other end of its input any more.
const KEEPER: &str = r#"
bin=$1; folder=$2; shift 2
begin() {
  "$bin/postgres" -D "$folder/data" -k "$folder" "$@" >>"$folder/log" 2>&1 </dev/null &
  server=$!
}
is_ready() {
  until "$bin/pg_isready" -q -h "$folder"; do
    kill -0 $server 2>/dev/null || return 1
    sleep 0.02
  done
}
begin "$@"
if is_ready; then echo ready; else echo failed; fi
while read -r _; do
  if is_ready || { begin "$@"; is_ready; }; then echo ready; else echo failed; fi
done
kill -INT $server 2>/dev/null
wait $server
# Whoever holds a server for the whole process never gets to tidy up.
rm -rf "$folder"
"#;

/// Whether this test process runs its gateways on PostgreSQL.
#[expect(clippy::disallowed_methods, reason = "a choice of whoever runs the tests")]
pub fn is_chosen() -> bool {
    std::env::var(DATABASE_VARIABLE).is_ok_and(|value| value == "postgres")
}

/// A server.
pub struct Server {
    keeper: Child,
    /// What its keeper says.
    word: Mutex<BufReader<ChildStdout>>,
    /// Removed with the server.
    folder: TempDir,
    port: u16,
    databases: AtomicU32,
}

impl Server {
    /// A server that keeps nothing when the machine stops; for tests of everything but that.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start() -> Self {
        Self::start_with(FORGETFUL)
    }

    /// A server with these settings, each `name=value`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start_with(settings: &[&str]) -> Self {
        let folder = own_folder();
        lay_out(&folder.path().join("data"));
        Self::serve(folder, settings)
    }

    /// The same with its data in a new folder at this path, which stays: for whoever measures a disk of their choice.
    /// The server's account has to be able to get there.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start_at(data: &Path, settings: &[&str]) -> Self {
        lay_out(data);
        Self::serve_at(data, settings)
    }

    /// A server on data that was [laid out](lay_out) at this path, and stays there.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn serve_at(data: &Path, settings: &[&str]) -> Self {
        let folder = own_folder();
        std::os::unix::fs::symlink(data, folder.path().join("data")).expect("a link to the data");
        Self::serve(folder, settings)
    }

    /// The server of this test process.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A server on a data folder that is already there, in `data` below this one.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn serve(folder: TempDir, settings: &[&str]) -> Self {
        Self::serve_on(PORT, folder, settings)
    }

    /// A server on a port of 127.0.0.1, which takes encrypted connections with this certificate too.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start_encrypted(certificate: &str, key: &str) -> Self {
        let folder = own_folder();
        lay_out(&folder.path().join("data"));
        let keep = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("a file");
            own_as(&path, 0o600);
            path.display().to_string()
        };
        let certificate = format!("ssl_cert_file={}", keep("server.pem", certificate));
        let key = format!("ssl_key_file={}", keep("server.key", key));
        let settings = ["listen_addresses=127.0.0.1", "ssl=on", certificate.as_str(), key.as_str()];
        Self::serve_on(free_port(), folder, &[FORGETFUL, &settings].concat())
    }

    /// A copy of this server that follows it. From now on no commit is answered before the copy has it too.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn standby(&self) -> Self {
        let folder = own_folder();
        let mut backup = as_account(Command::new(programs().join("pg_basebackup")));
        backup.args(["--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream", "--pgdata"]);
        backup
            .arg(folder.path().join("data"))
            .arg("--dbname")
            .arg(format!("host={} user={ACCOUNT} application_name={STANDBY}", self.folder.path().display()));
        run(&mut backup);
        let standby = Self::serve(folder, &[]);
        self.run(&format!("alter system set synchronous_standby_names = '{STANDBY}'"));
        self.run("select pg_reload_conf()");
        standby
    }

    /// Lets a standby take writes.
    ///
    /// # Panics
    /// When it does not.
    pub fn promote(&self) {
        assert_eq!(self.run("select pg_promote()"), "t", "{}", self.log());
    }

    /// Kills the server with all its processes, as a machine would that stops.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&self) {
        let text = fs::read_to_string(self.folder.path().join("data/postmaster.pid")).expect("a pid file");
        let first = text.lines().next().and_then(|line| line.parse().ok());
        let postmaster = first.and_then(Pid::from_raw).expect("a process");
        // First it is kept from starting others.
        kill_process(postmaster, Signal::STOP).expect("a process that runs");
        let number = postmaster.as_raw_nonzero();
        let children = fs::read_to_string(format!("/proc/{number}/task/{number}/children"));
        let children = children.expect("its processes");
        for child in children.split_whitespace().filter_map(|number| Pid::from_raw(number.parse().ok()?)) {
            // One that ended meanwhile is as good.
            let _ = kill_process(child, Signal::KILL);
        }
        kill_process(postmaster, Signal::KILL).expect("a process that is there");
    }

    fn serve_on(port: u16, folder: TempDir, settings: &[&str]) -> Self {
        let mut command = as_account(Command::new("sh"));
        command.args(["-c", KEEPER, "keeper"]).arg(programs()).arg(folder.path());
        for setting in SETTINGS.iter().chain(settings) {
            command.args(["-c", setting]);
        }
        command.env("PGPORT", port.to_string());
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut keeper = command.spawn().expect("a shell");
        let word = Mutex::new(BufReader::new(keeper.stdout.take().expect("its output")));
        let server = Self { keeper, word, folder, port, databases: AtomicU32::new(0) };
        assert!(server.is_ready(), "PostgreSQL did not start:\n{}", server.log());
        server
    }

    /// The keeper's word on whether the server came so far that it can be spoken to.
    fn is_ready(&self) -> bool {
        let mut said = String::new();
        self.word.lock().unwrap_or_else(PoisonError::into_inner).read_line(&mut said).expect("its word");
        said.trim() == "ready"
    }

    /// Starts the server again where it has ended, as whatever starts it with the machine would. Whether it can be
    /// spoken to now.
    ///
    /// # Panics
    /// When nobody is there to start it.
    pub fn revive(&self) -> bool {
        let mut keeper = self.keeper.stdin.as_ref().expect("its input");
        keeper.write_all(b"again\n").expect("a keeper that listens");
        self.is_ready()
    }

    /// The URL of a new and empty database.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn database(&self) -> String {
        self.url(&self.database_name())
    }

    /// The name of a new and empty database.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn database_name(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        if number == 0 {
            return "postgres".to_owned();
        }
        let name = format!("test{number}");
        self.run(&format!("create database {name} template template0 strategy file_copy"));
        name
    }

    /// The URL of the database with this name.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://{ACCOUNT}@/{name}?host={}&port={}", self.folder.path().display(), self.port)
    }

    /// The URL of the first database on either of two servers, whichever takes writes.
    pub fn url_with(&self, other: &Self) -> String {
        let (one, two) = (self.folder.path().display(), other.folder.path().display());
        format!("postgres://{ACCOUNT}@/postgres?host={one},{two}")
    }

    /// Its port, where it has one of its own.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Runs statements as the owner of everything, in the first database, and gives what they say, bare.
    ///
    /// # Panics
    /// When they fail.
    pub fn run(&self, text: &str) -> String {
        self.run_in("postgres", text)
    }

    /// The same in the database with this name.
    ///
    /// # Panics
    /// When they fail.
    pub fn run_in(&self, name: &str, text: &str) -> String {
        let mut command = Command::new(programs().join("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", text]).arg(self.url(name));
        run(&mut command)
    }

    /// Runs a script of psql's in the database with this name, and gives what it says, bare.
    ///
    /// # Panics
    /// When it fails.
    pub fn script(&self, name: &str, text: &str) -> String {
        self.try_script(name, text).expect("a script that runs")
    }

    /// The same, where it may fail.
    ///
    /// # Errors
    /// What the server says.
    ///
    /// # Panics
    /// When it cannot be run at all.
    pub fn try_script(&self, name: &str, text: &str) -> Result<String, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("a script");
        let mut command = Command::new(programs().join("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f"]).arg(file.path());
        let ended = command.arg(self.url(name)).stdin(Stdio::null()).output().expect("a program");
        if !ended.status.success() {
            return Err(String::from_utf8_lossy(&ended.stderr).into_owned());
        }
        Ok(String::from_utf8_lossy(&ended.stdout).trim().to_owned())
    }

    /// Where its socket and its data are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it wrote into its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Where the programs of the newest version are.
///
/// # Panics
/// Where there are none: `cargo xtask test --only tools` installs them.
pub fn programs() -> &'static Path {
    installed().expect("PostgreSQL: `cargo xtask test --only tools` installs it")
}

/// The same; nothing where there are none.
pub fn installed() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
        let newest = versions
            .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
            .filter(|version| Path::new(VERSIONS).join(format!("{version}/bin/postgres")).exists())
            .max();
        newest.map(|version| Path::new(VERSIONS).join(format!("{version}/bin")))
    });
    found.as_deref()
}

/// Runs a program to its end, and gives what it printed.
fn run(command: &mut Command) -> String {
    let ended = command.stdin(Stdio::null()).output().expect("a program");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{command:?} failed:\n{said}");
    String::from_utf8_lossy(&ended.stdout).trim().to_owned()
}

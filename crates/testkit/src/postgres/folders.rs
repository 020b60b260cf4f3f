//! Where a server's data is, and whose.

use std::{
    fs::{self, File, Permissions},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use tempfile::TempDir;

use super::{programs, run};

/// The account that runs the server where the tests are run by root, whom it refuses.
pub(super) const ACCOUNT: &str = "postgres";

/// The command as the account that may run a server.
pub fn as_account(mut command: Command) -> Command {
    if let Some((user, group)) = account() {
        command.uid(user).gid(group);
    }
    command
}

/// User and group of the server's account, where it must be another than ours.
fn account() -> Option<(u32, u32)> {
    static FOUND: OnceLock<Option<(u32, u32)>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let number = |flag: &str| {
            run(Command::new("id").args([flag, ACCOUNT])).trim().parse().expect("a number of an account")
        };
        rustix::process::geteuid().is_root().then(|| (number("-u"), number("-g")))
    })
}

/// An empty folder of the server's account. Its path is short: the name of a socket has 107 bytes at most.
///
/// # Panics
/// When it cannot be made.
pub fn own_folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("tgpg").tempdir_in("/tmp").expect("a temporary folder");
    own_folder_at(folder.path());
    folder
}

/// Gives an empty folder that is there to the server's account.
///
/// # Panics
/// When it cannot.
pub fn own_folder_at(path: &Path) {
    own_as(path, 0o700);
}

/// Lays out the data of a server that was never started, in a new folder at this path.
///
/// # Panics
/// When it cannot.
pub fn lay_out(data: &Path) {
    run(Command::new("cp").arg("-a").arg(template()).arg(data));
}

/// Cuts the log of such a server into files of one mebibyte, the smallest that there are.
///
/// # Panics
/// When it cannot.
pub fn cut_log(data: &Path) {
    let mut command = as_account(Command::new(programs().join("pg_resetwal")));
    run(command.args(["--wal-segsize=1", "--pgdata"]).arg(data));
}

pub(super) fn own_as(path: &Path, mode: u32) {
    if let Some((user, group)) = account() {
        std::os::unix::fs::chown(path, Some(user), Some(group)).expect("a folder for the server's account");
    }
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a closed folder");
}

/// A data folder that was made once, and is copied for each server: making one takes ten times as long.
fn template() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/postgres");
    fs::create_dir_all(&root).expect("a folder");
    let version = programs().parent().and_then(Path::file_name).expect("a version").to_string_lossy();
    let made = root.join(format!("template-{version}"));
    // Of several test processes that begin at once, one makes it.
    let lock = File::create(root.join("lock")).expect("a lock");
    lock.lock().expect("a lock");
    if !made.exists() {
        let folder = own_folder();
        let data = folder.path().join("data");
        let mut command = as_account(Command::new(programs().join("initdb")));
        command.args(["--no-sync", "--no-instructions", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        run(command.args(["--username", ACCOUNT, "--pgdata"]).arg(&data));
        let half = root.join("half");
        let _ = fs::remove_dir_all(&half);
        run(Command::new("cp").arg("-a").arg(&data).arg(&half));
        fs::rename(&half, &made).expect("a template");
    }
    made
}

//! Database files that no gateway can work with, or not two of them at once.

use std::{
    fs,
    os::unix::fs::{FileExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use testkit::process::{Ended, Launch};

use crate::asked::{client, create, launch, text};

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// Bytes of a page.
const PAGE: usize = 4_096;

/// How pages begin that hold keys: <https://www.sqlite.org/fileformat.html#b_tree_pages>.
const INDEX_NODE: u8 = 2;
const INDEX_LEAF: u8 = 10;

async fn serve(launch: &Launch, arguments: &[&str]) -> Ended {
    launch.run(&[&SERVE[..], arguments].concat()).await
}

fn refused(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let error = ended.log.rsplit_once("error: ").map_or("", |(_, error)| error);
    for word in words {
        assert!(error.contains(word), "{word:?} is not in: {}", ended.log);
    }
}

/// Overwrites rows of our tables and of indexes, from this page on. The schema is in a tree of another kind, and stays.
fn overwrite(path: &Path, from: usize) {
    let file = fs::OpenOptions::new().write(true).open(path).expect("a database");
    let bytes = fs::read(path).expect("a database");
    let mut overwritten = 0;
    for (at, page) in (0_u64..).step_by(PAGE).zip(bytes.chunks(PAGE)).skip(from) {
        if matches!(page[0], INDEX_NODE | INDEX_LEAF) {
            file.write_all_at(&[0xa5; PAGE], at).expect("a page");
            overwritten += 1;
        }
    }
    assert!(overwritten > 10, "{overwritten}");
}

#[tokio::test]
async fn one_file_is_for_one_process_however_it_is_named() {
    let launch = launch();
    launch.start().await.stop().await;
    let process = launch.start().await;
    let folder = launch.folder();
    symlink("tillgate-data/tillgate.db", folder.join("link.db")).unwrap();
    symlink("tillgate-data", folder.join("link")).unwrap();
    let absolute = format!("sqlite:{}", launch.data_dir().join("tillgate.db").display());
    let names = ["sqlite:link.db", "sqlite:link/tillgate.db", "sqlite:tillgate-data/../link.db", &absolute];
    for (number, name) in names.into_iter().enumerate() {
        let data = format!("other-{number}");
        let second = serve(&launch, &["--data", &data, "--database", name]).await;
        refused(&second, &["another process runs on", "Stop it first"]);
        let config = folder.join("other.toml");
        fs::write(&config, format!("[database]\nurl = {name:?}\n")).unwrap();
        let migrate = launch.run(&["migrate", "--data", &data, "--config", "other.toml"]).await;
        refused(&migrate, &["another process runs on", "Stop it first"]);
    }
    assert_eq!(process.stop().await.code, Some(0));
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_refused_and_left_alone() {
    let launch = launch();
    let path = launch.folder().join("other.db");
    fs::create_dir(&path).unwrap();
    let other = ["--database", "sqlite:other.db"];
    refused(&serve(&launch, &other).await, &["other.db is no file", "--database sqlite:"]);
    fs::remove_dir(&path).unwrap();
    fs::write(&path, "a letter to a friend ".repeat(100)).unwrap();
    refused(&serve(&launch, &other).await, &["other.db is no database", "name another file"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "a letter to a friend ".repeat(100));
}

#[tokio::test]
async fn a_database_that_is_gone_is_not_begun_anew_by_itself() {
    let launch = launch();
    launch.start().await.stop().await;
    let path = launch.data_dir().join("tillgate.db");
    let kept = fs::read(&path).unwrap();
    fs::write(&path, "").unwrap();
    let words = ["is gone or empty", "restore the newest backup", "tillgate.db.lock"];
    refused(&serve(&launch, &[]).await, &words);
    refused(&launch.run(&["migrate"]).await, &words);
    fs::remove_file(&path).unwrap();
    refused(&serve(&launch, &[]).await, &words);
    assert!(!path.exists());
    fs::write(&path, kept).unwrap();
    launch.start().await.kill().await;
    // As the message says.
    for suffix in ["", "-wal", "-shm", ".lock"] {
        fs::remove_file(launch.data_dir().join(format!("tillgate.db{suffix}"))).unwrap();
    }
    for file in ["demo.json", "demo.headers"] {
        let _ = fs::remove_file(launch.data_dir().join(file));
    }
    launch.start().await;
}

/// A file that may only be read, for as long as this lives.
struct ReadOnly(Option<PathBuf>);

impl ReadOnly {
    /// Root may write whatever it wants, but not into a file that is mounted for reading.
    fn new(path: &Path) -> Self {
        if !rustix::process::geteuid().is_root() {
            fs::set_permissions(path, fs::Permissions::from_mode(0o400)).expect("a file of ours");
            return Self(None);
        }
        let mount = |arguments: &[&str]| {
            let mounted = Command::new("mount").args(arguments).arg(path).status();
            assert!(mounted.is_ok_and(|status| status.success()), "{arguments:?}");
        };
        mount(&["--bind", &path.to_string_lossy()]);
        mount(&["-o", "remount,ro,bind"]);
        Self(Some(path.to_owned()))
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = Command::new("umount").arg(path).status();
        }
    }
}

#[tokio::test]
async fn a_file_that_may_only_be_read_is_refused_with_the_cure() {
    let launch = launch();
    launch.start().await.stop().await;
    let path = launch.data_dir().join("tillgate.db");
    let before = fs::read(&path).unwrap();
    let held = ReadOnly::new(&path);
    refused(&serve(&launch, &[]).await, &["tillgate.db can only be read", "writable for the user"]);
    assert!(before == fs::read(&path).unwrap());
    drop(held);
}

/// Pages of what a start reads before anything else.
const FIRST_PAGES: usize = 5;

#[tokio::test]
async fn a_database_whose_inside_is_damaged_ends_the_start_with_what_to_do() {
    for from in [0, FIRST_PAGES] {
        let launch = launch();
        launch.start().await.stop().await;
        overwrite(&launch.data_dir().join("tillgate.db"), from);
        let ended = serve(&launch, &[]).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let last = ended.log.lines().last().expect("a word");
        for word in ["is damaged", "restore the newest backup", ".recover"] {
            assert!(last.contains(word), "{word:?} is not in: {last}");
        }
    }
}

#[tokio::test]
async fn damage_that_is_met_by_a_read_ends_the_process_with_what_to_do() {
    let launch = launch();
    let first = launch.start().await;
    let key = launch.demo_key("alpha");
    let made = create(&first.url, &key, "order-1").await.json();
    first.stop().await;
    let process = launch.start().await;
    overwrite(&launch.data_dir().join("tillgate.db"), 0);
    let path = format!("{}/v1/payments/{}", process.url, text(&made, "/data/id"));
    // Whoever asks is told nothing, or that it failed; the page that is needed is in no cache of this process.
    let mut asked = tokio::spawn(async move {
        loop {
            let Ok(answer) =
                client().get(&path).header("Authorization", format!("Bearer {key}")).send().await
            else {
                return;
            };
            assert_ne!(answer.status(), 404, "what is damaged is not there");
        }
    });
    let ended = process.ended().await;
    (&mut asked).await.unwrap();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let last = ended.log.lines().last().unwrap();
    assert!(last.contains("the database is damaged") && last.contains(".recover"), "{last}");
}

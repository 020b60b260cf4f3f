//! What a process keeps, whose it is, and what a wrong key or environment leads to.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::asked::{client, create, get, launch, send, text};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("a file").permissions().mode() & 0o777
}

#[tokio::test]
async fn nobody_else_may_read_what_is_kept() {
    let launch = launch();
    let _process = launch.start().await;
    let data = launch.data_dir();
    assert_eq!(mode(&data), 0o700);
    let mut files = 0;
    for entry in fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        files += 1;
    }
    // Database with its two companions, two locks, key, socket, and two files of the demo.
    assert_eq!(files, 9);
}

#[tokio::test]
async fn nobody_else_may_read_a_database_that_was_made_by_hand() {
    let launch = launch();
    // A folder that is open to others, as one is that an operator made.
    fs::create_dir(launch.data_dir()).unwrap();
    fs::set_permissions(launch.data_dir(), fs::Permissions::from_mode(0o755)).unwrap();
    launch.json(&["migrate"]).await;
    for entry in fs::read_dir(launch.data_dir()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_second_process_says_so_and_ends() {
    let launch = launch();
    let _process = launch.start().await;
    let second = launch.run(&["serve", "--listen", "127.0.0.1:0"]).await;
    assert_eq!(second.code, Some(1));
    let reason = "error: another process runs on tillgate-data\n  \
                  Stop it first, or name another data directory with --data.\n";
    assert!(second.log.ends_with(reason), "{}", second.log);
    // Another data directory, and the same file.
    let other = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        "other",
        "--database",
        "sqlite:tillgate-data/tillgate.db",
    ];
    let other = launch.run(&other).await;
    assert!(other.log.contains("error: another process runs on tillgate-data/tillgate.db"), "{}", other.log);
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let launch = launch();
    let process = launch.start().await;
    let address = process.url.strip_prefix("http://").unwrap();
    // Without a command it is serve as well, and takes what serve takes.
    for command in [&["serve"][..], &[]] {
        let ended = launch.run(&[command, &["--data", "other", "--listen", address]].concat()).await;
        assert_eq!(ended.code, Some(1));
        let told = format!("error: cannot listen on {address}: Address already in use");
        assert!(ended.log.contains(&told), "{}", ended.log);
    }
    let mixed = launch.run(&["--listen", address, "payments", "list"]).await;
    assert_eq!(mixed.code, Some(2), "{}", mixed.log);
}

#[tokio::test]
async fn everything_is_there_after_a_kill() {
    let launch = launch();
    let first = launch.start().await;
    let (key, url) = (launch.demo_key("alpha"), first.url.clone());
    let made = create(&url, &key, "order-1").await.json();
    first.kill().await;
    let second = launch.start().await;
    let path = format!("{}/v1/payments/{}", second.url, text(&made, "/data/id"));
    let read = send(client().get(path).header("Authorization", format!("Bearer {key}"))).await;
    assert_eq!((read.status, text(&read.json(), "/data/id")), (200, text(&made, "/data/id")));
    assert_eq!(create(&second.url, &key, "order-1").await.header("idempotent-replayed"), "true");
}

#[tokio::test]
async fn another_environment_or_key_is_refused_with_the_cure() {
    let launch = launch();
    launch.start().await.kill().await;
    let arguments = ["serve", "--listen", "127.0.0.1:0"];
    let rates = "[rates]\nsources = [\"fixed\"]\n";
    let launch = launch.config(rates);
    let staging = launch.run(&[&arguments[..], &["--environment", "staging"]].concat()).await;
    let reason = "error: this database belongs to the test environment, and the configuration says staging: \
                  use another \
                  data directory, or correct `environment`\n";
    assert_eq!(staging.code, Some(1));
    assert!(staging.log.ends_with(reason), "{}", staging.log);
    let key = launch.data_dir().join("master.key");
    let own = fs::read_to_string(&key).unwrap();
    fs::write(&key, "5b".repeat(32)).unwrap();
    let other = launch.run(&arguments).await;
    assert!(other.log.contains("error: this database was sealed with another master key"), "{}", other.log);
    fs::write(&key, "5b").unwrap();
    let short = launch.run(&arguments).await;
    assert!(short.log.contains("a master key is 64 hexadecimal digits"), "{}", short.log);
    fs::remove_file(&key).unwrap();
    let gone = launch.run(&arguments).await;
    assert!(gone.log.contains("master.key is gone, and the database is sealed with it"), "{}", gone.log);
    // A ring: the new key first, the old one behind it.
    fs::write(&key, format!("{}\n{own}", "5b".repeat(32))).unwrap();
    let process = launch.start().await;
    assert_eq!(get(&format!("{}/readyz", process.url)).await.status, 200);
}

#[tokio::test]
async fn a_socket_finds_a_place_where_the_path_is_too_long() {
    let deep = "a".repeat(120);
    let launch = launch().argument("--data").argument(&deep);
    let process = launch.start().await;
    let demo: serde_json::Value =
        serde_json::from_slice(&fs::read(launch.folder().join(&deep).join("demo.json")).unwrap()).unwrap();
    let socket = Path::new(text(&demo, "/operator_socket")).to_owned();
    assert!(socket.as_os_str().len() < 108, "{}", socket.display());
    assert_eq!((mode(&socket), mode(socket.parent().unwrap())), (0o600, 0o700));
    let listed = launch.run(&["shop", "list", "--data", &deep]).await;
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert_eq!(process.stop().await.code, Some(0));
    assert!(!socket.exists());
}

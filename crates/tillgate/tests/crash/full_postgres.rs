//! A full disk under PostgreSQL. Where it holds only tables, the server refuses what needs room, and goes on. Where it
//! holds all that the server has, its log finds no room either, and it falls. A gateway answers for both, and loses
//! nothing.

use std::sync::Arc;

use testkit::{
    merchant::Merchant,
    postgres::{Server, cut_log, lay_out, own_folder, own_folder_at},
    process::Process,
    until::until,
};

use crate::{
    database::Database,
    dice::Seed,
    disk::Disk,
    full::{ANSWERS, DISK, REFUSALS, judge_twice, reads_go_on},
    launch,
    load::Load,
    log::Log,
    open_shop,
    till::Till,
};

/// The alarm of a gateway whose database takes no writes.
const ALARM: &str = "the database cannot take this now";

/// The alarm of one that has lost its database.
const NO_DATABASE: &str = "no connection to the database";

/// What the server says when it falls.
const FALLS: &str = "PANIC:";

/// What PostgreSQL calls a full disk: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
const DISK_FULL: &str = "53100";

/// A server on a small disk. What is first here ends first.
struct Squeezed {
    server: Server,
    disk: Disk,
}

impl Squeezed {
    /// A server with the tables of one database on the disk; nothing where none can be mounted.
    fn tables() -> Option<(Self, Database)> {
        let disk = small_disk()?;
        let server = Server::start_with(&[]);
        server.run(&format!("create tablespace small location '{}'", disk.folder().display()));
        server.run("create database squeezed template template0 tablespace small");
        let database = Database::Postgres(server.url("squeezed"));
        Some((Self { server, disk }, database))
    }

    /// A server with everything on the disk. Its log comes in small files that are never used again, as where a standby
    /// is away that still has to read them.
    fn all() -> Option<(Self, Database)> {
        let disk = small_disk()?;
        let data = disk.folder().join("data");
        lay_out(&data);
        cut_log(&data);
        let server = Server::serve_at(&data, &["wal_keep_size=1GB"]);
        let database = Database::Postgres(server.database());
        Some((Self { server, disk }, database))
    }
}

/// A small disk for the server's account; nothing where none can be mounted.
fn small_disk() -> Option<Disk> {
    // Only its name is taken: who mounts the disk makes the folder, and takes both away.
    let place = own_folder().path().to_owned();
    let disk = Disk::mount(&place, DISK)?;
    own_folder_at(&place);
    Some(disk)
}

/// A gateway under load.
struct Scene {
    till: Arc<Till>,
    process: Process,
    log: Arc<Log>,
    load: Load,
    merchant: Merchant,
}

impl Scene {
    async fn open(database: Database) -> Self {
        let merchant = Merchant::start().await;
        let till = open_shop(launch(&database), database, &merchant).await;
        let process = till.start().await;
        let log = Arc::new(Log::default());
        let load = Load::start(&till, &log, Seed::pick());
        let mut scene = Self { till, process, log, load, merchant };
        scene.answered().await;
        scene
    }

    /// Waits until so many more writes were answered.
    async fn answered(&mut self) {
        let more = self.log.counts().answered + ANSWERS;
        self.load.during(self.log.until(|counts| counts.answered >= more)).await;
    }

    /// Waits until so many more were refused, each as it has to be.
    async fn refused(&mut self) {
        let more = self.log.counts().refused + REFUSALS;
        self.load.during(self.log.until(|counts| counts.refused >= more)).await;
    }

    /// Waits until writes are answered as before, and none is refused any more.
    async fn healed(&mut self) {
        self.answered().await;
        let refused = self.log.counts().refused;
        self.answered().await;
        assert_eq!(self.log.counts().refused, refused, "with room again, it goes on refusing");
    }
}

#[tokio::test]
async fn tables_on_a_full_disk_refuse_writes_and_heal_by_themselves() {
    let Some((squeezed, database)) = Squeezed::tables() else { return };
    let mut scene = Scene::open(database).await;
    let connected = squeezed.server.run("select pg_postmaster_start_time()");

    scene.till.expect_refusals();
    squeezed.disk.fill();
    scene.refused().await;
    scene.load.during(reads_go_on(&scene.till)).await;
    scene.refused().await;
    let said = scene.process.said();
    let alarm = said.lines().find(|line| line.contains(ALARM)).expect("an alarm");
    assert!(alarm.contains(DISK_FULL), "{alarm}");

    squeezed.disk.make_room();
    scene.healed().await;
    let Scene { till, process, log, load, merchant } = scene;
    load.finish().await;
    judge_twice(&till, &log, &merchant, process).await;
    assert_eq!(squeezed.server.run("select pg_postmaster_start_time()"), connected, "the server fell");
    assert!(!squeezed.server.log().contains(FALLS), "the server fell:\n{}", squeezed.server.log());
}

#[tokio::test]
async fn a_server_that_falls_because_its_disk_is_full_loses_nothing_that_was_answered() {
    let Some((squeezed, database)) = Squeezed::all() else { return };
    let mut scene = Scene::open(database).await;

    scene.till.expect_refusals();
    squeezed.disk.fill();
    scene.refused().await;
    // What is left of the file that was begun would last for many refusals. Whoever writes next needs a new one.
    let _ = squeezed.server.try_script("postgres", "select pg_switch_wal()");
    let fallen = until("the server has fallen", async || {
        if squeezed.server.log().contains(FALLS) { Ok(()) } else { Err(squeezed.server.log()) }
    });
    scene.load.during(fallen).await;
    scene.refused().await;
    scene.load.during(reads_are_told_when(&scene.till)).await;
    scene.refused().await;
    let said = scene.process.said();
    assert!(said.contains(NO_DATABASE), "{said}");

    squeezed.disk.make_room();
    assert!(squeezed.server.revive(), "{}", squeezed.server.log());
    scene.healed().await;
    let Scene { till, process, log, load, merchant } = scene;
    load.finish().await;
    judge_twice(&till, &log, &merchant, process).await;
}

#[tokio::test]
async fn a_first_start_on_a_full_disk_says_so_and_changes_nothing_on_postgres_either() {
    let Some((squeezed, database)) = Squeezed::tables() else { return };
    let launch = launch(&database);
    let tables = "select count(*) from pg_tables where schemaname = 'public' and tablename = 'payments'";
    // Whoever connects first makes a file for the others, and is turned away where there is no room for that.
    assert_eq!(squeezed.server.run_in("squeezed", tables), "0");
    squeezed.disk.fill();
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"]] {
        let full = launch.run(arguments).await;
        let told = (full.code, full.log.contains("its disk is full") && full.log.contains("make room"));
        assert_eq!(told, (Some(1), true), "{}", full.log);
        assert_eq!(squeezed.server.run_in("squeezed", tables), "0");
    }
    squeezed.disk.make_room();
    let process = launch.start().await;
    let key = launch.demo_key("alpha");
    process.kill().await;
    let till = Till::new(launch, database, key);
    let _process = till.start().await;
    let life = till.life();
    let Ok(made) = till.ask(&life, life.create("order-1")).await else { panic!("no answer") };
    assert_eq!(made.status, 201, "{}", made.body);
}

/// The process itself is well. Whoever reads is answered, or told when to ask again: the server may be up at any
/// moment, until it has to write.
async fn reads_are_told_when(till: &Till) {
    let life = till.life();
    let Ok(alive) = till.ask(&life, life.get("/healthz")).await else { panic!("no answer") };
    assert_eq!(alive.status, 200, "nobody should restart it for this: {}", alive.body);
    let Ok(ready) = till.ask(&life, life.get("/readyz")).await else { panic!("no answer") };
    assert!(matches!(ready.status, 200 | 503), "{}", ready.body);
    let Ok(answer) = till.ask(&life, life.read("/payments?limit=100")).await else { panic!("no answer") };
    assert!(answer.status == 200 || till.is_refusal(&answer, "service_unavailable"), "{}", answer.body);
}

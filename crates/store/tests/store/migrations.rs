//! Bringing databases to this version, and refusing those that are beyond it.

use store::{OpenError, SCHEMA_VERSION, Settings, Store};

use crate::support::{Database, on_both};

on_both! {
    a_new_database_is_made_and_opened_again_without_a_change;
    a_newer_schema_is_refused_unless_it_says_that_we_may;
    several_that_begin_at_once_make_one_schema;
    each_migration_may_come_by_itself;
}

/// Writes into the history that a migration of a later version ran.
fn pretend_newer(database: &Database, compatible_from: u32) {
    let next = SCHEMA_VERSION + 1;
    database.run(&format!(
        "insert into refinery_schema_history (version, name, applied_on, checksum)
           values ({next}, 'later', '2030-01-01T00:00:00Z', '1');
         update compatibility set compatible_from = {compatible_from};"
    ));
}

async fn a_new_database_is_made_and_opened_again_without_a_change(database: Database) {
    let settings = database.settings();
    let plan = Store::plan(&settings).unwrap();
    assert_eq!((plan.current, plan.pending.last().unwrap().0), (0, SCHEMA_VERSION));
    if let Settings::Sqlite { path, .. } = &settings {
        assert!(!path.exists(), "a plan makes nothing");
    }
    drop(database.open());
    let plan = Store::plan(&settings).unwrap();
    assert_eq!((plan.current, plan.pending.len()), (SCHEMA_VERSION, 0));
    drop(database.open());
}

async fn a_newer_schema_is_refused_unless_it_says_that_we_may(database: Database) {
    drop(database.open());
    pretend_newer(&database, SCHEMA_VERSION);
    drop(database.try_open().expect("a newer schema that names this version as good enough"));
    database.run(&format!("update compatibility set compatible_from = {}", SCHEMA_VERSION + 1));
    let refused = database.try_open().err().expect("a schema beyond this version").to_string();
    assert!(refused.contains("Start the newer version"), "{refused}");
}

async fn several_that_begin_at_once_make_one_schema(database: Database) {
    let opened: Vec<Result<Store, OpenError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| database.try_open())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for store in opened {
        assert!(store.is_ok(), "{}", store.err().unwrap());
    }
}

/// How a migration is undone, on SQLite and on PostgreSQL.
struct Undo {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// Each migration after the first, which makes everything.
const UNDO: &[Undo] = &[
    Undo {
        name: "nodes",
        sqlite: "drop table nodes; drop table leases; alter table deliveries drop column leased_by;",
        postgres: "drop table nodes; drop table leases; alter table deliveries drop column leased_by;",
    },
    Undo {
        name: "idempotency_slices",
        sqlite: "drop table idempotency;
                 create table idempotency (shop_id blob not null, dialect text not null, key text not null,
                   fingerprint blob not null, payment_id blob not null, created_at integer not null,
                   primary key (shop_id, dialect, key)) strict, without rowid;
                 create index idempotency_by_age on idempotency (created_at);
                 update compatibility set compatible_from = 1;",
        postgres: "alter table idempotency drop column slice;",
    },
    Undo {
        name: "rates",
        sqlite: "alter table shops drop column spread_ppm; alter table payments drop column spread_ppm;",
        postgres: "alter table shops drop column spread_ppm; alter table payments drop column spread_ppm;",
    },
    Undo { name: "mails", sqlite: "drop table mails;", postgres: "drop table mails;" },
    Undo { name: "numbers_and_signers", sqlite: NUMBERS_AND_SIGNERS, postgres: NUMBERS_AND_SIGNERS },
    Undo { name: "buyers", sqlite: BUYERS, postgres: BUYERS },
];

const BUYERS: &str = "drop table senders; alter table payments drop column questions;
    drop table fixed_rates; alter table payments drop column fixes_rates;";

const NUMBERS_AND_SIGNERS: &str = "drop index payments_by_confirm_by;
    drop table number_counters; drop table numbers; drop table payment_references;
    drop table client_addresses; drop table balances;
    alter table credentials drop column secret; alter table credentials drop column public_key;
    alter table deliveries drop column waits_for; alter table events drop column facts;
    alter table payments drop column number; alter table payments drop column choice_window;
    alter table payments drop column confirm_limit; alter table payments drop column confirm_by;
    alter table receipts drop column number; alter table addresses drop column number;
    alter table addresses drop column client_address_id;";

/// A database of a version before is brought to this one, whichever that was.
async fn each_migration_may_come_by_itself(database: Database) {
    assert_eq!(UNDO.len() + 1, SCHEMA_VERSION as usize, "a migration cannot be undone here");
    drop(database.open());
    for kept in (1..SCHEMA_VERSION).rev() {
        let undone = &UNDO[kept as usize - 1..];
        for undo in undone.iter().rev() {
            database.run(if matches!(database, Database::Sqlite(_)) { undo.sqlite } else { undo.postgres });
        }
        database.run(&format!("delete from refinery_schema_history where version > {kept};"));
        let plan = Store::plan(&database.settings()).unwrap();
        let pending: Vec<(u32, String)> =
            (kept + 1..).zip(undone.iter().map(|undo| undo.name.to_owned())).collect();
        assert_eq!((plan.current, plan.pending), (kept, pending));
        drop(database.open());
    }
    drop(database.open());
    assert_eq!(Store::plan(&database.settings()).unwrap().current, SCHEMA_VERSION);
}

#[test]
fn a_file_that_is_no_database_is_refused_with_its_name() {
    let database = Database::sqlite();
    let Settings::Sqlite { path, .. } = database.settings() else { unreachable!("a file") };
    std::fs::write(&path, "this is not a database, but long enough to be read as one".repeat(20)).unwrap();
    let refused = database.try_open().err().expect("no database").to_string();
    assert!(refused.contains("test.db"), "{refused}");
}

/// What a database says that cannot be used, and what to do about it.
fn refused(url: &str) -> String {
    let settings = Settings::Postgres { url: url.parse().unwrap(), connections: 2 };
    Store::plan(&settings).expect_err("a database that cannot be used").to_string()
}

#[test]
fn a_shared_database_that_cannot_keep_money_is_refused_with_the_cure() {
    let server = testkit::postgres::Server::shared();
    let expect = |url: &str, words: &[&str]| {
        let said = refused(url);
        assert!(words.iter().all(|word| said.contains(word)), "{url}: {said}");
    };
    let _first = server.database_name();
    expect("postgres://me@/till?host=/nowhere", &["/nowhere", "Check that the server runs"]);
    expect("postgres://me:secret@127.0.0.1:1/till", &["refused", "Check that the server runs"]);
    assert!(!refused("postgres://me:secret@127.0.0.1:1/till").contains("secret"));
    expect(&server.url("absent"), &["does not exist", "createdb"]);
    server.run("create database latin encoding 'LATIN1' locale 'C' template template0");
    expect(&server.url("latin"), &["encoding is LATIN1", "--encoding=UTF8"]);
    let foreign = server.database_name();
    server.run_in(&foreign, "create table orders (id integer)");
    expect(&server.url(&foreign), &["tables of another program", "createdb"]);
    assert_eq!(server.run_in(&foreign, "select count(*) from pg_tables where schemaname = 'public'"), "1");
    let standing = server.database_name();
    server.run(&format!("alter database {standing} set default_transaction_read_only = on"));
    expect(&server.url(&standing), &["Check that the server runs, takes writes"]);
    server.run("create role stranger login password 'x'");
    let unknown = server.url(&standing).replace("postgres@", "nobody@");
    expect(&unknown, &["role \"nobody\" does not exist", "user and password"]);
}

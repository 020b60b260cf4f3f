//! A schema that a newer version has added to, under nodes that do not know of it.

use std::sync::Arc;

use store::SCHEMA_VERSION;
use testkit::{merchant::Merchant, postgres::Server};

use crate::{
    fleet::{Node, check_books, launch},
    load::{Load, Rule},
    shop::Shop,
};

/// Orders before and after the migration, each.
const ORDERS: usize = 50;

/// A migration that only adds, as every one has to: columns with and without a default, a table, an index. It notes
/// itself as the newer version would.
fn newer() -> String {
    let version = SCHEMA_VERSION + 1;
    format!(
        "begin;
         set local lock_timeout = '5s';
         alter table payments add column priority bigint not null default 0, add column colour text;
         alter table events add column colour text;
         alter table shops add column colour text not null default 'blue';
         create table colours (id uuid not null, shop_id uuid not null, primary key (id, shop_id));
         create index payments_by_colour on payments (shop_id, colour) where colour is not null;
         insert into refinery_schema_history (version, name, applied_on, checksum)
           values ({version}, 'colours', '2026-01-01T00:00:00Z', '1');
         update compatibility set compatible_from = {SCHEMA_VERSION} where id = 1;
         commit"
    )
}

/// Begins again where it and the load waited for each other, as a migration of ours does.
fn migrate(server: &Server, name: &str) {
    for _ in 0..10 {
        match server.try_script(name, &newer()) {
            Ok(_) => return,
            Err(said) => assert!(said.contains("deadlock") || said.contains("lock timeout"), "{said}"),
        }
    }
    panic!("a migration that never gets through");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_go_on_while_a_newer_version_adds_to_their_schema() {
    let server = Server::start();
    let name = server.database_name();
    let database = server.url(&name);
    let merchant = Merchant::start().await;
    let node = Node::start(&database).await;
    let shop = Arc::new(Shop::open(&node.launch, &merchant).await);
    let mut load = Load::start(&shop, &[node.url().to_owned()], Rule::NothingFails);
    load.more(ORDERS).await;
    migrate(&server, &name);
    load.more(ORDERS).await;
    // An older binary starts on it too: a node that fails during an upgrade comes back.
    let late = Node::start(&database).await;
    let made = load.finish(late.url()).await;
    assert!(made >= 2 * ORDERS);
    let paid = shop.create(late.url(), "paid").await;
    node.pay(&paid).await;
    shop.reaches(late.url(), &paid, "completed").await;
    for node in [node, late] {
        node.process.stop().await;
    }
    check_books(&database).await;

    // Once what the older one needs is gone, the schema says so, and it does not start.
    server.run_in(&name, &format!("update compatibility set compatible_from = {}", SCHEMA_VERSION + 1));
    let ended = launch(&database).run(&["serve"]).await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.log.contains("Start the newer version"), "{}", ended.log);
}

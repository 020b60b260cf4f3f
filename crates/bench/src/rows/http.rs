//! Requests to a gateway that has stored nothing yet, beside what the disk and the load generator can do at all.

use std::sync::Arc;

use crate::{
    disk,
    error::Done,
    load::Ask,
    postgres::{NAME, Peer},
    receiver::{Manner, Receiver},
    request::{self, Create},
    run::{Run, open},
    shops::{self, Shop},
    till::{Place, Till},
};

/// A file of the program: about 250 bytes, and their head.
pub(crate) const STATIC: &str = "/assets/page-0.svg";

/// How many at once creations are measured with.
pub(crate) const CONNECTIONS: [usize; 4] = [1, 16, 64, 256];

/// How many clients pgbench has at most: each is a connection to the database.
const PEERS: usize = 64;

/// The row of a static answer.
pub(crate) fn static_row(connections: usize) -> String {
    format!("static GET, {connections} conn.")
}

/// The row of a request that is read and stores nothing.
pub(crate) fn noop_row(connections: usize) -> String {
    format!("no-op POST, {connections} conn.")
}

/// The row of creations.
pub(crate) fn create_row(database: &str, connections: usize) -> String {
    format!("create on {database}, {connections} conn.")
}

/// The row of pgbench, which runs the same statements.
pub(crate) fn pgbench_row(clients: usize) -> String {
    format!("pgbench, the same statements, {clients} conn.")
}

/// A gateway on another database, in turns with the one on SQLite.
struct Other {
    name: String,
    place: Place,
    shops: Vec<Shop>,
    /// What else runs on that server.
    peer: Option<Peer>,
}

/// Measures.
pub(crate) async fn measure(run: &mut Run) -> Done {
    let others = others(run).await?;
    for round in 1..=run.scale.rounds {
        println!("http, round {round}");
        let bare = Receiver::start(Manner::Full).await?;
        let till = run.fresh("http").await?;
        generator(run, &bare, &till).await?;
        let shops = run.seed.shops.clone();
        for connections in [1, 64] {
            let reading = run.load(&till, connections, request::only(request::get(STATIC, None))).await?;
            run.book.load(&static_row(connections), None, reading);
            let reading = run.load(&till, connections, Create::refused(&shops)).await?;
            run.book.load(&noop_row(connections), Some(&static_row(connections)), reading);
        }
        creations(run, &till, "SQLite", &shops, None).await?;
        till.stop().await?;
        for other in &others {
            let till = open(&other.place).await?;
            creations(run, &till, &other.name, &other.shops, other.peer.as_ref()).await?;
            till.stop().await?;
        }
    }
    Ok(())
}

/// The other databases, with shops in them: PostgreSQL where it is installed, and those that are named.
async fn others(run: &Run) -> Done<Vec<Other>> {
    let mut others = Vec::new();
    if let Some(peer) = Peer::start(run).await? {
        let place = peer.place(run)?;
        others.push(Other { name: NAME.to_owned(), place, shops: Vec::new(), peer: Some(peer) });
    }
    for (number, url) in run.options.database.iter().enumerate() {
        let name = format!("{} {}", url.split(':').next().unwrap_or(url), number + 1);
        let folder = run.dir.join(format!("http-other-{number}"));
        std::fs::create_dir_all(&folder)?;
        let place = Place { folder, database: Some(url.to_owned()), ..run.seed.place.clone() };
        others.push(Other { name, place, shops: Vec::new(), peer: None });
    }
    for other in &mut others {
        println!("making {} shops on {}", shops::SHOPS, other.name);
        let till = open(&other.place).await?;
        other.shops = shops::open(&till, shops::SHOPS).await?;
        till.stop().await?;
    }
    Ok(others)
}

/// What the load generator does where the other side costs next to nothing.
async fn generator(run: &mut Run, bare: &Receiver, till: &Till) -> Done {
    let mut plan = run.plan(till, 64, request::only(request::get("/", None)));
    (plan.address, plan.pid) = (bare.address, std::process::id());
    let reading = plan.run().await?;
    run.book.load("load generator alone, 64 conn.", None, reading);
    Ok(())
}

async fn creations(run: &mut Run, till: &Till, database: &str, shops: &[Shop], peer: Option<&Peer>) -> Done {
    let ask: Arc<dyn Ask> = Create::working(shops);
    for connections in CONNECTIONS {
        if connections == 1 {
            let (dir, time) = (run.dir.clone(), run.scale.run / 2);
            disk::probe(&mut run.book, &dir, time)?;
        }
        let reading = run.load(till, connections, Arc::clone(&ask)).await?;
        let reference = noop_row(if connections == 1 { 1 } else { 64 });
        run.book.load(&create_row(database, connections), Some(&reference), reading);
        if let Some(peer) = peer.filter(|_| connections <= PEERS) {
            let reading = peer.run(run, connections).await?;
            run.book.load(&pgbench_row(connections), None, reading);
        }
    }
    Ok(())
}

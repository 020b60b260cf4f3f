//! Requests to a gateway that has stored nothing yet, beside what the disk and the load generator can do at all.

use std::sync::Arc;

use crate::{
    disk,
    error::{Done, Trouble},
    load::Ask,
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

/// Measures.
pub(crate) async fn measure(run: &mut Run) -> Done {
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
        creations(run, &till, "SQLite", &shops).await?;
        till.stop().await?;
        for url in run.options.database.clone() {
            other_database(run, &url).await?;
        }
    }
    Ok(())
}

/// What the load generator does where the other side costs next to nothing.
async fn generator(run: &mut Run, bare: &Receiver, till: &Till) -> Done {
    let mut plan = run.plan(till, 64, request::only(request::get("/", None)));
    (plan.address, plan.pid) = (bare.address, std::process::id());
    let reading = plan.run().await?;
    run.book.load("load generator alone, 64 conn.", None, reading);
    Ok(())
}

async fn creations(run: &mut Run, till: &Till, database: &str, shops: &[Shop]) -> Done {
    let ask: Arc<dyn Ask> = Create::working(shops);
    for connections in CONNECTIONS {
        if connections == 1 {
            let (dir, time) = (run.dir.clone(), run.scale.run / 2);
            disk::probe(&mut run.book, &dir, time)?;
        }
        let reading = run.load(till, connections, Arc::clone(&ask)).await?;
        let reference = noop_row(if connections == 1 { 1 } else { 64 });
        run.book.load(&create_row(database, connections), Some(&reference), reading);
    }
    Ok(())
}

/// Creations on a database that is named, in shops that are made for them.
async fn other_database(run: &mut Run, url: &str) -> Done {
    let name = url.split(':').next().unwrap_or(url).to_owned();
    let folder = run.dir.join(format!("http-{name}"));
    // The master key is in the folder, and the database knows it: one folder serves every round.
    std::fs::create_dir_all(&folder)?;
    let place = Place { folder, database: Some(url.to_owned()), ..run.seed.place.clone() };
    let till = open(&place).await?;
    let shops = shops::open(&till).await?;
    if shops.is_empty() {
        return Err(Trouble::new("no shops"));
    }
    creations(run, &till, &name, &shops).await?;
    till.stop().await?;
    Ok(())
}

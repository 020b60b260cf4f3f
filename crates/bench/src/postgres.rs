//! A PostgreSQL of the benchmark's own, on the same disk as everything else, with pgbench as its peer.

use std::path::PathBuf;

use testkit::postgres::{Server, installed};

use crate::{
    connection::Connection,
    error::{Done, Trouble},
    figures::Reading,
    pgbench::{Parameter, STALE, Script},
    random::Random,
    recording::{self, PREFIX},
    request::Create,
    run::{Run, open},
    shops,
    till::{Place, Till},
};

/// What a small server in production has. Everything about durability is as PostgreSQL comes: on.
const SETTINGS: &[&str] =
    &["shared_buffers=512MB", "synchronous_commit=on", "fsync=on", "full_page_writes=on", PREFIX];

/// The name in rows.
pub(crate) const NAME: &str = "PostgreSQL";

/// The server, and what pgbench runs on it.
pub(crate) struct Peer {
    server: Server,
    program: PathBuf,
    folder: PathBuf,
    /// Where the script's shop is. No gateway runs there.
    recorded: String,
    script: Script,
}

impl Peer {
    /// Starts the server, and records what a creation does; nothing where its programs are not installed.
    pub(crate) async fn start(run: &Run) -> Done<Option<Self>> {
        if run.options.no_postgres {
            return Ok(None);
        }
        let Some(programs) = installed() else {
            eprintln!("PostgreSQL is left out: `cargo xtask test --only tools` installs it");
            return Ok(None);
        };
        let folder = run.dir.join("postgres");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        let server = Server::start_at(&folder.join("data"), SETTINGS);
        let (recorded, script) = record(run, &server).await?;
        if !script.is_committed() {
            eprintln!("{STALE}");
        }
        Ok(Some(Self { server, program: programs.join("pgbench"), folder, recorded, script }))
    }

    /// A gateway that has not begun, on a new database.
    pub(crate) fn place(&self, run: &Run) -> Done<Place> {
        place(run, "http-postgres", self.server.database())
    }

    /// What pgbench does with so many clients.
    pub(crate) async fn run(&self, run: &Run, clients: usize) -> Done<Reading> {
        let (folder, times) = (self.folder.join("pgbench"), [run.scale.warm, run.scale.run]);
        self.script.run(&self.program, &folder, &self.recorded, clients, times).await
    }

    /// What it runs.
    pub(crate) const fn script(&self) -> &Script {
        &self.script
    }
}

/// A folder for a gateway on another database.
fn place(run: &Run, name: &str, url: String) -> Done<Place> {
    let folder = run.dir.join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(Place { folder, database: Some(url), ..run.seed.place.clone() })
}

/// Makes two payments while the server writes down every statement. Gives where, and the script.
async fn record(run: &Run, server: &Server) -> Done<(String, Script)> {
    let name = server.database_name();
    server.run(&format!("alter database {name} set log_statement = 'all'"));
    let till = open(&place(run, "recording", server.url(&name))?).await?;
    let shops = shops::open(&till, 1).await?;
    let shop = shops.first().and_then(shops::Shop::uuid).ok_or_else(|| Trouble::new("no shop"))?;
    let create = Create::working(&shops);
    let mut random = Random::new(u64::from(std::process::id()));
    let mut creation = || {
        let mut request = Vec::new();
        create.write(&mut random, &mut request);
        request
    };
    // That a key is used is written down by and by, and not for each creation.
    create_one(&till, &creation()).await?;
    till.settle().await?;
    let before = server.log().len();
    for request in [creation(), creation()] {
        create_one(&till, &request).await?;
    }
    let answered = server.log().len();
    till.stop().await?;
    server.run(&format!("alter database {name} reset log_statement"));
    let (log, shop) = (server.log(), Parameter::Id(shop));
    // What began before the answer and ends after it belongs to the creation: nobody waits for the end of a read.
    let (log, during) = (log.get(before..).unwrap_or_default(), answered.saturating_sub(before));
    let creations = recording::creations(log, during, &shop)?;
    Ok((server.url(&name), Script::of(&creations, &shop)?))
}

async fn create_one(till: &Till, request: &[u8]) -> Done {
    let mut connection = Connection::open(till.address).await?;
    match connection.ask(request).await?.status {
        201 => Ok(()),
        status => Err(Trouble(format!("a creation was answered {status}"))),
    }
}

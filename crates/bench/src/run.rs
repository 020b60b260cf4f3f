//! One run: what is measured, on what, and what was read.

use std::{path::PathBuf, sync::Arc};

use crate::{
    error::{Done, Trouble},
    figures::{Book, Reading},
    load::{Ask, Load},
    options::{Options, Scale},
    request,
    shops::Seed,
    till::{Place, Till},
};

/// A run.
pub(crate) struct Run {
    /// How much is measured.
    pub(crate) scale: Scale,
    /// What the caller asked for.
    pub(crate) options: Options,
    /// Where databases are made.
    pub(crate) dir: PathBuf,
    /// What was read.
    pub(crate) book: Book,
    /// What gateways begin as.
    pub(crate) seed: Seed,
}

impl Run {
    /// Makes everything ready.
    pub(crate) async fn prepare(options: Options) -> Done<Self> {
        let find = |path: &PathBuf| std::fs::canonicalize(path);
        let binary = find(&options.binary).map_err(|_| {
            let path = options.binary.display();
            Trouble(format!("{path} is not there; `cargo build --release -p tillgate` makes it"))
        })?;
        std::fs::create_dir_all(&options.dir)?;
        let dir = find(&options.dir)?;
        let seed = Seed::plant(&binary, &dir).await?;
        Ok(Self { scale: options.scale(), options, dir, book: Book::default(), seed })
    }

    /// A gateway on a copy of the seed.
    pub(crate) async fn fresh(&self, name: &str) -> Done<Till> {
        open(&self.seed.copy(&self.dir, name)?).await
    }

    /// Has a gateway asked by so many connections at once, for as long as this run's loads are.
    pub(crate) async fn load(&self, till: &Till, connections: usize, ask: Arc<dyn Ask>) -> Done<Reading> {
        self.plan(till, connections, ask).run().await
    }

    /// The same, before it begins.
    pub(crate) fn plan(&self, till: &Till, connections: usize, ask: Arc<dyn Ask>) -> Load {
        let Scale { warm, run, .. } = self.scale;
        Load { address: till.address, pid: till.pid, connections, warm, run, ask }
    }
}

/// Starts a gateway, and waits until it has nothing to do.
pub(crate) async fn open(place: &Place) -> Done<Till> {
    let till = place.start(&request::get("/healthz", None)).await?;
    till.settle().await?;
    Ok(till)
}

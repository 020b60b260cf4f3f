//! Reconcilers: each looks at what there is, does what is missing, and looks again.
//!
//! A worker takes no input. It is woken by a hint, which says nothing but "look", and by its own period; losing every
//! hint only adds latency. It may run twice at once, on two nodes, and may die at any line: whatever it does is
//! decided in a transaction of the engine, which tells what was done already.

pub mod deliver;
pub mod expire;
pub mod mail;
pub mod membership;
pub mod rates;
pub mod reconcile;
pub mod upkeep;
pub mod watch;

use std::time::Duration;

use engine::Engine;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{deliver::Deliverer, mail::Postman, rates::Asker, watch::Watcher};

/// What the workers are given to reach the outside world with.
pub struct Plan {
    /// Who follows the chains: one for each network.
    pub watchers: Vec<Watcher>,
    /// Who sends callbacks.
    pub deliverer: Deliverer,
    /// Who asks what things are worth; none where a table says it.
    pub asker: Option<Asker>,
    /// Who sends mails, or keeps them.
    pub postman: Postman,
}

/// Workers that run.
pub struct Workers {
    stop: CancellationToken,
    tasks: JoinSet<()>,
    leave: CancellationToken,
    membership: JoinSet<()>,
}

/// Starts every worker there is.
pub fn start(engine: &Engine, plan: Plan) -> Workers {
    let (stop, leave) = (CancellationToken::new(), CancellationToken::new());
    let (mut tasks, mut membership) = (JoinSet::new(), JoinSet::new());
    membership.spawn(membership::run(engine.clone(), leave.clone()));
    tasks.spawn(membership::hear(engine.clone(), stop.clone()));
    for watcher in plan.watchers {
        tasks.spawn(watch::run(watcher, stop.clone()));
    }
    tasks.spawn(deliver::run(plan.deliverer, stop.clone()));
    if let Some(asker) = plan.asker {
        tasks.spawn(rates::run(asker, stop.clone()));
    }
    tasks.spawn(mail::run(plan.postman, stop.clone()));
    tasks.spawn(expire::run(engine.clone(), stop.clone()));
    tasks.spawn(upkeep::derive(engine.clone(), stop.clone()));
    tasks.spawn(upkeep::prune(engine.clone(), stop.clone()));
    tasks.spawn(upkeep::note_last_use(engine.clone(), stop.clone()));
    Workers { stop, tasks, leave, membership }
}

impl Workers {
    /// Lets every worker finish what it does, and ends it; whoever takes longer than `within` is cut off, which loses
    /// nothing that was decided. Then this node lets go of what it had leased.
    pub async fn stop(mut self, within: Duration) {
        self.stop.cancel();
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(within, ended).await.is_err() {
            tracing::warn!("some workers were cut off; what they had begun is taken up by the next start");
            self.tasks.shutdown().await;
        }
        self.leave.cancel();
        let left = async { while self.membership.join_next().await.is_some() {} };
        if tokio::time::timeout(LEAVING, left).await.is_err() {
            self.membership.shutdown().await;
        }
    }
}

/// How long a node may take to tell the others that it goes. They see it by themselves otherwise.
const LEAVING: Duration = Duration::from_millis(500);

//! Being one of several nodes on one database.
//!
//! A node beats once a second. It watches the others' beats by its own monotonic clock: one that has stood still for
//! five seconds is buried, and what it had leased is free. So the work of a node that was killed is taken over within
//! ten seconds, whatever the clocks of the machines say.
//!
//! *Twice at once*: a node is buried once, since its row is deleted with the beat that was seen. *A crash at any line*:
//! the next look of any node finds what is left to do. *A node that slept*: it finds itself buried, and joins anew;
//! what it had begun under an old lease is refused.

use std::{collections::HashMap, time::Duration};

use domain::{
    id::NodeId,
    refusal::{Failure, Refusal},
};
use engine::{
    Engine,
    nodes::{Beats, Lease},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::reconcile::{Look, Next, Rhythm, reconcile};

/// How often a node beats and looks at the others.
const PERIOD: Duration = Duration::from_secs(1);

/// How long a beat stands still before its node counts as dead.
const STILL: Duration = Duration::from_secs(5);

/// Between two looks longer apart than this nobody is judged: it was this node that slept, or the database that was
/// away for all.
const BLINK: Duration = Duration::from_secs(3);

/// Beats until it is stopped, which is after everything else that this node does, and lets go of all that it had. On a
/// database of its own there is nobody to beat for.
pub async fn run(engine: Engine, stop: CancellationToken) {
    if !engine.is_shared() {
        return;
    }
    let rhythm = Rhythm { name: "membership", period: PERIOD, hint: None };
    reconcile(&rhythm, &stop, Membership { engine: &engine, pulse: Pulse::default(), failing: false }).await;
    if let Err(error) = engine.leave().await {
        tracing::warn!(%error, "the other nodes will see by themselves that this one is gone");
    }
}

/// Carries the hints of other nodes to the workers here, until it is stopped.
pub async fn hear(engine: Engine, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        loop {
            engine.hear().await;
        }
    })
    .await;
}

struct Membership<'a> {
    engine: &'a Engine,
    pulse: Pulse,
    /// Whether the last beat failed.
    failing: bool,
}

impl Look for Membership<'_> {
    type Error = Failure;

    /// However long the database is away, this goes on at its pace: a node whose waits grew longer would be buried by
    /// the first one that finds the database again.
    async fn look(&mut self) -> Result<Next, Failure> {
        let looked = self.beat().await;
        if self.failing != looked.is_err() {
            self.failing = !self.failing;
            match &looked {
                Ok(_) => tracing::info!("this node can say again that it lives"),
                Err(error) => tracing::warn!(%error, "this node cannot say that it lives"),
            }
        }
        Ok(looked.unwrap_or(Next::WhenDue))
    }
}

impl Membership<'_> {
    async fn beat(&mut self) -> Result<Next, Failure> {
        let node = match self.engine.node() {
            Some(node) => node,
            None => self.engine.join().await?,
        };
        let beats = match self.engine.beat(node).await {
            Err(Failure::Refused(Refusal::LeaseLost)) => {
                tracing::warn!("the other nodes took this one for dead; it begins anew");
                return Ok(Next::AtOnce);
            }
            beats => beats?,
        };
        for (dead, beat) in self.pulse.still(&beats, Instant::now()) {
            if dead != node && self.engine.bury(dead, beat).await? {
                tracing::warn!(node = dead.base62(), "a node is gone; others do its work");
            }
        }
        Ok(Next::WhenDue)
    }
}

/// What is known of each node's beat: its number, and since when it has been that.
#[derive(Default)]
struct Pulse {
    seen: HashMap<NodeId, (u64, Instant)>,
    looked: Option<Instant>,
}

impl Pulse {
    /// The nodes whose beats have stood still for too long.
    fn still(&mut self, beats: &Beats, now: Instant) -> Beats {
        let blinked = self.looked.is_none_or(|before| now.duration_since(before) > BLINK);
        self.looked = Some(now);
        let before = std::mem::take(&mut self.seen);
        let mut still = Beats::new();
        for (node, beat) in beats {
            let known = before.get(node).filter(|(seen, _)| seen == beat && !blinked);
            let since = known.map_or(now, |(_, since)| *since);
            self.seen.insert(*node, (*beat, since));
            if now.duration_since(since) >= STILL {
                still.push((*node, *beat));
            }
        }
        still
    }
}

/// A worker that works on one node at a time.
pub(crate) struct Leased<W> {
    pub(crate) engine: Engine,
    pub(crate) name: String,
    pub(crate) worker: W,
}

/// What can be done under a lease.
pub(crate) trait UnderLease: Look<Error: From<Failure>> {
    /// Takes note of the lease under which the next look happens; `None` where there is nobody to share with.
    fn under(&mut self, lease: Option<Lease>);
}

impl<W: UnderLease> Look for Leased<W> {
    type Error = W::Error;

    async fn look(&mut self) -> Result<Next, W::Error> {
        if self.engine.is_shared() {
            let Some(node) = self.engine.node() else { return Ok(Next::Standby) };
            match self.engine.lease(&self.name, node).await {
                Ok(Some(lease)) => self.worker.under(Some(lease)),
                Ok(None) | Err(Failure::Refused(Refusal::LeaseLost)) => return Ok(Next::Standby),
                Err(failure) => return Err(failure.into()),
            }
        }
        self.worker.look().await
    }
}

#[cfg(test)]
mod tests {
    use domain::id::Id;

    use super::*;

    fn at(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_beat_that_stands_still_for_five_seconds_is_that_of_a_dead_node() {
        let (start, mut pulse) = (Instant::now(), Pulse::default());
        let (lives, dies) = (Id::from_bytes([1; 16]), Id::from_bytes([2; 16]));
        for second in 0..5 {
            assert_eq!(pulse.still(&vec![(lives, second), (dies, 7)], at(start, second)), []);
        }
        assert_eq!(pulse.still(&vec![(lives, 5), (dies, 7)], at(start, 5)), [(dies, 7)]);
    }

    #[test]
    fn whoever_slept_judges_nobody_by_that_time() {
        let (start, mut pulse) = (Instant::now(), Pulse::default());
        let beats = vec![(Id::from_bytes([1; 16]), 1)];
        assert_eq!(pulse.still(&beats, start), []);
        assert_eq!(pulse.still(&beats, at(start, 60)), []);
        assert_eq!(pulse.still(&beats, at(start, 62)), []);
        assert_eq!(pulse.still(&beats, at(start, 64)), []);
        assert_eq!(pulse.still(&beats, at(start, 65)), beats);
    }
}

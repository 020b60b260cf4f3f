//! Nodes that share a database.
//!
//! Each node says again and again that it lives, by counting its beat up. Whoever sees a beat stand still for long
//! enough, by a clock of its own, buries that node: what it had leased is free again. A node that only slept finds
//! itself buried, and begins anew under another id; what it still tries to write under an old lease is refused in the
//! transaction that would write it.
//!
//! Work that any number of nodes may do at once has no lease: what it decides, it decides in a transaction, which finds
//! what was done already. Leases keep many nodes from doing the same for nothing.

use std::sync::{Mutex, PoisonError};

use domain::{
    id::{IdSeed, NodeId},
    refusal::{Failure, Refusal},
};
use store::{Abort, Tx};

use crate::Engine;

/// The right to do what only one node does at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    name: String,
    node: NodeId,
    fence: u64,
}

/// Every node, with its beat.
pub type Beats = Vec<(NodeId, u64)>;

/// Which node this process is now.
#[derive(Default)]
pub(crate) struct Itself(Mutex<Option<NodeId>>);

impl Itself {
    fn get(&self) -> Option<NodeId> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, node: Option<NodeId>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = node;
    }
}

impl Engine {
    /// Whether other processes may use the same database.
    pub fn is_shared(&self) -> bool {
        self.store().is_shared()
    }

    /// Which node this is; `None` before it joined, after it was buried, and where there are no others.
    pub fn node(&self) -> Option<NodeId> {
        self.0.itself.get()
    }

    /// Begins to be a node.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn join(&self) -> Result<NodeId, Failure> {
        let wall = self.wall_time();
        let id: NodeId = IdSeed::new(self.entropy()).maker(wall).make();
        self.store().transact("nodes.join", move |tx| Ok(store::nodes::insert(tx, id, wall)?)).await?;
        self.0.itself.set(Some(id));
        self.hints().wake_all();
        Ok(id)
    }

    /// Says that this node lives, and gives the beats of all.
    ///
    /// # Errors
    /// [`Refusal::LeaseLost`] where it was buried meanwhile: it is no node then, until it joins again.
    pub async fn beat(&self, node: NodeId) -> Result<Beats, Failure> {
        let job = move |tx: &mut Tx<'_>| -> Result<Beats, Abort> {
            if !store::nodes::beat(tx, node)? {
                return Err(Refusal::LeaseLost.into());
            }
            Ok(store::nodes::all(tx)?)
        };
        let beats = self.store().transact("nodes.beat", job).await;
        if beats == Err(Failure::Refused(Refusal::LeaseLost)) {
            self.0.itself.set(None);
        }
        beats
    }

    /// Takes everything from a node whose beat has stood still, so that others may do it; whether it still stood.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn bury(&self, node: NodeId, beat: u64) -> Result<bool, Failure> {
        let job = move |tx: &mut Tx<'_>| -> Result<bool, Abort> {
            if !store::nodes::delete(tx, node, beat)? {
                return Ok(false);
            }
            let_go(tx, node)?;
            Ok(true)
        };
        let buried = self.store().transact("nodes.bury", job).await?;
        if buried {
            self.hints().wake_all();
        }
        Ok(buried)
    }

    /// Ends being a node, and lets go of everything at once.
    ///
    /// # Errors
    /// Only when the store fails; the others bury this node then.
    pub async fn leave(&self) -> Result<(), Failure> {
        let Some(node) = self.node() else { return Ok(()) };
        self.0.itself.set(None);
        let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
            store::nodes::leave(tx, node)?;
            let_go(tx, node)
        };
        self.store().transact("nodes.leave", job).await?;
        self.hint_everything();
        Ok(())
    }

    /// The lease of this name for this node, where it holds it, or nobody does.
    ///
    /// # Errors
    /// [`Refusal::LeaseLost`] where this node was buried meanwhile.
    pub async fn lease(&self, name: &str, node: NodeId) -> Result<Option<Lease>, Failure> {
        let wanted = name.to_owned();
        let look = self.store().read("leases.holder", move |rx| Ok(store::nodes::holder(rx, &wanted)?));
        let lease = |fence| Some(Lease { name: name.to_owned(), node, fence });
        match look.await? {
            Some((Some(holder), fence)) if holder == node => return Ok(lease(fence)),
            Some((Some(_), _)) => return Ok(None),
            Some((None, _)) | None => {}
        }
        let wanted = name.to_owned();
        let take = move |tx: &mut Tx<'_>| -> Result<Option<u64>, Abort> {
            // Another one may be about to take it, and stand still: this node's own row, with which it beats, must not
            // be held while that is waited for.
            let fence = store::nodes::take(tx, &wanted, node)?;
            // Whoever is about to bury this node waits for this, or was quicker: nobody would take a lease from a node
            // that is not there.
            if !store::nodes::beat(tx, node)? {
                return Err(Refusal::LeaseLost.into());
            }
            Ok(fence)
        };
        let taken = self.store().transact("leases.take", take).await?;
        if taken.is_some() {
            tracing::info!(lease = name, "this node does it from now on");
        }
        Ok(taken.and_then(lease))
    }
}

/// Holds a lease for the rest of a transaction; without one, everybody may.
pub(crate) fn hold(tx: &mut Tx<'_>, lease: Option<&Lease>) -> Result<(), Abort> {
    let Some(Lease { name, node, fence }) = lease else { return Ok(()) };
    if store::nodes::hold(tx, name, *node, *fence)? { Ok(()) } else { Err(Refusal::LeaseLost.into()) }
}

fn let_go(tx: &mut Tx<'_>, node: NodeId) -> Result<(), Abort> {
    store::nodes::release(tx, node)?;
    store::deliveries::release(tx, node)?;
    store::mails::release(tx, node)?;
    Ok(())
}

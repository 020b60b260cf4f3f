//! Processes that share a database, and what only one of them may do at a time.

use domain::{id::NodeId, time::Timestamp};

use crate::{
    fault::Fault,
    sql::{Sql, statements, values},
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into nodes (id, beat, joined_at) values (?1, 0, ?2)";
    BEAT = "update nodes set beat = beat + 1 where id = ?1";
    ALL = "select id, beat from nodes order by id";
    DELETE = "delete from nodes where id = ?1 and beat = ?2";
    LEAVE = "delete from nodes where id = ?1";
    HOLDER = "select node_id, fence from leases where name = ?1";
    TAKE = "insert into leases (name, node_id, fence) values (?1, ?2, 1)
            on conflict (name) do update set node_id = excluded.node_id, fence = leases.fence + 1
              where leases.node_id is null
            returning fence";
    RELEASE = "update leases set node_id = null where node_id = ?1";
}

/// Held until the end of the transaction: whoever would take the lease away waits for it.
const HOLD: Sql = Sql::differing(
    concat!(module_path!(), "::HOLD"),
    "select fence from leases where name = ?1 and node_id = ?2 and fence = ?3",
    "select fence from leases where name = ?1 and node_id = ?2 and fence = ?3 for share",
);
pub(crate) const LOCKING: &[&Sql] = &[&HOLD];

/// Adds a node.
pub fn insert(tx: &mut Tx<'_>, id: NodeId, at: Timestamp) -> Result<(), Fault> {
    tx.put(&INSERT, values![&id, at])
}

/// Counts a node's beat up; whether it is still there.
pub fn beat(tx: &mut Tx<'_>, id: NodeId) -> Result<bool, Fault> {
    Ok(tx.run(&BEAT, values![&id])? > 0)
}

/// Every node, with its beat.
pub fn all(rx: &mut Rx<'_>) -> Result<Vec<(NodeId, u64)>, Fault> {
    rx.all(&ALL, values![], |row| Ok((row.id(0)?, row.u64(1)?)))
}

/// Deletes a node whose beat is still this one; whether it was.
pub fn delete(tx: &mut Tx<'_>, id: NodeId, beat: u64) -> Result<bool, Fault> {
    Ok(tx.run(&DELETE, values![&id, beat])? > 0)
}

/// Deletes a node that goes by itself.
pub fn leave(tx: &mut Tx<'_>, id: NodeId) -> Result<(), Fault> {
    tx.put(&LEAVE, values![&id])
}

/// Who holds a lease, and its fencing number.
pub fn holder(rx: &mut Rx<'_>, name: &str) -> Result<Option<(Option<NodeId>, u64)>, Fault> {
    rx.one(&HOLDER, values![name], |row| Ok((row.opt_id(0)?, row.u64(1)?)))
}

/// Takes a lease that nobody holds: its new fencing number.
pub fn take(tx: &mut Tx<'_>, name: &str, node: NodeId) -> Result<Option<u64>, Fault> {
    tx.one(&TAKE, values![name, &node], |row| row.u64(0))
}

/// Whether a lease is still held under this number. It stays so until the transaction ends.
pub fn hold(tx: &mut Tx<'_>, name: &str, node: NodeId, fence: u64) -> Result<bool, Fault> {
    Ok(tx.one(&HOLD, values![name, &node, fence], |row| row.u64(0))?.is_some())
}

/// Lets go of every lease of a node.
pub fn release(tx: &mut Tx<'_>, node: NodeId) -> Result<(), Fault> {
    tx.put(&RELEASE, values![&node])
}

//! How far each chain was followed.

use domain::{
    chain::{BlockRef, ChainKey, Cursor, Network, REORG_LIMIT},
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{Row, Sql, statements, values},
    tx::{Locked, Rx, Tx},
};

statements! {
    SAVE = "insert into cursors (network, chain, height, hash, horizon) values (?1, ?2, ?3, ?4, ?5)
            on conflict (network, chain) do update
              set height = excluded.height, hash = excluded.hash, horizon = excluded.horizon";
    GET = "select height, hash, horizon from cursors where network = ?1 and chain = ?2";
    RECENT = "select height, hash from blocks where network = ?1 and chain = ?2 order by height desc limit ?3";
    ADD_BLOCK = "insert into blocks (network, chain, height, hash) values (?1, ?2, ?3, ?4)";
    DROP_ABOVE = "delete from blocks where network = ?1 and chain = ?2 and height > ?3";
    DROP_BELOW = "delete from blocks where network = ?1 and chain = ?2 and height < ?3";
}

/// Of two watchers of one chain, the second waits here, and then finds the cursor moved.
const LOCK: Sql = Sql::differing(
    concat!(module_path!(), "::LOCK"),
    "select height, hash, horizon from cursors where network = ?1 and chain = ?2",
    "select height, hash, horizon from cursors where network = ?1 and chain = ?2 for update",
);
pub(crate) const LOCKING: &[&Sql] = &[&LOCK];

fn read(row: &Row<'_>) -> Result<Position, Fault> {
    Ok(Position { block: BlockRef { height: row.u64(0)?, hash: row.text(1)? }, horizon: row.time(2)? })
}

/// Where a chain's cursor stands, and up to which moment the chain is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The newest block that was followed.
    pub block: BlockRef,
    /// The time of that block: money that moved before it has been seen.
    pub horizon: Timestamp,
}

/// Where the cursor of a chain stands; `None` before its first block.
pub fn position(rx: &mut Rx<'_>, network: Network, chain: &ChainKey) -> Result<Option<Position>, Fault> {
    rx.one(&GET, values![network.as_str(), chain.as_str()], read)
}

/// The same, held against everybody else who would move it; `None` before its first block.
pub fn lock(tx: &mut Tx<'_>, network: Network, chain: &ChainKey) -> Result<Option<Locked<Position>>, Fault> {
    Ok(tx.one(&LOCK, values![network.as_str(), chain.as_str()], read)?.map(Locked::new))
}

/// The cursor of a chain, with the newest blocks that were followed.
pub fn get(rx: &mut Rx<'_>, network: Network, chain: &ChainKey) -> Result<Cursor, Fault> {
    let limit = i64::try_from(REORG_LIMIT).unwrap_or(i64::MAX).saturating_add(1);
    let recent = rx.all(&RECENT, values![network.as_str(), chain.as_str(), limit], |row| {
        Ok(BlockRef { height: row.u64(0)?, hash: row.text(1)? })
    })?;
    Ok(Cursor { network, chain: chain.clone(), recent })
}

/// Moves the cursor.
pub fn save(tx: &mut Tx<'_>, network: Network, chain: &ChainKey, to: &Position) -> Result<(), Fault> {
    tx.put(
        &SAVE,
        values![network.as_str(), chain.as_str(), to.block.height, to.block.hash.as_str(), to.horizon],
    )
}

/// Adds a block that was followed.
pub fn add_block(tx: &mut Tx<'_>, network: Network, chain: &ChainKey, block: &BlockRef) -> Result<(), Fault> {
    tx.put(&ADD_BLOCK, values![network.as_str(), chain.as_str(), block.height, block.hash.as_str()])
}

/// Forgets the blocks above `height`: they left the chain.
pub fn drop_above(tx: &mut Tx<'_>, network: Network, chain: &ChainKey, height: u64) -> Result<(), Fault> {
    tx.put(&DROP_ABOVE, values![network.as_str(), chain.as_str(), height])
}

/// Forgets the blocks below `height`: no reorganisation reaches them.
pub fn drop_below(tx: &mut Tx<'_>, network: Network, chain: &ChainKey, height: u64) -> Result<(), Fault> {
    tx.put(&DROP_BELOW, values![network.as_str(), chain.as_str(), height])
}

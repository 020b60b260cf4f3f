//! The simulated chains: their blocks, what is in them, and what waits.

use domain::{
    chain::{BlockRef, Network, Script, Transfer},
    id::TransferId,
    money::AssetCode,
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{Row, Sql, statements, values},
    tx::{Rx, Tx},
};

statements! {
    STALLED = "select stalled_at from sandbox_networks where network = ?1";
    STALL = "insert into sandbox_networks (network, stalled_at) values (?1, ?2)
             on conflict (network) do update set stalled_at = excluded.stalled_at";
    BEGIN = "insert into sandbox_networks (network) values (?1) on conflict (network) do nothing";
    HEAD = "select height, hash, parent, time from sandbox_blocks where network = ?1 order by height desc limit 1";
    BLOCK = "select height, hash, parent, time from sandbox_blocks where network = ?1 and height = ?2";
    BLOCKS = "select height, hash, parent, time from sandbox_blocks where network = ?1 and height > ?2
              order by height limit ?3";
    ADD_BLOCK = "insert into sandbox_blocks (network, height, hash, parent, time) values (?1, ?2, ?3, ?4, ?5)";
    DROP_BLOCKS = "delete from sandbox_blocks where network = ?1 and height > ?2";
    ADD_TRANSFER = "insert into sandbox_transfers (id, network, txid, ordinal, script, asset, amount, height)
                    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, null)";
    IN_BLOCKS = "select txid, ordinal, script, asset, amount, height from sandbox_transfers
                 where network = ?1 and height > ?2 and height <= ?3 order by height, id";
    WAITING = "select txid, ordinal, script, asset, amount, height from sandbox_transfers
               where network = ?1 and height is null order by id limit ?2";
    MINE = "update sandbox_transfers set height = ?2 where network = ?1 and height is null";
    UNMINE = "update sandbox_transfers set height = null where network = ?1 and height > ?2";
    DROP_TRANSFERS = "delete from sandbox_transfers where network = ?1 and height > ?2";
    DECLINE = "insert into sandbox_declines (network, script) values (?1, ?2) on conflict (network, script) do nothing";
    DECLINED = "select script from sandbox_declines where network = ?1 order by script limit ?2";
    FORGET_DECLINE = "delete from sandbox_declines where network = ?1 and script = ?2";
}

const LOCK: Sql = Sql::differing(
    concat!(module_path!(), "::LOCK"),
    "select stalled_at from sandbox_networks where network = ?1",
    "select stalled_at from sandbox_networks where network = ?1 for update",
);
pub(crate) const LOCKING: &[&Sql] = &[&LOCK];

/// A simulated block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedBlock {
    /// Height and hash.
    pub at: BlockRef,
    /// Its parent's hash.
    pub parent: String,
    /// The business time at which it was mined.
    pub time: Timestamp,
}

fn block(row: &Row<'_>) -> Result<SimulatedBlock, Fault> {
    Ok(SimulatedBlock {
        at: BlockRef { height: row.u64(0)?, hash: row.text(1)? },
        parent: row.text(2)?,
        time: row.time(3)?,
    })
}

/// A simulated transfer, and the height of its block.
fn transfer(row: &Row<'_>) -> Result<(Transfer, Option<u64>), Fault> {
    let transfer = Transfer {
        transaction: row.text(0)?,
        ordinal: row.u32(1)?,
        script: Script::new(&row.bytes(2)?).ok_or(Fault::undecodable(2))?,
        asset: row.named(3, AssetCode::parse)?,
        amount: row.amount(4)?,
        least_depth: 1,
    };
    Ok((transfer, row.opt_u64(5)?))
}

/// Since when a network's node has been made to show nothing new; `None` while it does.
pub fn stalled_at(rx: &mut Rx<'_>, network: Network) -> Result<Option<Timestamp>, Fault> {
    Ok(rx.one(&STALLED, values![network.as_str()], |row| row.opt_time(0))?.flatten())
}

/// Adds a network whose node works, where it is not there yet.
pub fn begin(tx: &mut Tx<'_>, network: Network) -> Result<(), Fault> {
    tx.put(&BEGIN, values![network.as_str()])
}

/// Holds a simulated chain against everybody else who would add to it or take from it.
pub fn lock(tx: &mut Tx<'_>, network: Network) -> Result<(), Fault> {
    tx.one(&LOCK, values![network.as_str()], |row| row.opt_time(0))?;
    Ok(())
}

/// Makes a network's node show nothing new, or lets it again.
pub fn stall(tx: &mut Tx<'_>, network: Network, at: Option<Timestamp>) -> Result<(), Fault> {
    tx.put(&STALL, values![network.as_str(), at])
}

/// The newest block.
pub fn head(rx: &mut Rx<'_>, network: Network) -> Result<Option<SimulatedBlock>, Fault> {
    rx.one(&HEAD, values![network.as_str()], block)
}

/// The block at this height.
pub fn block_at(rx: &mut Rx<'_>, network: Network, height: u64) -> Result<Option<SimulatedBlock>, Fault> {
    rx.one(&BLOCK, values![network.as_str(), height], block)
}

/// The next blocks above `height`.
pub fn blocks_above(
    rx: &mut Rx<'_>,
    network: Network,
    height: u64,
    limit: u32,
) -> Result<Vec<SimulatedBlock>, Fault> {
    rx.all(&BLOCKS, values![network.as_str(), height, limit], block)
}

/// Adds a block.
pub fn add_block(tx: &mut Tx<'_>, network: Network, block: &SimulatedBlock) -> Result<(), Fault> {
    tx.put(
        &ADD_BLOCK,
        values![network.as_str(), block.at.height, block.at.hash.as_str(), block.parent.as_str(), block.time],
    )
}

/// Takes the blocks above `height` away.
pub fn drop_blocks(tx: &mut Tx<'_>, network: Network, height: u64) -> Result<(), Fault> {
    tx.put(&DROP_BLOCKS, values![network.as_str(), height])
}

/// Sends money; it waits to be mined.
pub fn add_transfer(
    tx: &mut Tx<'_>,
    id: TransferId,
    network: Network,
    transfer: &Transfer,
) -> Result<(), Fault> {
    tx.put(
        &ADD_TRANSFER,
        values![
            &id,
            network.as_str(),
            transfer.transaction.as_str(),
            transfer.ordinal,
            transfer.script.bytes(),
            transfer.asset.as_str(),
            transfer.amount
        ],
    )
}

/// Transfers in the blocks above `low`, up to `high`, each with its height.
pub fn mined_between(
    rx: &mut Rx<'_>,
    network: Network,
    low: u64,
    high: u64,
) -> Result<Vec<(Transfer, u64)>, Fault> {
    let rows = rx.all(&IN_BLOCKS, values![network.as_str(), low, high], transfer)?;
    Ok(rows.into_iter().filter_map(|(transfer, height)| height.map(|height| (transfer, height))).collect())
}

/// Transfers that wait to be mined.
pub fn waiting(rx: &mut Rx<'_>, network: Network, limit: u32) -> Result<Vec<Transfer>, Fault> {
    let rows = rx.all(&WAITING, values![network.as_str(), limit], transfer)?;
    Ok(rows.into_iter().map(|(transfer, _)| transfer).collect())
}

/// Puts everything that waits into the block at `height`.
pub fn mine_waiting(tx: &mut Tx<'_>, network: Network, height: u64) -> Result<(), Fault> {
    tx.put(&MINE, values![network.as_str(), height])
}

/// Lets everything above `height` wait again.
pub fn unmine_above(tx: &mut Tx<'_>, network: Network, height: u64) -> Result<(), Fault> {
    tx.put(&UNMINE, values![network.as_str(), height])
}

/// Takes everything above `height` away, as if it had been spent elsewhere.
pub fn drop_transfers_above(tx: &mut Tx<'_>, network: Network, height: u64) -> Result<(), Fault> {
    tx.put(&DROP_TRANSFERS, values![network.as_str(), height])
}

/// Declines a card session for good.
pub fn decline(tx: &mut Tx<'_>, network: Network, script: &Script) -> Result<(), Fault> {
    tx.put(&DECLINE, values![network.as_str(), script.bytes()])
}

/// Card sessions that were declined and not yet told.
pub fn declined(rx: &mut Rx<'_>, network: Network, limit: u32) -> Result<Vec<Script>, Fault> {
    let rows = rx.all(&DECLINED, values![network.as_str(), limit], |row| row.bytes(0))?;
    Ok(rows.iter().filter_map(|bytes| Script::new(bytes)).collect())
}

/// Forgets a declined session: it was told.
pub fn forget_decline(tx: &mut Tx<'_>, network: Network, script: &Script) -> Result<(), Fault> {
    tx.put(&FORGET_DECLINE, values![network.as_str(), script.bytes()])
}

//! How networks are seen, as their watchers last reported.

use domain::chain::{ChainKey, Health, Network, NetworkReport};

use crate::{
    fault::Fault,
    sql::{Row, statements, values},
    tx::{Rx, Tx},
};

statements! {
    SAVE = "insert into networks (network, chain, health, reason, head_height, head_time, reported_at)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            on conflict (network) do update
              set chain = coalesce(excluded.chain, networks.chain), health = excluded.health, reason = excluded.reason,
                head_height = excluded.head_height, head_time = excluded.head_time, reported_at = excluded.reported_at";
    GET = "select network, chain, health, reason, head_height, head_time, reported_at from networks where network = ?1";
    ALL = "select network, chain, health, reason, head_height, head_time, reported_at from networks order by network";
}

fn read(row: &Row<'_>) -> Result<NetworkReport, Fault> {
    Ok(NetworkReport {
        network: row.named(0, Network::parse)?,
        chain: row.opt_text(1)?.map(ChainKey::new),
        health: row.parsed(2, Health::from_code)?,
        reason: row.opt_text(3)?,
        head_height: row.opt_u64(4)?,
        head_time: row.opt_time(5)?,
        reported_at: row.time(6)?,
    })
}

/// Writes what a watcher reports. One that cannot tell which chain it is leaves what was known of that.
pub fn save(tx: &mut Tx<'_>, report: &NetworkReport) -> Result<(), Fault> {
    tx.put(
        &SAVE,
        values![
            report.network.as_str(),
            report.chain.as_ref().map(ChainKey::as_str),
            report.health.code(),
            report.reason.as_deref(),
            report.head_height,
            report.head_time,
            report.reported_at
        ],
    )
}

/// What was last reported of a network.
pub fn get(rx: &mut Rx<'_>, network: Network) -> Result<Option<NetworkReport>, Fault> {
    rx.one(&GET, values![network.as_str()], read)
}

/// What was last reported of every network.
pub fn all(rx: &mut Rx<'_>) -> Result<Vec<NetworkReport>, Fault> {
    rx.all(&ALL, values![], read)
}

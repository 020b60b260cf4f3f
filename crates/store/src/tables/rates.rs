//! What sources last said that things are worth.

use domain::{money::Rate, quote::SourcedRate};

use crate::{
    fault::Fault,
    sql::{Row, statements, values},
    tx::{Rx, Tx},
};

statements! {
    SAVE = "insert into rates (pair, source, numerator, denominator, at) values (?1, ?2, ?3, ?4, ?5)
            on conflict (pair, source) do update
              set numerator = excluded.numerator, denominator = excluded.denominator, at = excluded.at";
    OF_PAIR = "select source, pair, numerator, denominator, at from rates where pair = ?1 order by source";
    FORGET = "delete from rates where source = ?1";
}

fn read(row: &Row<'_>) -> Result<SourcedRate, Fault> {
    Ok(SourcedRate {
        source: row.text(0)?,
        pair: row.text(1)?,
        rate: Rate::ratio(row.u128(2)?, row.u128(3)?).map_err(|_| Fault::undecodable(2))?,
        at: row.time(4)?,
    })
}

/// Writes what a source says now.
pub fn save(tx: &mut Tx<'_>, rate: &SourcedRate) -> Result<(), Fault> {
    let (numerator, denominator) = rate.rate.parts();
    tx.put(
        &SAVE,
        values![
            rate.pair.as_str(),
            rate.source.as_str(),
            numerator.to_string(),
            denominator.to_string(),
            rate.at
        ],
    )
}

/// What each source last said of a pair.
pub fn of_pair(rx: &mut Rx<'_>, pair: &str) -> Result<Vec<SourcedRate>, Fault> {
    rx.all(&OF_PAIR, values![pair], read)
}

/// Forgets everything that a source said.
pub fn forget(tx: &mut Tx<'_>, source: &str) -> Result<(), Fault> {
    tx.put(&FORGET, values![source])
}

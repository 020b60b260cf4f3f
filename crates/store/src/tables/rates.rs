//! What sources last said that things are worth.

use domain::{money::Rate, pair::Pair, quote::SourcedRate};

use crate::{
    fault::Fault,
    sql::{Row, Value, statements, values},
    tx::{Rx, Tx},
};

statements! {
    SAVE = "insert into rates (pair, source, numerator, denominator, at) values (?1, ?2, ?3, ?4, ?5)
            on conflict (pair, source) do update
              set numerator = excluded.numerator, denominator = excluded.denominator, at = excluded.at";
    OF_PAIRS = "select source, pair, numerator, denominator, at from rates
                where pair in (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) order by pair, source";
    FORGET = "delete from rates where source = ?1";
}

/// Pairs that one statement asks for.
const AT_ONCE: usize = 8;

fn read(row: &Row<'_>) -> Result<SourcedRate, Fault> {
    Ok(SourcedRate {
        source: row.text(0)?,
        pair: row.named(1, Pair::parse)?,
        rate: Rate::ratio(row.u128(2)?, row.u128(3)?).map_err(|_| Fault::undecodable(2))?,
        at: row.time(4)?,
    })
}

/// Writes what a source says now, in place of what it said of the pair before.
pub fn save(tx: &mut Tx<'_>, rate: &SourcedRate) -> Result<(), Fault> {
    let (numerator, denominator) = rate.rate.parts();
    tx.put(
        &SAVE,
        values![
            rate.pair.to_string(),
            rate.source.as_str(),
            numerator.to_string(),
            denominator.to_string(),
            rate.at
        ],
    )
}

/// What each source last said of these pairs.
pub fn of_pairs(rx: &mut Rx<'_>, pairs: &[Pair]) -> Result<Vec<SourcedRate>, Fault> {
    let mut found = Vec::new();
    for pairs in pairs.chunks(AT_ONCE) {
        // A place that is left over asks for nothing.
        let name = |place: usize| pairs.get(place).map(ToString::to_string).unwrap_or_default();
        let names = std::array::from_fn::<Value<'_>, AT_ONCE, _>(|place| Value::from(name(place)));
        found.extend(rx.all(&OF_PAIRS, &names, read)?);
    }
    Ok(found)
}

/// Forgets everything that a source said.
pub fn forget(tx: &mut Tx<'_>, source: &str) -> Result<(), Fault> {
    tx.put(&FORGET, values![source])
}

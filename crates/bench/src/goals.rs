//! The goals, each beside what was read in the same run. They are ratios wherever a machine could be to blame for an
//! absolute figure.

use std::fmt::Write;

use serde::Serialize;

use crate::{
    disk,
    figures::{Book, measure, plain},
    options::Scale,
    postgres,
    rows::{
        blocks,
        blocks::bitcoin,
        growth,
        growth::row,
        http::{create_row, noop_row, pgbench_row, static_row},
        mixed, start, webhooks,
    },
};

/// A goal and its reading.
#[derive(Debug, Serialize)]
pub(crate) struct Goal {
    number: u32,
    words: String,
    /// `>=` or `<=`.
    sign: &'static str,
    limit: f64,
    /// What was read; nothing where this run did not.
    read: Option<f64>,
    met: Option<bool>,
}

impl Goal {
    fn least(number: u32, words: impl Into<String>, limit: f64, read: Option<f64>) -> Self {
        let met = read.map(|read| read >= limit);
        Self { number, words: words.into(), sign: ">=", limit, read, met }
    }

    fn most(number: u32, words: impl Into<String>, limit: f64, read: Option<f64>) -> Self {
        let met = read.map(|read| read <= limit);
        Self { number, words: words.into(), sign: "<=", limit, read, met }
    }
}

/// Every goal of this run.
pub(crate) fn judge(book: &Book, scale: &Scale) -> Vec<Goal> {
    let mut goals = creations(book);
    goals.extend([16, 64].map(|clients| beside_pgbench(book, clients)));
    goals.extend(growing(book, scale));
    goals.extend(others(book, scale));
    goals.sort_by_key(|goal| goal.number);
    goals
}

fn creations(book: &Book) -> Vec<Goal> {
    let (one, many) = (create_row("SQLite", 1), create_row("SQLite", 64));
    let over = |row: &str, name: &str, base: Option<f64>| Some(book.median(row, name)? / base?);
    let sync = book.median(disk::ROW, measure::P50);
    // Where a sync costs next to nothing, waking threads is what takes the time.
    let floor = book.median(&static_row(1), measure::P50);
    let allowed = floor.zip(sync).map(|(floor, sync)| (5.0 * sync).max(3.0f64.mul_add(sync, floor)));
    let ratio = |of: &str, base: &str, name| book.ratio(of, base, name);
    vec![
        Goal::least(
            1,
            "creations at 64 conn. / no-op POST",
            0.40,
            ratio(&many, &noop_row(64), measure::RATE),
        ),
        Goal::most(
            2,
            "processor time of a creation / no-op POST",
            3.0,
            ratio(&many, &noop_row(64), measure::CPU),
        ),
        Goal::least(3, "creations at 64 conn. / at 1 conn.", 10.0, ratio(&many, &one, measure::RATE)),
        Goal::most(
            4,
            "p50 of a creation at 1 conn. / what syncs allow",
            1.0,
            over(&one, measure::P50, allowed),
        ),
        Goal::most(
            5,
            "p99 of a creation at 64 conn. / its p50",
            10.0,
            over(&many, measure::P99, book.median(&many, measure::P50)),
        ),
    ]
}

/// What a gateway on PostgreSQL makes of what PostgreSQL can do.
fn beside_pgbench(book: &Book, clients: usize) -> Goal {
    let ours = create_row(postgres::NAME, clients);
    Goal::least(
        19,
        format!("creations on PostgreSQL at {clients} conn. / pgbench"),
        0.8,
        book.ratio(&ours, &pgbench_row(clients), measure::RATE),
    )
}

fn growing(book: &Book, scale: &Scale) -> Vec<Goal> {
    let stored = |index: usize| scale.stored.get(index).copied().unwrap_or_default();
    let (none, few) = (stored(0), stored(1));
    let most = scale.stored.last().copied().unwrap_or_default();
    // What is held against itself says nothing.
    let grown = |what, from, name| {
        (from != most).then(|| book.ratio(&row(what, most), &row(what, from), name)).flatten()
    };
    let (much, little) = (growth::short(most), growth::short(few));
    let by_id = row(growth::BY_ID, most);
    let disk = |count| book.median(&row("disk", count), "bytes a payment");
    let page = (row(growth::FAR_PAGE, most), row(growth::FIRST_PAGE, most));
    vec![
        Goal::least(
            6,
            format!("creations with {much} stored / with none"),
            0.90,
            grown(growth::CREATE, none, measure::RATE),
        ),
        Goal::least(
            7,
            format!("reads by id with {much} stored / static GET"),
            0.45,
            book.ratio(&by_id, &row(growth::STATIC_GET, most), measure::RATE),
        ),
        Goal::least(
            7,
            format!("the same / with {little} stored"),
            0.80,
            grown(growth::BY_ID, few, measure::RATE),
        ),
        Goal::least(
            8,
            format!("newest 50 with {much} stored / with {little}"),
            0.85,
            grown(growth::FIRST_PAGE, few, measure::RATE),
        ),
        Goal::most(
            8,
            format!("p50 of the 1,000th page / the first, {much} stored"),
            1.5,
            book.ratio(&page.0, &page.1, measure::P50),
        ),
        Goal::most(9, format!("bytes on the disk of a payment, {much} stored"), 1_024.0, disk(most)),
        Goal::most(
            9,
            format!("difference to {little} stored, in %"),
            3.0,
            disk(most)
                .zip(disk(few).filter(|_| few != most))
                .map(|(most, few)| 100.0 * (most / few - 1.0).abs()),
        ),
        Goal::most(
            12,
            format!("ms to the first answer with {much} stored"),
            50.0,
            book.median(&row(start::FIRST_ANSWER, most), start::MILLIS),
        ),
        Goal::most(12, "the same / with none", 3.0, grown(start::FIRST_ANSWER, none, start::MILLIS)),
        Goal::most(
            12,
            format!("ms to the first durable create with {much} stored"),
            100.0,
            book.median(&row(start::FIRST_CREATE, most), start::MILLIS),
        ),
    ]
}

fn others(book: &Book, scale: &Scale) -> Vec<Goal> {
    let share = book.median(webhooks::ONE_HANGS, webhooks::SHARE);
    let late = book.ratio(webhooks::ONE_HANGS, webhooks::ALL_ANSWER, webhooks::LATE);
    let (million, few) = (blocks::row(scale.watched), blocks::row_of_few());
    let (many_bitcoin, few_bitcoin) = (bitcoin::row(scale.watched), bitcoin::row_of_few());
    let beside = |row, name| book.ratio(row, mixed::ALONE, name);
    vec![
        Goal::least(
            10,
            "callbacks with their outcomes stored / creations",
            0.8,
            book.ratio(webhooks::DISPATCH, webhooks::CREATE, measure::RATE),
        ),
        Goal::least(11, "% of callbacks that arrive while one endpoint of ten hangs", 99.0, share),
        Goal::most(11, "their p99 / without it", 3.0, late),
        Goal::most(13, "MiB of memory, idle", 30.0, book.median(start::IDLE, start::MEBIBYTES)),
        Goal::most(
            13,
            "MiB of memory after many creations",
            150.0,
            book.median(start::BUSY, start::MEBIBYTES),
        ),
        Goal::least(
            16,
            "blocks of 300 logs a processor second",
            3_000.0,
            book.median(&million, blocks::RATE),
        ),
        Goal::most(
            17,
            "processor time of a block, many watched / 1,000",
            1.5,
            book.ratio(&few, &million, blocks::RATE),
        ),
        Goal::least(
            16,
            "Bitcoin blocks of 6,000 outputs a processor second",
            400.0,
            book.median(&many_bitcoin, blocks::RATE),
        ),
        Goal::most(
            16,
            "bytes of memory for each watched address",
            100.0,
            book.median(bitcoin::SET, bitcoin::BYTES),
        ),
        Goal::most(
            17,
            "the same of a Bitcoin block",
            1.5,
            book.ratio(&few_bitcoin, &many_bitcoin, blocks::RATE),
        ),
        Goal::least(18, "creations beside reads / alone", 0.55, beside(mixed::BESIDE_READS, measure::RATE)),
        Goal::least(18, "creations beside lists / alone", 0.35, beside(mixed::BESIDE_LISTS, measure::RATE)),
        Goal::most(
            18,
            "p99 of creations beside reads / alone",
            1.5,
            beside(mixed::BESIDE_READS, measure::P99),
        ),
    ]
}

/// The table.
pub(crate) fn table(goals: &[Goal]) -> String {
    let mut text = String::from("goals (14 and 15, against other gateways, are not run here)\n");
    for Goal { number, words, sign, limit, read, met } in goals {
        let verdict = match met {
            Some(true) => "pass",
            Some(false) => "MISS",
            None => "not run",
        };
        let read = read.map_or_else(|| format!("{:>10}", "-"), plain);
        let _ =
            writeln!(text, "{number:>3} {words:<62} {read}  {sign} {:<7} {verdict}", plain(*limit).trim());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;
    use clap::Parser;

    #[test]
    fn a_goal_is_met_missed_or_not_run() {
        let scale = Options::parse_from(["bench"]).scale();
        let mut book = Book::default();
        for (row, rate) in
            [(create_row("SQLite", 64), 50.0), (noop_row(64), 100.0), (create_row("SQLite", 1), 10.0)]
        {
            book.note(&row, measure::RATE, rate);
        }
        let goals = judge(&book, &scale);
        let met = |number| goals.iter().find(|goal| goal.number == number).unwrap().met;
        assert_eq!((met(1), met(3), met(10)), (Some(true), Some(false), None));
        let table = table(&goals);
        assert!(table.contains("pass") && table.contains("MISS") && table.contains("not run"), "{table}");
    }
}

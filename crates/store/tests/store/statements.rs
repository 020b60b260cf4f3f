//! Every statement there is: it prepares on the real schema, it finds its rows by an index, and its text is one that
//! both databases read alike.

use std::collections::BTreeSet;

use rusqlite::Connection;
use store::{Settings, Sql, Store};

use crate::support::Database;

/// Statements that walk a whole table or index on purpose, and why that is bounded.
const MAY_SCAN: &[(&str, &str)] = &[
    ("networks::ALL", "one row per network"),
    ("merchants::FIRST", "one row"),
    ("deliveries::RELEASE", "what waits for endpoints, once, at the start of the process"),
    ("rates::FORGET", "a few rows per pair"),
    ("deliveries::RELEASE_OF", "what waits for endpoints, once, when a node is gone"),
    ("deliveries::NEXT_ENDPOINT", "one row: the next one in the index"),
    ("mails::RELEASE", "what waits to be sent, once, at the start of the process"),
    ("mails::RELEASE_OF", "what waits to be sent, once, when a node is gone"),
    ("nodes::ALL", "one row per node"),
    ("nodes::RELEASE", "one row per worker"),
];

fn is_excused(sql: &Sql) -> bool {
    MAY_SCAN.iter().any(|(name, _)| sql.name().ends_with(name))
}

#[test]
fn every_statement_prepares_and_uses_an_index() {
    let database = Database::sqlite();
    drop(database.open());
    let Settings::Sqlite { path, .. } = database.settings() else { unreachable!("a file") };
    let connection = Connection::open(path).unwrap();
    let mut findings = Vec::new();
    for sql in Store::statements() {
        let explain = format!("explain query plan {}", sql.sqlite());
        let mut statement =
            connection.prepare(&explain).unwrap_or_else(|error| panic!("{}: {error}", sql.name()));
        let count = statement.parameter_count();
        let nulls = vec![rusqlite::types::Null; count];
        let steps =
            statement.query_map(rusqlite::params_from_iter(nulls), |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<String> = steps.map(Result::unwrap).collect();
        let scans = steps.iter().any(|step| step.starts_with("SCAN") && !step.contains("CONSTANT ROW"));
        if scans && !is_excused(sql) {
            findings.push(format!("{}: {}", sql.name(), steps.join("; ")));
        }
    }
    assert!(findings.is_empty(), "these read whole tables:\n{}", findings.join("\n"));
}

#[test]
fn no_two_statements_have_one_name() {
    let names: Vec<&str> = Store::statements().iter().map(|sql| sql.name()).collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), distinct.len());
    assert!(names.len() > 100, "the list of statements is not the whole list");
}

/// What one of the two databases does not know, or reads otherwise.
const NOT_PORTABLE: &[&str] = &[
    "$",
    "::",
    "now(",
    "ifnull",
    "rowid",
    "autoincrement",
    "insert or",
    "strftime",
    "datetime",
    "ilike",
    "greatest(",
    "json_",
    "->",
    "boolean",
    "true",
    "false",
    "current_timestamp",
    "glob ",
    "pragma",
    "group_concat",
    "string_agg",
];

#[test]
fn texts_are_portable_and_number_their_parameters_without_a_gap() {
    for sql in Store::statements() {
        for text in [sql.sqlite(), sql.postgres()] {
            let lower = text.to_lowercase();
            for word in NOT_PORTABLE {
                assert!(!lower.contains(word), "{} says {word:?}", sql.name());
            }
            assert!(!text.replace('?', " ?").contains("? "), "{}: every parameter has a number", sql.name());
            let numbers: BTreeSet<usize> = text
                .split('?')
                .skip(1)
                .map(|rest| {
                    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
                })
                .collect();
            assert_eq!(numbers, (1..=numbers.len()).collect(), "{}", sql.name());
        }
    }
}

/// How many parameters a text has.
fn parameters(text: &str) -> usize {
    let numbers = text.split('?').skip(1).map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    });
    numbers.max().unwrap_or_default()
}

/// Statements that only the embedded database runs: it alone has idempotency keys in slices.
const EMBEDDED_ALONE: &[&str] =
    &["idempotency::NEXT_SLICE", "idempotency::KEYS_OF_SLICE", "idempotency::ANY_OF_SLICE"];

/// The plans that PostgreSQL makes when it may not walk whole tables: where it does so all the same, there is no index.
#[test]
fn on_postgres_every_statement_prepares_and_uses_an_index_too() {
    let Database::Postgres { server, name } = Database::postgres() else { unreachable!("a server") };
    drop(Database::Postgres { server, name: name.clone() }.open());
    let mut script = "set plan_cache_mode = force_generic_plan; set enable_seqscan = off;\n".to_owned();
    for sql in Store::statements() {
        let values = vec!["null"; parameters(sql.postgres())].join(", ");
        let arguments = if values.is_empty() { values } else { format!("({values})") };
        let text = sql.postgres().replace('?', "$");
        let lines = [
            format!("\\echo ### {}", sql.name()),
            format!("prepare one as {text};"),
            format!("explain execute one{arguments};"),
            "deallocate one;\n".to_owned(),
        ];
        script += &lines.join("\n");
    }
    let said = server.script(&name, &script);
    let plans: Vec<(&str, &str)> =
        said.split("### ").skip(1).filter_map(|part| part.split_once('\n')).collect();
    assert_eq!(plans.len(), Store::statements().len(), "one plan for each statement");
    for (sql, (name, plan)) in Store::statements().iter().zip(plans) {
        assert_eq!(sql.name(), name);
        let is_run = !EMBEDDED_ALONE.iter().any(|one| name.ends_with(one));
        let walks = plan.contains("Seq Scan") && is_run && !is_excused(sql);
        assert!(!walks, "{name} reads a whole table:\n{plan}");
    }
}

/// Statements that differ between the two databases: each is a place where one of them could be right alone.
#[test]
fn few_statements_have_two_texts() {
    let differing: Vec<&str> = Store::statements()
        .iter()
        .filter(|sql| sql.sqlite() != sql.postgres())
        .map(|sql| sql.name())
        .collect();
    assert!(differing.len() <= 10, "{differing:#?}");
    for sql in Store::statements().iter().filter(|sql| sql.sqlite() != sql.postgres()) {
        let unlocked = [" for update skip locked", " for update", " for share"]
            .iter()
            .fold(sql.postgres().to_owned(), |text, lock| text.replace(lock, ""));
        assert_eq!(unlocked, sql.sqlite(), "{} differs by more than its lock", sql.name());
    }
}

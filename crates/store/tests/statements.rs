//! Every statement there is: it prepares on the real schema, it finds its rows by an index, and its text is one that
//! both databases read alike.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::{collections::BTreeSet, path::Path};

use rusqlite::Connection;
use store::Store;

/// Statements that walk a whole table or index on purpose, and why that is bounded.
const MAY_SCAN: &[(&str, &str)] = &[
    ("networks::ALL", "one row per network"),
    ("merchants::FIRST", "one row"),
    ("deliveries::RELEASE", "what waits for endpoints, once, at the start of the process"),
    ("rates::FORGET", "a few rows per pair"),
    ("deliveries::NEXT_ENDPOINT", "one row: the next one in the index"),
];

fn schema() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for migration in migrations("sqlite") {
        connection.execute_batch(&std::fs::read_to_string(migration).unwrap()).unwrap();
    }
    connection
}

fn migrations(database: &str) -> Vec<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_statement_prepares_and_uses_an_index() {
    let connection = schema();
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
        let excused = MAY_SCAN.iter().any(|(name, _)| sql.name().ends_with(name));
        let scans = steps.iter().any(|step| step.starts_with("SCAN") && !step.contains("CONSTANT ROW"));
        if scans && !excused {
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

#[test]
fn both_databases_have_the_same_migrations_tables_and_columns() {
    let names = |database| -> Vec<_> {
        migrations(database).iter().map(|path| path.file_name().unwrap().to_owned()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for (sqlite, postgres) in migrations("sqlite").iter().zip(migrations("postgres")) {
        let shape = |path: &Path| -> Vec<String> {
            let text = std::fs::read_to_string(path).unwrap();
            text.lines().filter(|line| !line.trim_start().starts_with("--")).map(without_types).collect()
        };
        assert_eq!(shape(sqlite), shape(&postgres));
    }
}

/// A line of a schema without what has to differ: names of types, and SQLite's words for the form of a table.
fn without_types(line: &str) -> String {
    let mut line = line.replace(" strict, without rowid", "").replace(" strict", "");
    for word in [" integer", " bigint", " blob", " bytea", " uuid", " text"] {
        line = line.replace(word, " type");
    }
    line
}

//! What only one room does: SQL, transactions, connections, the names of databases.

use super::Section;
use crate::{
    finding::Finding,
    source::Source,
    text::words,
    tree::{File, Tree},
};

/// Something that only some rooms do.
struct Boundary {
    /// Where it is done, as line numbers.
    seen: fn(&Source) -> Vec<usize>,
    /// Who may.
    rooms: &'static [&'static str],
    /// What a finding says.
    text: &'static str,
}

const BOUNDARIES: &[Boundary] = &[
    Boundary { seen: statements, rooms: &["store"], text: "SQL outside store; make it a function of store" },
    Boundary {
        seen: transactions,
        rooms: &["engine", "store"],
        text: "a transaction opened outside engine; make it a command of engine",
    },
    Boundary {
        seen: connections,
        rooms: &["outbound", "rails"],
        text: "a connection outside rails and outbound; let a worker ask one of them",
    },
    Boundary {
        seen: local_connections,
        rooms: &["outbound", "rails", "tillgate"],
        text: "a connection to a socket; only the binary's commands talk to the operator's",
    },
    Boundary {
        seen: databases,
        rooms: &["store", "tillgate"],
        text: "a database named; only store and the wiring know which one it is",
    },
];

/// Where a room does what only another may.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        for boundary in BOUNDARIES.iter().filter(|boundary| is_outside(boundary, file)) {
            let lines = (boundary.seen)(source).into_iter().filter(|line| !file.is_test(*line));
            findings.extend(lines.map(|line| Section::Imports.finding(&file.path, line, boundary.text)));
        }
    }
    findings
}

fn is_outside(boundary: &Boundary, file: &File) -> bool {
    file.room().is_some_and(|room| !boundary.rooms.contains(&room))
}

/// How statements begin, and what else they say. Both words are needed: a sentence may begin with either.
const STATEMENTS: &[(&str, &str)] = &[
    ("alter", "table"),
    ("create", "index"),
    ("create", "table"),
    ("delete", "from"),
    ("drop", "table"),
    ("insert", "into"),
    ("pragma", ""),
    ("select", "from"),
    ("update", "set"),
];

fn statements(source: &Source) -> Vec<usize> {
    let is_statement = |text: &str| {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        STATEMENTS.iter().any(|(first, other)| {
            words.first() == Some(first) && words.len() > 1 && (other.is_empty() || words.contains(other))
        })
    };
    source.literals().iter().filter(|one| is_statement(&one.text)).map(|one| one.line).collect()
}

fn transactions(source: &Source) -> Vec<usize> {
    lines_of(source, &[".transact("])
}

fn connections(source: &Source) -> Vec<usize> {
    lines_of(
        source,
        &[
            "TcpStream::connect",
            "TcpSocket::",
            "UdpSocket::",
            "lookup_host(",
            "reqwest::",
            "to_socket_addrs(",
        ],
    )
}

fn local_connections(source: &Source) -> Vec<usize> {
    lines_of(source, &["UnixStream::connect", "UnixDatagram::"])
}

fn databases(source: &Source) -> Vec<usize> {
    let lower = source.code().to_lowercase();
    let names = ["postgres", "rusqlite", "sqlite"];
    names.iter().flat_map(|name| words(&lower, name)).map(|offset| source.line_of(offset)).collect()
}

fn lines_of(source: &Source, needles: &[&str]) -> Vec<usize> {
    needles.iter().flat_map(|needle| source.find(needle)).map(|offset| source.line_of(offset)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(room: &str, text: &str) -> Vec<usize> {
        let tree = Tree::sample(&[(&format!("crates/{room}/src/lib.rs"), text)]);
        let mut lines: Vec<usize> = check(&tree).into_iter().map(|finding| finding.line).collect();
        lines.sort_unstable();
        lines
    }

    #[test]
    fn statements_belong_to_store() {
        let text = "
f(\"select a from b where c = ?1\");
f(
  \"INSERT INTO a
    values (1)\");
f(r\"update a
  set b = 1\")";
        assert_eq!(lines("engine", text), [2, 4, 6]);
        assert_eq!(lines("store", text), [0; 0]);
        let prose =
            "f(\"Select a method\");\nf(\"Update: the setting\");\nf(\"delete\"); // select a from b\n";
        assert_eq!(lines("engine", prose), [0; 0]);
        assert_eq!(lines("engine", &format!("#[cfg(test)]\nmod tests {{\n{text}\n}}")), [0; 0]);
    }

    #[test]
    fn transactions_belong_to_engine() {
        let text = "store\n  .transact(\"a\", move |tx| b(tx))\n";
        assert_eq!(lines("workers", text), [2]);
        assert_eq!(lines("engine", text), [0; 0]);
        assert_eq!(lines("testkit", text), [0; 0]);
    }

    #[test]
    fn connections_belong_to_rails_and_outbound() {
        let text = "reqwest::Client::new();\nTcpStream::connect(a);\n";
        assert_eq!(lines("tillgate", text), [1, 2]);
        assert_eq!(lines("rails", text), [0; 0]);
        assert_eq!(lines("operator", "UnixStream::connect(a)"), [1]);
        assert_eq!(lines("tillgate", "UnixStream::connect(a); TcpListener::bind(b)"), [0; 0]);
    }

    #[test]
    fn databases_are_named_by_store_and_the_wiring() {
        assert_eq!(lines("engine", "use rusqlite::Row;\n// SQLite and PostgreSQL\nSqlite(a)"), [1, 3]);
        assert_eq!(lines("tillgate", "Sqlite(a)"), [0; 0]);
    }
}

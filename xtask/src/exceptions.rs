//! Where a rule of the house is set aside, each time with the reason. An exception that nothing needs any more is a
//! finding itself.

use crate::finding::Finding;

/// Rust files of more than 400 lines, and why they are one file.
pub(crate) const LONG_FILES: &[(&str, &str)] = &[(
    "crates/domain/src/payment/orders.rs",
    "one model of every order of facts, with the properties that hold in all of them",
)];

/// Rust files in which tests may sleep, and why no event could be waited for.
pub(crate) const SLEEPS: &[(&str, &str)] =
    &[("crates/testkit/src/merchant/answer.rs", "a merchant that answers byte by byte is slow in real time")];

/// Crates that the gateway contains in more than one version, and why.
pub(crate) const DUPLICATES: &[(&str, &str)] = &[
    ("base64", "PostgreSQL's driver is a generation behind; it is used while a connection signs in"),
    (
        "const-oid",
        "what binds PostgreSQL's sign-in to its TLS connection is a generation behind; a table of constants",
    ),
    (
        "cpufeatures",
        "const-hex is a generation behind the crates of sha2; a few hundred lines that ask the processor",
    ),
    ("fallible-iterator", "PostgreSQL's driver is a generation behind SQLite's; one trait"),
    (
        "getrandom",
        "ring, which rustls signs with, is a generation behind; a few hundred lines that ask the kernel",
    ),
    (
        "hashbrown",
        "governor and its dashmap are each a generation behind SQLite's driver; a map, without code that runs at start",
    ),
];

/// The finding that an entry of `list` is no longer needed, where it stands.
pub(crate) fn stale(list: &str, entry: &str) -> Finding {
    let quoted = format!("\"{entry}\"");
    let line = include_str!("exceptions.rs").lines().position(|line| line.contains(&quoted));
    let text = format!("{list} names {entry} without need; delete the entry");
    Finding::new("xtask/src/exceptions.rs", line.unwrap_or_default() + 1, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_without_need_is_found_where_it_stands() {
        let (path, _) = LONG_FILES[0];
        let finding = stale("LONG_FILES", path);
        let line = include_str!("exceptions.rs").lines().nth(finding.line - 1).unwrap();
        assert!(line.contains(path), "{finding}");
    }

    #[test]
    fn every_entry_has_a_reason() {
        for (name, reason) in [LONG_FILES, SLEEPS, DUPLICATES].concat() {
            assert!(reason.len() >= 20, "{name}");
        }
    }
}

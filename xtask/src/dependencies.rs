//! What the gateway is built from: no crate that we decided against, and none in two versions without a reason.

use std::{collections::BTreeMap, path::Path};

use crate::{
    error::Error,
    exceptions::{DUPLICATES, stale},
    finding::{Finding, report},
    shell,
    tree::DEV_ROOMS,
};

/// Crates that may not be built at all, not even for a test.
const REFUSED: &[(&str, &str)] = &[
    ("aws-lc-rs", "TLS is rustls with ring: it builds in a fifth of the time, and without cmake"),
    ("aws-lc-sys", "TLS is rustls with ring: it builds in a fifth of the time, and without cmake"),
    ("native-tls", "TLS is rustls with ring, the same on every machine"),
    ("openssl", "TLS is rustls with ring, the same on every machine"),
    ("openssl-sys", "TLS is rustls with ring, the same on every machine"),
];

/// Where findings of this step are mended.
const LOCK_FILE: &str = "Cargo.lock";

/// Checks the tree of dependencies of the workspace at `root`, and prints what it found.
pub(crate) fn run(root: &Path) -> Result<(), Error> {
    let arguments = ["tree", "--quiet", "--locked", "--workspace", "--prefix", "none", "--format", "{p}"];
    let everything = shell::output("cargo", &[&arguments[..], &["--edges", "all"]].concat(), root)?;
    let mut gateway = [&arguments[..], &["--edges", "normal,no-proc-macro", "--exclude", "xtask"]].concat();
    gateway.extend(
        DEV_ROOMS
            .iter()
            .filter(|room| root.join("crates").join(room).exists())
            .flat_map(|room| ["--exclude", room]),
    );
    let gateway = shell::output("cargo", &gateway, root)?;
    let gateway = versions(&gateway);
    let mut findings = refused(&versions(&everything));
    findings.extend(duplicates(&gateway, DUPLICATES));
    report(
        findings,
        &format!("{} crates in the gateway, {} of them twice with a reason", gateway.len(), DUPLICATES.len()),
    )
}

/// The versions of each crate in what `cargo tree` printed: `name v1.2.3 (path) (*)`.
fn versions(tree: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            let known = versions.entry(name).or_default();
            if !known.contains(&version) {
                known.push(version);
            }
        }
    }
    versions
}

fn refused(versions: &BTreeMap<&str, Vec<&str>>) -> Vec<Finding> {
    let found = REFUSED.iter().filter(|(name, _)| versions.contains_key(name));
    found
        .map(|(name, why)| {
            let text = format!(
                "{name} is in the tree: {why}. `cargo tree --workspace -i {name}` says who brings it"
            );
            Finding::new(LOCK_FILE, 1, text)
        })
        .collect()
}

fn duplicates(versions: &BTreeMap<&str, Vec<&str>>, argued: &[(&str, &str)]) -> Vec<Finding> {
    let twice = versions.iter().filter(|(_, known)| known.len() > 1);
    let unargued = twice.clone().filter(|(name, _)| !argued.iter().any(|(known, _)| known == *name));
    let mut findings: Vec<Finding> = unargued
        .map(|(name, known)| {
            let text = format!(
                "{name} is in the gateway as {}; bring its users to one version, or say in DUPLICATES in \
                 xtask/src/exceptions.rs why not. `cargo tree --workspace -e normal -i {name}@…` says who brings it",
                known.join(" and ")
            );
            Finding::new(LOCK_FILE, 1, text)
        })
        .collect();
    let idle = argued.iter().filter(|(known, _)| !twice.clone().any(|(name, _)| name == known));
    findings.extend(idle.map(|(name, _)| stale("DUPLICATES", name)));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str =
        "tillgate v0.1.0 (/crates/tillgate)\nsyn v2.0.1\nring v0.17.1\nsyn v3.0.9\n\nring v0.17.1 (*)\n";

    #[test]
    fn a_crate_in_two_versions_needs_a_reason_and_a_reason_two_versions() {
        let versions = versions(TREE);
        assert_eq!(versions["ring"], ["v0.17.1"]);
        let names = |argued: &[(&str, &str)]| -> Vec<String> {
            duplicates(&versions, argued).into_iter().map(|finding| finding.path).collect()
        };
        assert_eq!(names(&[]), [LOCK_FILE]);
        assert_eq!(names(&[("syn", "macros of two ages")]), [""; 0]);
        assert_eq!(names(&[("syn", "macros of two ages"), ("ring", "none")]), ["xtask/src/exceptions.rs"]);
    }

    #[test]
    fn a_crate_that_we_decided_against_is_found() {
        assert_eq!(refused(&versions(TREE)), []);
        for (name, _) in REFUSED {
            let tree = format!("{TREE}{name} v1.0.0\n");
            assert_eq!(refused(&versions(&tree)).len(), 1, "{name}");
        }
    }
}

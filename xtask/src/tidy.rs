//! The style of the house as a test: what STYLE.md asks for, as far as a program can see it.
//!
//! A rule is a function from the repository's files to its findings, in a file of its own, with a sample that breaks it
//! and one that does not. Rules read text: what needs types is clippy's.

mod blanks;
mod dead;
mod docs;
mod length;
mod links;
mod lints;
pub(crate) mod manifests;
mod panics;
mod snapshots;
mod unfinished;
mod waits;
mod width;
mod words;

use std::path::Path;

use crate::{
    error::Error,
    finding::{Finding, report},
    tree::Tree,
};

/// Every rule that needs nothing but the files.
const RULES: &[fn(&Tree) -> Vec<Finding>] = &[
    blanks::check,
    dead::check,
    docs::check,
    length::check,
    links::check,
    lints::check,
    manifests::check,
    panics::check,
    snapshots::check,
    unfinished::check,
    waits::check,
    width::check,
    words::check,
];

/// Checks the repository at `root`, and prints what it found.
pub(crate) fn run(root: &Path) -> Result<(), Error> {
    let tree = Tree::read(root)?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    findings.extend(snapshots::pending(&tree, root));
    report(findings, &format!("{} files, {}", tree.files().len(), length::summary(&tree)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `rule` says about a tree of these files.
    pub(super) fn findings(rule: fn(&Tree) -> Vec<Finding>, files: &[(&str, &str)]) -> Vec<String> {
        rule(&Tree::sample(files)).iter().map(ToString::to_string).collect()
    }

    /// Holds that `rule` finds something at exactly these places: `path:line`.
    pub(super) fn assert_found(rule: fn(&Tree) -> Vec<Finding>, files: &[(&str, &str)], places: &[&str]) {
        let found = rule(&Tree::sample(files));
        let at: Vec<_> = found.iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect();
        assert_eq!(at, places, "{found:#?}");
    }
}

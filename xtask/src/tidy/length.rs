//! A file is read in one sitting: up to 400 lines, or an argument in `LONG_FILES`.

use crate::{
    exceptions::{LONG_FILES, stale},
    finding::Finding,
    tree::Tree,
};

/// Lines of a Rust file, at most, without an argument.
const LINES: usize = 400;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    check_against(tree, LONG_FILES)
}

/// How long the files are, in one line.
pub(super) fn summary(tree: &Tree) -> String {
    let mut lengths: Vec<usize> = tree.rust().map(|(file, _)| file.lines().count()).collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    format!("{} of them Rust, of {median} lines at the median", lengths.len())
}

fn check_against(tree: &Tree, argued: &[(&str, &str)]) -> Vec<Finding> {
    let long: Vec<(&str, usize)> = tree
        .rust()
        .map(|(file, _)| (file.path.as_str(), file.lines().count()))
        .filter(|(_, lines)| *lines > LINES)
        .collect();
    let unargued = long.iter().filter(|(path, _)| !argued.iter().any(|(known, _)| known == path));
    let mut findings: Vec<Finding> = unargued
        .map(|(path, lines)| {
            let text = format!(
                "{lines} lines; split it by its nouns, or argue in LONG_FILES in xtask/src/exceptions.rs"
            );
            Finding::new(path, LINES + 1, text)
        })
        .collect();
    let idle = argued.iter().filter(|(known, _)| !long.iter().any(|(path, _)| path == known));
    findings.extend(idle.map(|(path, _)| stale("LONG_FILES", path)));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: usize, argued: &[(&str, &str)]) -> Vec<String> {
        let tree = Tree::sample(&[("a/src/b.rs", &"\n".repeat(lines))]);
        check_against(&tree, argued).into_iter().map(|finding| finding.path).collect()
    }

    #[test]
    fn a_long_file_needs_an_argument_and_an_argument_a_long_file() {
        assert_eq!(found(400, &[]), [""; 0]);
        assert_eq!(found(401, &[]), ["a/src/b.rs"]);
        assert_eq!(found(401, &[("a/src/b.rs", "a table")]), [""; 0]);
        assert_eq!(found(400, &[("a/src/b.rs", "a table")]), ["xtask/src/exceptions.rs"]);
    }
}

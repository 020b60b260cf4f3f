//! No tabs, nothing invisible at the end of a line, and a line break at the end of a file.

use crate::{finding::Finding, tree::Tree};

/// What is written by hand.
const EXTENSIONS: &[&str] = &["css", "html", "js", "md", "mjs", "rs", "sh", "sol", "sql", "toml"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().iter().filter(|file| EXTENSIONS.contains(&file.extension())) {
        for (number, line) in file.lines() {
            if line.contains('\t') {
                findings.push(Finding::new(&file.path, number, "a tab; write blanks, or \\t in a string"));
            }
            if line.ends_with([' ', '\t', '\r']) {
                findings.push(Finding::new(&file.path, number, "a blank at the end; delete it"));
            }
        }
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            let last = file.lines().count();
            findings.push(Finding::new(&file.path, last, "no line break at the end of the file; add one"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::assert_found;

    #[test]
    fn invisible_characters_are_found() {
        let text = "a\n\tb\nc \nd\r\ne";
        assert_found(super::check, &[("a.rs", text)], &["a.rs:2", "a.rs:3", "a.rs:5"]);
        assert_found(super::check, &[("a.rs", "a\n  b\n"), ("empty.md", ""), ("b.snap", "c ")], &[]);
    }
}

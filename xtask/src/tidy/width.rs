//! Lines fit a page: 120 characters.
//!
//! rustfmt breaks code at 110; this holds comments, strings, SQL, scripts and prose. Tables and code blocks of Markdown
//! cannot be broken, and neither can a word that is too long for any line.

use crate::{finding::Finding, tree::Tree};

/// Characters of a line, at most.
const WIDTH: usize = 120;

/// What is written by hand and read by people.
const EXTENSIONS: &[&str] = &["md", "rs", "sh", "sql"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().iter().filter(|file| EXTENSIONS.contains(&file.extension())) {
        let is_prose = file.extension() == "md";
        let mut in_block = false;
        for (number, line) in file.lines() {
            in_block ^= is_prose && line.trim_start().starts_with("```");
            let unbreakable = is_prose && (in_block || line.trim_start().starts_with('|'));
            let width = line.chars().count();
            if width > WIDTH && !unbreakable && !has_endless_word(line) {
                findings.push(Finding::new(
                    &file.path,
                    number,
                    format!("{width} characters; break the line at {WIDTH} or before"),
                ));
            }
        }
    }
    findings
}

/// Whether a word fits no line, however it is broken.
fn has_endless_word(line: &str) -> bool {
    let indent = line.len() - line.trim_start().len();
    line.split_whitespace().any(|word| indent + word.chars().count() > WIDTH)
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::assert_found;

    #[test]
    fn long_lines_are_found_and_unbreakable_ones_are_not() {
        let (fits, long) = ("é ".repeat(60), "word ".repeat(25));
        let prose = format!("{fits}\n| {long}\n```\n{long}\n```\n{long}\n{}\n", "x".repeat(121));
        assert_found(super::check, &[("a.md", &prose)], &["a.md:6"]);
        assert_found(super::check, &[("a.rs", &format!("// {long}"))], &["a.rs:1"]);
        assert_found(super::check, &[("a.json", &long), ("Cargo.lock", &long), ("b.snap", &long)], &[]);
    }
}

//! Nothing is left for later: no stubs, no notes to oneself, no debugging.

use crate::{finding::Finding, text::has_word, tree::Tree};

/// Macros that stand for work not done. In pieces, so that this file is not found.
const MACROS: &[&str] = &[concat!("to", "do!"), concat!("unimple", "mented!"), concat!("db", "g!")];

/// Notes, as they are written.
const NOTES: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
    concat!("for ", "now"),
    concat!("not imple", "mented"),
    concat!("not yet imple", "mented"),
];

/// What is written by hand, prose apart.
const EXTENSIONS: &[&str] = &["css", "html", "js", "mjs", "rs", "sh", "sol", "sql", "toml"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().iter().filter(|file| EXTENSIONS.contains(&file.extension())) {
        for (number, line) in file.lines().filter(|(number, _)| !file.is_test(*number)) {
            if let Some(note) = NOTES.iter().find(|note| has_word(line, note)) {
                findings.push(Finding::new(
                    &file.path,
                    number,
                    format!("`{note}`: finish it, or say what is so and why"),
                ));
            }
        }
    }
    for (file, source) in tree.rust() {
        for name in MACROS {
            for line in
                source.find(name).map(|offset| source.line_of(offset)).filter(|line| !file.is_test(*line))
            {
                findings.push(Finding::new(&file.path, line, format!("`{name}` in the source: finish it")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::assert_found;

    #[test]
    fn what_is_left_for_later_is_found_outside_tests() {
        for note in NOTES {
            assert_found(check, &[("a/src/b.rs", &format!("\n// {note}: mend"))], &["a/src/b.rs:2"]);
            assert_found(check, &[("a/tests/b.rs", &format!("\n// {note}: mend"))], &[]);
        }
        for name in MACROS {
            let text = format!("fn a() {{ {name}() }}\n#[cfg(test)]\nmod tests {{\n {name}()\n}}");
            assert_found(check, &[("a/src/b.rs", &text)], &["a/src/b.rs:1"]);
        }
    }

    #[test]
    fn words_that_only_look_like_it_are_fine() {
        let text = format!("// {}adecimal, {}where\n", NOTES[2], NOTES[4]);
        assert_found(check, &[("a/src/b.rs", &text)], &[]);
    }
}

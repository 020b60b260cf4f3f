//! The gateway does not panic where it could answer. What cannot happen says why, on the item:
//! `#[expect(clippy::expect_used, reason = "…")]`.
//!
//! `unwrap` is clippy's; this holds what clippy would find in tests as well, where it is welcome.

use crate::{finding::Finding, source::Source, tree::Tree};

/// How it looks, and the lint by which a place excuses itself. In pieces, so that this file is not found.
const PANICS: &[(&str, &str)] = &[
    (".expect(", "clippy::expect_used"),
    (concat!("pan", "ic!("), "clippy::panic"),
    (concat!("unreach", "able!("), "clippy::unreachable"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        for (panic, lint) in PANICS {
            for offset in source.find(panic) {
                let line = source.line_of(offset);
                let behind = file.text.get(offset + panic.len()..).unwrap_or_default();
                if file.is_test(line) || !says_why(panic, behind) || is_excused(source, offset, lint) {
                    continue;
                }
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!(
                        "`{panic}…)` outside tests: answer an error, or `#[expect({lint}, reason = \"…\")]`"
                    ),
                ));
            }
        }
    }
    findings
}

/// Whether this is the method of `Option` and `Result`, whose argument is a message, and not a parser's.
fn says_why(panic: &str, behind: &str) -> bool {
    panic.ends_with("!(") || behind.trim_start().starts_with(['"', '&'])
}

fn is_excused(source: &Source, offset: usize, lint: &str) -> bool {
    source.attributes().iter().any(|attribute| {
        attribute.covers.contains(&offset)
            && attribute.text.contains("expect(")
            && attribute.text.contains(lint)
            && attribute.text.contains("reason")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::assert_found;

    #[test]
    fn panics_are_found_outside_tests_and_without_a_reason() {
        for (panic, lint) in PANICS {
            let call = format!("fn a() {{ b{panic}\"c\") }}\n");
            assert_found(check, &[("a/src/b.rs", &call)], &["a/src/b.rs:1"]);
            assert_found(check, &[("a/tests/b.rs", &call), ("crates/testkit/src/c.rs", &call)], &[]);
            let excused = format!("#[expect({lint}, reason = \"d\")]\n{call}{call}");
            assert_found(check, &[("a/src/b.rs", &excused)], &["a/src/b.rs:3"]);
            let unreasoned = format!("#[expect({lint})]\n{call}");
            assert_found(check, &[("a/src/b.rs", &unreasoned)], &["a/src/b.rs:2"]);
        }
        assert_found(check, &[("a/src/b.rs", "fn a() { parser.expect(Token::Comma)?; }\n")], &[]);
    }
}

//! Every Rust file of a room says first what it is: its first line begins with `//!`. Files of tests need not.

use crate::{finding::Finding, tree::Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|(file, _)| file.path.contains("/src/") && !file.is_test(1) && !file.text.starts_with("//!"))
        .map(|(file, _)| Finding::new(&file.path, 1, "no `//!` on its first line; say what the file is for"))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::assert_found;

    #[test]
    fn a_file_that_does_not_say_what_it_is_is_found() {
        let files = [
            ("crates/a/src/b.rs", "//! B.\n"),
            ("crates/a/src/c.rs", "use b;\n"),
            ("crates/a/tests/d.rs", "use b;\n"),
            ("crates/a/Cargo.toml", ""),
            ("crates/a/src/lib.rs", "//! A.\nmod b;\nmod c;\n#[cfg(test)]\nmod tests;\n"),
            ("crates/a/src/tests.rs", "use b;\n"),
        ];
        assert_found(super::check, &files, &["crates/a/src/c.rs:1"]);
    }
}

//! Every Rust file is compiled: cargo or a `mod` item reaches it.

use crate::{finding::Finding, tree::Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|(file, _)| !file.reached)
        .map(|(file, _)| {
            Finding::new(&file.path, 1, "no `mod` item reaches this file; declare it, or delete it")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::assert_found;

    #[test]
    fn a_file_that_nothing_compiles_is_found() {
        let files = [
            ("a/Cargo.toml", ""),
            ("a/src/b.rs", ""),
            ("a/src/c.rs", ""),
            ("a/src/lib.rs", "mod b;"),
            ("a/tests/d.rs", "mod e;"),
        ];
        assert_found(super::check, &files, &["a/src/c.rs:1"]);
    }
}

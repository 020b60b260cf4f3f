//! The documentation, and the examples in it.

use std::collections::BTreeSet;

use super::{Outcome, cargo, passed};
use crate::{error::Error, shell, tree::Tree};

/// Builds the documentation of every room, private items included: most readers of it work on the room.
pub(super) fn build() -> Result<Outcome, Error> {
    let arguments = ["doc", "--quiet", "--locked", "--workspace", "--no-deps", "--document-private-items"];
    let mut command = shell::command("cargo", &arguments);
    command.env("RUSTDOCFLAGS", "-D warnings");
    passed(shell::run(command))
}

/// Runs the examples of the rooms that have any: rustdoc would build each room anew to find none.
pub(super) fn examples() -> Result<Outcome, Error> {
    let tree = Tree::read(shell::root())?;
    let rooms = rooms_with_examples(&tree);
    if rooms.is_empty() {
        println!("the documentation has no examples");
        return Ok(Outcome::Passed);
    }
    let packages = rooms.iter().flat_map(|room| ["-p", room]);
    cargo(&["test", "--quiet", "--locked", "--doc"].into_iter().chain(packages).collect::<Vec<_>>())
}

/// The rooms with a code block in a doc comment that is not marked as text.
fn rooms_with_examples(tree: &Tree) -> BTreeSet<&str> {
    tree.rust().filter(|(file, _)| has_example(&file.text)).filter_map(|(file, _)| file.room()).collect()
}

fn has_example(text: &str) -> bool {
    let documentation = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("//")?.strip_prefix(['/', '!']).map(str::trim));
    // Fences come in pairs, and the first of a pair says what is in between.
    documentation.filter(|line| line.starts_with("```")).step_by(2).any(|fence| fence != "```text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_with_examples_are_known() {
        let tree = Tree::sample(&[
            ("crates/a/src/lib.rs", "//! ```\n//! a()\n//! ```\n"),
            ("crates/b/src/lib.rs", "//! ```text\n//! A table.\n//! ```\nconst B: &str = \"\n```\";\n"),
            ("crates/c/src/lib.rs", "/// ```no_run\n/// c()\n/// ```\n"),
        ]);
        assert_eq!(rooms_with_examples(&tree).into_iter().collect::<Vec<_>>(), ["a", "c"]);
    }
}

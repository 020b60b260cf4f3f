//! No dialect is named outside `dialects` and the wiring. What is said here once is said for all of them.

use super::Section;
use crate::{
    finding::Finding,
    tree::{DEV_ROOMS, File, Tree},
};

/// Rooms that know dialects by name.
const KNOWING: &[&str] = &["dialects", "tillgate"];

/// What may hold a name: code, statements, pages and manifests.
const EXTENSIONS: &[&str] = &["css", "html", "js", "rs", "sql", "toml"];

/// Names that mean nothing else. Nothing else means them either: `Alpha` in a type's name is one word there.
const NAMES: &[&str] = &["alpha", "alphapo", "alppay"];

/// Names that are ordinary words as well: only as a module's path, or as a tag.
const TAGS: &[&str] = &["dialects::applications", "dialects::shop", "\"applications\""];

/// Where a dialect is named and should not be.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().iter().filter(|file| may_not_name(file)) {
        for (number, line) in file.lines().filter(|(number, _)| !file.is_test(*number)) {
            let lower = line.to_lowercase();
            let name = NAMES.iter().find(|name| stands_alone(&lower, name));
            if let Some(name) = name.or_else(|| TAGS.iter().find(|tag| lower.contains(*tag))) {
                let text = format!("{name} is a dialect's name; only {} know any", KNOWING.join(" and "));
                findings.push(Section::Invariants.finding(&file.path, number, &text));
            }
        }
    }
    findings
}

fn may_not_name(file: &File) -> bool {
    let free = |room: &str| KNOWING.contains(&room) || DEV_ROOMS.contains(&room);
    EXTENSIONS.contains(&file.extension()) && file.room().is_some_and(|room| !free(room))
}

/// Whether `name` stands in `line` with no letter or digit beside it. `alpha_key` names it; `alphabet` does not.
fn stands_alone(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default();
        let after = line.get(at + name.len()..).unwrap_or_default();
        !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::sample(&[(path, text)])).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_dialect_is_found_by_name_and_by_tag() {
        let text = [
            "// as Alpha does",
            "let alpha_key = 1;",
            "\"alppay\"",
            "AlphaPo",
            "dialects::shop::wire",
            "f(\"applications\")",
        ]
        .join("\n");
        assert_eq!(lines("crates/engine/src/lib.rs", &text), [1, 2, 3, 4, 5, 6]);
        assert_eq!(lines("crates/store/migrations/sqlite/V1.sql", "-- alphapo"), [1]);
    }

    #[test]
    fn ordinary_words_and_knowing_rooms_are_fine() {
        let text = "const ALPHABET: u8 = 1;\n// nonalpha, a shop, its applications\nlet shop = \"shop\";\nmod shop;\n";
        assert_eq!(lines("crates/engine/src/lib.rs", text), [0; 0]);
        for path in [
            "crates/dialects/src/lib.rs",
            "crates/tillgate/src/lib.rs",
            "crates/engine/tests/a.rs",
            "docs/a.rs",
        ] {
            assert_eq!(lines(path, "alpha"), [0; 0], "{path}");
        }
        assert_eq!(lines("crates/engine/src/lib.rs", "#[cfg(test)]\nmod tests {\n  alpha\n}\n"), [0; 0]);
    }
}

//! Words that do not belong in the project: where it was made, by whom, and where its packages come from.

use crate::{finding::Finding, text::has_word, tree::Tree};

/// A word, and what is wrong with it. In pieces, so that this file is not found. Lower case.
const WORDS: &[(&str, &str)] = &[
    (concat!("../", "shared"), PLACE),
    (concat!("crates", ".io"), REGISTRY),
    (concat!("npmjs", ".org"), REGISTRY),
    (concat!("npmjs", ".com"), REGISTRY),
    (concat!("pypi", ".org"), REGISTRY),
    (concat!("pythonhosted", ".org"), REGISTRY),
    (concat!("deb.debian", ".org"), REGISTRY),
    (concat!("proxy.golang", ".org"), REGISTRY),
    (concat!("as an", " ai"), MAKING),
    (concat!("as the", " ai"), MAKING),
    (concat!("as an", " assistant"), MAKING),
    (concat!("sub", "agent"), MAKING),
    (concat!("sub", "agents"), MAKING),
    (concat!("this", " session"), "say whose session: the sign-in session"),
];

const PLACE: &str = "a path outside the repository; say here what it says there";
const REGISTRY: &str = "a registry's host; package managers know theirs";
const MAKING: &str = "how the text was made is nobody's business; leave it out";

/// Written by cargo, which names its registry.
const LOCK_FILE: &str = "Cargo.lock";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().iter().filter(|file| file.path.rsplit('/').next() != Some(LOCK_FILE)) {
        let text = file.text.to_lowercase();
        // Most files hold none of them: one look at the whole before a look at each line.
        let here: Vec<_> = WORDS.iter().filter(|(word, _)| text.contains(word)).collect();
        for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
            for (word, why) in here.iter().filter(|(word, _)| has_word(line, word)) {
                findings.push(Finding::new(&file.path, number, format!("`{word}`: {why}")));
            }
            if names_a_ticket(line) {
                let why = "a ticket's number; say what it says";
                findings.push(Finding::new(&file.path, number, why));
            }
        }
    }
    findings
}

/// Whether a line says "issue", and a number next.
fn names_a_ticket(line: &str) -> bool {
    line.match_indices("issue ").any(|(at, word)| {
        let number = line.get(at + word.len()..).unwrap_or_default().trim_start_matches('#');
        number.starts_with(|letter: char| letter.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::assert_found;

    #[test]
    fn words_that_do_not_belong_are_found_in_every_kind_of_file() {
        for (word, _) in WORDS {
            let text = format!("a\nb ({}) c", word.to_uppercase());
            assert_found(check, &[("a.html", &text), ("b/Cargo.lock", &text)], &["a.html:2"]);
        }
        for number in ["3", "#3"] {
            assert_found(check, &[("a.md", &format!("see Issue {number}"))], &["a.md:1"]);
        }
        assert_found(check, &[("a.md", "an issue is shared as an airline does; issues 3")], &[]);
    }
}

//! Which room may import which, and what each may touch, as a test: section 4 of the design, told to newcomers in
//! ARCHITECTURE.md.
//!
//! Crates make the compiler enforce most of it. This holds what a crate could still do: depend on a room above it,
//! bring a network into a room that has none, name a vendor, write SQL, open a transaction. Tests are free, and so are
//! the rooms that are for tests only.

mod boundaries;
mod imports;
mod names;
mod planted;
mod table;

use std::path::Path;

use crate::{
    error::Error,
    finding::{Finding, report},
    tree::Tree,
};

/// Checks the workspace at `root`, and prints what it found.
pub(crate) fn run(root: &Path) -> Result<(), Error> {
    let tree = Tree::read(root)?;
    let packages = imports::packages(root)?;
    let mut findings = imports::check(&tree, &packages);
    findings.extend(boundaries::check(&tree));
    findings.extend(names::check(&tree));
    findings.extend(planted::check(root)?);
    findings.extend(unexplained(&tree));
    report(findings, &format!("{} rooms, each within its walls", packages.len()))
}

/// The file that explains what the findings say.
const MAP: &str = "ARCHITECTURE.md";

/// A section of [`MAP`] that a finding refers to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// The import rules.
    Imports,
    /// What always holds.
    Invariants,
}

impl Section {
    /// Every section that findings refer to.
    const ALL: &'static [Self] = &[Self::Imports, Self::Invariants];

    /// Its heading.
    const fn heading(self) -> &'static str {
        match self {
            Self::Imports => "Which room may import which",
            Self::Invariants => "Invariants",
        }
    }

    /// A finding whose reason stands in this section.
    fn finding(self, path: &str, line: usize, text: &str) -> Finding {
        Finding::new(path, line, format!("{text} ({MAP}, \"{}\")", self.heading()))
    }
}

/// Sections that findings refer to, and that are not there.
fn unexplained(tree: &Tree) -> Vec<Finding> {
    let text = tree.file(MAP).map(|file| file.text.as_str()).unwrap_or_default();
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    let missing =
        Section::ALL.iter().filter(|section| !headings.iter().any(|line| line.contains(section.heading())));
    missing
        .map(|section| {
            let text = format!(
                "no section \"{}\", which findings of `cargo xtask rooms` refer to",
                section.heading()
            );
            Finding::new(MAP, 1, text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_is_not_written_is_missed() {
        let whole = "# Map\n## 4. Which room may import which\n\n## Invariants\n";
        assert_eq!(unexplained(&Tree::sample(&[(MAP, whole)])), []);
        assert_eq!(
            unexplained(&Tree::sample(&[(MAP, "# Map\n## Invariants\nWhich room may import which\n")])).len(),
            1
        );
        assert_eq!(unexplained(&Tree::sample(&[])).len(), 2);
    }
}

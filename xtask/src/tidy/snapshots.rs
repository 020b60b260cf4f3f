//! Snapshots are accepted, and belong to a test that is still there. Which of them the tests really compared is known
//! only once they ran: see `cargo xtask test`.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{finding::Finding, tree::Tree};

/// What insta writes beside a snapshot that differs, and beside a file whose inline snapshot does.
const PENDING: &[&str] = &[".snap.new", ".pending-snap"];

/// The line of a snapshot's head that names the file with its test.
const SOURCE: &str = "source: ";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().iter().filter(|file| file.extension() == "snap") {
        let source =
            file.lines().take(5).find_map(|(number, line)| Some((number, line.strip_prefix(SOURCE)?)));
        match source {
            Some((_, path)) if tree.file(path.trim()).is_some() => {}
            Some((number, path)) => {
                let text = format!("its test was in {path}, which is gone; delete the snapshot");
                findings.push(Finding::new(&file.path, number, text));
            }
            None => findings.push(Finding::new(&file.path, 1, "names no source; record it again")),
        }
    }
    findings
}

/// Snapshots that wait to be accepted. Git ignores them, so that the folders have to be looked at.
pub(super) fn pending(tree: &Tree, root: &Path) -> Vec<Finding> {
    let folders: BTreeSet<&str> =
        tree.rust().filter_map(|(file, _)| file.path.rsplit_once('/')).map(|(folder, _)| folder).collect();
    let folders = folders.into_iter().flat_map(|folder| [folder.to_owned(), format!("{folder}/snapshots")]);
    let mut findings = Vec::new();
    for folder in folders {
        // A folder without snapshots has no such folder inside.
        let Ok(entries) = fs::read_dir(root.join(&folder)) else { continue };
        for name in entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()) {
            if PENDING.iter().any(|ending| name.ends_with(ending)) {
                let text = "a snapshot that nobody accepted; look at it, then accept or delete it";
                findings.push(Finding::new(&format!("{folder}/{name}"), 1, text));
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
    fn a_snapshot_without_a_test_is_found() {
        let files = [
            ("a/tests/b.rs", ""),
            ("a/tests/snapshots/b__c.snap", "---\nsource: a/tests/b.rs\nexpression: c\n---\nd\n"),
            ("a/tests/snapshots/e__f.snap", "---\nsource: a/tests/e.rs\nexpression: f\n---\n"),
            ("a/tests/snapshots/g.snap", "h\n"),
        ];
        let places = ["a/tests/snapshots/e__f.snap:2", "a/tests/snapshots/g.snap:1"];
        assert_found(check, &files, &places);
    }

    #[test]
    fn a_snapshot_that_waits_is_found() {
        let root = std::env::temp_dir().join(format!("tillgate-xtask-{}", std::process::id()));
        let folder = root.join("a/tests/snapshots");
        fs::create_dir_all(&folder).unwrap();
        let tree = Tree::sample(&[("a/tests/b.rs", "")]);
        fs::write(folder.join("b__c.snap"), "").unwrap();
        assert_eq!(pending(&tree, &root), []);
        fs::write(folder.join("b__c.snap.new"), "").unwrap();
        let found = pending(&tree, &root);
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(
            found.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(),
            ["a/tests/snapshots/b__c.snap.new"]
        );
    }
}

//! The files of the repository: those that git tracks, and those that it would.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use crate::{error::Error, modules, shell, source::Source};

/// Rooms that are for tests only.
pub(crate) const DEV_ROOMS: &[&str] = &["bench", "simulation", "testkit"];

/// Every text file of the repository.
pub(crate) struct Tree {
    files: Vec<File>,
}

/// One text file.
pub(crate) struct File {
    /// Its path from the root of the repository, with `/` between folders.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
    /// A Rust file's text, taken apart.
    pub(crate) source: Option<Source>,
    /// Whether a `mod` item, or cargo itself, reaches this Rust file.
    pub(crate) reached: bool,
    /// Whether only tests compile this Rust file.
    for_tests: bool,
}

impl Tree {
    /// Reads the repository at `root`. What is not UTF-8 is no text, and left out.
    pub(crate) fn read(root: &Path) -> Result<Self, Error> {
        let list = shell::output("git", &["ls-files", "-z", "-co", "--exclude-standard"], root)?;
        let paths: BTreeSet<&str> = list.split('\0').filter(|path| !path.is_empty()).collect();
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            match fs::read(root.join(path)) {
                Ok(bytes) => files.extend(String::from_utf8(bytes).ok().map(|text| (path.to_owned(), text))),
                // Deleted, and git does not know yet; or a link to a folder.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory) => {}
                Err(cause) => return Err(Error::File { path: root.join(path), cause }),
            }
        }
        Ok(Self::new(files))
    }

    /// The tree that consists of these files.
    pub(crate) fn new(files: Vec<(String, String)>) -> Self {
        let mut files: Vec<File> = files.into_iter().map(|(path, text)| File::new(path, text)).collect();
        let reached = {
            let sources: BTreeMap<&str, &File> =
                files.iter().map(|file| (file.path.as_str(), file)).collect();
            modules::reach(&sources)
        };
        for file in &mut files {
            if let Some(for_tests) = reached.get(&file.path) {
                file.reached = true;
                file.for_tests |= for_tests;
            }
        }
        Self { files }
    }

    /// The files, ordered by path.
    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }

    /// The file at `path`.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The Rust files, each with its text taken apart.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&File, &Source)> {
        self.files.iter().filter_map(|file| file.source.as_ref().map(|source| (file, source)))
    }
}

impl File {
    fn new(path: String, text: String) -> Self {
        let source = (extension(&path) == "rs").then(|| Source::new(&text));
        let for_tests = path.split('/').any(|folder| matches!(folder, "tests" | "benches"))
            || room(&path).is_some_and(|room| DEV_ROOMS.contains(&room));
        Self { path, text, source, reached: false, for_tests }
    }

    /// What follows the last dot of the path.
    pub(crate) fn extension(&self) -> &str {
        extension(&self.path)
    }

    /// The room that the file belongs to.
    pub(crate) fn room(&self) -> Option<&str> {
        room(&self.path)
    }

    /// Whether line `number` (from 1) is for tests only.
    pub(crate) fn is_test(&self, number: usize) -> bool {
        self.for_tests || self.source.as_ref().is_some_and(|source| source.is_test(number))
    }

    /// The lines, numbered from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn room(path: &str) -> Option<&str> {
    path.strip_prefix("crates/").and_then(|rest| rest.split_once('/')).map(|(room, _)| room)
}

#[cfg(test)]
impl Tree {
    /// A tree of a few small files, for the tests of a rule.
    pub(crate) fn sample(files: &[(&str, &str)]) -> Self {
        Self::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_known_by_folder_by_room_and_by_their_mod_item() {
        let tree = Tree::sample(&[
            ("crates/a/Cargo.toml", ""),
            ("crates/a/src/lib.rs", "mod b;\n#[cfg(test)]\nmod c;"),
            ("crates/a/src/b.rs", ""),
            ("crates/a/src/c.rs", ""),
            ("crates/a/tests/d.rs", ""),
            ("crates/testkit/src/lib.rs", ""),
        ]);
        let tests: Vec<_> =
            tree.files().iter().filter(|file| file.is_test(1)).map(|file| &file.path).collect();
        assert_eq!(tests, ["crates/a/src/c.rs", "crates/a/tests/d.rs", "crates/testkit/src/lib.rs"]);
        assert_eq!(tree.file("crates/a/src/b.rs").unwrap().room(), Some("a"));
    }

    #[test]
    fn the_repository_itself_can_be_read() {
        let tree = Tree::read(shell::root()).unwrap();
        assert!(tree.file("xtask/src/tree.rs").is_some_and(|file| file.reached));
        assert!(!tree.files().iter().any(|file| file.path.starts_with("target/")));
    }
}

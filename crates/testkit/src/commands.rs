//! The commands of the engine, read from its sources: for tests that must not leave one out.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The fewest commands that the engine has. Whoever finds fewer looked in the wrong place.
const FEWEST: usize = 40;

/// What stands before the name of a command where it is called, blanks left out: whoever has an engine calls it that,
/// or has nothing else.
const CALLS: [&str; 4] = ["engine.", "engine().", ".0.", "Engine::"];

/// How an engine is given a name, blanks left out.
const NAMES: [&str; 3] = [":Engine", ":&Engine", ":&'aEngine"];

/// The names of everything that the engine does for others: whatever stands behind `pub async fn` in its sources.
///
/// # Panics
/// When they cannot be read.
pub fn of_the_engine() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, text) in sources(&crates().join("engine/src")) {
        let after = text.split("pub async fn ").skip(1);
        found.extend(after.filter_map(|rest| Some(rest.split(['(', '<']).next()?.to_owned())));
    }
    assert!(found.len() > FEWEST, "the engine has more commands than {found:?}");
    found
}

/// Every call of one of these commands in the sources of a room: the command, and the file from the room's `src`.
///
/// # Panics
/// When they cannot be read, or have another name for their engine than the calls are looked for by.
pub fn called_in(room: &str, commands: &BTreeSet<String>) -> BTreeSet<(String, String)> {
    let folder = crates().join(room).join("src");
    let mut found = BTreeSet::new();
    for (path, text) in sources(&folder) {
        let file = path.strip_prefix(&folder).expect("a file of the room").to_string_lossy().into_owned();
        let text: String = text.split_whitespace().collect();
        for name in NAMES {
            let is_whole =
                |at: usize| !text[at + name.len()..].starts_with(|letter: char| letter.is_alphanumeric());
            let is_path = |at: usize| text[..at].ends_with(':');
            let mut given = text.match_indices(name).filter(|(at, _)| is_whole(*at) && !is_path(*at));
            assert!(
                given.all(|(at, _)| text[..at].ends_with("engine")),
                "{room}/{file}: call an engine an engine"
            );
        }
        for calls in CALLS {
            for (at, _) in text.match_indices(calls) {
                let after = text.get(at + calls.len()..).unwrap_or_default();
                let name = after.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next();
                let command =
                    name.filter(|name| commands.contains(*name) && after[name.len()..].starts_with('('));
                found.extend(command.map(|command| (command.to_owned(), file.clone())));
            }
        }
    }
    found
}

/// The rooms that may call the engine: those whose manifest names it as a dependency.
///
/// # Panics
/// When a manifest cannot be read.
pub fn rooms_with_the_engine() -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for entry in fs::read_dir(crates()).expect("the rooms") {
        let folder = entry.expect("a room").path();
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        let normal = manifest.split("[dev-dependencies]").next().unwrap_or_default();
        if normal.lines().any(|line| line.starts_with("engine = ")) {
            rooms.extend(folder.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    rooms
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file below a folder, with what is in it.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a file");
            found.push((path, text));
        }
    }
    found
}

//! Which Rust files a crate really consists of: those that cargo starts from, and those that `mod` items add.

use std::collections::BTreeMap;

use crate::tree::File;

/// Folders of a crate in which each file is a root.
const FOLDERS_OF_ROOTS: &[&str] = &["src/bin", "benches", "examples", "tests"];

/// The Rust files that are reached, each with whether only tests compile it.
///
/// Roots are where cargo looks by itself: `src/lib.rs`, `src/main.rs`, `src/bin/`, `tests/`, `benches/`, `examples/`
/// and `build.rs` beside a `Cargo.toml`. A `mod` item counts at the top level of its file.
pub(crate) fn reach(files: &BTreeMap<&str, &File>) -> BTreeMap<String, bool> {
    let mut open: Vec<(String, bool)> =
        files.keys().filter(|path| is_root(path, files)).map(|path| ((*path).to_owned(), false)).collect();
    let mut reached: BTreeMap<String, bool> = BTreeMap::new();
    while let Some((path, for_tests)) = open.pop() {
        // A file that is reached twice is for tests only where both ways are.
        if reached.get(&path).is_some_and(|known| !known || for_tests) {
            continue;
        }
        if let Some(file) = files.get(path.as_str()) {
            for (places, line_for_tests) in declared(file) {
                let place = places.into_iter().find(|place| files.contains_key(place.as_str()));
                open.extend(place.map(|place| (place, for_tests || line_for_tests)));
            }
        }
        reached.insert(path, for_tests);
    }
    reached
}

/// Whether cargo starts from the file at `path`.
fn is_root(path: &str, files: &BTreeMap<&str, &File>) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else { return false };
    let is_crate = |folder: &str| files.contains_key(format!("{folder}/Cargo.toml").as_str());
    let holds_roots = |folder: &str| {
        let mut kinds = FOLDERS_OF_ROOTS.iter();
        kinds.any(|kind| {
            folder.strip_suffix(kind).and_then(|rest| rest.strip_suffix('/')).is_some_and(is_crate)
        })
    };
    match name {
        "lib.rs" | "main.rs" if folder.strip_suffix("/src").is_some_and(is_crate) => true,
        "build.rs" if is_crate(folder) => true,
        "main.rs" if folder.rsplit_once('/').is_some_and(|(outer, _)| holds_roots(outer)) => true,
        _ => holds_roots(folder),
    }
}

/// The modules that `file` declares: where each may stand, and whether it is for tests only.
fn declared(file: &File) -> Vec<(Vec<String>, bool)> {
    let Some(source) = &file.source else { return Vec::new() };
    let Some((folder, name)) = file.path.rsplit_once('/') else { return Vec::new() };
    let stem = name.trim_end_matches(".rs");
    // Roots keep their modules beside them.
    let beside = matches!(stem, "lib" | "main" | "mod" | "build")
        || FOLDERS_OF_ROOTS
            .iter()
            .any(|kind| folder.strip_suffix(kind).is_some_and(|rest| rest.ends_with('/')));
    let home = if beside { folder.to_owned() } else { format!("{folder}/{stem}") };
    let mut found = Vec::new();
    let mut before = "";
    for ((number, line), code) in file.lines().zip(source.code().lines()) {
        if let Some(module) = module_name(code) {
            let path = before.trim().strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]"));
            let places = match path {
                Some(path) => vec![format!("{folder}/{path}")],
                None => vec![format!("{home}/{module}.rs"), format!("{home}/{module}/mod.rs")],
            };
            found.push((places, source.is_test(number)));
        }
        before = line;
    }
    found
}

/// The name in `pub(crate) mod name;`.
fn module_name(code: &str) -> Option<&str> {
    let words = code.trim().strip_suffix(';')?;
    let (before, name) = words.rsplit_once("mod ")?;
    let visibility = before.trim();
    (visibility.is_empty() || visibility.starts_with("pub")).then_some(name)
}

#[cfg(test)]
mod tests {
    use crate::tree::Tree;

    fn reached(files: &[(&str, &str)]) -> Vec<String> {
        let tree = Tree::sample(files);
        tree.files().iter().filter(|file| file.reached).map(|file| file.path.clone()).collect()
    }

    #[test]
    fn modules_are_found_where_rust_looks_for_them() {
        let files = [
            ("a/Cargo.toml", ""),
            ("a/build.rs", ""),
            ("a/src/lib.rs", "mod b;\npub(crate) mod c;\n// mod lost;\n#[path = \"other/e.rs\"]\nmod e;"),
            ("a/src/b.rs", "mod d;"),
            ("a/src/b/d.rs", ""),
            ("a/src/bin/tool.rs", ""),
            ("a/src/c/mod.rs", "mod f;"),
            ("a/src/c/f.rs", ""),
            ("a/src/lost.rs", "mod d;"),
            ("a/src/other/e.rs", ""),
            ("a/tests/common/mod.rs", ""),
            ("a/tests/g.rs", "mod common;"),
            ("a/tests/h/main.rs", "mod i;"),
            ("a/tests/h/i.rs", ""),
        ];
        let all: Vec<_> = files.iter().map(|(path, _)| *path).collect();
        let expected: Vec<_> =
            all.iter().filter(|path| !path.contains("lost") && !path.contains("Cargo")).copied().collect();
        assert_eq!(reached(&files), expected);
    }

    #[test]
    fn a_file_that_tests_and_others_share_is_not_for_tests_only() {
        let (for_tests, for_all) =
            ("#[cfg(test)]\n#[path = \"b.rs\"]\nmod b;\n", "#[path = \"b.rs\"]\nmod c;\n");
        for text in [format!("{for_tests}{for_all}"), format!("{for_all}{for_tests}")] {
            let tree = Tree::sample(&[("a/Cargo.toml", ""), ("a/src/lib.rs", &text), ("a/src/b.rs", "")]);
            assert!(!tree.file("a/src/b.rs").unwrap().is_test(1), "{text}");
        }
    }
}

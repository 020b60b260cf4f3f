//! Every crate takes its lints, its licence and its dependencies' versions from the workspace, and says what it is.

use toml::{Table, Value};

use crate::{
    finding::Finding,
    tree::{File, Tree},
};

/// What a package says of itself, and what to write.
const ENTRIES: &[(&str, &str)] = &[
    ("description", "description = \"…\""),
    ("license", "license.workspace = true"),
    ("publish", "publish.workspace = true"),
];

/// Tables of dependencies, at the top and under a target.
const TABLES: &[&str] = &["build-dependencies", "dependencies", "dev-dependencies"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let manifests = tree.files().iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    manifests.flat_map(check_manifest).collect()
}

fn check_manifest(file: &File) -> Vec<Finding> {
    let manifest: Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Finding::new(&file.path, 1, format!("no TOML: {}", error.message()))],
    };
    let mut findings = Vec::new();
    let package = manifest.get("package").and_then(Value::as_table);
    for (name, line) in ENTRIES {
        if package.is_none_or(|package| !package.contains_key(*name)) {
            findings.push(Finding::new(
                &file.path,
                1,
                format!("no `{name}`; write `{line}` under [package]"),
            ));
        }
    }
    let lints = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool);
    if lints != Some(true) {
        findings.push(Finding::new(
            &file.path,
            1,
            "not under the house's lints; write [lints] workspace = true",
        ));
    }
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table).chain([&manifest]);
    let dependencies = tables
        .flat_map(|table| TABLES.iter().filter_map(|name| table.get(*name)))
        .filter_map(Value::as_table)
        .flatten();
    for (name, value) in dependencies {
        if value.get("workspace").and_then(Value::as_bool) != Some(true) {
            let text =
                format!("`{name}` has a version of its own; name it in the root's [workspace.dependencies]");
            findings.push(Finding::new(
                &file.path,
                line_of_key(file, name),
                format!("{text} and write {{ workspace = true }}"),
            ));
        }
    }
    findings
}

/// The line on which `key` is given a value, or a table of its own.
pub(crate) fn line_of_key(file: &File, key: &str) -> usize {
    let table = format!(".{key}]");
    let is_key = |line: &str| {
        let value = line.trim_start().strip_prefix(key);
        value.is_some_and(|rest| rest.trim_start().starts_with(['=', '.'])) || line.ends_with(&table)
    };
    file.lines().find(|(_, line)| is_key(line)).map_or(1, |(number, _)| number)
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::{assert_found, findings};

    const GOOD: &str = "[package]\nname = \"a\"\ndescription = \"A.\"\nlicense.workspace = true\npublish = false\n\
        [lints]\nworkspace = true\n[dependencies]\nb = { workspace = true, features = [\"c\"] }\n";

    #[test]
    fn a_manifest_that_takes_everything_from_the_workspace_is_fine() {
        assert_found(super::check, &[("crates/a/Cargo.toml", GOOD), ("Cargo.toml", "[workspace]")], &[]);
    }

    #[test]
    fn what_a_manifest_lacks_is_found() {
        for entry in [
            "description = \"A.\"\n",
            "license.workspace = true\n",
            "publish = false\n",
            "[lints]\nworkspace = true\n",
        ] {
            assert_found(
                super::check,
                &[("crates/a/Cargo.toml", &GOOD.replace(entry, ""))],
                &["crates/a/Cargo.toml:1"],
            );
        }
        assert_found(super::check, &[("crates/a/Cargo.toml", "[package")], &["crates/a/Cargo.toml:1"]);
    }

    #[test]
    fn versions_of_its_own_are_found_in_every_table() {
        for table in
            ["dependencies", "dev-dependencies", "build-dependencies", "target.'cfg(unix)'.dependencies"]
        {
            let text = format!("{GOOD}[{table}.d]\nversion = \"1\"\n");
            let found = findings(super::check, &[("crates/a/Cargo.toml", &text)]);
            let own = "crates/a/Cargo.toml:10: `d` has a version of its own";
            assert!(found.len() == 1 && found[0].starts_with(own), "{table}: {found:?}");
        }
        let text = format!("{GOOD}d = \"1\"\n");
        assert_found(super::check, &[("crates/a/Cargo.toml", &text)], &["crates/a/Cargo.toml:10"]);
    }
}

//! The tests themselves, by cargo-nextest where it is installed: each in a process of its own, bounded by
//! `.config/nextest.toml`.

use std::{collections::BTreeSet, fs};

use super::{Options, Outcome};
use crate::{
    error::Error,
    finding::{Finding, report},
    shell,
    tree::Tree,
};

/// Test binaries that need what the step `tools` provides. They fail without it: what is left out is said here alone.
const NEED_TOOLS: &[&str] =
    &["bitcoin", "browser", "evm", "leases", "nodes", "races", "readers", "store", "unknown"];

/// Every test but those, and but those of `crash` that need PostgreSQL, for nextest. `tillgate` is no integration test:
/// see `.config/nextest.toml`.
const WITHOUT_TOOLS: &str = "not (kind(test) and (\
                              binary(/^(bitcoin|browser|evm|leases|nodes|races|readers|store|tillgate|unknown)$/) \
                              or binary(crash) and test(postgres)))";

/// The tests that say nothing of a database, and so hold for either: they run on SQLite with all others, and once more
/// on PostgreSQL.
const ON_EITHER: &str = "package(/^(checkout|dialects|engine|operator|workers)$/) and kind(test) \
                         and not binary(/^(browser|leases|races|readers|unknown)$/)";

/// Which database those tests choose, and the one that they choose by themselves otherwise.
const DATABASE: (&str, &str) = ("TILLGATE_TEST_DATABASE", "postgres");

/// Where insta notes the snapshots that tests compared, from the root of the repository.
const COMPARED: &str = "target/xtask/snapshots.txt";

/// Runs every test, and then holds that each snapshot was compared by one.
pub(super) fn tests(options: &Options) -> Result<Outcome, Error> {
    let notes = shell::root().join(COMPARED);
    let prepare = || {
        notes.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(&notes, "")
    };
    prepare().map_err(|cause| Error::File { path: notes.clone(), cause })?;
    let tree = Tree::read(shell::root())?;
    let has_nextest = shell::version("cargo", &["nextest", "--version"]).is_some();
    let arguments =
        if has_nextest { nextest(options.skip_tools) } else { cargo_test(options.skip_tools, &tree) };
    let mut command = shell::command("cargo", &arguments);
    command.env("INSTA_SNAPSHOT_REFERENCES_FILE", &notes);
    if shell::is_ci() {
        command.env("INSTA_UPDATE", "no");
    }
    shell::run(command)?;
    if options.skip_tools {
        let names = NEED_TOOLS.join(", ");
        let names = format!("the test binaries {names}, and `crash` on PostgreSQL (--skip-tools)");
        return Ok(Outcome::Skipped(names));
    }
    let compared = fs::read_to_string(&notes).map_err(|cause| Error::File { path: notes, cause })?;
    report(orphans(&tree, &compared), "every snapshot was compared by a test")?;
    Ok(Outcome::Passed)
}

/// Runs the tests that hold for either database on PostgreSQL.
pub(super) fn on_postgres(options: &Options) -> Result<Outcome, Error> {
    if options.skip_tools {
        return Ok(Outcome::Skipped("PostgreSQL was not looked for (--skip-tools)".to_owned()));
    }
    if shell::version("cargo", &["nextest", "--version"]).is_none() {
        return Ok(Outcome::Skipped(
            "cargo-nextest is not installed, which chooses the tests for it".to_owned(),
        ));
    }
    let mut command =
        shell::command("cargo", &["nextest", "run", "--locked", "--workspace", "--filterset", ON_EITHER]);
    command.env(DATABASE.0, DATABASE.1).env("INSTA_UPDATE", "no");
    shell::run(command)?;
    Ok(Outcome::Passed)
}

fn nextest(skip_tools: bool) -> Vec<&'static str> {
    let mut arguments = vec!["nextest", "run", "--locked", "--workspace"];
    if skip_tools {
        arguments.extend(["--filterset", WITHOUT_TOOLS]);
    }
    arguments
}

/// The same tests by cargo itself, one binary after the other.
fn cargo_test(skip_tools: bool, tree: &Tree) -> Vec<&str> {
    println!("cargo-nextest is not installed: cargo test runs the tests, and a test that hangs hangs");
    let mut arguments = vec!["test", "--locked", "--workspace", "--no-fail-fast", "--lib", "--bins"];
    if skip_tools {
        let others = binaries(tree).into_iter().filter(|name| !NEED_TOOLS.contains(name));
        arguments.extend(others.flat_map(|name| ["--test", name]));
    } else {
        arguments.push("--tests");
    }
    arguments
}

/// The names of the integration tests' binaries: `tests/name.rs`, `tests/name/main.rs`.
fn binaries(tree: &Tree) -> BTreeSet<&str> {
    let inside = tree.rust().filter_map(|(file, _)| {
        let (_, path) = file.path.strip_prefix("crates/")?.split_once('/')?;
        path.strip_prefix("tests/")
    });
    let names = inside.filter_map(|path| path.strip_suffix("/main.rs").or_else(|| path.strip_suffix(".rs")));
    names.filter(|name| !name.contains('/')).collect()
}

/// Snapshots that no test compared.
fn orphans(tree: &Tree, compared: &str) -> Vec<Finding> {
    let compared: BTreeSet<&str> = compared.lines().collect();
    let is_compared = |path: &str| compared.iter().any(|full| full.ends_with(path));
    let snapshots = tree.files().iter().filter(|file| file.extension() == "snap");
    snapshots
        .filter(|file| !is_compared(&file.path))
        .map(|file| Finding::new(&file.path, 1, "no test compared this snapshot; delete it"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries_are_named_as_cargo_names_them() {
        let tree = Tree::sample(&[
            ("crates/a/src/tests/no.rs", ""),
            ("crates/a/tests/browser.rs", ""),
            ("crates/a/tests/common/mod.rs", ""),
            ("crates/b/tests/evm/main.rs", ""),
            ("crates/b/tests/evm/node.rs", ""),
        ]);
        assert_eq!(binaries(&tree).into_iter().collect::<Vec<_>>(), ["browser", "evm"]);
    }

    #[test]
    fn without_tools_the_others_run() {
        let tree = Tree::sample(&[("crates/a/tests/evm.rs", ""), ("crates/a/tests/wire.rs", "")]);
        assert!(cargo_test(true, &tree).ends_with(&["--test", "wire"]));
        assert!(cargo_test(false, &tree).ends_with(&["--tests"]));
        assert!(NEED_TOOLS.iter().all(|name| nextest(true).concat().contains(name)));
        assert!(!nextest(false).concat().contains("evm"));
    }

    #[test]
    fn a_snapshot_that_no_test_compared_is_found() {
        let tree = Tree::sample(&[("a/tests/snapshots/b__c.snap", ""), ("a/tests/snapshots/b__d.snap", "")]);
        let found = orphans(&tree, "/work/a/tests/snapshots/b__c.snap\n");
        assert_eq!(
            found.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(),
            ["a/tests/snapshots/b__d.snap"]
        );
        assert_eq!(orphans(&tree, "/x/a/tests/snapshots/b__c.snap\n/x/a/tests/snapshots/b__d.snap\n"), []);
    }
}

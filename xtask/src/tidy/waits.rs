//! Tests wait for events, and every test runs: no sleeping, no ignoring.
//!
//! A test that sleeps is slow where the machine is quick, and fails where it is slow. The clock is moved by hand, or an
//! event is awaited with a bounded time-out.

use crate::{
    exceptions::{SLEEPS, stale},
    finding::Finding,
    source::Source,
    text::{has_word, words},
    tree::Tree,
};

/// Functions that sleep, whatever they are called on.
const SLEEPING: &[&str] = &["sleep", "sleep_until"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    [ignored(tree), asleep(tree, SLEEPS)].concat()
}

fn ignored(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        for attribute in source.attributes().iter().filter(|one| one.text.starts_with("#[ignore")) {
            let end = attribute.start + attribute.text.len();
            if !is_run_by_another(file.text.get(attribute.start..end).unwrap_or_default(), source) {
                let text = "a test that does not run proves nothing; mend it, or delete it";
                findings.push(Finding::new(&file.path, source.line_of(attribute.start), text));
            }
        }
    }
    findings
}

fn asleep(tree: &Tree, argued: &[(&str, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut needed = Vec::new();
    for (file, source) in tree.rust() {
        let is_call = |end: &usize| source.code().get(*end..).is_some_and(|rest| rest.starts_with('('));
        let ends = SLEEPING.iter().flat_map(|name| words(source.code(), name).map(|at| at + name.len()));
        let lines = ends.filter(is_call).map(|end| source.line_of(end)).filter(|line| file.is_test(*line));
        if argued.iter().any(|(path, _)| *path == file.path) {
            needed.extend(lines.map(|_| file.path.as_str()));
            continue;
        }
        let text = "a test sleeps; move the clock, or wait for an event with a time-out";
        findings.extend(lines.map(|line| Finding::new(&file.path, line, text)));
    }
    let idle = argued.iter().filter(|(path, _)| !needed.contains(path));
    findings.extend(idle.map(|(path, _)| stale("SLEEPS", path)));
    findings
}

/// Whether an ignored test is one that another runs, in a process of its own, and says so: `#[ignore = "run by name"]`.
fn is_run_by_another(attribute: &str, source: &Source) -> bool {
    let other = attribute.split_once("\"run by ").and_then(|(_, rest)| rest.split([',', ' ', '"']).next());
    other.is_some_and(|name| has_word(source.code(), &format!("fn {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::assert_found;

    const SLEEPY: &str = "fn a() {\n  tokio::time::sleep(B).await;\n  sleepy(sleep);\n  // sleep(1)\n}\n";

    #[test]
    fn sleeping_is_found_in_tests_and_test_rooms() {
        let files = [
            ("crates/a/src/lib.rs", SLEEPY),
            ("crates/a/tests/b.rs", SLEEPY),
            ("crates/testkit/src/c.rs", SLEEPY),
        ];
        assert_found(
            |tree| asleep(tree, &[]),
            &files,
            &["crates/a/tests/b.rs:2", "crates/testkit/src/c.rs:2"],
        );
    }

    #[test]
    fn an_argument_excuses_a_file_that_sleeps() {
        let tree = Tree::sample(&[("crates/a/tests/b.rs", SLEEPY), ("crates/a/tests/c.rs", "")]);
        assert_eq!(asleep(&tree, &[("crates/a/tests/b.rs", "a slow peer")]), []);
        let stale = asleep(&tree, &[("crates/a/tests/b.rs", "a slow peer"), ("crates/a/tests/c.rs", "none")]);
        assert_eq!(stale.len(), 1, "{stale:?}");
    }

    #[test]
    fn ignored_tests_are_found() {
        let text = "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n";
        assert_found(ignored, &[("crates/a/tests/b.rs", text)], &["crates/a/tests/b.rs:2"]);
        let all = check(&Tree::sample(&[("crates/a/tests/b.rs", text), ("crates/a/tests/c.rs", SLEEPY)]));
        assert!(
            ["b", "c"].iter().all(|name| all.iter().any(|one| one.path.ends_with(&format!("{name}.rs"))))
        );
        let run_by_c = text.replace("slow", "run by c, in a process of its own");
        assert_found(ignored, &[("crates/a/tests/b.rs", &run_by_c)], &["crates/a/tests/b.rs:2"]);
        assert_found(ignored, &[("crates/a/tests/b.rs", &format!("{run_by_c}#[test]\nfn c() {{}}\n"))], &[]);
        assert_found(ignored, &[("crates/a/tests/b.rs", "#[test]\nfn a() {}\n")], &[]);
    }
}

//! A lint is lifted by `#[expect(…, reason = "…")]`, which says why, and complains once it is no longer needed.

use crate::{finding::Finding, tree::Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        for attribute in source.attributes() {
            let inside = attribute.text.trim_start_matches(['#', '!', '[']);
            let line = source.line_of(attribute.start);
            if inside.starts_with("allow(") {
                let text = "`allow` stays when its reason is gone; write `#[expect(…, reason = \"…\")]`";
                findings.push(Finding::new(&file.path, line, text));
            }
            if inside.starts_with("expect(") && !inside.contains("reason") {
                findings.push(Finding::new(&file.path, line, "a lint is lifted without a reason; give one"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::assert_found;

    #[test]
    fn lints_are_lifted_with_a_reason() {
        let text = "#![allow(a)]\n#[allow(b, reason = \"c\")]\nfn d() {}\n#[expect(e)]\nfn f() {}\n";
        assert_found(super::check, &[("a.rs", text)], &["a.rs:1", "a.rs:2", "a.rs:4"]);
        assert_found(super::check, &[("a.rs", "#[expect(a, reason = \"b\")]\nfn c() {}\n")], &[]);
    }
}

//! The bugs on purpose that the simulation looks for never reach the gateway.

use std::path::Path;

use super::Section;
use crate::{error::Error, finding::Finding, shell};

/// The feature that compiles them.
const FEATURE: &str = "feature \"planted\"";

/// The crate that is the gateway.
const GATEWAY: &str = "tillgate";

/// Its manifest: whatever switches the feature on is reached from there.
const MANIFEST: &str = "crates/tillgate/Cargo.toml";

/// Whether the gateway of the workspace at `root` is built with bugs on purpose.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>, Error> {
    let arguments = ["tree", "--quiet", "--locked", "--package", GATEWAY, "--edges", "normal,build,features"];
    let tree = shell::output("cargo", &[&arguments[..], &["--prefix", "none"]].concat(), root)?;
    Ok(find(&tree))
}

/// A finding for each crate that `cargo tree` names with the feature: `engine feature "planted"`.
fn find(tree: &str) -> Vec<Finding> {
    let mut found: Vec<&str> = tree
        .lines()
        .filter(|line| line.contains(FEATURE))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    found.sort_unstable();
    found.dedup();
    let finding = |name: &str| {
        let text = format!(
            "{name} comes with the bugs that only the simulation may plant; `cargo tree -p {GATEWAY} -e features -i \
             {name}` says who switches them on"
        );
        Section::Imports.finding(MANIFEST, 1, &text)
    };
    found.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str =
        "tillgate v0.1.0 (/crates/tillgate)\nengine feature \"default\"\nengine v0.1.0 (/crates/engine)\n";

    #[test]
    fn a_planted_bug_in_the_gateway_is_found() {
        assert_eq!(find(SOUND), []);
        let planted = format!(
            "{SOUND}engine feature \"planted\"\nstore feature \"planted\"\nstore feature \"planted\" (*)\n"
        );
        let found = find(&planted);
        assert_eq!(found.len(), 2);
        assert!(
            found[0].text.starts_with("engine comes with") && found[1].text.starts_with("store comes with")
        );
    }
}

//! The bytecode that the tests put on a chain is what the sources beside it say.

use std::{path::Path, process::Command};

#[test]
fn the_bytecode_is_that_of_the_sources() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts/build.mjs");
    let output = Command::new("node").arg(script).arg("--check").output().expect("node is installed");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{complaints}\n(`npm ci --ignore-scripts --prefix tools/npm` installs the compiler)"
    );
}

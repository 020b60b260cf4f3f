//! Texts that are kept to the byte: what the dialect answers and tells, published as examples.

use std::{fs, path::Path};

/// What makes a test keep what it got in the place of what was kept.
const VARIABLE: &str = "TILLGATE_GOLDEN";

/// Holds a text against the file of this name.
#[expect(clippy::disallowed_methods, reason = "whoever runs the test says so")]
pub(crate) fn assert_golden(name: &str, text: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("golden/alphapo/{name}.json"));
    if std::env::var(VARIABLE).is_ok_and(|value| value == "write") {
        fs::write(&path, text).unwrap();
    }
    let kept = fs::read(&path).unwrap_or_default();
    assert!(
        kept == text,
        "{name} is another: {VARIABLE}=write keeps it; read the difference\n  kept: {}\n  now:  {}",
        String::from_utf8_lossy(&kept),
        String::from_utf8_lossy(text)
    );
}

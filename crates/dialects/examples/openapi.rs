//! Writes `openapi/*.json` anew: `cargo run -p dialects --example openapi`.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi");
    fs::create_dir_all(&folder)?;
    let document = dialects::alpha::document(dialects::alpha::SAMPLE_URL);
    fs::write(folder.join("alpha.json"), document.to_pretty_json() + "\n")
}

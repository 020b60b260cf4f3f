//! Writes `openapi/*.json` anew: `cargo run -p dialects --example openapi`.

use std::{fs, io, path::Path};

use dialects::{alpha, alphapo};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi");
    fs::create_dir_all(&folder)?;
    for (name, document) in [
        ("alpha", alpha::document(alpha::SAMPLE_URL).to_pretty_json()),
        ("alphapo", alphapo::document(alphapo::SAMPLE_URL).to_pretty_json()),
    ] {
        fs::write(folder.join(format!("{name}.json")), document + "\n")?;
    }
    Ok(())
}

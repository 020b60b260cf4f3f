use std::collections::BTreeSet;

use engine::checkout::CheckoutView;
use web::PublicUrl;

use super::*;
use crate::samples;

const TOKEN: &str = "chk_0123456789abcdefABCDEF";

fn written(view: &CheckoutView) -> String {
    let public_url = PublicUrl::parse("https://pay.example").unwrap();
    let (place, _) = Place::parse(&public_url, TOKEN).unwrap();
    page(view, &testkit::gateway::sandbox_networks(), &place, None).unwrap().write(&public_url).unwrap()
}

/// The document without what is long and says nothing here: the modules of the code, and the names of the files.
fn shortened(document: &str) -> String {
    let files = [web::assets::stylesheet_path(), web::assets::script_path(), web::assets::icon_path()];
    let document = files.iter().fold(document.to_owned(), |text, path| text.replace(path, "/assets/page"));
    let parts = document.split_once("<path d=\"M4,").and_then(|(before, rest)| {
        let (_, after) = rest.split_once("\" fill=\"#000000\"/>")?;
        Some(format!("{before}<!-- the modules of the code -->{after}"))
    });
    parts.unwrap_or(document)
}

#[test]
fn every_sample_is_written_as_it_was() {
    for (name, view) in samples::all() {
        insta::assert_snapshot!(name, shortened(&written(&view)));
    }
}

#[test]
fn every_stage_has_a_sample_and_every_template_a_stage() {
    let shown: BTreeSet<&str> = samples::all().iter().map(|(_, view)| stage(view).name()).collect();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/pages");
    let templates: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(shown, templates.iter().map(String::as_str).collect());
    for (name, view) in samples::all() {
        assert!(name.starts_with(stage(&view).name()), "{name} is {}", stage(&view).name());
    }
}

use std::collections::BTreeSet;

use engine::checkout::CheckoutView;
use web::PublicUrl;

use super::*;
use crate::{samples, typed::Typed};

const TOKEN: &str = "chk_0123456789abcdefABCDEF";

fn written(view: &CheckoutView) -> String {
    let public_url = PublicUrl::parse("https://pay.example").unwrap();
    let (place, _) = Place::parse(&public_url, TOKEN).unwrap();
    page(view, &testkit::gateway::sandbox_networks(), &place, None, None).unwrap().write(&public_url).unwrap()
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

#[test]
fn the_last_moment_is_in_time() {
    for (minutes, name) in [(30, "choose"), (31, "checking")] {
        assert_eq!(stage(&samples::Sample::new().later(minutes).view()).name(), name);
    }
    for (minutes, name) in [(15, "pay"), (16, "requote")] {
        let asked = samples::Sample::new().choose("ethereum", "ETH").later(minutes);
        assert_eq!(stage(&asked.view()).name(), name);
    }
}

#[test]
fn a_code_says_what_the_link_beside_it_says() {
    let mut codes = 0;
    for (name, view) in samples::all() {
        let document = written(&view);
        let Some((_, rest)) = document.split_once("class=\"qr\"") else { continue };
        codes += 1;
        let link = rest.split_once("id=\"wallet\" href=\"").and_then(|(_, rest)| rest.split_once('"'));
        let link = link.map(|(link, _)| link.replace("&#38;", "&"));
        let (before, _) = rest.split_once("\" data-from=\"address\"").unwrap();
        let (_, address) = before.rsplit_once("data-copy=\"").unwrap();
        let said = link.unwrap_or_else(|| address.to_owned());
        assert!(said.contains(address), "{name}: {said}");
        let code = web::qr::code(&said).unwrap();
        assert!(rest.contains(code.as_str()), "the code of {name} does not say {said}");
    }
    assert!(codes > 4, "{codes}");
}

/// What was filled in is there again, and what is wrong with it stands beside it.
#[test]
fn a_form_that_has_to_be_mended_keeps_what_was_filled_in() {
    let public_url = PublicUrl::parse("https://pay.example").unwrap();
    let (place, _) = Place::parse(&public_url, TOKEN).unwrap();
    let view = samples::Sample::new().asking(true, true).view();
    let typed = Typed {
        way: Some("ethereum/USDT".to_owned()),
        email: "buyer\"><b>".to_owned(),
        first_name: "Ada".to_owned(),
        ..Typed::default()
    };
    let wrong = typed.answers(view.questions).unwrap_err();
    let mended = Some(Mended { typed: &typed, wrong: &wrong });
    let networks = testkit::gateway::sandbox_networks();
    let document = page(&view, &networks, &place, None, mended).unwrap().write(&public_url).unwrap();
    insta::assert_snapshot!("mended", shortened(&document));
}

/// The script knows by its id what has the focus when something on the page changes.
#[test]
fn all_that_can_have_the_focus_has_an_id_of_its_own() {
    for (name, view) in samples::all() {
        let document = written(&view);
        for tag in document.split('<').filter(|tag| !tag.contains("type=\"hidden\"")) {
            if ["a ", "button", "input", "summary"].iter().any(|stop| tag.starts_with(stop)) {
                assert!(tag.contains(" id=\""), "{name}: <{tag}");
            }
        }
        let ids: Vec<&str> =
            document.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{name}: {ids:?}");
    }
}

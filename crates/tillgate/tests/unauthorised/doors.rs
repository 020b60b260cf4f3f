//! The list of ways, held against the sources and the documents: it leaves nothing out, and names nothing that is gone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use testkit::commands::{called_in, of_the_engine, rooms_with_the_engine};

use crate::{
    routes::Route,
    ways::{IDLE, WAYS, Way, all},
};

/// Rooms that nobody outside speaks to, and those for tests.
const INSIDE: &[&str] = &["bench", "simulation", "testkit", "workers"];

/// Where the pages' paths stand.
const PAGES: &str = "../checkout/src/lib.rs";

/// What of the binary answers requests; the rest of it is the process itself, and whoever may start that.
const ANSWERING: &str = "http/";

/// The part of the house that somebody comes through: what a command is called from there for is for outsiders.
fn door(room: &str, file: &str) -> Option<String> {
    match room {
        "dialects" => {
            let dialect = file.split(['/', '.']).next().unwrap_or_default();
            Some(format!("{room}/{dialect}"))
        }
        "tillgate" => file.starts_with(ANSWERING).then(|| format!("{room}/{ANSWERING}")),
        edge => Some(edge.to_owned()),
    }
}

impl Way<'_> {
    fn door(self) -> String {
        match self {
            Self::Key(dialect, _) | Self::Token(dialect, _) => format!("dialects/{dialect}"),
            Self::Page(_) => "checkout".to_owned(),
            Self::Socket(_) => "operator".to_owned(),
            Self::Anybody(_) => format!("tillgate/{ANSWERING}"),
        }
    }
}

#[test]
fn every_command_of_the_engine_says_how_an_outsider_could_come_to_it() {
    let there = of_the_engine();
    let listed: BTreeSet<&str> = WAYS.iter().map(|(command, _)| *command).collect();
    assert_eq!(listed.len(), WAYS.len(), "a command is listed twice");
    let missing: Vec<_> = there.iter().filter(|command| !listed.contains(command.as_str())).collect();
    assert!(
        missing.is_empty(),
        "say in ways.rs how an outsider could come to {missing:?}, or that nobody can"
    );
    let gone: Vec<_> = listed.iter().filter(|command| !there.contains(**command)).collect();
    assert!(gone.is_empty(), "the engine has no {gone:?}");
}

#[test]
fn a_command_is_called_only_behind_the_doors_that_are_listed() {
    let there = of_the_engine();
    let mut called: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for room in rooms_with_the_engine().iter().filter(|room| !INSIDE.contains(&room.as_str())) {
        for (command, file) in called_in(room, &there) {
            called.entry(command).or_default().extend(door(room, &file));
        }
    }
    for (command, ways) in WAYS {
        let listed: BTreeSet<String> = ways.iter().map(|way| way.door()).collect();
        let found = called.remove(*command).unwrap_or_default();
        assert_eq!(
            found, listed,
            "{command} is called behind the doors on the left; ways.rs lists the right ones"
        );
    }
}

#[test]
fn every_route_is_a_way_to_a_command_and_every_way_is_a_route() {
    let documented = Route::of_every_document();
    let pages =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGES)).expect("the pages' paths");
    let after_token = pages.split("\"/{token}").skip(1).filter_map(|rest| rest.split('"').next());
    let mut routes: BTreeSet<Way<'_>> =
        documented.iter().filter(|route| !route.is_idle()).map(Route::way).collect();
    routes.extend(after_token.map(Way::Page));
    routes.insert(Way::Anybody("/readyz"));
    let ways = all();
    let unused: Vec<_> = routes.difference(&ways).collect();
    assert!(unused.is_empty(), "say in ways.rs which command {unused:?} leads to");
    let gone: Vec<_> = ways.difference(&routes).collect();
    assert!(gone.is_empty(), "there is no {gone:?}");
    assert_eq!(documented.iter().filter(|route| route.is_idle()).count(), IDLE.len(), "{IDLE:?}");
}

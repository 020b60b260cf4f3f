//! What rooms depend on, as their manifests say. Dev-dependencies are free: a test may use everything.

use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand};

use super::{
    Section,
    table::{KEPT, Kept, Ours, Place, ROOMS, Room},
};
use crate::{
    error::Error,
    finding::Finding,
    tree::{DEV_ROOMS, Tree},
};

/// A crate of the workspace.
pub(super) struct Package {
    pub(super) name: String,
    /// Its `Cargo.toml`, from the root of the repository.
    pub(super) manifest: String,
    /// What it needs outside of tests, and to be built.
    pub(super) dependencies: Vec<Dependency>,
}

/// What a crate depends on.
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) features: Vec<String>,
}

/// The crates of the workspace at `root`.
pub(super) fn packages(root: &Path) -> Result<Vec<Package>, Error> {
    let metadata = MetadataCommand::new().current_dir(root).no_deps().exec()?;
    let packages = metadata.packages.into_iter().map(|package| {
        let manifest = package.manifest_path.strip_prefix(root).unwrap_or(&package.manifest_path);
        let dependencies = package.dependencies.iter().filter(|one| one.kind != DependencyKind::Development);
        Package {
            name: package.name.to_string(),
            manifest: manifest.to_string(),
            dependencies: dependencies
                .map(|one| Dependency { name: one.name.clone(), features: one.features.clone() })
                .collect(),
        }
    });
    Ok(packages.collect())
}

/// What the rooms import and may not.
pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(|package| check_package(tree, package)).collect()
}

fn check_package(tree: &Tree, package: &Package) -> Vec<Finding> {
    let find = |dependency: &str, text: String| {
        let line = tree
            .file(&package.manifest)
            .map_or(1, |file| crate::tidy::manifests::line_of_key(file, dependency));
        Section::Imports.finding(&package.manifest, line, &text)
    };
    let Some(room) = ROOMS.iter().find(|room| room.name == package.name) else {
        let text =
            format!("{} has no row in xtask/src/rooms/table.rs; say there what it may import", package.name);
        return vec![find("name", text)];
    };
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        let name = dependency.name.as_str();
        if ROOMS.iter().any(|room| room.name == name) {
            findings.extend(refused(room, name).map(|why| find(name, why)));
        } else if !DEV_ROOMS.contains(&room.name) {
            let broken = KEPT.iter().filter(|kept| is_broken(kept, room.name, dependency));
            findings.extend(broken.map(|kept| {
                let feature = kept.feature.map(|feature| format!(" with `{feature}`")).unwrap_or_default();
                find(name, format!("{} may not use {name}{feature}: {}", room.name, kept.why))
            }));
        }
    }
    findings
}

/// Why `room` may not import our room `name`, if it may not.
fn refused(room: &Room, name: &str) -> Option<String> {
    if DEV_ROOMS.contains(&name) && !DEV_ROOMS.contains(&room.name) {
        return Some(format!("{name} is for tests; make it a dev-dependency"));
    }
    let allowed = match room.ours {
        Ours::Only(rooms) => rooms.contains(&name),
        Ours::All => true,
    };
    (!allowed).then(|| format!("{} may not import {name}", room.name))
}

fn is_broken(kept: &Kept, room: &str, dependency: &Dependency) -> bool {
    let meant = kept.crates.contains(&dependency.name.as_str())
        && kept.feature.is_none_or(|feature| dependency.features.iter().any(|used| used == feature));
    let belongs = match kept.place {
        Place::Only(rooms) => rooms.contains(&room),
        Place::NotIn(rooms) => !rooms.contains(&room),
    };
    meant && !belongs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell;

    fn found(room: &str, dependencies: &[&str]) -> Vec<String> {
        let dependencies = dependencies.iter().map(|text| {
            let (name, feature) = text.split_once('/').unwrap_or((text, ""));
            Dependency { name: name.to_owned(), features: vec![feature.to_owned()] }
        });
        let package = Package {
            name: room.to_owned(),
            manifest: "Cargo.toml".to_owned(),
            dependencies: dependencies.collect(),
        };
        check(&Tree::sample(&[]), &[package]).into_iter().map(|finding| finding.text).collect()
    }

    #[test]
    fn what_the_design_allows_is_allowed() {
        for (room, dependencies) in [
            ("domain", &["uuid", "thiserror"][..]),
            ("store", &["domain", "rusqlite", "serde_json", "tokio/sync"]),
            ("engine", &["domain", "addresses", "store", "tokio/sync"]),
            ("rails", &["domain", "addresses", "reqwest", "tokio/net"]),
            ("dialects", &["domain", "engine", "axum", "serde"]),
            ("checkout", &["domain", "engine", "web", "axum", "askama"]),
            ("tillgate", &["store", "dialects", "workers", "clap", "getrandom", "hyper", "tokio/net"]),
            ("testkit", &["tillgate", "store", "reqwest", "insta", "tokio/net"]),
        ] {
            assert_eq!(found(room, dependencies), [""; 0], "{room}");
        }
    }

    #[test]
    fn what_the_design_forbids_is_found() {
        for (room, dependency) in [
            ("domain", "addresses"),
            ("domain", "serde"),
            ("domain", "tokio/sync"),
            ("addresses", "reqwest"),
            ("store", "engine"),
            ("store", "hyper"),
            ("engine", "dialects"),
            ("engine", "reqwest"),
            ("engine", "tokio/net"),
            ("engine", "axum"),
            ("engine", "rusqlite"),
            ("engine", "testkit"),
            ("engine", "getrandom"),
            ("rails", "store"),
            ("workers", "store"),
            ("workers", "dialects"),
            ("workers", "reqwest"),
            ("web", "engine"),
            ("dialects", "checkout"),
            ("dialects", "store"),
            ("dialects", "insta"),
            ("operator", "tokio/full"),
            ("checkout", "tillgate"),
            ("tillgate", "testkit"),
            ("tillgate", "rusqlite"),
            ("tillgate", "reqwest"),
            ("xtask", "domain"),
        ] {
            assert_eq!(found(room, &[dependency]).len(), 1, "{room} with {dependency}");
        }
        assert_eq!(found("new", &[]).len(), 1);
    }

    #[test]
    fn a_finding_names_the_line_and_the_section() {
        let manifest = "[package]\nname = \"web\"\n[dependencies]\nengine = { workspace = true }\n";
        let tree = Tree::sample(&[("crates/web/Cargo.toml", manifest)]);
        let package = Package {
            name: "web".to_owned(),
            manifest: "crates/web/Cargo.toml".to_owned(),
            dependencies: vec![Dependency { name: "engine".to_owned(), features: Vec::new() }],
        };
        let findings = check(&tree, &[package]);
        assert_eq!(findings[0].line, 4);
        assert!(
            findings[0].text.contains("ARCHITECTURE.md, \"Which room may import which\""),
            "{findings:?}"
        );
    }

    #[test]
    fn dev_dependencies_of_the_workspace_are_left_out() {
        let packages = packages(shell::root()).unwrap();
        let domain = packages.iter().find(|package| package.name == "domain").unwrap();
        assert!(domain.dependencies.iter().any(|one| one.name == "uuid"));
        assert!(!domain.dependencies.iter().any(|one| one.name == "proptest"));
        assert_eq!(domain.manifest, "crates/domain/Cargo.toml");
    }
}

//! Where each setting of a configuration came from.

use std::collections::BTreeMap;

use figment::Figment;

use super::{file::ConfigFile, problem::Place, variables::Variables};

/// The layers, as their values are marked.
pub(super) const DEFAULTS: &str = "defaults";
/// The file.
pub(super) const FILE: &str = "file";
/// The environment.
pub(super) const ENVIRONMENT: &str = "environment";
/// The command line.
pub(super) const FLAGS: &str = "flags";

/// The flag that gives each setting that has one.
const FLAG_NAMES: &[(&str, &str)] = &[
    ("data_dir", "--data"),
    ("listen", "--listen"),
    ("environment", "--environment"),
    ("database.url", "--database"),
];

/// Where each setting came from, by its path.
#[derive(Clone, Debug, Default)]
pub struct Origins(BTreeMap<String, Place>);

impl Origins {
    /// The place of each of `paths`.
    pub(super) fn new(paths: impl Iterator<Item = Vec<String>>, layers: &Layers<'_>) -> Self {
        Self(paths.map(|path| (path.join("."), layers.place(&path))).collect())
    }

    /// Where the setting at this path came from; the place of the nearest one above it that is known.
    pub fn of(&self, path: &str) -> Place {
        let mut at = path;
        loop {
            if let Some(place) = self.0.get(at) {
                return place.clone();
            }
            match at.rsplit_once('.') {
                Some((above, _)) => at = above,
                None => return Place::Default,
            }
        }
    }
}

/// What a configuration was put together from.
pub(super) struct Layers<'a> {
    /// The values.
    pub(super) figment: &'a Figment,
    /// The file, where there is one.
    pub(super) file: Option<&'a ConfigFile>,
    /// The environment.
    pub(super) variables: &'a Variables,
}

impl Layers<'_> {
    /// Where the setting at this path was given.
    pub(super) fn place(&self, path: &[String]) -> Place {
        let layer = (1..=path.len()).rev().find_map(|length| {
            let key = path.get(..length)?.join(".");
            self.figment.find_metadata(&key).map(|metadata| metadata.name.to_string())
        });
        self.in_layer(layer.as_deref().unwrap_or(DEFAULTS), path)
    }

    fn in_layer(&self, layer: &str, path: &[String]) -> Place {
        match (layer, self.file) {
            (FILE, Some(file)) => file.place(path),
            (ENVIRONMENT, _) => self.variables.place(path),
            (FLAGS, _) => {
                let key = path.join(".");
                let name = FLAG_NAMES.iter().find(|(known, _)| *known == key);
                Place::Flag(name.map_or(key.clone(), |(_, flag)| (*flag).to_owned()))
            }
            _ => Place::Default,
        }
    }
}

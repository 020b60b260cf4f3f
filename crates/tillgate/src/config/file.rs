//! The configuration file: its values, and the lines on which they stand.

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
};

use toml::de::{DeTable, DeValue};

use super::problem::{Place, Problem};

/// A configuration file that was read.
pub(super) struct ConfigFile {
    path: PathBuf,
    text: String,
    /// What it says.
    pub(super) values: toml::Table,
}

impl ConfigFile {
    /// Reads a file. One that need not exist may be missing.
    pub(super) fn read(path: &Path, must_exist: bool) -> Result<Option<Self>, Problem> {
        let place = || Place::File(path.to_owned());
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, text).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => Ok(None),
            Err(error) => {
                let what = format!("the configuration file cannot be read: {error}.");
                Err(Problem::new(
                    place(),
                    what,
                    "Check the path given with --config, and who may read the file.",
                ))
            }
        }
    }

    /// Takes a file's text apart.
    pub(super) fn parse(path: &Path, text: String) -> Result<Self, Problem> {
        let values = text.parse::<toml::Table>().map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(&text, span.start));
            let place = Place::Line(path.to_owned(), line);
            let fix =
                "A setting is written key = value, and a text stands in quotes: listen = \"127.0.0.1:8080\".";
            Problem::new(place, format!("this is no TOML: {}.", error.message()), fix)
        })?;
        Ok(Self { path: path.to_owned(), text, values })
    }

    /// Where the key at the end of a path stands, or as much of it as is there.
    pub(super) fn place(&self, keys: &[String]) -> Place {
        let start = DeTable::parse(&self.text).ok().and_then(|table| find(table.get_ref(), keys));
        match start {
            Some(start) => Place::Line(self.path.clone(), line_of(&self.text, start)),
            None => Place::File(self.path.clone()),
        }
    }
}

/// The line on which a byte stands, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn find(table: &DeTable<'_>, keys: &[String]) -> Option<usize> {
    let (first, rest) = keys.split_first()?;
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == first)?;
    let deeper = match value.get_ref() {
        DeValue::Table(inner) => find(inner, rest),
        DeValue::Array(items) => rest.split_first().and_then(|(index, rest)| {
            let item = items.get(index.parse::<usize>().ok()?)?;
            let Range { start, .. } = item.span();
            let inner = item.get_ref().as_table().and_then(|table| find(table, rest));
            Some(inner.unwrap_or(start))
        }),
        _ => None,
    };
    Some(deeper.unwrap_or(key.span().start))
}

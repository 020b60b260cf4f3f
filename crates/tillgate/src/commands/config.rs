//! `tillgate config`

use clap::Args;
use toml::{Table, Value};

use super::Run;
use crate::{
    config::{Config, Flags, Loaded, Origins, Place, example},
    context::Context,
    failure::{CommandError, Done},
    output::{Text, plain, print, print_json},
};

#[derive(Debug, Args)]
pub(crate) struct PrintConfig {
    /// Print every setting with its default and its explanation instead
    #[arg(long, conflicts_with = "json")]
    example: bool,
}

impl Run for PrintConfig {
    fn run(self, context: &Context) -> Done {
        if self.example {
            return print(&example());
        }
        let Loaded { config, origins } = context.load(Flags::default())?;
        let table = table(&config.effective())?;
        if context.wants_json() {
            let mut document = serde_json::to_value(&table).map_err(unwritable)?;
            let sources = sources(&table, "", &origins).into_iter().map(|(path, place)| (path, place.into()));
            if let Some(document) = document.as_object_mut() {
                document.insert("sources".to_owned(), serde_json::Value::Object(sources.collect()));
            }
            return print_json(&document);
        }
        print(&text(&table, &origins))
    }
}

fn unwritable(error: impl std::fmt::Display) -> CommandError {
    CommandError::new(format!("the configuration cannot be written: {error}"))
}

/// The configuration as TOML has it. A secret writes itself as what is shown in its place.
fn table(config: &Config) -> Result<Table, CommandError> {
    Table::try_from(config).map_err(unwritable)
}

/// Where each setting came from, by its path.
fn sources(table: &Table, above: &str, origins: &Origins) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (key, value) in table {
        let path = format!("{above}{key}");
        match value {
            Value::Table(inner) => found.extend(sources(inner, &format!("{path}."), origins)),
            _ => found.push((path.clone(), origins.of(&path).to_string())),
        }
    }
    found
}

/// Settings first, then sections, as TOML wants it; behind each where it came from.
fn text(table: &Table, origins: &Origins) -> String {
    let mut text = Text::default();
    section(&mut text, table, "", origins);
    text.into_string()
}

fn section(text: &mut Text, table: &Table, above: &str, origins: &Origins) {
    for (key, value) in table.iter().filter(|(_, value)| !value.is_table()) {
        let place = match origins.of(&format!("{above}{key}")) {
            Place::Default => String::new(),
            place => format!("  # {}", plain(&place.to_string())),
        };
        let key = toml_key(key);
        text.line(&format!("{key} = {value}{place}"));
    }
    for (key, value) in table {
        if let Some(inner) = value.as_table().filter(|inner| !inner.is_empty()) {
            // A section that has only sections needs no head of its own.
            if inner.values().any(|value| !value.is_table()) {
                text.gap();
                text.line(&format!("[{above}{}]", toml_key(key)));
            }
            section(text, inner, &format!("{above}{key}."), origins);
        }
    }
}

/// A key, in quotes where it needs them.
fn toml_key(key: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if !key.is_empty() && key.chars().all(is_bare) { key.to_owned() } else { Value::from(key).to_string() }
}

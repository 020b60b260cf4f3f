//! Putting a configuration together.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use domain::merchant::Environment;
use figment::{
    Figment, Metadata, Profile, Provider,
    error::{Actual, Kind},
    value::{Dict, Map, Value},
};
use toml::Table;

use super::{
    Config, check,
    file::ConfigFile,
    origin::{self, Layers, Origins},
    problem::{Place, Problem, Problems},
    unknown,
    variables::Variables,
    word::Word,
};

/// The file that is read where none is named, in the working directory.
pub const DEFAULT_FILE: &str = "tillgate.toml";

/// Settings that are given on the command line.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--data`
    pub data_dir: Option<PathBuf>,
    /// `--listen`
    pub listen: Option<SocketAddr>,
    /// `--database`
    pub database: Option<String>,
    /// `--environment`
    pub environment: Option<Environment>,
}

/// What a configuration is made of, besides the defaults.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file, where one is named; it must exist then.
    pub file: Option<PathBuf>,
    /// The variables of the environment; those of others are passed over.
    pub variables: Vec<(String, String)>,
    /// The command line.
    pub flags: Flags,
}

/// A configuration that can be used.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What is set.
    pub config: Config,
    /// Where each setting came from.
    pub origins: Origins,
}

/// Puts the configuration together.
///
/// # Errors
/// [`Problems`] with everything that is wrong with it: every key that is no setting, or else the first value of the
/// wrong kind, or else every value that cannot be.
pub fn load(sources: &Sources) -> Result<Loaded, Problems> {
    let file = match &sources.file {
        Some(path) => ConfigFile::read(path, true)?,
        None => ConfigFile::read(Path::new(DEFAULT_FILE), false)?,
    };
    put_together(file.as_ref(), sources)
}

/// The same with a file that was read.
pub(super) fn put_together(file: Option<&ConfigFile>, sources: &Sources) -> Result<Loaded, Problems> {
    let template = table(&Config::template());
    let variables = Variables::new(sources.variables.clone());
    let mut problems = Vec::new();
    let variable_values = variables.values(&template, &mut problems);
    if let Some(file) = file {
        unknown::check(&file.values, &template, &|path| file.place(path), &mut problems);
    }
    unknown::check(&variable_values, &template, &|path| variables.place(path), &mut problems);
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let figment = Figment::new()
        .merge(Layer::new(origin::DEFAULTS, &table(&Config::default())))
        .merge(Layer::new(origin::FILE, file.map_or(&Table::new(), |file| &file.values)))
        .merge(Layer::new(origin::ENVIRONMENT, &variable_values))
        .merge(Layer::new(origin::FLAGS, &flag_values(&sources.flags)));
    let layers = Layers { figment: &figment, file, variables: &variables };
    let config: Config = figment.extract().map_err(|error| wrong_kind(&error, &layers))?;
    let origins = Origins::new(paths(&table(&config), &[]).into_iter(), &layers);
    check::check(&config, &layers)?;
    Ok(Loaded { config, origins })
}

/// A configuration as a table. Secrets are not in it.
pub(super) fn table(config: &Config) -> Table {
    // Every setting has a form in TOML: tests write and read them all.
    Table::try_from(config).unwrap_or_default()
}

fn flag_values(flags: &Flags) -> Table {
    let mut values = Table::new();
    let mut set = |key: &str, value: Option<String>| {
        values.extend(value.map(|text| (key.to_owned(), toml::Value::String(text))));
    };
    set("data_dir", flags.data_dir.as_ref().map(|path| path.display().to_string()));
    set("listen", flags.listen.as_ref().map(Word::write));
    set("environment", flags.environment.as_ref().map(Word::write));
    if let Some(url) = &flags.database {
        let inner = Table::from_iter([("url".to_owned(), toml::Value::String(url.clone()))]);
        values.insert("database".to_owned(), toml::Value::Table(inner));
    }
    values
}

/// The paths of all settings of a table.
pub(super) fn paths(table: &Table, above: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (key, value) in table {
        let path: Vec<String> = above.iter().cloned().chain([key.clone()]).collect();
        match value {
            toml::Value::Table(inner) => found.extend(paths(inner, &path)),
            _ => found.push(path),
        }
    }
    found
}

/// One layer of a configuration.
struct Layer {
    name: &'static str,
    values: Dict,
}

impl Layer {
    fn new(name: &'static str, table: &Table) -> Self {
        let values = Value::serialize(table).ok().and_then(Value::into_dict).unwrap_or_default();
        Self { name, values }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}

/// What a value of the wrong kind is told as. What was written is not repeated.
fn wrong_kind(error: &figment::Error, layers: &Layers<'_>) -> Problem {
    let place: Place = layers.place(&error.path);
    let key = unknown::shown(&error.path);
    let what = match &error.kind {
        Kind::Message(form) => format!("`{key}` has to be {form}."),
        Kind::InvalidType(found, expected) => {
            format!("`{key}` has to be {}, and is {}.", expectation(expected), kind_of(found))
        }
        Kind::InvalidValue(_, expected) => format!("`{key}` has to be {}.", expectation(expected)),
        Kind::UnknownField(field, _) => format!("`{field}` is no setting of `{key}`."),
        Kind::MissingField(field) => format!("`{key}` needs `{field}`."),
        _ => format!("`{key}` cannot be read."),
    };
    Problem::plain(place, what)
}

/// What serde expects, in words of TOML.
fn expectation(expected: &str) -> String {
    match expected {
        "a string" | "path string" => "a text in quotes".to_owned(),
        "u8" => "a whole number from 0 to 255".to_owned(),
        "u32" => format!("a whole number from 0 to {}", u32::MAX),
        "u64" | "usize" => "a whole number from 0 on".to_owned(),
        "a sequence" => "a list in brackets".to_owned(),
        "a map" => "a table".to_owned(),
        other if other.starts_with("struct ") => "a table".to_owned(),
        other => other.to_owned(),
    }
}

const fn kind_of(found: &Actual) -> &'static str {
    match found {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) => "a number",
        Actual::Float(_) => "a number with a fraction",
        Actual::Str(_) | Actual::Char(_) | Actual::Bytes(_) => "a text",
        Actual::Seq => "a list",
        Actual::Map | Actual::NewtypeStruct | Actual::Enum => "a table",
        Actual::Unit
        | Actual::Option
        | Actual::UnitVariant
        | Actual::NewtypeVariant
        | Actual::TupleVariant
        | Actual::StructVariant
        | Actual::Other(_) => "something else",
    }
}

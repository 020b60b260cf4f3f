//! Settings in environment variables: `TILLGATE_WEBHOOKS__TIMEOUT_MS` is `webhooks.timeout_ms`.

use toml::{Table, Value};

use super::{
    problem::{Place, Problem},
    unknown,
};

/// What all variables begin with.
const PREFIX: &str = "TILLGATE_";

/// What stands between levels.
const SEPARATOR: &str = "__";

/// The settings that are given in the environment.
pub(super) struct Variables {
    /// Each with the keys that its name stands for.
    found: Vec<(Vec<String>, String)>,
}

impl Variables {
    /// Those of `variables` that are ours.
    pub(super) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours = variables.into_iter().filter_map(|(name, value)| {
            let keys = name.strip_prefix(PREFIX)?;
            Some((keys.to_lowercase().split(SEPARATOR).map(str::to_owned).collect(), value))
        });
        let mut found: Vec<_> = ours.collect();
        found.sort();
        Self { found }
    }

    /// The values, each as what the template has in its place. A variable that says what another one has said is
    /// complained about: it would be passed over, or the other one would.
    pub(super) fn values(&self, template: &Table, problems: &mut Vec<Problem>) -> Table {
        let mut values = Table::new();
        for (keys, text) in &self.found {
            let like = unknown::lookup(template, keys);
            if !insert(&mut values, keys, typed(text, like)) {
                let what = format!("`{}` is given by another variable as well.", unknown::shown(keys));
                let place = Place::Variable(name(keys));
                problems.push(Problem::new(
                    place,
                    what,
                    "Give the whole of it in one variable, or each part once.",
                ));
            }
        }
        values
    }

    /// Where the setting with this path is given: by the variable that is it, holds it, or is a part of it.
    pub(super) fn place(&self, path: &[String]) -> Place {
        let holds = |(keys, _): &&(Vec<String>, String)| keys.starts_with(path) || path.starts_with(keys);
        let keys = self.found.iter().find(holds).map_or(path, |(keys, _)| keys);
        Place::Variable(name(keys))
    }
}

/// The variable that is the setting with this path.
pub(super) fn name(keys: &[String]) -> String {
    format!("{PREFIX}{}", keys.join(SEPARATOR).to_uppercase())
}

/// A text is taken as it stands where a text belongs; else it is read as TOML writes values. A list of words may be
/// written with commas. What cannot be read stays a text, and is complained about later.
fn typed(text: &str, like: Option<&Value>) -> Value {
    let as_text = || Value::String(text.to_owned());
    match like {
        None | Some(Value::String(_)) => as_text(),
        Some(Value::Array(_)) if !text.trim_start().starts_with('[') => {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            Value::Array(words.map(|word| Value::String(word.to_owned())).collect())
        }
        Some(_) => text.parse().unwrap_or_else(|_| as_text()),
    }
}

/// Puts a value in its place, and says whether the place was free.
fn insert(table: &mut Table, keys: &[String], value: Value) -> bool {
    match keys {
        [] => false,
        [last] => table.insert(last.clone(), value).is_none(),
        [first, rest @ ..] => {
            let inner = table.entry(first.clone()).or_insert_with(|| Value::Table(Table::new()));
            inner.as_table_mut().is_some_and(|inner| insert(inner, rest, value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_becomes_what_belongs_in_its_place() {
        let number = Value::Integer(1);
        let list = Value::Array(Vec::new());
        let text = Value::String(String::new());
        assert_eq!(typed("12", Some(&number)), Value::Integer(12));
        assert_eq!(typed("12", Some(&text)), Value::String("12".to_owned()));
        assert_eq!(typed("1e5", Some(&text)), Value::String("1e5".to_owned()));
        assert_eq!(typed("twelve", Some(&number)), Value::String("twelve".to_owned()));
        assert_eq!(typed("1\nenvironment = \"production\"", Some(&number)).as_integer(), None);
        let words = Value::Array(vec!["10.0.0.1".into(), "10.0.0.2".into()]);
        assert_eq!(typed("10.0.0.1, 10.0.0.2", Some(&list)), words);
        assert_eq!(typed(r#"["10.0.0.1", "10.0.0.2"]"#, Some(&list)), words);
    }

    #[test]
    fn only_our_variables_are_read() {
        let pairs = [("PATH", "/bin"), ("TILLGATE_DATABASE__URL", "sqlite"), ("tillgate_listen", "x")];
        let variables = Variables::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let values = variables.values(&Table::new(), &mut Vec::new());
        assert_eq!(values.to_string(), "[database]\nurl = \"sqlite\"\n");
    }
}

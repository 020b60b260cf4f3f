//! Keys that are no settings.

use toml::{Table, Value};

use super::{
    problem::{Place, Problem},
    unserved, variables,
};

/// Tables with keys of the operator's own choice.
pub(super) const OPEN: &[&str] = &[
    "dialects.alpha.maximum",
    "dialects.alpha.minimum",
    "dialects.alphapo.deposit_fees",
    "rates.base_urls",
    "rates.fixed",
];

/// How alike two names are that are taken for one with a slip: 1 for the same.
const ALIKE: f64 = 0.7;

/// The value of the template at a path; the number of an item stands for any.
pub(super) fn lookup<'a>(template: &'a Table, keys: &[String]) -> Option<&'a Value> {
    let (first, rest) = keys.split_first()?;
    descend(template.get(first)?, rest)
}

fn descend<'a>(value: &'a Value, keys: &[String]) -> Option<&'a Value> {
    match (keys, value) {
        ([], _) => Some(value),
        (_, Value::Table(table)) => lookup(table, keys),
        ([_, rest @ ..], Value::Array(items)) => descend(items.first()?, rest),
        _ => None,
    }
}

/// Complains about every key of `values` that the template does not have. `place` tells where a key stands.
pub(super) fn check(
    values: &Table,
    template: &Table,
    place: &dyn Fn(&[String]) -> Place,
    problems: &mut Vec<Problem>,
) {
    Walk { root: template, place, problems }.table(values, template, &mut Vec::new());
}

struct Walk<'a> {
    root: &'a Table,
    place: &'a dyn Fn(&[String]) -> Place,
    problems: &'a mut Vec<Problem>,
}

impl Walk<'_> {
    fn table(&mut self, values: &Table, template: &Table, path: &mut Vec<String>) {
        if OPEN.contains(&path.join(".").as_str()) {
            return;
        }
        for (key, value) in values {
            path.push(key.clone());
            match template.get(key) {
                Some(like) => self.value(value, like, path),
                None => self.complain(template, path),
            }
            path.pop();
        }
    }

    fn value(&mut self, value: &Value, like: &Value, path: &mut Vec<String>) {
        match (value, like) {
            (Value::Table(values), Value::Table(template)) => self.table(values, template, path),
            (Value::Array(items), Value::Array(likes)) => {
                let Some(like) = likes.first() else { return };
                for (index, item) in items.iter().enumerate() {
                    path.push(index.to_string());
                    self.value(item, like, path);
                    path.pop();
                }
            }
            // Another kind than expected is complained about where the values are read.
            _ => {}
        }
    }

    fn complain(&mut self, siblings: &Table, path: &[String]) {
        let place = (self.place)(path);
        let name = shown(path);
        if let Some(cure) = unserved::cure(&path.join(".")) {
            self.problems.push(Problem::new(place, format!("`{name}` is not served by this version."), cure));
            return;
        }
        let key = path.last().map_or("", String::as_str);
        let fix = self.advice(siblings, key, path, &place);
        self.problems.push(Problem::new(place, format!("`{name}` is no setting."), fix));
    }

    fn advice(&self, siblings: &Table, key: &str, path: &[String], place: &Place) -> String {
        if let Some(meant) = spelled(siblings, key) {
            let full = [path.get(..path.len().saturating_sub(1)).unwrap_or_default(), &meant].concat();
            return match place {
                Place::Variable(_) => {
                    format!("Two underscores stand between levels: {}.", variables::name(&full))
                }
                _ => format!("Did you mean `{}`?", shown(&full)),
            };
        }
        let likeness = |name: &str| strsim::normalized_damerau_levenshtein(name, key);
        let close = siblings.keys().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        if let Some(close) = close.filter(|name| likeness(name) >= ALIKE) {
            return format!("Did you mean `{close}`?");
        }
        if let Some(home) = home_of(self.root, key) {
            return format!("It belongs under [{home}].");
        }
        let section = match path.split_last() {
            Some((_, [])) | None => "At the top level there are".to_owned(),
            Some((_, parents)) => format!("Under {} there are", shown(parents)),
        };
        let names: Vec<&str> = siblings.keys().map(String::as_str).collect();
        format!("{section} {}.", names.join(", "))
    }
}

/// The section that has a setting of this name, where just one does.
fn home_of(root: &Table, key: &str) -> Option<String> {
    let mut homes = root.iter().filter_map(|(section, value)| {
        value.as_table().filter(|table| table.contains_key(key)).map(|_| section.clone())
    });
    let home = homes.next()?;
    homes.next().is_none().then_some(home)
}

/// The path whose levels are run together in `key`: `database_url`.
fn spelled(table: &Table, key: &str) -> Option<Vec<String>> {
    table.iter().find_map(|(section, value)| {
        let (inner, rest) = (value.as_table()?, key.strip_prefix(section.as_str())?.strip_prefix('_')?);
        let deeper = if inner.contains_key(rest) { vec![rest.to_owned()] } else { spelled(inner, rest)? };
        Some([vec![section.clone()], deeper].concat())
    })
}

/// A path as people write it: the items of a list are counted from 1.
pub(super) fn shown(path: &[String]) -> String {
    let mut text = String::new();
    for key in path {
        match key.parse::<usize>() {
            Ok(index) => text = format!("{text}[{}]", index.saturating_add(1)),
            Err(_) if text.is_empty() => text.clone_from(key),
            Err(_) => text = format!("{text}.{key}"),
        }
    }
    text
}

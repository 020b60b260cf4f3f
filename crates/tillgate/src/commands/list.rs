//! What the commands that list have in common.

use clap::Args;
use url::form_urlencoded;

/// Which part of a list to show.
#[derive(Debug, Args)]
pub(super) struct Part {
    /// How many at most: 1 to 100
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Where to go on: as the end of the list before says
    #[arg(long)]
    cursor: Option<String>,
}

/// A path with what stands behind its question mark.
pub(super) struct Query {
    path: String,
    pairs: form_urlencoded::Serializer<'static, String>,
    empty: bool,
}

impl Query {
    /// The path alone.
    pub(super) fn new(path: &str) -> Self {
        Self { path: path.to_owned(), pairs: form_urlencoded::Serializer::new(String::new()), empty: true }
    }

    /// With this parameter, where it has a value.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.pairs.append_pair(name, value);
            self.empty = false;
        }
        self
    }

    /// With a part of the list.
    #[must_use]
    pub(super) fn part(self, part: &Part) -> Self {
        self.with("limit", Some(&part.limit.to_string())).with("cursor", part.cursor.as_deref())
    }

    /// The path and the parameters.
    pub(super) fn text(mut self) -> String {
        if self.empty { self.path } else { format!("{}?{}", self.path, self.pairs.finish()) }
    }
}

/// A name as one segment of a path.
pub(super) fn segment(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect()
}

/// What stands under a page that has a next one.
pub(super) fn more(next_cursor: Option<&str>) -> String {
    next_cursor.map(|cursor| format!("More with --cursor {cursor}\n")).unwrap_or_default()
}

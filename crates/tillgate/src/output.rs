//! What commands print: for people aligned text, for programs one JSON document.

use std::io::{self, Write};

use serde::Serialize;

use crate::failure::CommandError;

/// Prints `text` and ends its last line. Whoever closed the pipe has seen enough.
pub(crate) fn print(text: &str) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    let ended = if text.ends_with('\n') { "" } else { "\n" };
    match write!(out, "{text}{ended}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandError::new(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a JSON document.
pub(crate) fn print_json(document: &impl Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(document);
    print(&text.map_err(|error| CommandError::new(format!("the answer cannot be written: {error}")))?)
}

/// Prints why something failed, to standard error.
pub(crate) fn print_error(error: &dyn std::fmt::Display) {
    // There is nowhere left to say that this could not be said.
    let _ = writeln!(io::stderr(), "error: {error}");
}

/// Text from outside without anything that a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// A text that grows by its lines.
#[derive(Debug, Default)]
pub(crate) struct Text(String);

impl Text {
    /// Adds a line.
    pub(crate) fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// Adds an empty line.
    pub(crate) fn gap(&mut self) {
        self.0.push('\n');
    }

    /// Adds lines that are ended already.
    pub(crate) fn block(&mut self, lines: &str) {
        self.0.push_str(lines);
    }

    /// The text.
    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

/// Rows under headings, each column as wide as its widest entry.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

/// What stands between two columns.
const GAP: &str = "  ";

impl Table {
    /// An empty table with these headings.
    pub(crate) fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self { rows: vec![headings.map(str::to_owned).to_vec()] }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.rows.push(cells.map(plain).to_vec());
    }

    /// The text of the table; `none` where it has no rows.
    pub(crate) fn text(&self, none: &str) -> String {
        if self.rows.len() == 1 { format!("{none}\n") } else { aligned(&self.rows, "") }
    }
}

/// Names with their values, one a line.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    rows: Vec<Vec<String>>,
}

impl Fields {
    /// Adds a field.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.rows.push(vec![name.to_owned(), plain(value)]);
        self
    }

    /// Adds a field that may have no value.
    #[must_use]
    pub(crate) fn with_some(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The text of the fields, each line begun with `indent`.
    pub(crate) fn text(&self, indent: &str) -> String {
        aligned(&self.rows, indent)
    }
}

fn aligned(rows: &[Vec<String>], indent: &str) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join(GAP);
        text = text + indent + line.trim_end() + "\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_lines_end_without_blanks() {
        let mut table = Table::new(["ID", "NAME"]);
        table.row(["shop_1", "Ä"]);
        table.row(["s", ""]);
        assert_eq!(table.text(""), "ID      NAME\nshop_1  Ä\ns\n");
        assert_eq!(Table::new(["ID"]).text("No shops."), "No shops.\n");
        let fields = Fields::default().with("id", "1").with_some("more", None).with("name", "two");
        assert_eq!(fields.text("  "), "  id    1\n  name  two\n");
    }

    #[test]
    fn a_terminal_is_given_no_orders() {
        assert_eq!(plain("a\u{1b}[2J\nb"), "a\u{fffd}[2J\u{fffd}b");
    }
}

//! A value with a name and a button that copies it.

use askama::{Template, filters::HtmlSafe};

use crate::address::Grouped;

/// One row: what it is, the value in full, and a button that the script brings to life. Without the script the value is
/// marked as a whole by one tap, and there is no button.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "copy.html")]
pub struct Copyable {
    /// Unique on the page.
    id: &'static str,
    /// What it is: `Address`.
    name: &'static str,
    /// What is copied.
    value: String,
    shown: Shown,
}

impl HtmlSafe for Copyable {}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shown {
    /// In groups.
    Groups(Grouped),
    /// As it is, with this unit behind it.
    Number(String),
}

impl Copyable {
    /// An address or a hash.
    pub fn address(id: &'static str, name: &'static str, value: &str) -> Self {
        Self { id, name, value: value.to_owned(), shown: Shown::Groups(Grouped::new(value)) }
    }

    /// A number with its unit, which is not copied.
    pub fn number(id: &'static str, name: &'static str, value: String, unit: &str) -> Self {
        Self { id, name, value, shown: Shown::Number(unit.to_owned()) }
    }
}

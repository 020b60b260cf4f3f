//! Text that is markup already.

use std::fmt;

use askama::{Template, filters::HtmlSafe};

/// Markup that a template wrote, or that is ours to the letter: it is put into a page as it is.
///
/// Everything else is text, and escaped where it is put. No way leads from a text to this type but a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// What a template writes.
    ///
    /// # Errors
    /// [`askama::Error`] where a value of it cannot be written.
    pub fn of(template: &impl Template) -> Result<Self, askama::Error> {
        template.render().map(Self)
    }

    /// Markup that is part of the program.
    pub(crate) fn own(markup: impl Into<String>) -> Self {
        Self(markup.into())
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The markup, to be sent.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

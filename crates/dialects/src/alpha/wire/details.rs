//! What is wrong with the fields of a request: as much of it at once as an answer holds, in the order of the contract.

use std::{borrow::Cow, fmt::Write};

use crate::alpha::errors::{ApiError, Code, Detail, DetailCode};

impl Detail {
    /// What is wrong with a field.
    pub(crate) fn new(
        field: impl Into<String>,
        code: DetailCode,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}

/// The most things that one answer names. A body of the largest size can hold thousands, each far down.
pub(crate) const MAX_DETAILS: usize = 50;

/// Collects what is wrong, up to [`MAX_DETAILS`].
#[derive(Default)]
pub(crate) struct Problems(Vec<Detail>);

impl Problems {
    /// The value, or nothing and a note of what is wrong with it.
    pub(crate) fn take<T>(&mut self, read: Result<T, Detail>) -> Option<T> {
        read.map_err(|detail| self.note(detail)).ok()
    }

    /// Notes one thing more, where there is room.
    pub(crate) fn note(&mut self, detail: Detail) {
        if self.0.len() < MAX_DETAILS {
            self.0.push(detail);
        }
    }

    /// The error with this code that names them all; nothing where nothing is wrong.
    ///
    /// # Errors
    /// `code`.
    pub(crate) fn none(self, code: Code) -> Result<(), ApiError> {
        if self.0.is_empty() { Ok(()) } else { Err(ApiError::about(code, self.0)) }
    }
}

impl From<Problems> for ApiError {
    fn from(problems: Problems) -> Self {
        Self::about(Code::ValidationFailed, problems.0)
    }
}

/// The way to a value inside a body, as details name it: `metadata.cart[0].note`. It is written out only where there is
/// something to say: nearly every body has nothing wrong with it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Way<'a> {
    /// The body itself.
    #[default]
    Body,
    /// A member of an object.
    Member(&'a Way<'a>, &'a str),
    /// A place in a list.
    Place(&'a Way<'a>, usize),
}

/// The longest name that is repeated to the caller.
const MAX_NAME: usize = 40;

impl<'a> Way<'a> {
    /// The way to a member. A name that holds a card number, or is longer than a name may be, is not repeated.
    pub(crate) const fn member(&'a self, name: &'a str) -> Self {
        Self::Member(self, name)
    }

    /// The way to a place in a list.
    pub(crate) const fn place(&'a self, index: usize) -> Self {
        Self::Place(self, index)
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Body => {}
            Self::Member(outer, name) => {
                outer.write(text);
                if !text.is_empty() {
                    text.push('.');
                }
                let is_fit = name.chars().count() <= MAX_NAME && !crate::field::card_number::is_in(name);
                text.push_str(if is_fit { name } else { "*" });
            }
            Self::Place(outer, index) => {
                outer.write(text);
                // Writing to a text cannot fail.
                let _ = write!(text, "[{index}]");
            }
        }
    }
}

impl From<Way<'_>> for String {
    fn from(way: Way<'_>) -> Self {
        let mut text = Self::new();
        way.write(&mut text);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_repeats_no_card_number() {
        let text = |way: Way<'_>| String::from(way);
        let (body, long) = (Way::default(), "x".repeat(41));
        let metadata = body.member("metadata");
        let cart = metadata.member("cart");
        let place = cart.place(2);
        assert_eq!(text(place.member("note")), "metadata.cart[2].note");
        assert_eq!(text(place.member("4242 4242 4242 4242")), "metadata.cart[2].*");
        assert_eq!(text(place.member(&long).member("a")), "metadata.cart[2].*.a");
        assert_eq!(text(body.place(0).member("a")), "[0].a");
    }
}

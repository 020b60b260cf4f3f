//! What is wrong with the fields of a request: as much of it at once as an answer holds, in the order of the contract.

use std::borrow::Cow;

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

/// The way to a value inside a body, as details name it: `metadata.cart[0].note`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Way(String);

/// The longest name that is repeated to the caller.
const MAX_NAME: usize = 40;

impl Way {
    /// The way to a member. A name that holds a card number, or is longer than a name may be, is not repeated.
    pub(crate) fn member(&self, name: &str) -> Self {
        let is_fit = name.chars().count() <= MAX_NAME && !crate::field::card_number::is_in(name);
        let name = if is_fit { name } else { "*" };
        Self(if self.0.is_empty() { name.to_owned() } else { format!("{}.{name}", self.0) })
    }

    /// The way to a place in a list.
    pub(crate) fn place(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }
}

impl From<Way> for String {
    fn from(way: Way) -> Self {
        way.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_repeats_no_card_number() {
        let way = Way::default().member("metadata").member("cart").place(2);
        assert_eq!(String::from(way.member("note")), "metadata.cart[2].note");
        assert_eq!(String::from(way.member("4242 4242 4242 4242")), "metadata.cart[2].*");
        assert_eq!(String::from(way.member(&"x".repeat(41)).member("a")), "metadata.cart[2].*.a");
    }
}

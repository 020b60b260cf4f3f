//! Checks of single values that every dialect takes, whatever it calls them.

pub(crate) mod card_number;
pub(crate) mod email;
pub(crate) mod link;

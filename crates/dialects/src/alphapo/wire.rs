//! The vendor's words, in both directions.

pub(crate) mod address;
pub(crate) mod calculate;
pub(crate) mod callback;
pub(crate) mod codes;
pub(crate) mod currencies;
pub(crate) mod details;
pub(crate) mod fields;
pub(crate) mod info;
pub(crate) mod invoice;
pub(crate) mod new_invoice;
pub(crate) mod number;
pub(crate) mod php_json;
pub(crate) mod sender;
pub(crate) mod sentence;
pub(crate) mod status;

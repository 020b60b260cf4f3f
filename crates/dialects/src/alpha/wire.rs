//! The vendor's words, in both directions.

pub(crate) mod checkout;
pub(crate) mod cursor;
pub(crate) mod details;
pub(crate) mod ids;
pub(crate) mod list;
pub(crate) mod new_payment;
pub(crate) mod payment;
pub(crate) mod screen;
pub(crate) mod status;
pub(crate) mod time;

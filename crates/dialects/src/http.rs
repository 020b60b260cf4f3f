//! What every dialect needs of HTTP, and no vendor owns.

mod address;
pub(crate) mod body;
pub(crate) mod detach;
pub(crate) mod json;
pub(crate) mod media;
pub(crate) mod query;
pub(crate) mod rate;
mod request_id;
pub(crate) mod twins;

pub(crate) use self::address::AddressKey;
pub use self::{address::ClientAddress, request_id::RequestId};

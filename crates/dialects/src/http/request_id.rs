//! The name of one request, by which caller and log speak of the same one.

use domain::{
    id::{Entropy, Id, IdSeed},
    time::Timestamp,
};

/// The name of one request: `req_…`. The server may put one into a request as an extension; a dialect makes one for a
/// request that has none. Never taken from outside: it goes into logs and headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

/// What a request's id names.
enum Request {}

impl RequestId {
    /// A new id of the moment `at`.
    pub fn new(entropy: &dyn Entropy, at: Timestamp) -> Self {
        let id: Id<Request> = IdSeed::new(entropy).maker(at).make();
        Self(format!("req_{}", id.base62()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

//! From money that does not fit to a mail, without a mail server.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod desk;
mod sent;
mod told;

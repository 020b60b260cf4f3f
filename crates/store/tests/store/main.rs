//! The store on both databases: what its drivers keep, its migrations, its statements, and its schema.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod contract;
mod migrations;
mod schema;
mod statements;
mod support;
mod tls;

//! The HTTP server: what stands between a connection and a handler.

pub(crate) mod app;
pub(crate) mod bounds;
mod client_address;
mod guard;
mod health;
mod limits;
mod pages;
mod server;

pub(crate) use self::{
    limits::{DRAIN, LISTENER_GRACE, raise_file_limit},
    server::{from, serve},
};

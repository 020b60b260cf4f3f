//! The real binary: started as a process, asked over TCP and over its socket, told to stop, and killed.

mod asked;
mod commands;
mod configuration;
mod data;
mod database;
mod draining;
mod invoices;
mod mails;
mod payments;
mod rates;
mod secrets;
mod server;
mod start;

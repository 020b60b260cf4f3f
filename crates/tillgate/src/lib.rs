//! A self-hosted payment gateway: the binary's own part. It wires the rooms together, and speaks to people:
//! configuration, commands, the HTTP server, the log.

mod banner;
mod cli;
mod client;
mod commands;
pub mod config;
mod context;
mod data_dir;
mod demo;
mod failure;
mod gateway;
mod http;
mod logs;
mod mail;
mod master_key;
mod networks;
mod output;
mod running;
mod served;
mod signals;
mod socket;
mod system;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, error::ErrorKind};

use crate::{
    cli::Cli,
    commands::{Run, Serve},
    context::Context,
    failure::Done,
    output::print_error,
};

/// Runs what the command line of this process asks for: 0 where it was done, 1 where it was refused. Wrong usage never
/// comes here: it ends the process with 2.
pub fn run() -> ExitCode {
    match obey(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

fn obey(cli: Cli) -> Done {
    let context = Context::new(cli.common)?;
    let Some(command) = cli.command else { return cli.serve.run(&context) };
    if cli.serve != Serve::default() {
        let text = "--listen, --database and --environment belong to serve, which is another command";
        Cli::command().error(ErrorKind::ArgumentConflict, text).exit();
    }
    command.run(&context)
}

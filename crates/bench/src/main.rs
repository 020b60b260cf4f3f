//! The tool of `cargo xtask bench`: measures the real binary under load, and prints what was read beside the goals.
//!
//! Rows that are compared are taken in turns, round by round, and their ratios are taken within a round: on a machine
//! that does other things too, both sides of a ratio suffer alike. Every load is checked: an answer with another status
//! than the expected one ends the run.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to the person who called it")]

mod connection;
mod disk;
mod error;
mod figures;
mod goals;
mod load;
mod machine;
mod options;
mod pgbench;
mod postgres;
mod process;
mod random;
mod receiver;
mod recording;
mod request;
mod rows;
mod run;
mod shops;
mod stock;
mod till;

use std::{path::Path, process::ExitCode};

use clap::Parser;
use serde::Serialize;

use crate::{
    error::{Done, During, Trouble},
    figures::Book,
    goals::Goal,
    machine::Machine,
    options::{Act, Options, Part},
    postgres::Peer,
    rows::{blocks, growth, http, mixed, start, webhooks},
    run::Run,
};

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match options.act.clone() {
        Some(Act::Pgbench { check, file }) => script(options, check, &file),
        None => bench(options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("bench: {trouble}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the script for pgbench as it has to be, or holds the one in the tree against it.
fn script(options: Options, check: bool, file: &Path) -> Done {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let run = runtime.block_on(Run::prepare(options))?;
    let Some(peer) = runtime.block_on(Peer::start(&run))? else {
        return Err(Trouble::new("PostgreSQL is not installed"));
    };
    if !check {
        return std::fs::write(file, &peer.script().text).during(file.display());
    }
    if peer.script().is_committed() { Ok(()) } else { Err(Trouble::new(pgbench::STALE)) }
}

/// What is written to a file.
#[derive(Serialize)]
struct Report<'a> {
    machine: &'a Machine,
    readings: &'a Book,
    goals: &'a [Goal],
}

fn bench(options: Options) -> Done {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (json, is_quick) = (options.json.clone(), options.quick);
    let machine = Machine::look();
    println!("{machine}");
    let run = runtime.block_on(measure(options))?;
    let goals = goals::judge(&run.book, &run.scale);
    println!("\n{}\n{}", run.book.tables(), goals::table(&goals));
    if is_quick {
        println!(
            "A quick run is too short to judge by: that everything was answered as it should is what it says."
        );
    }
    if let Some(path) = json {
        let report = Report { machine: &machine, readings: &run.book, goals: &goals };
        let text = serde_json::to_string_pretty(&report).during("the readings cannot be written")?;
        std::fs::write(&path, text).during(path.display())?;
    }
    Ok(())
}

async fn measure(options: Options) -> Done<Run> {
    let mut run = Run::prepare(options).await?;
    if run.options.wants(Part::Http) {
        http::measure(&mut run).await?;
    }
    if run.options.wants(Part::Growth) {
        growth::measure(&mut run).await?;
    }
    if run.options.wants(Part::Start) {
        start::measure(&mut run).await?;
    }
    if run.options.wants(Part::Mixed) {
        mixed::measure(&mut run).await?;
    }
    if run.options.wants(Part::Webhooks) {
        webhooks::measure(&mut run).await?;
    }
    if run.options.wants(Part::Blocks) {
        blocks::measure(&mut run)?;
    }
    Ok(run)
}

//! `tillgate clock`

use clap::{Args, Subcommand};
use operator::clock::{Advance, Clock};

use super::Run;
use crate::{context::Context, failure::Done, output::Fields};

#[derive(Debug, Args)]
pub(crate) struct ClockCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Show the clocks
    Show,
    /// Let time pass
    Advance {
        /// How long: 45s, 31m, 1h30m, 90d
        by: String,
    },
}

impl Run for ClockCommand {
    fn run(self, context: &Context) -> Done {
        let client = context.client()?;
        let answer = match self.act {
            Act::Show => client.get::<Clock>("/clock")?,
            Act::Advance { by } => client.post::<Clock>("/clock/advance", &Advance { by })?,
        };
        context.show(&answer, |clock| {
            Fields::default()
                .with("business time", &clock.business_time)
                .with("wall time", &clock.wall_time)
                .with("ahead by", &clock.ahead)
                .text("")
        })
    }
}

//! `tillgate payments`

mod text;

use clap::{Args, Subcommand};
use operator::{
    page::Page,
    payments::{Payment, PaymentDetail},
};

use super::{
    Run,
    list::{Part, Query, segment},
};
use crate::{context::Context, failure::Done};

#[derive(Debug, Args)]
pub(crate) struct PaymentsCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// List payments, newest first
    List(List),
    /// Show a payment with everything that happened to it
    Show {
        /// Any dialect's id, a UUID, a checkout token, or an address
        payment: String,
    },
    /// Cancel a payment for which no money was seen
    Cancel {
        /// Any dialect's id, a UUID, a checkout token, or an address
        payment: String,
    },
}

#[derive(Debug, Args)]
struct List {
    /// Of this shop
    #[arg(long)]
    shop: Option<String>,
    /// Made by this dialect
    #[arg(long)]
    dialect: Option<String>,
    /// With this status, again for each further one: waiting, processing, paid, expired, cancelled or failed
    #[arg(long)]
    status: Vec<String>,
    /// With this reference
    #[arg(long)]
    reference: Option<String>,
    /// Made at this time or later, such as 2026-06-16T12:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Made before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[command(flatten)]
    part: Part,
}

impl Run for PaymentsCommand {
    fn run(self, context: &Context) -> Done {
        let client = context.client()?;
        match self.act {
            Act::List(list) => context.show(&client.get::<Page<Payment>>(&list.path())?, text::list),
            Act::Show { payment } => {
                let path = format!("/payments/{}", segment(&payment));
                context.show(&client.get::<PaymentDetail>(&path)?, text::detail)
            }
            Act::Cancel { payment } => {
                let path = format!("/payments/{}/cancel", segment(&payment));
                context.show(&client.post::<Payment>(&path, &())?, text::summary)
            }
        }
    }
}

impl List {
    fn path(&self) -> String {
        let status = (!self.status.is_empty()).then(|| self.status.join(","));
        Query::new("/payments")
            .with("shop", self.shop.as_deref())
            .with("dialect", self.dialect.as_deref())
            .with("status", status.as_deref())
            .with("reference", self.reference.as_deref())
            .with("created_from", self.from.as_deref())
            .with("created_to", self.to.as_deref())
            .part(&self.part)
            .text()
    }
}

//! `tillgate deliveries`

use clap::{Args, Subcommand};
use operator::{
    deliveries::{Delivery, DeliveryDetail},
    page::Page,
};

use super::{
    Run,
    list::{Part, Query, more, segment},
};
use crate::{
    context::Context,
    failure::Done,
    output::{Fields, Table},
};

#[derive(Debug, Args)]
pub(crate) struct DeliveriesCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// List deliveries, newest first
    List {
        /// Of this shop
        #[arg(long)]
        shop: Option<String>,
        /// To this endpoint
        #[arg(long)]
        endpoint: Option<String>,
        /// With this status: pending, retrying, delivered or failed
        #[arg(long)]
        status: Option<String>,
        #[command(flatten)]
        part: Part,
    },
    /// Show a delivery with its tries
    Show {
        /// The delivery's id
        delivery: String,
    },
    /// Send an event again, as a new delivery to the same endpoint
    Resend {
        /// The delivery's id
        delivery: String,
    },
}

impl Run for DeliveriesCommand {
    fn run(self, context: &Context) -> Done {
        let client = context.client()?;
        match self.act {
            Act::List { shop, endpoint, status, part } => {
                let query = Query::new("/deliveries")
                    .with("shop", shop.as_deref())
                    .with("endpoint", endpoint.as_deref())
                    .with("status", status.as_deref());
                context.show(&client.get::<Page<Delivery>>(&query.part(&part).text())?, list_text)
            }
            Act::Show { delivery } => {
                let path = format!("/deliveries/{}", segment(&delivery));
                context.show(&client.get::<DeliveryDetail>(&path)?, detail_text)
            }
            Act::Resend { delivery } => {
                let path = format!("/deliveries/{}/resend", segment(&delivery));
                context.show(&client.post::<Delivery>(&path, &())?, |made| fields(made).text(""))
            }
        }
    }
}

fn fields(delivery: &Delivery) -> Fields {
    Fields::default()
        .with("id", &delivery.id)
        .with("shop", &delivery.shop)
        .with("endpoint", &delivery.endpoint)
        .with("event", &format!("{} ({})", delivery.event_name, delivery.event))
        .with("status", &delivery.status)
        .with("tries", &delivery.attempts.to_string())
        .with_some("next try", delivery.next_attempt_at.as_deref())
        .with_some("waits for", delivery.waits_for.as_deref().map(lack))
        .with("created", &delivery.created_at)
}

/// What a delivery lacks, and what to do about it.
fn lack(code: &str) -> &str {
    match code {
        "credential" => "a credential that signs: `tillgate credential create` makes one",
        other => other,
    }
}

fn detail_text(detail: &DeliveryDetail) -> String {
    let head = fields(&detail.delivery)
        .with("payment", &detail.payment)
        .with("url", detail.url.as_deref().unwrap_or("the endpoint is gone"))
        .text("");
    let mut log = Table::new(["TRY", "AT", "ANSWER", "TOOK", "SAID"]);
    for attempt in &detail.log {
        let status = attempt.http_status.map(|status| status.to_string());
        let answer = match (&status, &attempt.error) {
            (Some(status), Some(error)) => format!("{status}, {error}"),
            (Some(status), None) => status.clone(),
            (None, error) => error.clone().unwrap_or_default(),
        };
        let number = attempt.number.to_string();
        let took = format!("{} ms", attempt.took_ms);
        log.row([&number, &attempt.at, &answer, &took, &attempt.response_excerpt]);
    }
    format!("{head}\n{}", log.text("Not tried yet."))
}

fn list_text(page: &Page<Delivery>) -> String {
    let mut table = Table::new(["ID", "EVENT", "STATUS", "TRIES", "NEXT TRY", "CREATED"]);
    for one in &page.items {
        let lack = one.waits_for.as_ref().map(|lack| format!("waits for a {lack}"));
        let next = lack.as_deref().or(one.next_attempt_at.as_deref()).unwrap_or("");
        let tries = one.attempts.to_string();
        table.row([&one.id, &one.event_name, &one.status, &tries, next, &one.created_at]);
    }
    table.text("No deliveries.") + &more(page.next_cursor.as_deref())
}

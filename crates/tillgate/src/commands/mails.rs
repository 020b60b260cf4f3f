//! `tillgate mails`

use clap::{Args, Subcommand};
use operator::{
    mails::{Mail, MailDetail},
    page::Page,
};

use super::{
    Run,
    list::{Part, Query, more, segment},
};
use crate::{
    context::Context,
    failure::Done,
    output::{Fields, Table, Text, plain},
};

#[derive(Debug, Args)]
pub(crate) struct MailsCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// List mails, newest first
    List {
        /// Of this shop
        #[arg(long)]
        shop: Option<String>,
        /// About this payment; any dialect's id form is accepted
        #[arg(long)]
        payment: Option<String>,
        /// With this status: pending, retrying, sent, failed, kept or dropped
        #[arg(long)]
        status: Option<String>,
        #[command(flatten)]
        part: Part,
    },
    /// Show a mail with its words
    Show {
        /// The mail's id
        mail: String,
    },
    /// Send a mail again, as things stand then
    Resend {
        /// The mail's id
        mail: String,
    },
}

impl Run for MailsCommand {
    fn run(self, context: &Context) -> Done {
        let client = context.client()?;
        match self.act {
            Act::List { shop, payment, status, part } => {
                let query = Query::new("/mails")
                    .with("shop", shop.as_deref())
                    .with("payment", payment.as_deref())
                    .with("status", status.as_deref());
                context.show(&client.get::<Page<Mail>>(&query.part(&part).text())?, list_text)
            }
            Act::Show { mail } => {
                let path = format!("/mails/{}", segment(&mail));
                context.show(&client.get::<MailDetail>(&path)?, detail_text)
            }
            Act::Resend { mail } => {
                let path = format!("/mails/{}/resend", segment(&mail));
                context.show(&client.post::<Mail>(&path, &())?, |mail| fields(mail).text(""))
            }
        }
    }
}

fn fields(mail: &Mail) -> Fields {
    Fields::default()
        .with("id", &mail.id)
        .with("shop", &mail.shop)
        .with("payment", &mail.payment)
        .with("event", &mail.event)
        .with("kind", &mail.kind)
        .with("status", &mail.status)
        .with("tries", &mail.attempts.to_string())
        .with_some("next try", mail.next_attempt_at.as_deref())
        .with_some("ended", mail.ended_at.as_deref())
        .with_some("error", mail.error.as_deref())
        .with("created", &mail.created_at)
}

fn detail_text(detail: &MailDetail) -> String {
    let head = fields(&detail.mail)
        .with("to", detail.to.as_deref().unwrap_or("the payment has no address that a mail may go to"))
        .with_some("subject", detail.subject.as_deref())
        .text("");
    let mut text = Text::default();
    text.block(&head);
    text.gap();
    match &detail.text {
        Some(words) => words.lines().for_each(|line| text.line(&plain(line))),
        None => text.line("What it would say is no longer so."),
    }
    text.into_string()
}

fn list_text(page: &Page<Mail>) -> String {
    let mut table = Table::new(["ID", "PAYMENT", "KIND", "STATUS", "TRIES", "NEXT TRY", "CREATED", "ERROR"]);
    for one in &page.items {
        let next = one.next_attempt_at.as_deref().unwrap_or("");
        let error = one.error.as_deref().unwrap_or("");
        let tries = one.attempts.to_string();
        let Mail { id, payment, kind, status, created_at, .. } = one;
        table.row([id, payment, kind, status, &tries, next, created_at, error]);
    }
    table.text("No mails.") + &more(page.next_cursor.as_deref())
}

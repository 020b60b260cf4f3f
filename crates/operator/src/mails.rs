//! Mails to buyers, and what came of them.

mod list;

use axum::{Json, extract::State};
use domain::id::kind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Api,
    error::ApiError,
    ids,
    input::{Path, Query},
    page::Page,
    time,
};

/// A mail to a buyer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Mail {
    /// Its id: its Message-ID begins with what follows the prefix.
    pub id: String,
    /// The shop.
    pub shop: String,
    /// The payment that it is about.
    pub payment: String,
    /// The event that led to it.
    pub event: String,
    /// What it tells: `short` (the payment expired with some of the money there), `over` (more came than was asked) or
    /// `held` (money came for a payment that takes no more).
    pub kind: String,
    /// How it stands: `pending`, `retrying`, `sent`, `failed`, `kept` (there is no mail server) or `dropped` (what it
    /// would say is no longer so).
    pub status: String,
    /// Tries that were begun.
    pub attempts: u32,
    /// How often a person asked for it to be sent again.
    pub resent: u32,
    /// When the next try is due.
    pub next_attempt_at: Option<String>,
    /// When it was taken by the mail server, or given up.
    pub ended_at: Option<String>,
    /// Why the last try failed.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: String,
}

/// A mail with its words.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MailDetail {
    /// The mail.
    #[serde(flatten)]
    pub mail: Mail,
    /// What the mail calls the payment: its id as its dialect writes it.
    pub reference: String,
    /// Where it goes; null where the payment has no address that a mail may go to.
    pub to: Option<String>,
    /// Its subject, as it would be sent now; null where what it would say is no longer so.
    pub subject: Option<String>,
    /// Its text, as it would be sent now; null where what it would say is no longer so.
    pub text: Option<String>,
}

impl From<domain::mail::Mail> for Mail {
    fn from(mail: domain::mail::Mail) -> Self {
        Self {
            id: ids::write(mail.id),
            shop: ids::write(mail.shop),
            payment: ids::write(mail.payment),
            event: ids::write(mail.event),
            kind: mail.kind.code().to_owned(),
            status: mail.status.code().to_owned(),
            attempts: mail.attempts,
            resent: mail.resent,
            next_attempt_at: mail.next_attempt_at.map(time::write),
            ended_at: mail.ended_at.map(time::write),
            error: mail.error,
            created_at: time::write(mail.created_at),
        }
    }
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(resend))
}

/// List mails, newest first.
#[utoipa::path(get, path = "/mails", operation_id = "listMails", tag = "Mails", params(list::Wanted),
    responses((status = 200, description = "A page of mails", body = Page<Mail>)))]
async fn list(
    State(api): State<Api>,
    Query(query): Query<list::Wanted>,
) -> Result<Json<Page<Mail>>, ApiError> {
    let command = query.command(&api).await?;
    let limit = command.limit;
    let mails = api.engine.list_mails(command).await?;
    let next = mails.last().filter(|_| mails.len() == limit).map(|last| last.id);
    Ok(Json(Page::new(mails.into_iter().map(Mail::from).collect(), next)))
}

/// Show a mail with its words.
#[utoipa::path(get, path = "/mails/{mail}", operation_id = "showMail", tag = "Mails",
    params(("mail" = String, Path, description = "The mail's id")),
    responses((status = 200, description = "The mail", body = MailDetail)))]
async fn show(State(api): State<Api>, Path(mail): Path<String>) -> Result<Json<MailDetail>, ApiError> {
    let view = api.engine.mail(ids::read::<kind::Mail>(&mail)?).await?;
    let letter = api.engine.letter(&view, &api.checkout_url).ok();
    let (subject, text) = letter.map(|letter| (letter.subject, letter.text)).unzip();
    Ok(Json(MailDetail {
        to: view.to().map(|to| to.as_str().to_owned()),
        reference: view.reference,
        mail: view.mail.into(),
        subject,
        text,
    }))
}

/// Send a mail again, whatever became of it: under another Message-ID, and as things stand then.
#[utoipa::path(post, path = "/mails/{mail}/resend", operation_id = "resendMail", tag = "Mails",
    params(("mail" = String, Path, description = "The mail's id")),
    responses((status = 200, description = "The mail, which waits again", body = Mail)))]
async fn resend(State(api): State<Api>, Path(mail): Path<String>) -> Result<Json<Mail>, ApiError> {
    Ok(Json(api.engine.resend_mail(ids::read(&mail)?).await?.into()))
}

//! Writes to buyers.
//!
//! Lease, send, finish, as [`crate::deliver`] does; but one mail after the other, since there is one mail server for
//! all of them. A server that cannot be reached is left alone for longer and longer; a mail that it puts off waits by
//! its own schedule. Without a mail server mails are kept, and shown.
//!
//! *Twice at once*: a mail is leased to one, and the lease is longer than a try. *A crash at any line*: before the
//! server has taken the mail, the lease lapses, and it goes again; after that, it goes again under the same Message-ID,
//! which tells the two for one.

use std::time::Duration;

use domain::{mail::MailOutcome, refusal::Failure, time::Span};
use engine::{Engine, mails::MailView};
use outbound::mail::{Mailer, Sent};
use tokio_util::sync::CancellationToken;

use crate::reconcile::{Look, Next, Rhythm, reconcile};

/// How long it waits at most before it looks for what is due.
const PERIOD: Duration = Duration::from_secs(5);

/// How much longer a lease is than a try can take.
const LEASE_MARGIN: Span = Span::seconds(20);

/// Sends mails, or keeps them.
pub struct Postman {
    engine: Engine,
    mailer: Option<Mailer>,
    checkout_url: String,
    has_begun: bool,
}

/// Why a look failed.
#[derive(Debug)]
pub enum MailError {
    /// The store failed.
    Engine(Failure),
    /// The mail server cannot be reached, or does not let us in.
    Server(String),
}

impl std::fmt::Display for MailError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Engine(failure) => failure.fmt(f),
            Self::Server(why) => write!(f, "the mail server of mail.smtp_url: {why}"),
        }
    }
}

impl From<Failure> for MailError {
    fn from(failure: Failure) -> Self {
        Self::Engine(failure)
    }
}

impl Postman {
    /// One who sends by this mailer, or keeps what is due where there is none. `checkout_url` is what links to the
    /// buyer's pages begin with, without a slash at its end.
    pub fn new(engine: Engine, mailer: Option<Mailer>, checkout_url: String) -> Self {
        Self { engine, mailer, checkout_url, has_begun: false }
    }

    async fn keep(&self) -> Result<Next, MailError> {
        let kept = self.engine.keep_mails().await?;
        if kept > 0 {
            tracing::warn!(
                kept,
                "mails are kept: there is no mail.smtp_url; `tillgate mails list` shows them"
            );
            return Ok(Next::AtOnce);
        }
        Ok(Next::WhenDue)
    }

    /// Lets go what was kept while there was no mail server: once, when the process begins.
    async fn begin(&mut self) -> Result<(), MailError> {
        if !self.has_begun {
            let queued = self.engine.queue_kept_mails().await?;
            if queued > 0 {
                tracing::info!(queued, "mails that were kept are sent");
            }
            self.has_begun = true;
        }
        Ok(())
    }

    /// Sends one mail; whether there was one.
    async fn send(&self, mailer: &Mailer) -> Result<bool, MailError> {
        let timeout = Span::from_micros(i64::try_from(mailer.timeout().as_micros()).unwrap_or(i64::MAX));
        let Some(view) = self.engine.take_mail(timeout + LEASE_MARGIN).await? else { return Ok(false) };
        let (outcome, away) = match self.attempt(mailer, &view).await {
            Sent::Taken => (MailOutcome::Taken, None),
            Sent::Later(why) => (MailOutcome::Later(why), None),
            Sent::Never(why) => (MailOutcome::Never(why), None),
            Sent::Away(why) => (MailOutcome::Later(why.clone()), Some(why)),
        };
        let (mail, to) = (view.mail.id.base62(), view.to().map(|to| to.masked()));
        tracing::debug!(mail, to, ?outcome, "a mail was handed to the mail server");
        // Where this fails the lease lapses, and the mail goes again under the same Message-ID.
        self.engine.finish_mail(&view.mail, outcome).await?;
        away.map_or(Ok(true), |why| Err(MailError::Server(why)))
    }

    async fn attempt(&self, mailer: &Mailer, view: &MailView) -> Sent {
        match self.engine.letter(view, &self.checkout_url) {
            Ok(letter) => mailer.send(&letter, &view.mail.reference(), self.engine.wall_time()).await,
            Err(why) => Sent::Never(why.to_string()),
        }
    }
}

impl Look for Postman {
    type Error = MailError;

    async fn look(&mut self) -> Result<Next, MailError> {
        if self.engine.is_shared() && self.engine.node().is_none() {
            // What nobody's node has taken, nobody's burial would free.
            return Ok(Next::Standby);
        }
        let Some(mailer) = self.mailer.clone() else { return self.keep().await };
        self.begin().await?;
        Ok(if self.send(&mailer).await? { Next::AtOnce } else { Next::WhenDue })
    }
}

/// Sends what is due, until it is stopped.
pub async fn run(postman: Postman, stop: CancellationToken) {
    let engine = postman.engine.clone();
    let rhythm = Rhythm { name: "mail", period: PERIOD, hint: Some(&engine.hints().mail) };
    reconcile(&rhythm, &stop, postman).await;
}

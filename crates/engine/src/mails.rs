//! Writing to buyers: taking what is due, writing down what came of it, and keeping what cannot be sent.
//!
//! A mail is written in the transaction of its event, by whoever writes the event. It is leased before it is sent and
//! finished after it, as deliveries are: when the sender dies in between, the lease lapses and the same mail goes
//! again, under the same Message-ID. What it says is put together from the facts of that moment; where it is no longer
//! so, it is dropped.

mod letter;

pub use letter::NoLetter;

use domain::{
    event::Event,
    id::{MailId, PaymentId, ShopId},
    mail::{Mail, MailOutcome, MailStatus, next_wait},
    merchant::{Environment, Shop},
    payment::{Record, Refundable},
    refusal::{Failure, Refusal},
    time::{Span, Timestamp},
};
use store::{
    Abort, Fault, Rx, Tx,
    mails::{Claim, Finish},
};

use crate::{Engine, payments::ReceiptView, record, shops};

/// The most mails in one page.
pub const MAX_MAILS: usize = 100;

/// How long mails are kept, whatever became of them.
pub const MAILS_KEPT: Span = Span::days(90);

/// How old a mail may be that was kept for want of a mail server, and is sent once there is one. Older ones are sent by
/// hand: nobody waits for them any more.
pub const KEPT_SENT: Span = Span::days(7);

/// Mails that one transaction looks at, keeps or lets be due.
const BATCH: u32 = 100;

/// Rows that one page looks at.
const MAX_SCAN: usize = 5_000;

/// Rows that one statement reads.
const CHUNK: u32 = 250;

/// Which mails to list.
#[derive(Clone, Debug, Default)]
pub struct ListMails {
    /// Of this shop.
    pub shop: Option<ShopId>,
    /// About this payment.
    pub payment: Option<PaymentId>,
    /// With this status.
    pub status: Option<MailStatus>,
    /// Where the page begins: after this mail, towards older ones.
    pub after: Option<MailId>,
    /// How many at most; no more than [`MAX_MAILS`].
    pub limit: usize,
}

/// A mail with everything that it is put together from. [`Engine::letter`] gives its words.
#[derive(Clone, Debug)]
pub struct MailView {
    /// The mail.
    pub mail: Mail,
    /// The event that led to it.
    pub event: Event,
    /// The shop.
    pub shop: Shop,
    /// Whether money is real.
    pub environment: Environment,
    /// The payment, its quotes and its receipts.
    pub record: Record,
    /// The receipts, with what people want to know of them.
    pub receipts: Vec<ReceiptView>,
    /// What may be refunded; `None` where what the mail would say is no longer so.
    pub refundable: Option<Refundable>,
    /// The payment's id, as its dialect writes it.
    pub reference: String,
    /// The path of the payment's page.
    pub path: String,
}

impl Engine {
    /// Takes one mail that is due, with its attempt counted. Those that would say what is no longer so are dropped on
    /// the way. `lease` is by the wall clock, and longer than an attempt can take.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn take_mail(&self, lease: Span) -> Result<Option<MailView>, Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        let due = self.store().read("mails.due", move |rx| {
            let now = moment.business(rx)?;
            Ok(store::mails::due(rx, now, moment.wall, BATCH)?)
        });
        let due = due.await?;
        if due.is_empty() {
            return Ok(None);
        }
        let job = move |tx: &mut Tx<'_>| -> Result<Option<MailView>, Abort> {
            let now = moment.business(tx)?;
            let wall = moment.wall;
            let claim = Claim { due: now, wall, leased_until: wall + lease, node: engine.node() };
            for place in &due {
                let Some(mail) = store::mails::claim(tx, *place, &claim)? else { continue };
                let view = match view(tx, &engine, mail) {
                    Ok(view) => view,
                    // What cannot be worded here keeps nobody else's mails. It stays leased, and is looked at again.
                    Err(Abort::Refused(refusal)) => {
                        tracing::warn!(mail = place.0.base62(), %refusal, "a mail cannot be worded");
                        continue;
                    }
                    Err(fault) => return Err(fault),
                };
                if view.refundable.is_some() {
                    return Ok(Some(view));
                }
                let finish = ended(MailStatus::Dropped, now, None);
                store::mails::finish(tx, &view.mail, &finish)?;
            }
            Ok(None)
        };
        self.store().transact("mails.take", job).await
    }

    /// Writes down what came of an attempt, and when the next one is due. `taken` is the mail as it was taken for this
    /// attempt. Where somebody else has taken it since, a failure is no news.
    ///
    /// # Errors
    /// Only when the store fails: then the lease lapses, and the mail goes again.
    pub async fn finish_mail(&self, taken: &Mail, outcome: MailOutcome) -> Result<(), Failure> {
        let (mail, moment) = (taken.clone(), self.moment());
        let job = move |tx: &mut Tx<'_>| -> Result<Option<MailStatus>, Abort> {
            let now = moment.business(tx)?;
            let finish = match &outcome {
                MailOutcome::Taken => ended(MailStatus::Sent, now, None),
                MailOutcome::Never(why) => ended(MailStatus::Failed, now, Some(why)),
                MailOutcome::Later(why) => match next_wait(now.since(mail.queued_at)) {
                    Some(wait) => Finish {
                        status: MailStatus::Retrying,
                        next_attempt_at: Some(now + wait),
                        ended_at: None,
                        error: Some(why),
                    },
                    None => ended(MailStatus::Failed, now, Some(why)),
                },
            };
            Ok(store::mails::finish(tx, &mail, &finish)?.then_some(finish.status))
        };
        let status = self.store().transact("mails.finish", job).await?;
        if status == Some(MailStatus::Failed) {
            let (mail, payment) = (taken.id.base62(), taken.payment.base62());
            tracing::error!(
                mail,
                payment,
                kind = taken.kind.code(),
                "a mail to a buyer failed for good: `tillgate mails show` tells why, and `resend` sends it again"
            );
        }
        Ok(())
    }

    /// Keeps what is due, where there is no mail server to send it by; how many mails there were.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn keep_mails(&self) -> Result<usize, Failure> {
        let moment = self.moment();
        let look = self.store().read("mails.waiting", move |rx| {
            let now = moment.business(rx)?;
            Ok(store::mails::due(rx, now, moment.wall, 1)?)
        });
        if look.await?.is_empty() {
            return Ok(0);
        }
        let keep = move |tx: &mut Tx<'_>| -> Result<usize, Abort> {
            let now = moment.business(tx)?;
            Ok(store::mails::keep(tx, now, moment.wall, BATCH)?)
        };
        self.store().transact("mails.keep", keep).await
    }

    /// Lets mails be due that were kept and are no older than [`KEPT_SENT`], now that there is a mail server; how many
    /// there were.
    ///
    /// # Errors
    /// Only when the store fails; those that were let go stay so.
    pub async fn queue_kept_mails(&self) -> Result<usize, Failure> {
        let moment = self.moment();
        let mut queued = 0;
        loop {
            let queue = move |tx: &mut Tx<'_>| -> Result<usize, Abort> {
                let now = moment.business(tx)?;
                Ok(store::mails::queue_kept(tx, now, MailId::floor(now - KEPT_SENT), BATCH)?)
            };
            let batch = self.store().transact("mails.queue_kept", queue).await?;
            queued += batch;
            if batch < BATCH as usize {
                return Ok(queued);
            }
        }
    }

    /// Lists mails, newest first.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] for a longer page than [`MAX_MAILS`].
    pub async fn list_mails(&self, query: ListMails) -> Result<Vec<Mail>, Failure> {
        if query.limit > MAX_MAILS {
            return Err(Refusal::TooMany.into());
        }
        self.store().read("mails.list", move |rx| list(rx, &query)).await
    }

    /// A mail, with everything that it is put together from.
    ///
    /// # Errors
    /// [`Refusal::MailNotFound`].
    pub async fn mail(&self, id: MailId) -> Result<MailView, Failure> {
        let engine = self.clone();
        let job = move |rx: &mut Rx<'_>| -> Result<MailView, Abort> {
            let mail = store::mails::get(rx, id)?.ok_or(Refusal::MailNotFound)?;
            view(rx, &engine, mail)
        };
        self.store().read("mails.get", job).await
    }

    /// Lets a mail be sent again, however it stands: anew, under another Message-ID.
    ///
    /// # Errors
    /// [`Refusal::MailNotFound`].
    pub async fn resend_mail(&self, id: MailId) -> Result<Mail, Failure> {
        let moment = self.moment();
        let job = move |tx: &mut Tx<'_>| -> Result<Mail, Abort> {
            let now = moment.business(tx)?;
            let mail = store::mails::get(tx, id)?.ok_or(Refusal::MailNotFound)?;
            Ok(store::mails::resend(tx, &mail, now)?.ok_or(Refusal::MailNotFound)?)
        };
        let mail = self.store().transact("mails.resend", job).await?;
        self.hints().mail.notify_one();
        Ok(mail)
    }

    /// Lets every lease lapse. Only for the start of a process that has its database for itself: whoever held a lease
    /// is gone.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn release_mails(&self) -> Result<usize, Failure> {
        let release = |tx: &mut Tx<'_>| -> Result<usize, Abort> { Ok(store::mails::release_all(tx)?) };
        self.store().transact("mails.release", release).await
    }
}

/// An attempt after which there is no other one.
const fn ended(status: MailStatus, now: Timestamp, error: Option<&str>) -> Finish<'_> {
    Finish { status, next_attempt_at: None, ended_at: Some(now), error }
}

fn view(rx: &mut Rx<'_>, engine: &Engine, mail: Mail) -> Result<MailView, Abort> {
    let event = store::events::get(rx, mail.shop, mail.event)?;
    let payment = store::payments::get(rx, mail.shop, mail.payment)?;
    let record = record::read(rx, payment.ok_or(Fault::broken("the payment of a mail is missing"))?)?;
    let dialect = engine.dialect(record.payment.dialect)?;
    Ok(MailView {
        event: event.ok_or(Fault::broken("the event of a mail is missing"))?,
        shop: shops::find(rx, mail.shop)?,
        environment: engine.environment(),
        receipts: crate::payments::receipt_views(rx, engine, &record)?,
        refundable: record.refundable(mail.kind, mail.receipt),
        reference: dialect.payment_id(mail.payment),
        path: dialect.checkout_path(&engine.token(mail.payment)),
        record,
        mail,
    })
}

fn list(rx: &mut Rx<'_>, query: &ListMails) -> Result<Vec<Mail>, Abort> {
    let takes = |mail: &Mail| {
        query.shop.is_none_or(|shop| shop == mail.shop)
            && query.payment.is_none_or(|payment| payment == mail.payment)
            && query.status.is_none_or(|status| status == mail.status)
    };
    let mut before = query.after.unwrap_or(MailId::from_bytes([0xff; 16]));
    if let Some(payment) = query.payment {
        let Some(payment) = store::payments::find(rx, payment)? else { return Ok(Vec::new()) };
        let mut found = store::mails::of_payment(rx, payment.shop, payment.id)?;
        found.retain(|mail| mail.id < before && takes(mail));
        found.truncate(query.limit);
        return Ok(found);
    }
    let mut found = Vec::new();
    let mut looked_at = 0;
    loop {
        let chunk = store::mails::list(rx, before, CHUNK)?;
        let Some(last) = chunk.last() else { return Ok(found) };
        before = last.id;
        looked_at += chunk.len();
        found.extend(chunk.into_iter().filter(takes));
        if found.len() >= query.limit || looked_at >= MAX_SCAN {
            found.truncate(query.limit);
            return Ok(found);
        }
    }
}

/// Mails before this moment are no longer kept.
pub(crate) fn oldest_kept(now: Timestamp) -> MailId {
    MailId::floor(now - MAILS_KEPT)
}

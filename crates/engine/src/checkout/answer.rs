//! What a buyer is asked before he is told where to pay.
//!
//! What he says is kept before he chooses, in a transaction of its own: where the choice then fails, he is not asked
//! again.

use domain::{
    buyer::{Answers, Questions, Sender},
    id::{PaymentId, ShopId},
    payment::{Fact, Record},
    refusal::{Failure, Refusal},
    time::Timestamp,
};
use store::{Abort, Fault, Rx, Tx};

use crate::{Engine, record::OpenRecord};

/// A buyer's answers.
#[derive(Clone, Debug)]
pub struct AnswerQuestions {
    /// The payment's shop.
    pub shop: ShopId,
    /// The payment.
    pub payment: PaymentId,
    /// What he says.
    pub answers: Answers,
    /// The version of the payment that the page showed; `None` where no page asks.
    pub version: Option<u32>,
}

impl Engine {
    /// Keeps what a buyer says; the version of the payment after it. What he was not asked, or has said before, is
    /// left out: his e-mail address may be corrected until he has chosen how to pay, and who he is is said once.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`]; [`Refusal::VersionStale`]; [`Refusal::PaymentClosed`], [`Refusal::NothingDue`].
    pub async fn answer_questions(&self, command: AnswerQuestions) -> Result<u32, Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        let job = move |tx: &mut Tx<'_>| -> Result<u32, Abort> {
            let now = moment.business(tx)?;
            let mut open = OpenRecord::open(tx, command.shop, command.payment)?;
            let version = open.record().payment.version;
            if command.version.is_some_and(|shown| shown != version) {
                return Err(Refusal::VersionStale.into());
            }
            open.record().open_price(now)?;
            let asked = outstanding(tx, open.record())?;
            if let Some(sender) = command.answers.sender.as_ref().filter(|_| asked.sender) {
                keep_sender(tx, &engine, (command.shop, command.payment), sender, now)?;
            }
            if let Some(email) = command.answers.email.clone().filter(|_| asked.email) {
                open.apply(Fact::EmailGiven(email), now)?;
            }
            let mut ids = moment.ids(now);
            open.write(tx, &engine, &mut ids, now)?;
            let payment = store::payments::get(tx, command.shop, command.payment)?;
            Ok(payment.ok_or(Refusal::PaymentNotFound)?.version)
        };
        self.store().transact("checkout.answer_questions", job).await
    }
}

/// What a buyer may still be asked: nothing once a method asks for money of him, but who he is.
pub(crate) fn outstanding(rx: &mut Rx<'_>, record: &Record) -> Result<Questions, Fault> {
    let (payment, asked) = (&record.payment, record.payment.order.questions);
    Ok(Questions {
        email: asked.email && record.shown_quote().is_none(),
        sender: asked.sender && !store::senders::any(rx, payment.shop, payment.id)?,
    })
}

/// Refuses to go on while a buyer has not said what he has to say.
pub(crate) fn require_answers(rx: &mut Rx<'_>, record: &Record) -> Result<(), Abort> {
    let asked = outstanding(rx, record)?;
    let has_email = record.payment.order.customer_email.is_some();
    if asked.sender || (asked.email && !has_email) { Err(Refusal::AnswerMissing.into()) } else { Ok(()) }
}

/// Keeps who pays, for his payment alone.
pub(crate) fn keep_sender(
    tx: &mut Tx<'_>,
    engine: &Engine,
    (shop, payment): (ShopId, PaymentId),
    sender: &Sender,
    now: Timestamp,
) -> Result<(), Fault> {
    let sealed = engine.seal_secret(payment.uuid().as_bytes(), &sender.write())?;
    store::senders::insert(tx, shop, payment, &sealed, now)
}

/// Who pays, where it is known; nothing where no key of the ring opens it.
pub(crate) fn sender(rx: &mut Rx<'_>, engine: &Engine, record: &Record) -> Result<Option<Sender>, Fault> {
    let (shop, payment) = (record.payment.shop, record.payment.id);
    let sealed = store::senders::get(rx, shop, payment)?;
    let opened = sealed.and_then(|sealed| engine.open_secret(payment.uuid().as_bytes(), &sealed));
    Ok(opened.and_then(|text| Sender::read(&text)))
}

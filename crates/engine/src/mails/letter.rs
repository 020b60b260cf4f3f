//! What a mail says: the facts of the moment, in plain text.
//!
//! The words of others (the shop's name, what the payment is for) stand inside of a line, and are made fit for it. No
//! address, amount or transaction is theirs.

use askama::Template;
use domain::{
    mail::{Letter, MailAddress, MailKind, one_line},
    money::{Amount, Asset},
    payment::{Excess, Refundable},
    receipt::Standing,
};

use super::MailView;
use crate::{Engine, payments::ReceiptView};

/// Receipts that one mail shows. Whoever sends more finds the rest on the payment's page.
const MAX_SHOWN: usize = 20;

/// Characters of the shop's description that a mail shows.
const MAX_ABOUT: usize = 200;

/// Characters of a name.
const MAX_NAME: usize = 100;

/// Places that are written even where they are zero, in an asset that has as many.
const LEAST_PLACES: u8 = 2;

/// Why a mail has no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLetter {
    /// The payment has no address any more, or one that no mail may go to.
    #[error("the payment has no e-mail address that a mail may go to")]
    NoAddress,
    /// What it would say is no longer so.
    #[error("what it would say is no longer so")]
    Outdated,
    /// The template failed, which it does not.
    #[error("the words could not be put together")]
    Template,
}

impl MailView {
    /// Where the mail goes; `None` where the payment has no address that a mail may go to.
    pub fn to(&self) -> Option<MailAddress> {
        self.record.payment.order.customer_email.as_deref().and_then(MailAddress::parse)
    }
}

impl Engine {
    /// A mail in words, as things stood when it was looked at. `checkout_url` is what links to the buyer's pages begin
    /// with, without a slash at its end.
    ///
    /// # Errors
    /// [`NoLetter`] where it has no address, or nothing to say.
    pub fn letter(&self, view: &MailView, checkout_url: &str) -> Result<Letter, NoLetter> {
        let to = view.to().ok_or(NoLetter::NoAddress)?;
        let refundable = view.refundable.as_ref().ok_or(NoLetter::Outdated)?;
        Writer { engine: self, view, refundable }.write(to, checkout_url)
    }
}

/// Writes one mail.
struct Writer<'a> {
    engine: &'a Engine,
    view: &'a MailView,
    refundable: &'a Refundable,
}

impl Writer<'_> {
    fn write(&self, to: MailAddress, checkout_url: &str) -> Result<Letter, NoLetter> {
        let view = self.view;
        let kind = view.mail.kind;
        let shop = one_line(view.shop.name.as_str(), MAX_NAME);
        // All of it was there, and its chain took too long.
        let is_slow = kind == MailKind::Short && view.record.covered_at().is_some();
        let is_test = !view.environment.is_live();
        let what = match kind {
            MailKind::Short if is_slow => "it was not final in time",
            MailKind::Short => "less came than was asked for",
            MailKind::Over => "more came than was asked for",
            MailKind::Held => "money came that it no longer takes",
        };
        let mark = if is_test { "[Test] " } else { "" };
        let subject = format!("{mark}Your payment to {shop}: {what}");
        let about = view.record.payment.order.description.as_deref();
        let about = about.map(|text| one_line(text, MAX_ABOUT)).filter(|text| !text.is_empty());
        let shown: Vec<&ReceiptView> =
            view.receipts.iter().filter(|one| self.refundable.receipts.contains(&one.receipt.id)).collect();
        let words = Words {
            kind,
            is_slow,
            is_test,
            asked: self.in_currency(view.record.payment.price.amount),
            about,
            came: shown.iter().take(MAX_SHOWN).map(|one| self.came(one)).collect(),
            more: shown.len().saturating_sub(MAX_SHOWN),
            refundable: self.what_is_refundable(&shown),
            reference: view.reference.clone(),
            link: format!("{checkout_url}{}", view.path),
            shop,
        };
        let text = words.render().map_err(|_| NoLetter::Template)?;
        Ok(Letter { to, subject, text })
    }

    fn came(&self, view: &ReceiptView) -> Came {
        let receipt = &view.receipt;
        let quote = receipt.valued_by.and_then(|id| self.view.record.quote(id));
        Came {
            amount: self.amount(view, receipt.amount),
            worth: quote.map(|quote| self.in_currency(quote.worth(receipt.amount))),
            transaction: receipt.transaction.clone(),
            address: view.address.clone(),
            is_final: receipt.standing == Standing::Confirmed,
        }
    }

    fn what_is_refundable(&self, shown: &[&ReceiptView]) -> String {
        let Some(Excess { worth, amount }) = self.refundable.excess else {
            return format!("all of it, {}", self.sums(shown));
        };
        let worth = self.in_currency(worth);
        match (amount, shown.first()) {
            (Some(amount), Some(first)) => {
                format!("what is too much, {}, worth {worth}", self.amount(first, amount))
            }
            _ => format!("what is too much, worth {worth}"),
        }
    }

    /// What came in all, each asset by itself.
    fn sums(&self, shown: &[&ReceiptView]) -> String {
        let mut sums: Vec<(&ReceiptView, Amount)> = Vec::new();
        for view in shown {
            match sums.iter_mut().find(|(known, _)| known.receipt.method == view.receipt.method) {
                Some((_, sum)) => *sum = sum.saturating_add(view.receipt.amount),
                None => sums.push((view, view.receipt.amount)),
            }
        }
        sums.iter().map(|(view, sum)| self.amount(view, *sum)).collect::<Vec<_>>().join(" and ")
    }

    /// An amount of the payment's currency.
    fn in_currency(&self, amount: Amount) -> String {
        money(amount, &self.view.record.payment.price.currency)
    }

    /// An amount of a receipt's asset, and its network. Where the network is no longer served, nobody here knows the
    /// places of the asset.
    fn amount(&self, view: &ReceiptView, amount: Amount) -> String {
        let method = view.receipt.method;
        let amount = match &view.asset {
            Some(known) => money(amount, &known.asset),
            None => format!("{} of the smallest units of {}", amount.minor(), method.asset),
        };
        let spec = self.engine.network(method.network);
        let network = spec.map_or(method.network.as_str(), |spec| spec.label.as_str());
        format!("{amount} on {network}")
    }
}

/// What the template is filled with.
#[derive(Template)]
#[template(path = "mail.txt")]
struct Words {
    kind: MailKind,
    /// Whether all that was asked for came, and was not final in time.
    is_slow: bool,
    is_test: bool,
    shop: String,
    asked: String,
    about: Option<String>,
    came: Vec<Came>,
    more: usize,
    refundable: String,
    reference: String,
    link: String,
}

/// Money that came.
struct Came {
    amount: String,
    worth: Option<String>,
    transaction: String,
    address: Option<String>,
    is_final: bool,
}

fn money(amount: Amount, asset: &Asset) -> String {
    format!("{} {}", amount.to_trimmed_decimal(asset.decimals, LEAST_PLACES), asset.code)
}

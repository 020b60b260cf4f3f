//! A second dialect without a vendor, which is all that the plain one is not: its callers sign, and so does the shop's
//! credential.

use std::{fmt::Write as _, sync::Arc};

use domain::{
    delivery::Schedule,
    dialect::{Announcement, CallbackAttempt, Dialect, DialectName, IssuedKey, IssuedSecret, Occasion},
    event::EventKind,
    id::PaymentId,
    mail::MailKind,
    merchant::{Environment, KeyKind},
    payment::State,
};

use crate::plain::{Plain, hex};

/// Tells what the plain dialect tells, and more of the moment, signed with the shop's credential.
pub struct Keyed;

/// The name of the dialect.
pub const KEYED: &str = "keyed";

impl Keyed {
    /// The dialect, as the engine takes it.
    pub fn dialect() -> Arc<dyn Dialect> {
        Arc::new(Self)
    }

    /// Its name, as commands take it.
    ///
    /// # Panics
    /// Never.
    pub fn dialect_name() -> DialectName {
        DialectName::parse(KEYED).expect("a name of five letters")
    }
}

impl Dialect for Keyed {
    fn name(&self) -> DialectName {
        Self::dialect_name()
    }

    fn scopes(&self) -> &'static [&'static str] {
        &["all"]
    }

    fn key_kinds(&self) -> &'static [KeyKind] {
        &[KeyKind::Secret]
    }

    fn issue(&self, _kind: KeyKind, _environment: Environment, entropy: &[u8; 32]) -> IssuedKey {
        let (key, secret) = entropy.split_at(16);
        let secret = IssuedSecret { field: "signing_secret", text: format!("secret_{}", hex(secret)) };
        IssuedKey { field: "public_key", text: format!("keyed_{}", hex(key)), secret: Some(secret) }
    }

    fn event_names(&self) -> &'static [&'static str] {
        Plain.event_names()
    }

    fn event_name(&self, kind: EventKind, state: &State) -> Option<&'static str> {
        Plain.event_name(kind, state)
    }

    fn numbers(&self) -> bool {
        true
    }

    fn endpoint_limit(&self) -> usize {
        1
    }

    fn signs_with_credential(&self) -> bool {
        true
    }

    /// Of choices, the first alone.
    fn tells(&self, occasion: &Occasion<'_>) -> bool {
        occasion.event.kind != EventKind::MethodChosen || occasion.record.quotes.len() == 1
    }

    /// The payment's number, where money was asked for, and what came: everything that a vendor might want to tell.
    fn event_facts(&self, occasion: &Occasion<'_>) -> Option<String> {
        let Occasion { record, address, address_number, confirmations, .. } = occasion;
        let mut facts = format!("payment {}", record.payment.number?);
        if let Some(quote) = record.shown_quote() {
            let network = quote.method.network;
            let asset =
                occasion.networks.iter().find(|spec| spec.network == network)?.asset(quote.method.asset)?;
            let due = record.due_by_shown_quote(&asset.asset).ok()?.to_decimal(asset.asset.decimals);
            let (place, number) = (address(network, &quote.script)?, address_number(network, &quote.script)?);
            write!(facts, "; due {due} {} at {place} ({number})", asset.asset.code).ok()?;
        }
        for receipt in &record.receipts {
            let (number, amount, depth) = (receipt.number?, receipt.amount.minor(), confirmations(receipt));
            write!(facts, "; receipt {number}: {amount} in {} at {depth}", receipt.transaction).ok()?;
        }
        Some(facts)
    }

    fn endpoint_secret(&self, entropy: &[u8; 32]) -> String {
        hex(entropy)
    }

    fn callback_body(&self, announcement: &Announcement<'_>) -> Vec<u8> {
        let mut body = Plain.callback_body(announcement);
        body.extend(announcement.facts.unwrap_or("nothing").bytes());
        body
    }

    fn callback_headers(&self, attempt: &CallbackAttempt<'_>) -> Vec<(&'static str, String)> {
        let mut headers = Plain.callback_headers(attempt);
        headers.extend(attempt.key.map(|key| ("X-Key", key.to_owned())));
        headers
    }

    fn callback_schedule(&self) -> Schedule {
        Plain.callback_schedule()
    }

    fn callback_taken(&self, http_status: u16) -> bool {
        http_status == 200
    }

    fn mails(&self, _kind: MailKind) -> bool {
        true
    }

    fn payment_id(&self, id: PaymentId) -> String {
        format!("keyed_{}", id.base62())
    }

    fn checkout_path(&self, token: &str) -> String {
        Plain.checkout_path(token)
    }
}

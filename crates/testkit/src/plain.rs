//! A dialect without a vendor, for tests of everything but the dialects.

use std::sync::Arc;

use domain::{
    delivery::Schedule,
    dialect::{Announcement, CallbackAttempt, Dialect, DialectName, IssuedKey},
    event::EventKind,
    id::PaymentId,
    mail::MailKind,
    merchant::{Environment, KeyKind},
    payment::State,
    time::Span,
};

/// Tells every event under its own name, signs with the secret itself, and tries three times.
pub struct Plain;

/// The name of the dialect.
pub const PLAIN: &str = "plain";

impl Plain {
    /// The dialect, as the engine takes it.
    pub fn dialect() -> Arc<dyn Dialect> {
        Arc::new(Self)
    }

    /// Its name, as commands take it.
    ///
    /// # Panics
    /// Never.
    pub fn dialect_name() -> DialectName {
        DialectName::parse(PLAIN).expect("a name of five letters")
    }
}

impl Dialect for Plain {
    fn name(&self) -> DialectName {
        Self::dialect_name()
    }

    fn scopes(&self) -> &'static [&'static str] {
        &["make", "read"]
    }

    fn issue(&self, kind: KeyKind, _environment: Environment, entropy: &[u8; 32]) -> IssuedKey {
        let field = if kind == KeyKind::Secret { "secret_key" } else { "publishable_key" };
        IssuedKey { field, text: format!("plain_{}", hex(entropy)), secret: None }
    }

    fn event_names(&self) -> &'static [&'static str] {
        const { &all_names() }
    }

    fn event_name(&self, kind: EventKind, _state: &State) -> Option<&'static str> {
        Some(kind.code())
    }

    fn endpoint_secret(&self, entropy: &[u8; 32]) -> String {
        hex(entropy)
    }

    fn callback_body(&self, announcement: &Announcement<'_>) -> Vec<u8> {
        let Announcement { event, name, payment, .. } = announcement;
        let status = event.state.status.code();
        let (id, payment) = (event.id.base62(), payment.id.base62());
        format!(
            r#"{{"id":"{id}","sequence":{},"name":"{name}","payment":"{payment}","status":"{status}"}}"#,
            event.sequence
        )
        .into_bytes()
    }

    fn callback_headers(&self, attempt: &CallbackAttempt<'_>) -> Vec<(&'static str, String)> {
        vec![
            ("Content-Type", "application/json".to_owned()),
            ("X-Delivery", attempt.delivery.base62()),
            ("X-Secret", attempt.secret.to_owned()),
            ("X-At", attempt.at.micros().to_string()),
        ]
    }

    fn callback_schedule(&self) -> Schedule {
        const { &[Span::ZERO, Span::minutes(1), Span::minutes(5)] }
    }

    fn callback_taken(&self, http_status: u16) -> bool {
        (200..300).contains(&http_status)
    }

    fn mails(&self, _kind: MailKind) -> bool {
        true
    }

    fn payment_id(&self, id: PaymentId) -> String {
        format!("plain_{}", id.base62())
    }

    fn checkout_path(&self, token: &str) -> String {
        format!("/pay/{token}")
    }
}

const fn all_names() -> [&'static str; EventKind::ALL.len()] {
    let mut names = [""; EventKind::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = EventKind::ALL[index].code();
        index += 1;
    }
    names
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

//! Ids as text: a prefix, then base62.

use domain::id::{DeliveryId, EventId, PaymentId};

/// What the token of a checkout begins with.
const CHECKOUT: &str = "chk_";

/// What the id of a payment begins with.
const PAYMENT: &str = "pay_";

/// A payment's id.
pub(crate) fn payment(id: PaymentId) -> String {
    format!("{PAYMENT}{}", id.base62())
}

/// The payment that a text names.
pub(crate) fn read_payment(text: &str) -> Option<PaymentId> {
    text.strip_prefix(PAYMENT).and_then(PaymentId::from_base62)
}

/// An event's id.
pub(crate) fn event(id: EventId) -> String {
    format!("evt_{}", id.base62())
}

/// A delivery's id. It stays the same over all its attempts.
pub(crate) fn delivery(id: DeliveryId) -> String {
    format!("del_{}", id.base62())
}

/// A checkout's token, from a payment's public one.
pub(crate) fn checkout(token: &str) -> String {
    format!("{CHECKOUT}{token}")
}

/// The public token in a checkout's.
pub(crate) fn read_checkout(text: &str) -> Option<&str> {
    text.strip_prefix(CHECKOUT)
}

/// The path of a checkout's page.
pub(crate) fn checkout_path(token: &str) -> String {
    format!("/pay/{}", checkout(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_was_written() {
        let id = PaymentId::from_bytes([0x5a; 16]);
        assert_eq!(payment(id).len(), 28);
        assert_eq!(read_payment(&payment(id)), Some(id));
        for text in
            ["", "pay_", &id.base62(), &payment(id).replace("pay_", "evt_"), &format!("{}0", payment(id))]
        {
            assert_eq!(read_payment(text), None, "{text}");
        }
        assert_eq!(checkout_path("abc"), "/pay/chk_abc");
        assert_eq!(read_checkout("chk_abc"), Some("abc"));
        assert_eq!(read_checkout("abc"), None);
    }
}

//! What a shop asks for when it asks for a payment.

use domain::{
    dialect::DialectName,
    merchant::Shop,
    money::{Amount, Asset, Price},
    payment::Order,
    terms::LateMoney,
    time::Span,
};
use engine::payments::{CreatePayment, IdempotencyKey};

use crate::plain::Plain;

/// A payment of `cents` US dollars in the plain dialect, open for 30 minutes, with quotes that hold for 15. It has no
/// idempotency key: asked for again, it is another one.
///
/// # Panics
/// Never.
pub fn creation(shop: &Shop, cents: u128) -> CreatePayment {
    creation_in(shop, Plain::dialect_name(), cents)
}

/// The same in another dialect.
///
/// # Panics
/// Never.
pub fn creation_in(shop: &Shop, dialect: DialectName, cents: u128) -> CreatePayment {
    CreatePayment {
        shop: shop.id,
        dialect,
        price: Price {
            amount: Amount::from_minor(cents),
            currency: Asset::currency("USD").expect("a currency"),
        },
        order: Order::default(),
        order_validity: Some(Span::minutes(30)),
        quote_validity: Span::minutes(15),
        seen_limit: Span::hours(1),
        confirm_limit: None,
        window: None,
        late: LateMoney::Held,
        method: None,
        fixes_rates: false,
        sender: None,
        unique_reference: false,
        idempotency: None,
    }
}

/// The idempotency key with this text. Two requests under it are the same where their fingerprints are.
pub fn idempotency_key(key: &str, fingerprint: u8) -> IdempotencyKey {
    IdempotencyKey { key: key.to_owned(), fingerprint: [fingerprint; 32] }
}

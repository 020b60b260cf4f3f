//! Numbers as sources write them. None goes through a binary fraction.

use domain::money::{Rate, Rounding};
use serde_json::value::RawValue;

/// How far the two sides of a book may be apart, in millionths of what is asked: further apart nobody trades, and the
/// middle says nothing.
const WIDEST_BOOK: u32 = 50_000;

/// The rate that a value of JSON writes, whether it is a number or a text; `None` for what is no rate.
pub(super) fn rate(value: &RawValue) -> Option<Rate> {
    let text = value.get();
    if text.starts_with('"') {
        let text: String = serde_json::from_str(text).ok()?;
        return Rate::parse_number(&text).ok();
    }
    Rate::parse_number(text).ok()
}

/// The middle between what is bid and what is asked.
pub(super) fn middle(bid: Option<&&RawValue>, ask: Option<&&RawValue>) -> Option<Rate> {
    let (bid, ask) = (rate(bid?)?, rate(ask?)?);
    let is_book = bid <= ask && bid.is_near(ask, WIDEST_BOOK);
    bid.midpoint(ask, Rounding::Down).ok().filter(|_| is_book)
}

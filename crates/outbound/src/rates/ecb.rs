//! The European Central Bank: `GET /stats/eurofxref/eurofxref-daily.xml`.
//!
//! The form is that of
//! <https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html>: for
//! one day, what one euro is worth in each of some thirty currencies. It is published around 16:00 in Frankfurt on the
//! days on which TARGET works, and tells what was found at 14:15.

use domain::{
    money::{AssetCode, Rate},
    pair::Pair,
    time::Timestamp,
};
use jiff::{civil::Date, tz::TimeZone};
use roxmltree::{Document, Node};

use super::heard::{Heard, Question, Said, Unheard};

/// The element that everything stands in.
const CUBE: &str = "Cube";

/// The hour at which the rates of a day count as said, in UTC: 14:15 in Frankfurt is an hour or two later.
const HOUR: i8 = 12;

pub(super) fn questions() -> Vec<Question> {
    vec![Question { path: "/stats/eurofxref/eurofxref-daily.xml".to_owned(), pairs: Vec::new() }]
}

pub(super) fn read(body: &[u8]) -> Result<Heard, Unheard> {
    let text = str::from_utf8(body).map_err(|_| Unheard::Unreadable)?;
    let document = Document::parse(text).map_err(|_| Unheard::Unreadable)?;
    let is_day = |node: &Node<'_, '_>| node.tag_name().name() == CUBE && node.has_attribute("time");
    let day = document.descendants().find(is_day).ok_or(Unheard::Unreadable)?;
    let at = day.attribute("time").and_then(moment).ok_or(Unheard::Unreadable)?;
    let euro = AssetCode::parse("EUR").map_err(|_| Unheard::Unreadable)?;
    let said = day.children().filter_map(|node| {
        let currency = AssetCode::parse(node.attribute("currency")?).ok().filter(|code| *code != euro)?;
        let rate = Rate::parse_number(node.attribute("rate")?).ok();
        Some(Said { pair: Pair::new(euro, currency), rate, at })
    });
    Ok(said.collect())
}

fn moment(day: &str) -> Option<Timestamp> {
    let day: Date = day.parse().ok()?;
    let noon = day.at(HOUR, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp::from_seconds(noon.timestamp().as_second()))
}

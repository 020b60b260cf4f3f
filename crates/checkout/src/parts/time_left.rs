//! How much time is left until something ends.

use askama::{Template, filters::HtmlSafe};
use domain::time::Timestamp;
use web::time::{self, Moment};

/// The time left, as words that the script keeps right.
#[derive(Template)]
#[template(path = "parts/time_left.html")]
pub(crate) struct TimeLeft {
    words: String,
    end: Moment,
    is_soon: bool,
}

impl HtmlSafe for TimeLeft {}

impl TimeLeft {
    pub(crate) fn new(now: Timestamp, end: Timestamp) -> Self {
        let left = end.since(now);
        Self { words: time::left(left), end: time::moment(end), is_soon: left < time::SOON }
    }
}

//! How moments and spans are written.

use domain::time::{Span, Timestamp};

/// Seconds of a minute.
const MINUTE: i64 = 60;
/// Seconds of an hour.
const HOUR: i64 = 60 * MINUTE;
/// Seconds of a day.
const DAY: i64 = 24 * HOUR;

/// Below this much time left, seconds are told and the page asks for attention.
pub const SOON: Span = Span::minutes(2);

/// A moment, for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// As in `16 June 2026, 12:00 UTC`.
    pub text: String,
    /// As in RFC 3339, to the second.
    pub machine: String,
}

/// A moment, to the minute. One that no calendar holds is written as its number of seconds.
pub fn moment(at: Timestamp) -> Moment {
    let Ok(known) = jiff::Timestamp::from_second(at.seconds()) else {
        let seconds = at.seconds().to_string();
        return Moment { text: seconds.clone(), machine: seconds };
    };
    Moment { text: known.strftime("%-d %B %Y, %H:%M UTC").to_string(), machine: known.to_string() }
}

/// How much time is left, rounded down so that no page promises more than there is: `14 minutes`, and below [`SOON`]
/// `1 minute 40 seconds`.
pub fn left(span: Span) -> String {
    let seconds = span.whole_seconds().max(0);
    if seconds < SOON.whole_seconds() {
        return match (seconds / MINUTE, seconds % MINUTE) {
            (0, seconds) => count(seconds, "second"),
            (minutes, 0) => count(minutes, "minute"),
            (minutes, seconds) => format!("{} {}", count(minutes, "minute"), count(seconds, "second")),
        };
    }
    let (size, name) = unit(seconds);
    count(seconds / size, name)
}

/// About how long something takes, rounded up so that nobody waits longer than they were told: `40 seconds`,
/// `3 minutes`.
pub fn about(span: Span) -> String {
    let seconds = span.whole_seconds().max(1);
    let (size, name) = unit(seconds);
    count((seconds + size - 1) / size, name)
}

/// The unit in which a span is told, as long as there are two of it.
const fn unit(seconds: i64) -> (i64, &'static str) {
    if seconds >= 2 * DAY {
        (DAY, "day")
    } else if seconds >= 2 * HOUR {
        (HOUR, "hour")
    } else if seconds >= 2 * MINUTE {
        (MINUTE, "minute")
    } else {
        (1, "second")
    }
}

fn count(number: i64, name: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {name}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_for_people_and_for_programs() {
        let at = moment(Timestamp::from_seconds(1_781_613_000));
        assert_eq!(
            (at.text.as_str(), at.machine.as_str()),
            ("16 June 2026, 12:30 UTC", "2026-06-16T12:30:00Z")
        );
        assert_eq!(moment(Timestamp::from_seconds(i64::MAX)).text, "9223372036854");
    }

    #[test]
    fn time_left_is_rounded_down_and_exact_at_the_end() {
        for (seconds, text) in [
            (-5, "0 seconds"),
            (0, "0 seconds"),
            (1, "1 second"),
            (60, "1 minute"),
            (100, "1 minute 40 seconds"),
            (119, "1 minute 59 seconds"),
            (120, "2 minutes"),
            (899, "14 minutes"),
            (3_600, "60 minutes"),
            (7_199, "119 minutes"),
            (7_200, "2 hours"),
            (172_799, "47 hours"),
            (200_000, "2 days"),
        ] {
            assert_eq!(left(Span::seconds(seconds)), text, "{seconds}");
        }
    }

    #[test]
    fn a_wait_is_rounded_up() {
        for (seconds, text) in
            [(0, "1 second"), (24, "24 seconds"), (121, "3 minutes"), (7_201, "3 hours"), (172_801, "3 days")]
        {
            assert_eq!(about(Span::seconds(seconds)), text, "{seconds}");
        }
    }
}

//! Moments as text: RFC 3339, in UTC.

use domain::time::Timestamp;

/// The moment as text: `2026-06-16T12:00:00Z`, with as many places of the second as it takes.
pub fn write(at: Timestamp) -> String {
    // Every moment of ours lies within the years that RFC 3339 can write; the number itself says more than a wrong
    // date.
    jiff::Timestamp::from_microsecond(at.micros())
        .map_or_else(|_| at.micros().to_string(), |at| at.to_string())
}

/// The moment that a text writes, whatever its offset.
pub fn read(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(|at| Timestamp::from_micros(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_and_read() {
        for (text, micros) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-06-16T12:00:00Z", 1_781_611_200_000_000),
            ("2026-06-16T12:00:00.000001Z", 1_781_611_200_000_001),
        ] {
            assert_eq!(write(Timestamp::from_micros(micros)), text);
            assert_eq!(read(text), Some(Timestamp::from_micros(micros)));
        }
        assert_eq!(read("2026-06-16T14:00:00+02:00"), read("2026-06-16T12:00:00Z"));
        for text in ["", "2026-06-16", "yesterday", "2026-06-16T12:00:00"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

//! Moments as text: RFC 3339, in UTC, whole seconds.

use domain::time::Timestamp;

/// The moment as text, rounded down to the second: `2026-06-16T12:00:00Z`.
pub(crate) fn write(at: Timestamp) -> String {
    // Every moment of ours lies within the years that RFC 3339 can write; the number itself says more than a wrong
    // date.
    jiff::Timestamp::from_second(at.seconds()).map_or_else(|_| at.seconds().to_string(), |at| at.to_string())
}

/// The moment that a text writes, whatever its offset; nothing for other forms of ISO 8601.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    if !has_form(text) {
        return None;
    }
    text.parse::<jiff::Timestamp>().ok().map(|at| Timestamp::from_micros(at.as_microsecond()))
}

/// Whether a text has the form of RFC 3339, section 5.6: numbers within their ranges are left to the parser.
fn has_form(text: &str) -> bool {
    const DATE_TIME: &str = "0000-00-00T00:00:00";
    let fits = |(byte, form): (u8, u8)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte.eq_ignore_ascii_case(&form),
    };
    let matches =
        |text: &str, form: &str| text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits);
    let Some((start, rest)) = text.split_at_checked(DATE_TIME.len()) else { return false };
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|letter: char| letter.is_ascii_digit());
            if offset.len() == fraction.len() {
                return false;
            }
            offset
        }
        None => rest,
    };
    matches(start, DATE_TIME)
        && (matches(offset, "Z") || matches(offset, "+00:00") || matches(offset, "-00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_whole_seconds() {
        let at = Timestamp::from_seconds(1_781_611_200);
        assert_eq!(write(at), "2026-06-16T12:00:00Z");
        assert_eq!(write(Timestamp::from_micros(at.micros() + 999_999)), "2026-06-16T12:00:00Z");
    }

    #[test]
    fn moments_are_read_with_any_offset() {
        let at = Some(Timestamp::from_seconds(1_781_611_200));
        for text in [
            "2026-06-16T12:00:00Z",
            "2026-06-16t12:00:00z",
            "2026-06-16T12:00:00.000Z",
            "2026-06-16T14:00:00+02:00",
            "2026-06-16T04:30:00-07:30",
        ] {
            assert_eq!(read(text), at, "{text}");
        }
        assert_eq!(
            read("2026-06-16T12:00:00.25Z"),
            at.map(|at| Timestamp::from_micros(at.micros() + 250_000))
        );
    }

    #[test]
    fn other_texts_are_no_moments() {
        for text in [
            "",
            "2026-06-16",
            "2026-06-16T12:00:00",
            "2026-06-16 12:00:00Z",
            "2026-06-16T12:00:00 02:00",
            "2026-06-16T12:00Z",
            "20260616T120000Z",
            "2026-06-16T12:00:00.Z",
            "2026-06-16T12:00:00+02",
            "2026-06-16T12:00:00+02:00[Europe/Berlin]",
            "2026-13-16T12:00:00Z",
            "2026-02-30T12:00:00Z",
            "2026-06-16T24:00:00Z",
            "1781611200",
            "é026-06-16T12:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

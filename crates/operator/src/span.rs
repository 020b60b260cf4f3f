//! Lengths of time as people write them: `31m`, `1h30m`, `90d`.

use domain::time::Span;

/// The units, from long to short, and their seconds.
const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// What a text has to be to be read, for messages.
pub const FORM: &str = "a length of time such as 45s, 31m, 1h30m or 90d";

/// The span that a text writes: whole numbers with their units, longest first, each at most once.
pub fn read(text: &str) -> Option<Span> {
    let mut rest = text;
    let mut seconds = 0_i64;
    let mut units = UNITS.iter();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (number, tail) = rest.split_at(end);
        let unit = tail.chars().next()?;
        let (_, size) = units.find(|(known, _)| *known == unit)?;
        seconds = number.parse::<i64>().ok()?.checked_mul(*size)?.checked_add(seconds)?;
        rest = tail.get(unit.len_utf8()..)?;
    }
    Some(Span::seconds(seconds))
}

/// The span as text, in whole seconds; negative ones with a minus sign in front.
pub fn write(span: Span) -> String {
    let mut rest = span.whole_seconds().unsigned_abs();
    let mut text = if span < Span::ZERO { "-".to_owned() } else { String::new() };
    for (unit, size) in UNITS.map(|(unit, size)| (unit, size.unsigned_abs())) {
        let count = rest.checked_div(size).unwrap_or_default();
        rest = rest.checked_rem(size).unwrap_or_default();
        if count > 0 {
            text += &count.to_string();
            text.push(unit);
        }
    }
    if text.trim_start_matches('-').is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_written() {
        for (text, seconds) in [
            ("0s", 0),
            ("45s", 45),
            ("31m", 1_860),
            ("1h30m", 5_400),
            ("90d", 7_776_000),
            ("1d1h1m1s", 90_061),
        ] {
            assert_eq!(read(text), Some(Span::seconds(seconds)), "{text}");
            assert_eq!(write(Span::seconds(seconds)), text);
        }
        assert_eq!(read("90s"), Some(Span::seconds(90)));
        assert_eq!(write(Span::seconds(-90)), "-1m30s");
    }

    #[test]
    fn other_text_is_no_span() {
        for text in
            ["", "m", "31", "31 m", "-31m", "1m1h", "1m1m", "1.5h", "31M", "9223372036854775807d", "1é"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

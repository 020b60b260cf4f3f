//! Card numbers where none belongs.

use std::ops::RangeInclusive;

/// Digits of a card number (ISO/IEC 7812-1).
const DIGITS: RangeInclusive<usize> = 13..=19;

/// First digits of card numbers that are issued, as a range of numbers of one length, and the digits that such a number
/// has in all. Without them, one of ten order numbers would look like a card (ISO/IEC 7812; the networks' own tables).
const ISSUED: &[(RangeInclusive<u32>, RangeInclusive<usize>)] = &[
    // Visa
    (4..=4, 13..=19),
    // Mastercard
    (51..=55, 16..=16),
    (2221..=2720, 16..=16),
    // American Express
    (34..=34, 15..=15),
    (37..=37, 15..=15),
    // Diners Club
    (300..=305, 14..=19),
    (309..=309, 14..=19),
    (36..=36, 14..=19),
    (38..=39, 14..=19),
    // Discover
    (6011..=6011, 16..=19),
    (644..=649, 16..=19),
    (65..=65, 16..=19),
    // JCB
    (3528..=3589, 16..=19),
    // UnionPay
    (62..=62, 16..=19),
    (81..=81, 16..=19),
    // Maestro
    (5018..=5018, 13..=19),
    (5020..=5020, 13..=19),
    (5038..=5038, 13..=19),
    (5893..=5893, 13..=19),
    (6304..=6304, 13..=19),
    (6759..=6759, 13..=19),
    (6761..=6763, 13..=19),
    // Mir
    (2200..=2204, 16..=19),
    // RuPay
    (508..=508, 16..=16),
    (60..=60, 16..=16),
    (82..=82, 16..=16),
];

/// Whether a text contains what is in all likelihood a card number: 13 to 19 digits, perhaps with blanks and hyphens
/// between them, that begin as an issuer's do and end with the check digit of Luhn (ISO/IEC 7812-1, annex B).
///
/// Digits that follow each other directly are one number: one that is longer contains none. Groups of digits are taken
/// together only where no letter touches them, or every thousandth UUID would look like a card.
pub(crate) fn is_in(text: &str) -> bool {
    // Nearly every text ends here.
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= *DIGITS.start()
        && runs(text)
            .iter()
            .any(|run| (0..run.len()).any(|first| begins_at(run.get(first..).unwrap_or_default())))
}

/// Digits that stand together, and whether a letter touches them.
#[derive(Default)]
struct Group {
    digits: String,
    after_letter: bool,
    before_letter: bool,
}

/// Groups of digits with nothing but blanks and hyphens between them.
fn runs(text: &str) -> Vec<Vec<Group>> {
    let mut runs: Vec<Vec<Group>> = vec![Vec::new()];
    let mut previous = ' ';
    for letter in text.chars() {
        let Some(run) = runs.last_mut() else { break };
        if letter.is_ascii_digit() {
            if !previous.is_ascii_digit() {
                run.push(Group { after_letter: previous.is_alphabetic(), ..Group::default() });
            }
            if let Some(group) = run.last_mut() {
                group.digits.push(letter);
            }
        } else if !is_separator(letter) {
            if let Some(group) = run.last_mut().filter(|_| previous.is_ascii_digit()) {
                group.before_letter = letter.is_alphabetic();
            }
            if !run.is_empty() {
                runs.push(Vec::new());
            }
        }
        previous = letter;
    }
    runs
}

/// A blank, or one of the hyphens and dashes.
fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Whether a card number begins with the first of these groups.
fn begins_at(groups: &[Group]) -> bool {
    let mut digits = String::new();
    for (index, group) in groups.iter().enumerate() {
        digits.push_str(&group.digits);
        if digits.len() > *DIGITS.end() {
            return false;
        }
        let touched = groups.first().is_some_and(|first| first.after_letter) || group.before_letter;
        if (index == 0 || !touched) && is_card_number(&digits) {
            return true;
        }
    }
    false
}

fn is_card_number(digits: &str) -> bool {
    // The check digit goes first: nine of ten numbers fail by it, and it costs the least.
    DIGITS.contains(&digits.len()) && has_check_digit(digits) && is_issued(digits)
}

fn is_issued(digits: &str) -> bool {
    ISSUED.iter().any(|(first, lengths)| {
        let width = first.end().checked_ilog10().map_or(1, |power| power as usize + 1);
        let begins = || digits.get(..width).and_then(|start| start.parse().ok());
        lengths.contains(&digits.len()) && begins().is_some_and(|start: u32| first.contains(&start))
    })
}

fn has_check_digit(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .map(|digit| u32::from(digit.wrapping_sub(b'0')))
        .enumerate()
        .map(|(place, digit)| match digit * 2 {
            _ if place % 2 == 0 => digit,
            doubled if doubled > 9 => doubled - 9,
            doubled => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that networks and processors publish for tests.
    const NUMBERS: &[&str] = &[
        "4242424242424242",
        "4000000000000002",
        "4222222222222",
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "6011111111111117",
        "3056930009020004",
        "36227206271667",
        "3566002020360505",
        "6200000000000005",
        "6759649826438453",
    ];

    #[test]
    fn card_numbers_are_found_however_they_are_written() {
        for number in NUMBERS {
            let grouped = |by: &str| {
                let (first, rest) = number.split_at(4);
                let (second, third) = rest.split_at(6);
                [first, second, third].join(by)
            };
            for text in [
                (*number).to_owned(),
                format!("card{number}x"),
                format!("no. {number}, thanks"),
                grouped(" "),
                grouped("-"),
                format!("pay with {}.", grouped(" - ")),
                grouped("\u{a0}"),
                grouped("\u{2013}"),
                format!("12 {}", grouped(" ")),
                format!("{} 12/27", grouped(" ")),
            ] {
                assert!(is_in(&text), "{text}");
            }
        }
        assert!(is_in("4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2"));
    }

    #[test]
    fn a_wrong_check_digit_or_issuer_is_no_card() {
        for text in ["4242424242424241", "1242424242424242", "9999999999999995", "0000000000000000"] {
            assert!(!is_in(text), "{text}");
        }
        // Issuers of these numbers give them out in another length only.
        for text in ["510000000000003", "3400000000000000", "650000000000003"] {
            assert!(!is_in(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_cards() {
        for text in [
            "",
            "order-a1001",
            "1781611200000",
            "2026-06-16 12:30:00",
            "+44 20 7946 0018",
            "DE89 3704 0044 0532 0130 00",
            "42424242424242424242424242424242",
            "424242424242",
            "4242.4242.4242.4242",
            "018f4e20-4242-4242-4242-42424242abcd",
            "a42424242-4242-4242",
        ] {
            assert!(!is_in(text), "{text}");
        }
    }

    #[test]
    fn a_number_longer_than_a_card_hides_none_and_is_none() {
        assert!(!is_in("14242424242424242424"));
        assert!(is_in("14 4242424242424242"));
    }
}

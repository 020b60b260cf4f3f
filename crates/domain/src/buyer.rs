//! What a buyer is asked before he is told where to pay, and what he answers.

use jiff::civil::{Date, date};

use crate::mail::MailAddress;

/// What a payment asks its buyer, besides how he wants to pay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Questions {
    /// His e-mail address: the page shows the one that the shop gave, and he may correct it.
    pub email: bool,
    /// Who he is.
    pub sender: bool,
}

/// What a buyer says. What he was not asked, or has said before, is not taken again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// His e-mail address.
    pub email: Option<MailAddress>,
    /// Who he is.
    pub sender: Option<Sender>,
}

/// Who pays. Personal data: it is kept sealed, and no log and no list shows it.
#[derive(Clone, PartialEq, Eq)]
pub enum Sender {
    /// A person.
    Person {
        /// The first name.
        first_name: PersonalName,
        /// The last name.
        last_name: PersonalName,
        /// The date of birth, where it was asked for.
        born: Option<BirthDate>,
    },
    /// A company.
    Company {
        /// The name under which it is registered.
        name: PersonalName,
        /// Where it is registered.
        country: Country,
    },
}

/// The most characters of a name.
pub const MAX_NAME: usize = 255;

/// A name of somebody: one line of 1 to [`MAX_NAME`] characters, without blanks around it.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalName(String);

impl PersonalName {
    /// The name in this text; nothing for an empty or too long one, or one with control characters.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim();
        let is_fit = !name.is_empty() && name.chars().count() <= MAX_NAME && !name.contains(char::is_control);
        is_fit.then(|| Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A date of birth, from 1900 on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BirthDate(Date);

impl BirthDate {
    /// Nobody who pays was born before.
    const FIRST: Date = date(1900, 1, 1);

    /// The date in this text, `YYYY-MM-DD`; nothing for any other, or for a day that the calendar does not have.
    pub fn parse(text: &str) -> Option<Self> {
        let parsed: Date = text.parse().ok()?;
        (parsed >= Self::FIRST && parsed.to_string() == text).then_some(Self(parsed))
    }

    /// The date as text, `YYYY-MM-DD`.
    pub fn to_text(self) -> String {
        self.0.to_string()
    }
}

/// A country, by its code of three letters (ISO 3166-1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Country([u8; 3]);

impl Country {
    /// The country with this code; nothing for what cannot be one. Which codes are given out is not looked at: that
    /// list changes.
    pub fn parse(code: &str) -> Option<Self> {
        let letters: [u8; 3] = code.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// What stands first in the text of a person.
const PERSON: &str = "person";
/// What stands first in the text of a company.
const COMPANY: &str = "company";

impl Sender {
    /// The sender as text to be sealed: a line for each part, of which none holds a line's end.
    pub fn write(&self) -> String {
        match self {
            Self::Person { first_name, last_name, born } => {
                let born = born.map(BirthDate::to_text).unwrap_or_default();
                [PERSON, first_name.as_str(), last_name.as_str(), &born].join("\n")
            }
            Self::Company { name, country } => [COMPANY, name.as_str(), country.as_str()].join("\n"),
        }
    }

    /// The sender that [`Sender::write`] wrote.
    pub fn read(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.split('\n').collect();
        match lines.as_slice() {
            [PERSON, first_name, last_name, born] => Some(Self::Person {
                first_name: PersonalName::parse(first_name)?,
                last_name: PersonalName::parse(last_name)?,
                born: if born.is_empty() { None } else { Some(BirthDate::parse(born)?) },
            }),
            [COMPANY, name, country] => {
                Some(Self::Company { name: PersonalName::parse(name)?, country: Country::parse(country)? })
            }
            _ => None,
        }
    }
}

/// Shows nothing of anybody.
impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Person { .. } => "Person",
            Self::Company { .. } => "Company",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PersonalName {
        PersonalName::parse(text).unwrap()
    }

    #[test]
    fn names_are_one_line() {
        assert_eq!(name(" Zoë O’Neill-Łukasz ").as_str(), "Zoë O’Neill-Łukasz");
        assert!(PersonalName::parse(&"é".repeat(MAX_NAME)).is_some());
        for wrong in ["", "  ", "a\nb", "a\u{0}b", &"a".repeat(MAX_NAME + 1)] {
            assert!(PersonalName::parse(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        assert_eq!(BirthDate::parse("1996-02-29").unwrap().to_text(), "1996-02-29");
        for wrong in ["1995-02-29", "1995-8-17", "17.08.1995", "1899-12-31", "1995-08-17T00:00", "", "x"] {
            assert!(BirthDate::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn countries_have_three_letters() {
        assert_eq!(Country::parse("DEU").unwrap().as_str(), "DEU");
        for wrong in ["DE", "deu", "DEUT", "D1U", ""] {
            assert!(Country::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_sender_is_read_as_it_was_written_and_shows_nothing_of_itself() {
        let person = |born| Sender::Person { first_name: name("Ada"), last_name: name("Lovelace"), born };
        let company = Sender::Company { name: name("Ada & Co"), country: Country::parse("GBR").unwrap() };
        for sender in [person(None), person(BirthDate::parse("1915-12-10")), company] {
            assert_eq!(Sender::read(&sender.write()).unwrap(), sender);
            assert!(!format!("{sender:?}").contains("Ada"));
        }
        for wrong in ["", "person", "person\na", "company\na\nb", "person\na\nb\nc", "other\na\nb"] {
            assert!(Sender::read(wrong).is_none(), "{wrong:?}");
        }
    }
}

//! Data of a payer. The vendor asks for them because it holds the money. Nobody does here: they are checked, so that a
//! shop that has to send them elsewhere finds its mistakes, and kept only where the operator wants payers to be asked.

use domain::buyer::{BirthDate, Country, MAX_NAME, PersonalName, Sender};
use utoipa::ToSchema;

use super::{
    fields::{Fields, Problem, Problems},
    sentence::Rule,
};
use crate::field::email;

/// Letters of a country's code: ISO 3166-1 alpha-3.
const COUNTRY: usize = 3;

/// What a payer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum SenderType {
    /// A person.
    Natural,
    /// A company.
    Legal,
}

/// Data of a payer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes; see read")]
pub(crate) struct SenderData {
    /// Of a person: required.
    first_name: Option<String>,
    /// Of a person: required.
    last_name: Option<String>,
    /// Of a person: `YYYY-MM-DD`.
    #[schema(examples("1995-08-17"))]
    date_of_birth: Option<String>,
    /// Of a company: required.
    legal_name: Option<String>,
    /// Of a company: required, ISO 3166-1 alpha-3.
    #[schema(examples("DEU"))]
    country_of_registration: Option<String>,
    /// Of either.
    #[schema(format = Email)]
    email: Option<String>,
}

const WORDS: &[(&str, SenderType)] = &[("natural", SenderType::Natural), ("legal", SenderType::Legal)];

/// Reads what a body says of its payer, where it says anything. What is wrong with it is noted. By the vendor's pages
/// of 2026 a person has a date of birth.
pub(crate) fn read(fields: Fields<'_>, strict_2026: bool, problems: &mut Problems) -> Option<Sender> {
    let kind = problems.take(fields.word("sender_type", WORDS)).flatten();
    let data = problems.take(fields.inside("sender_data", "sender_data.")).flatten()?;
    // Data of nobody in particular are those of a person, as on the vendor's pages.
    let sender = match kind.unwrap_or(SenderType::Natural) {
        SenderType::Natural => {
            let first_name = problems.take(name(data, "first_name"));
            let last_name = problems.take(name(data, "last_name"));
            let born = problems.take(date(data, strict_2026));
            first_name.zip(last_name).zip(born).map(|((first_name, last_name), born)| Sender::Person {
                first_name,
                last_name,
                born,
            })
        }
        SenderType::Legal => {
            let name = problems.take(name(data, "legal_name"));
            let country = problems.take(country(data));
            name.zip(country).map(|(name, country)| Sender::Company { name, country })
        }
    };
    problems.take(mail(data));
    sender
}

fn name(data: Fields<'_>, field: &str) -> Result<PersonalName, Problem> {
    let text = data.required(field, data.text(field, MAX_NAME))?;
    PersonalName::parse(text).ok_or_else(|| data.problem(field, &Rule::Format))
}

fn date(data: Fields<'_>, strict_2026: bool) -> Result<Option<BirthDate>, Problem> {
    const FIELD: &str = "date_of_birth";
    let text = match data.text(FIELD, MAX_NAME)? {
        Some(text) => text,
        None if strict_2026 => return Err(data.problem(FIELD, &Rule::Required)),
        None => return Ok(None),
    };
    BirthDate::parse(text).map(Some).ok_or_else(|| data.problem(FIELD, &Rule::Date))
}

fn country(data: Fields<'_>) -> Result<Country, Problem> {
    const FIELD: &str = "country_of_registration";
    let code = data.required(FIELD, data.text(FIELD, MAX_NAME))?;
    Country::parse(code).ok_or_else(|| data.problem(FIELD, &Rule::Characters(COUNTRY)))
}

fn mail(data: Fields<'_>) -> Result<(), Problem> {
    match data.text("email", MAX_NAME)? {
        Some(text) if !email::is_email(text) => Err(data.problem("email", &Rule::Email)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::Json;

    fn told(body: &str) -> Vec<(String, String)> {
        let json = Json::parse(body.as_bytes()).unwrap();
        let mut problems = Problems::default();
        read(Fields::of(&json).unwrap(), false, &mut problems);
        problems.into_inner().into_iter().map(|problem| (problem.field, problem.sentence)).collect()
    }

    #[test]
    fn what_is_said_of_a_payer_is_complete_or_absent() {
        for body in [
            "{}",
            r#"{"sender_type":"natural"}"#,
            r#"{"sender_type":null,"sender_data":null}"#,
            r#"{"sender_type":"natural","sender_data":{"first_name":"A","last_name":"B"}}"#,
            r#"{"sender_data":{"first_name":"A","last_name":"B","date_of_birth":"1995-08-17","email":"a@b.example"}}"#,
            r#"{"sender_type":"legal","sender_data":{"legal_name":"A","country_of_registration":"DEU"}}"#,
        ] {
            assert_eq!(told(body), [], "{body}");
        }
    }

    #[test]
    fn every_field_has_its_sentence() {
        let one = |body: &str| {
            let told = told(body);
            assert_eq!(told.len(), 1, "{told:?}");
            told.into_iter().next().unwrap().1
        };
        assert_eq!(one(r#"{"sender_type":"self"}"#), "The selected sender type is invalid.");
        assert_eq!(one(r#"{"sender_data":"x"}"#), "The sender data must be an array.");
        let natural = |rest: &str| one(&format!(r#"{{"sender_data":{{"first_name":"A",{rest}}}}}"#));
        assert_eq!(natural(r#""last_name":"""#), "The sender data.last name field is required.");
        for date in ["17.08.1995", "1995-02-30", "19950817", "1995-8-17"] {
            assert_eq!(
                natural(&format!(r#""last_name":"B","date_of_birth":"{date}""#)),
                "The sender data.date of birth does not match the format Y-m-d."
            );
        }
        assert_eq!(
            natural(r#""last_name":"B","email":"x""#),
            "The sender data.email must be a valid email address."
        );
        let legal = told(r#"{"sender_type":"legal","sender_data":{"country_of_registration":"de"}}"#);
        let (fields, _): (Vec<String>, Vec<String>) = legal.iter().cloned().unzip();
        assert_eq!(fields, ["sender_data.legal_name", "sender_data.country_of_registration"]);
        assert_eq!(legal[1].1, "The sender data.country of registration must be 3 characters.");
    }

    #[test]
    fn a_person_has_a_date_of_birth_where_the_newest_pages_hold() {
        let json = Json::parse(br#"{"sender_data":{"first_name":"A","last_name":"B"}}"#).unwrap();
        let mut problems = Problems::default();
        assert!(read(Fields::of(&json).unwrap(), true, &mut problems).is_none());
        let sentence = &problems.into_inner()[0].sentence;
        assert!(
            sentence.starts_with("The sender data") && sentence.ends_with("field is required."),
            "{sentence}"
        );
    }
}

//! Data of a payer. The vendor asks for them because it holds the money. Nobody does here: they are checked, so that a
//! shop that has to send them elsewhere finds its mistakes, and they are not kept.

use utoipa::ToSchema;

use super::{
    fields::{Fields, Problem, Problems},
    sentence::Rule,
};
use crate::field::email;

/// The longest name, in characters.
const MAX_NAME: usize = 255;

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
#[expect(dead_code, reason = "it describes; see check")]
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

/// Checks what a body says of its payer, where it says anything.
pub(crate) fn check(fields: Fields<'_>, problems: &mut Problems) {
    let kind = problems.take(fields.word("sender_type", WORDS)).flatten();
    let Some(Some(data)) = problems.take(fields.inside("sender_data", "sender_data.")) else { return };
    // Data of nobody in particular are those of a person, as on the vendor's pages.
    match kind.unwrap_or(SenderType::Natural) {
        SenderType::Natural => {
            for name in ["first_name", "last_name"] {
                problems.take(data.required(name, data.text(name, MAX_NAME)));
            }
            problems.take(date(data));
        }
        SenderType::Legal => {
            problems.take(data.required("legal_name", data.text("legal_name", MAX_NAME)));
            problems.take(country(data));
        }
    }
    problems.take(mail(data));
}

fn date(data: Fields<'_>) -> Result<(), Problem> {
    let Some(text) = data.text("date_of_birth", MAX_NAME)? else { return Ok(()) };
    let has_form = text.len() == "YYYY-MM-DD".len() && text.parse::<jiff::civil::Date>().is_ok();
    if has_form { Ok(()) } else { Err(data.problem("date_of_birth", &Rule::Date)) }
}

fn country(data: Fields<'_>) -> Result<(), Problem> {
    const FIELD: &str = "country_of_registration";
    let code = data.required(FIELD, data.text(FIELD, MAX_NAME))?;
    let has_form = code.len() == COUNTRY && code.bytes().all(|letter| letter.is_ascii_uppercase());
    if has_form { Ok(()) } else { Err(data.problem(FIELD, &Rule::Characters(COUNTRY))) }
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
        check(Fields::of(&json).unwrap(), &mut problems);
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
}

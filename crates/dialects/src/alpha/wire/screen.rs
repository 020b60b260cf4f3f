//! Payment credentials have no place in a request: they are refused, and not ignored.

use crate::{
    alpha::{
        errors::{ApiError, Code, Detail, DetailCode},
        wire::details::{Problems, Way},
    },
    field::card_number,
    http::json::Json,
};

/// Names under which credentials are sent, without blanks, hyphens and underscores, in lower case.
const NAMES: &[&str] = &["card", "cardnumber", "cvc", "cvv", "pan", "pin"];

/// Fields whose texts people fill in, or programs with what people said.
const FREE_TEXT: &[&str] = &["customer_email", "description", "reference", "metadata"];

/// Looks for payment credentials: members with their names at any depth, and card numbers in free text. What is found
/// is named by where it stands, and never repeated.
///
/// # Errors
/// [`Code::PaymentCredentialsNotAllowed`].
pub(crate) fn check(body: &Json) -> Result<(), ApiError> {
    let mut found = Problems::default();
    find_names(body, &Way::default(), &mut found);
    for field in FREE_TEXT {
        if let Some(value) = body.get(field) {
            find_numbers(value, &Way::default().member(field), &mut found);
        }
    }
    found.none(Code::PaymentCredentialsNotAllowed)
}

fn find_names(value: &Json, way: &Way<'_>, found: &mut Problems) {
    match value {
        Json::Object(members) => {
            for (name, value) in members {
                let way = way.member(name);
                if is_credential(name) {
                    found.note(refused(&way, "no field of this name may be sent"));
                } else {
                    find_names(value, &way, found);
                }
            }
        }
        Json::List(values) => {
            values.iter().enumerate().for_each(|(index, value)| find_names(value, &way.place(index), found));
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => {}
    }
}

fn find_numbers(value: &Json, way: &Way<'_>, found: &mut Problems) {
    match value {
        Json::Text(text) | Json::Number(text) => {
            if card_number::is_in(text) {
                found.note(refused(way, "it holds what looks like a card number"));
            }
        }
        Json::Object(members) => {
            for (name, value) in members {
                if card_number::is_in(name) {
                    found.note(refused(way, "a name in it holds what looks like a card number"));
                }
                find_numbers(value, &way.member(name), found);
            }
        }
        Json::List(values) => {
            values
                .iter()
                .enumerate()
                .for_each(|(index, value)| find_numbers(value, &way.place(index), found));
        }
        Json::Null | Json::Bool(_) => {}
    }
}

fn refused(way: &Way<'_>, message: &'static str) -> Detail {
    Detail::new(*way, DetailCode::NotAllowed, message)
}

fn is_credential(name: &str) -> bool {
    let is_kept = |letter: &char| !matches!(letter, '-' | '_' | ' ');
    let plain = || name.chars().filter(is_kept).flat_map(char::to_lowercase);
    NAMES.iter().any(|known| plain().eq(known.chars()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(body: &str) -> Vec<String> {
        let error = check(&Json::parse(body.as_bytes()).unwrap());
        let Err(error) = error else { return Vec::new() };
        assert_eq!(error.code, Code::PaymentCredentialsNotAllowed);
        assert!(!format!("{error:?}").contains("4242"), "{error:?}");
        error.details.into_iter().map(|detail| detail.field).collect()
    }

    #[test]
    fn names_of_credentials_are_found_at_any_depth() {
        for name in ["card", "CARD", "card_number", "cardNumber", "Card-Number", "pan", "CVC", "cvv", "Pin"] {
            assert_eq!(found(&format!(r#"{{"{name}":"x"}}"#)), [name]);
            assert_eq!(
                found(&format!(r#"{{"metadata":{{"a":[1,{{"{name}":null}}]}}}}"#)),
                [format!("metadata.a[1].{name}")]
            );
        }
        assert_eq!(found(r#"{"payment":{"card":{"cvc":"123"},"pin":1}}"#), ["payment.card", "payment.pin"]);
        assert_eq!(found(r#"{"cards":1,"pink":2,"panel":3,"discard":4}"#), [""; 0]);
    }

    #[test]
    fn card_numbers_are_found_in_free_text() {
        for field in ["customer_email", "description", "reference"] {
            assert_eq!(found(&format!(r#"{{"{field}":"4242-4242 4242 4242"}}"#)), [field]);
        }
        assert_eq!(found(r#"{"metadata":{"a":4242424242424242}}"#), ["metadata.a"]);
        assert_eq!(found(r#"{"metadata":{"a":[{"b":"x4242424242424242"}]}}"#), ["metadata.a[0].b"]);
        assert_eq!(found(r#"{"metadata":{"4242424242424242":{"cvv":1}}}"#), ["metadata.*.cvv", "metadata"]);
        assert_eq!(
            found(r#"{"success_url":"https://a.example/4242424242424242","other":"4242424242424242"}"#),
            [""; 0]
        );
    }
}

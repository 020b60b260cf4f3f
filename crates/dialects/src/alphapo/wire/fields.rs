//! The fields of a body, read one by one, so that all that is wrong is told at once.

use crate::{
    alphapo::wire::{
        number::Number,
        sentence::{Rule, Sentence},
    },
    http::json::Json,
};

/// A field that is not what it has to be, and the sentence that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The field; with the one around it, `sender_data.first_name`.
    pub(crate) field: String,
    /// What is wrong.
    pub(crate) sentence: String,
}

impl Problem {
    /// A field that does not meet a rule.
    pub(crate) fn new(field: &str, rule: &Rule) -> Self {
        Self { field: field.to_owned(), sentence: Sentence(field, rule).to_string() }
    }
}

/// Collects what is wrong.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// The value, or nothing and a note of what is wrong with it.
    pub(crate) fn take<T>(&mut self, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.note(problem)).ok()
    }

    /// Notes one thing more. Of one field only the first is told.
    pub(crate) fn note(&mut self, problem: Problem) {
        if self.0.iter().all(|known| known.field != problem.field) {
            self.0.push(problem);
        }
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of it.
    pub(crate) fn into_inner(self) -> Vec<Problem> {
        self.0
    }
}

/// The members of an object. Names that nobody asks for are ignored.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    json: &'a Json,
    /// What stands before the names where they are told: `sender_data.`.
    prefix: &'a str,
}

impl<'a> Fields<'a> {
    /// The fields of a body. `null` and an empty list have none, as in PHP, where both are what an empty object is.
    /// Nothing for other values.
    pub(crate) fn of(json: &'a Json) -> Option<Self> {
        match json {
            Json::Object(_) | Json::Null => Some(Self { json, prefix: "" }),
            Json::List(values) if values.is_empty() => Some(Self { json, prefix: "" }),
            Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => None,
        }
    }

    /// The fields of an object in a field, told with its name before theirs.
    pub(crate) fn inside(&self, field: &str, prefix: &'a str) -> Result<Option<Self>, Problem> {
        match self.given(field) {
            None => Ok(None),
            Some(json @ Json::Object(_)) => Ok(Some(Self { json, prefix })),
            Some(_) => Err(self.problem(field, &Rule::Array)),
        }
    }

    /// A field that does not meet a rule.
    pub(crate) fn problem(&self, field: &str, rule: &Rule) -> Problem {
        Problem::new(&format!("{}{field}", self.prefix), rule)
    }

    /// A field's value. A null, a blank text and an empty list are the same as nothing.
    pub(crate) fn given(&self, field: &str) -> Option<&'a Json> {
        self.json.get(field).filter(|value| match value {
            Json::Null => false,
            Json::Text(text) => !text.trim().is_empty(),
            Json::List(values) => !values.is_empty(),
            Json::Bool(_) | Json::Number(_) | Json::Object(_) => true,
        })
    }

    /// What a read gives, which has to be there.
    pub(crate) fn required<T>(&self, field: &str, read: Result<Option<T>, Problem>) -> Result<T, Problem> {
        read?.ok_or_else(|| self.problem(field, &Rule::Required))
    }

    /// A text of at most so many characters.
    pub(crate) fn text(&self, field: &str, most: usize) -> Result<Option<&'a str>, Problem> {
        match self.given(field) {
            None => Ok(None),
            Some(Json::Text(text)) if text.chars().count() <= most => Ok(Some(text)),
            Some(Json::Text(_)) => Err(self.problem(field, &Rule::MaxCharacters(most))),
            Some(_) => Err(self.problem(field, &Rule::Text)),
        }
    }

    /// The client's own name for something: a text, or a whole number, which is taken as its digits. Clients have both.
    pub(crate) fn name(&self, field: &str, most: usize) -> Result<Option<String>, Problem> {
        match self.given(field) {
            Some(Json::Number(digits)) if is_whole(digits) && digits.len() <= most => {
                Ok(Some(digits.clone()))
            }
            _ => Ok(self.text(field, most)?.map(str::to_owned)),
        }
    }

    /// A yes or no, in all the ways in which Laravel takes one.
    pub(crate) fn flag(&self, field: &str) -> Result<Option<bool>, Problem> {
        match self.given(field) {
            None => Ok(None),
            Some(Json::Bool(flag)) => Ok(Some(*flag)),
            Some(Json::Number(text) | Json::Text(text)) if text == "1" => Ok(Some(true)),
            Some(Json::Number(text) | Json::Text(text)) if text == "0" => Ok(Some(false)),
            Some(_) => Err(self.problem(field, &Rule::Boolean)),
        }
    }

    /// A number, as such or in a text.
    pub(crate) fn number(&self, field: &str) -> Result<Option<Number>, Problem> {
        let Some(value) = self.given(field) else { return Ok(None) };
        Number::of(value).map(Some).ok_or_else(|| self.problem(field, &Rule::Numeric))
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(&self, field: &str, words: &[(&str, T)]) -> Result<Option<T>, Problem> {
        let Some(value) = self.given(field) else { return Ok(None) };
        let known = words.iter().find(|(word, _)| matches!(value, Json::Text(text) if text == word));
        known.map(|(_, meaning)| Some(*meaning)).ok_or_else(|| self.problem(field, &Rule::In))
    }
}

/// Whether a JSON number is written as a whole one.
fn is_whole(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(body: &str, read: impl Fn(Fields<'_>) -> Result<T, Problem>) -> Result<T, String> {
        let json = Json::parse(body.as_bytes()).unwrap();
        read(Fields::of(&json).unwrap()).map_err(|problem| format!("{}: {}", problem.field, problem.sentence))
    }

    #[test]
    fn bodies_without_fields_are_all_the_same() {
        for body in
            ["null", "[]", "{}", "[ ]", r#"{"a":null}"#, r#"{"a":""}"#, r#"{"a":" \n"}"#, r#"{"a":[]}"#]
        {
            let told = read(body, |fields| fields.required("a", fields.text("a", 9)).map(str::to_owned));
            assert_eq!(told, Err("a: The a field is required.".to_owned()), "{body}");
        }
        for body in ["1", "\"a\"", "[1]", "true", "[null]"] {
            assert!(Fields::of(&Json::parse(body.as_bytes()).unwrap()).is_none(), "{body}");
        }
    }

    #[test]
    fn yes_and_no_are_what_laravel_takes() {
        for (value, expected) in [
            ("true", Some(true)),
            ("1", Some(true)),
            ("\"1\"", Some(true)),
            ("false", Some(false)),
            ("0", Some(false)),
            ("\"0\"", Some(false)),
            ("null", None),
        ] {
            assert_eq!(
                read(&format!(r#"{{"a":{value}}}"#), |fields| fields.flag("a")),
                Ok(expected),
                "{value}"
            );
        }
        for value in ["\"true\"", "\"yes\"", "2", "1.0", "{}", "[1]"] {
            let told = read(&format!(r#"{{"a":{value}}}"#), |fields| fields.flag("a"));
            assert_eq!(told, Err("a: The a field must be true or false.".to_owned()), "{value}");
        }
    }

    #[test]
    fn names_are_texts_or_whole_numbers() {
        let name = |value: &str| read(&format!(r#"{{"a_id":{value}}}"#), |fields| fields.name("a_id", 5));
        assert_eq!(name("\"user\""), Ok(Some("user".to_owned())));
        assert_eq!(name("12345"), Ok(Some("12345".to_owned())));
        assert_eq!(name("\"üüüüü\""), Ok(Some("üüüüü".to_owned())));
        assert_eq!(
            name("\"123456\""),
            Err("a_id: The a id may not be greater than 5 characters.".to_owned())
        );
        for value in ["1.5", "-1", "123456", "true", "{}", "[1]"] {
            assert_eq!(name(value), Err("a_id: The a id must be a string.".to_owned()), "{value}");
        }
    }

    #[test]
    fn of_one_field_the_first_problem_is_told() {
        let mut problems = Problems::default();
        for rule in [Rule::Required, Rule::Text] {
            problems.note(Problem::new("a", &rule));
        }
        problems.note(Problem::new("b", &Rule::Numeric));
        let told: Vec<_> = problems.into_inner().into_iter().map(|problem| problem.sentence).collect();
        assert_eq!(told, ["The a field is required.", "The b must be a number."]);
    }
}

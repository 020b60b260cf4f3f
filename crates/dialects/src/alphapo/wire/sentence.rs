//! What is wrong with a field, in the one sentence that the vendor's API says: Laravel's default English
//! (`validation.php`), in which `_` in a field's name is a blank.

use std::fmt;

/// A rule that a field does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It is missing, null or empty.
    Required,
    /// It is missing, and so is this other field.
    RequiredWithout(&'static str),
    /// It is missing, and so are all of these other fields, which stand here as they are told.
    RequiredWithoutAll(&'static str),
    /// It is there, and so is this other field.
    Prohibits(&'static str),
    /// It is no text.
    Text,
    /// It is no number.
    Numeric,
    /// It is no whole number.
    Integer,
    /// It is neither true nor false.
    Boolean,
    /// It is no object.
    Array,
    /// It is no e-mail address.
    Email,
    /// It does not have the form that it has to have: a link, an amount with too many places.
    Format,
    /// It is no date of the form `YYYY-MM-DD`.
    Date,
    /// It has more characters than it may have.
    MaxCharacters(usize),
    /// It does not have this many characters.
    Characters(usize),
    /// It is less than the least, which stands here as text.
    Min(String),
    /// It is none of the values that it may have.
    In,
    /// It was used before.
    Taken,
}

/// A rule, and the field that does not meet it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence<'a>(pub(crate) &'a str, pub(crate) &'a Rule);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = |field: &str| field.replace('_', " ");
        let Self(field, rule) = self;
        let field = words(field);
        match rule {
            Rule::Required => write!(f, "The {field} field is required."),
            Rule::RequiredWithout(other) => {
                write!(f, "The {field} field is required when {} is not present.", words(other))
            }
            Rule::RequiredWithoutAll(others) => {
                write!(f, "The {field} field is required when none of {others} are present.")
            }
            Rule::Prohibits(other) => {
                write!(f, "The {field} field prohibits {} from being present.", words(other))
            }
            Rule::Text => write!(f, "The {field} must be a string."),
            Rule::Numeric => write!(f, "The {field} must be a number."),
            Rule::Integer => write!(f, "The {field} must be an integer."),
            Rule::Boolean => write!(f, "The {field} field must be true or false."),
            Rule::Array => write!(f, "The {field} must be an array."),
            Rule::Email => write!(f, "The {field} must be a valid email address."),
            Rule::Format => write!(f, "The {field} format is invalid."),
            Rule::Date => write!(f, "The {field} does not match the format Y-m-d."),
            Rule::MaxCharacters(most) => write!(f, "The {field} may not be greater than {most} characters."),
            Rule::Characters(count) => write!(f, "The {field} must be {count} characters."),
            Rule::Min(least) => write!(f, "The {field} must be at least {least}."),
            Rule::In => write!(f, "The selected {field} is invalid."),
            Rule::Taken => write!(f, "The {field} has already been taken."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendor_s_own_sentences_follow_from_the_rules() {
        for (field, rule, expected) in [
            ("foreign_id", Rule::Required, "The foreign id field is required."),
            ("foreign_id", Rule::Taken, "The foreign id has already been taken."),
            ("amount", Rule::Min("0.001".to_owned()), "The amount must be at least 0.001."),
            ("currency_from", Rule::In, "The selected currency from is invalid."),
            ("currency_to", Rule::In, "The selected currency to is invalid."),
            ("url_success", Rule::Format, "The url success format is invalid."),
        ] {
            assert_eq!(Sentence(field, &rule).to_string(), expected);
        }
    }

    #[test]
    fn the_others_are_laravel_s() {
        let other = "receiver_amount";
        for (rule, expected) in [
            (Rule::RequiredWithout(other), "The a b field is required when receiver amount is not present."),
            (Rule::RequiredWithoutAll("c / d"), "The a b field is required when none of c / d are present."),
            (Rule::Prohibits(other), "The a b field prohibits receiver amount from being present."),
            (Rule::Text, "The a b must be a string."),
            (Rule::Numeric, "The a b must be a number."),
            (Rule::Integer, "The a b must be an integer."),
            (Rule::Boolean, "The a b field must be true or false."),
            (Rule::Array, "The a b must be an array."),
            (Rule::Email, "The a b must be a valid email address."),
            (Rule::Date, "The a b does not match the format Y-m-d."),
            (Rule::MaxCharacters(50), "The a b may not be greater than 50 characters."),
            (Rule::Characters(3), "The a b must be 3 characters."),
        ] {
            assert_eq!(Sentence("a_b", &rule).to_string(), expected);
        }
    }
}

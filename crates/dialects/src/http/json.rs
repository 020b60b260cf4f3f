//! JSON as strangers send it: read strictly, and kept as it was written.
//!
//! What two readers could understand in two ways is refused: a name that an object has twice, text that is not UTF-8,
//! halves of surrogate pairs (RFC 8259, sections 4 and 8; RFC 7493). So are NUL characters, which PostgreSQL cannot
//! keep. Numbers keep the text that they were written with; no floating point touches them.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// How deep lists and objects may be nested.
const MAX_DEPTH: usize = 32;

/// A JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// An object, its members in the order in which they were written.
    Object(Vec<(String, Self)>),
}

/// Why a text is not taken as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JsonError {
    /// Bytes that are no text.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// Text that is not JSON, or has more behind it.
    #[error("it stops being JSON in line {line}, column {column}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
    },
    /// An escape that is no character.
    #[error("a \\u escape in it is half of a surrogate pair")]
    Surrogate,
    /// An object with a name that it has already.
    #[error("an object in it has the same name twice")]
    DuplicateName,
    /// Lists and objects inside each other, deeper than is read.
    #[error("it is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A NUL character.
    #[error("it contains a NUL character")]
    Nul,
}

impl Json {
    /// Reads a whole body.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
        // This pass checks all of the grammar, at any depth, without recursion.
        let raw: &RawValue = serde_json::from_str(text)
            .map_err(|error| JsonError::Malformed { line: error.line(), column: error.column() })?;
        read(raw.get(), MAX_DEPTH)
    }

    /// The member of an object with this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The text without blanks, members in the order in which they were written.
    pub(crate) fn compact(&self) -> String {
        self.written(false)
    }

    /// The text without blanks, members ordered by name, numbers by their value: the same for every way to write the
    /// same thing.
    pub(crate) fn canonical(&self) -> String {
        self.written(true)
    }

    fn written(&self, sorted: bool) -> String {
        let mut out = String::new();
        self.write(&mut out, sorted);
        out
    }

    fn write(&self, out: &mut String, sorted: bool) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) if sorted => out.push_str(&plain_number(number)),
            Self::Number(number) => out.push_str(number),
            Self::Text(text) => out.push_str(&to_text(text)),
            Self::List(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    value.write(out, sorted);
                }
                out.push(']');
            }
            Self::Object(members) => {
                let mut order: Vec<_> = members.iter().collect();
                if sorted {
                    order.sort_by(|(one, _), (other, _)| one.cmp(other));
                }
                out.push('{');
                for (index, (name, value)) in order.into_iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    out.push_str(&to_text(name));
                    out.push(':');
                    value.write(out, sorted);
                }
                out.push('}');
            }
        }
    }
}

/// A number without the zeros and points that do not change its value: `100`, `1e2` and `100.0` are all `1e2`. One
/// whose exponent fits no integer of ours stays as it was written.
fn plain_number(text: &str) -> String {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |mantissa| ("-", mantissa));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0').trim_end_matches('0');
    if digits.is_empty() {
        return "0".to_owned();
    }
    let zeros = all.len().saturating_sub(all.trim_end_matches('0').len());
    let shift = i64::try_from(zeros).ok().zip(i64::try_from(fraction.len()).ok());
    let exponent = exponent.parse::<i64>().ok().zip(shift).and_then(|(exponent, (zeros, places))| {
        exponent.checked_add(zeros).and_then(|exponent| exponent.checked_sub(places))
    });
    exponent.map_or_else(|| text.to_owned(), |exponent| format!("{sign}{digits}e{exponent}"))
}

/// `value` as JSON text.
#[expect(
    clippy::expect_used,
    reason = "writing to memory does not fail, and no type of ours has names but texts"
)]
pub(crate) fn to_text<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("a type of ours can be written as JSON")
}

/// `value` as JSON text on many lines, for people.
#[expect(clippy::expect_used, reason = "as in to_text")]
pub(crate) fn to_pretty_text<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string_pretty(value).expect("a type of ours can be written as JSON")
}

/// Reads one value of a text whose grammar was checked. `depth` levels may be opened below it.
fn read(text: &str, depth: usize) -> Result<Json, JsonError> {
    match text.as_bytes().first() {
        Some(b'{') => {
            let below = depth.checked_sub(1).ok_or(JsonError::TooDeep)?;
            let Members(members) = decode(text)?;
            let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            if names.is_sorted_by(|one, next| one < next) {
                let read = |(name, raw): (String, &RawValue)| Ok((checked(name)?, read(raw.get(), below)?));
                return members.into_iter().map(read).collect::<Result<_, _>>().map(Json::Object);
            }
            Err(JsonError::DuplicateName)
        }
        Some(b'[') => {
            let below = depth.checked_sub(1).ok_or(JsonError::TooDeep)?;
            let values: Vec<&RawValue> = decode(text)?;
            values.into_iter().map(|raw| read(raw.get(), below)).collect::<Result<_, _>>().map(Json::List)
        }
        Some(b'"') => checked(decode(text)?).map(Json::Text),
        Some(b't') => Ok(Json::Bool(true)),
        Some(b'f') => Ok(Json::Bool(false)),
        Some(b'n') => Ok(Json::Null),
        _ => Ok(Json::Number(text.to_owned())),
    }
}

/// Decodes one level. Its grammar was checked, so that only an escape can be wrong.
fn decode<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, JsonError> {
    serde_json::from_str(text).map_err(|_| JsonError::Surrogate)
}

fn checked(text: String) -> Result<String, JsonError> {
    if text.contains('\0') { Err(JsonError::Nul) } else { Ok(text) }
}

/// The members of an object, none of them lost and none of them read.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> JsonError {
        Json::parse(text.as_bytes()).expect_err(text)
    }

    #[test]
    fn what_was_written_is_kept() {
        let text = r#"{"b":1.50,"a":[true,null,"é\"\n😀",-1e400],"c":{"":0.10000000000000000000001}}"#;
        assert_eq!(Json::parse(text.as_bytes()).unwrap().compact(), text);
        let spaced = " { \"b\" : \"\\u00e9\" , \"a\":[ ] }\n";
        let json = Json::parse(spaced.as_bytes()).unwrap();
        assert_eq!(json.compact(), r#"{"b":"é","a":[]}"#);
        assert_eq!(json.canonical(), r#"{"a":[],"b":"é"}"#);
        assert_eq!(json.get("b"), Some(&Json::Text("é".to_owned())));
        assert_eq!(json.get("c"), None);
    }

    #[test]
    fn numbers_are_the_same_by_their_value() {
        let canonical = |text: &str| Json::parse(text.as_bytes()).unwrap().canonical();
        for same in [
            &["100", "1e2", "1E+2", "100.0", "10.00e1", "1000e-1", "0.1e3"][..],
            &["0", "-0", "0.00", "0e9", "0e99999999999999999999"],
            &["-1.5", "-1.50", "-15e-1", "-0.15e1"],
            &["0.001", "1e-3", "0.0010"],
            &["12345678901234567890123456789", "12345678901234567890123456789.0"],
        ] {
            for text in same {
                assert_eq!(canonical(text), canonical(same[0]), "{text}");
            }
        }
        let different = [
            "1",
            "-1",
            "10",
            "0.1",
            "11",
            "101",
            "1.01",
            "0",
            "1e19",
            "1e99999999999999999999",
            "2e99999999999999999999",
        ];
        for (place, one) in different.iter().enumerate() {
            for other in &different[place + 1..] {
                assert_ne!(canonical(one), canonical(other), "{one} {other}");
            }
        }
        // What is given back is what was written.
        assert_eq!(Json::parse(b"[1e2,1.50]").unwrap().compact(), "[1e2,1.50]");
        // A text that looks like a number is none.
        assert_ne!(canonical(r#""100""#), canonical("100"));
        assert_ne!(canonical(r#""100""#), canonical(r#""1e2""#));
    }

    #[test]
    fn a_name_that_looks_like_a_library_s_own_is_a_name() {
        let text = r#"{"$serde_json::private::Number":"1","$serde_json::private::RawValue":"2"}"#;
        assert_eq!(Json::parse(text.as_bytes()).unwrap().compact(), text);
    }

    #[test]
    fn what_two_readers_could_understand_in_two_ways_is_refused() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"c":2,"\u0061":3}}]"#] {
            assert_eq!(refused(text), JsonError::DuplicateName, "{text}");
        }
        for text in [r#"["\ud800"]"#, r#"{"\udc00":1}"#, r#""\ud800x""#] {
            assert_eq!(refused(text), JsonError::Surrogate, "{text}");
        }
        for text in [r#"["a\u0000"]"#, r#"{"\u0000":1}"#] {
            assert_eq!(refused(text), JsonError::Nul, "{text}");
        }
        assert_eq!(Json::parse(b"\"\xff\""), Err(JsonError::NotUtf8));
    }

    #[test]
    fn what_is_not_json_is_refused_where_it_stops_to_be() {
        for text in
            ["", " ", "{", "{} x", "{}{}", "[1,]", "{'a':1}", "nul", "NaN", "01", "\"a\nb\"", "\u{feff}{}"]
        {
            assert!(matches!(refused(text), JsonError::Malformed { .. }), "{text}");
        }
        assert_eq!(refused("{\n \"a\": x}"), JsonError::Malformed { line: 2, column: 7 });
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(Json::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(refused(&nested(MAX_DEPTH + 1)), JsonError::TooDeep);
        assert_eq!(refused(&nested(30_000)), JsonError::TooDeep);
        assert_eq!(refused(&format!("{}1{}", "{\"a\":".repeat(40), "}".repeat(40))), JsonError::TooDeep);
    }

    fn json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::Bool),
            any::<i64>().prop_map(|number| Json::Number(number.to_string())),
            "[^\0]{0,8}".prop_map(Json::Text),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Json::List),
                prop::collection::btree_map("[^\0]{0,4}", inner, 0..6)
                    .prop_map(|members| Json::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn text_and_value_are_one_to_one(json in json()) {
            prop_assert_eq!(Json::parse(json.compact().as_bytes()), Ok(json.clone()));
            let canonical = json.canonical();
            prop_assert_eq!(Json::parse(canonical.as_bytes()).map(|json| json.canonical()), Ok(canonical));
        }

        #[test]
        fn no_bytes_break_the_reader(bytes: Vec<u8>) {
            let _ = Json::parse(&bytes);
        }
    }
}

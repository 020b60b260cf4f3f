//! Which transaction or invoice is asked for.

use utoipa::ToSchema;

use super::{
    fields::{Fields, Problem},
    sentence::Rule,
};
use crate::{
    alphapo::errors::{ApiError, Code},
    http::{json::Json, query},
};

/// What is asked for: exactly one of them.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes; see Wanted::read")]
pub(crate) struct InfoBody {
    /// The number of an invoice, a deposit, or a transaction of either.
    #[schema(examples(826_900))]
    id: Option<u32>,
    /// The merchant's own id of an invoice.
    #[schema(examples("order-a1001"))]
    foreign_id: Option<String>,
    /// The hash of a transaction, as its chain writes it.
    txid: Option<String>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Something with this number.
    Id(u32),
    /// The invoice with this id of the merchant's own.
    ForeignId(String),
    /// What a transaction paid.
    Transaction(String),
}

/// The longest name of anything here, in characters.
const MAX_NAME: usize = 255;

/// The ways to ask, as the answer to none of them names them.
const OTHERS: &str = "foreign id / txid";

impl Wanted {
    /// Reads the body, and the query, in which older clients ask.
    ///
    /// # Errors
    /// A sentence where nothing is asked for, or in a wrong form; [`Code::NotFound`] where more than one thing is.
    pub(crate) fn read(body: &Json, query: &str) -> Result<Self, ApiError> {
        let asked = Json::Object(
            query::parse(query)
                .into_iter()
                .filter_map(|(name, value)| Some((name, Json::Text(value?))))
                .collect(),
        );
        let sources =
            [Fields::of(body).ok_or(Code::BadContentFormat)?, Fields::of(&asked).ok_or(Code::NotFound)?];
        let mut wanted = Vec::new();
        for fields in sources {
            wanted.extend(id(fields)?.map(Self::Id));
            wanted.extend(fields.name("foreign_id", MAX_NAME)?.map(Self::ForeignId));
            wanted.extend(fields.name("txid", MAX_NAME)?.map(Self::Transaction));
        }
        let first = wanted.pop().ok_or_else(|| ApiError::of("id", &Rule::RequiredWithoutAll(OTHERS)))?;
        if wanted.iter().all(|other| *other == first) { Ok(first) } else { Err(Code::NotFound.into()) }
    }
}

fn id(fields: Fields<'_>) -> Result<Option<u32>, Problem> {
    let Some(number) = fields.number("id")? else { return Ok(None) };
    let whole = number.whole().ok_or_else(|| fields.problem("id", &Rule::Integer))?;
    // What no number of ours can be names nothing.
    Ok(Some(u32::try_from(whole).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, query: &str) -> Result<Wanted, String> {
        Wanted::read(&Json::parse(body.as_bytes()).unwrap(), query).map_err(|error| error.body())
    }

    #[test]
    fn one_thing_is_asked_for_in_the_body_or_in_the_query() {
        for (body, query, expected) in [
            (r#"{"id":7}"#, "", Wanted::Id(7)),
            (r#"{"id":"7"}"#, "", Wanted::Id(7)),
            ("null", "id=7", Wanted::Id(7)),
            (r#"{"id":7}"#, "id=7", Wanted::Id(7)),
            (r#"{"id":99999999999}"#, "", Wanted::Id(u32::MAX)),
            (r#"{"foreign_id":"a"}"#, "", Wanted::ForeignId("a".to_owned())),
            (r#"{"foreign_id":17}"#, "", Wanted::ForeignId("17".to_owned())),
            ("[]", "foreign_id=order%2F1", Wanted::ForeignId("order/1".to_owned())),
            (r#"{"txid":"ab","id":null}"#, "x=1", Wanted::Transaction("ab".to_owned())),
        ] {
            assert_eq!(read(body, query), Ok(expected), "{body} {query}");
        }
    }

    #[test]
    fn none_and_several_are_refused() {
        let none =
            r#"{"errors":{"id":"The id field is required when none of foreign id / txid are present."}}"#;
        for body in ["{}", "null", r#"{"id":""}"#] {
            assert_eq!(read(body, ""), Err(none.to_owned()));
        }
        let several = r#"{"error":"Not found","code":"not_found"}"#;
        for (body, query) in
            [(r#"{"id":1,"foreign_id":"a"}"#, ""), (r#"{"id":1}"#, "id=2"), (r#"{"id":1}"#, "txid=a")]
        {
            assert_eq!(read(body, query), Err(several.to_owned()), "{body} {query}");
        }
        for id in ["\"x\"", "1.5", "-1", "true"] {
            assert!(read(&format!(r#"{{"id":{id}}}"#), "").unwrap_err().contains("The id must be"), "{id}");
        }
    }
}

//! The answers in a body.

use serde::{Deserialize, de::DeserializeOwned};

use super::{Answer, Call};
use crate::RailError;

/// Characters of a node's words that are kept.
const MESSAGE_LENGTH: usize = 200;

/// Codes that mean "too often": EIP-1474's, and the HTTP status that hosted nodes use as one.
const RATE_CODES: [i64; 2] = [-32005, 429];

/// Codes that go-ethereum gives the calls of a list that were not run because the list took too long or returned too
/// much. They say nothing of the calls themselves.
const LIST_CODES: [i64; 2] = [-32002, -32003];

#[derive(Deserialize)]
struct Reply<T> {
    /// `null` where the node could not read the request.
    id: Option<usize>,
    #[serde(default = "Option::default")]
    result: Option<T>,
    error: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    code: i64,
    #[serde(default)]
    message: String,
}

/// The answers in `bytes`, in the order of `calls`. A node's own words go through `conceal`.
///
/// # Errors
/// [`RailError::Malformed`] where an answer is missing or not of its kind; [`RailError::RateLimited`] where any call
/// was one too many; [`RailError::Rpc`] where the list was refused as a whole.
pub(super) fn read<T: DeserializeOwned>(
    bytes: &[u8],
    calls: &[Call],
    conceal: impl Fn(&str) -> String,
) -> Result<Vec<Answer<T>>, RailError> {
    let method = calls.first().map_or("", |call| call.method);
    let malformed = |detail: &str| RailError::Malformed { method, detail: detail.to_owned() };
    let misread = |error: serde_json::Error| malformed(&place(&error));
    // Checked once as a whole, the text need not be checked again string by string.
    let text = str::from_utf8(bytes).map_err(|_| malformed("no UTF-8"))?;
    if text.trim_start().starts_with('{') {
        let reply: Reply<T> = serde_json::from_str(text).map_err(misread)?;
        let answer = judge(reply, method, &conceal)?;
        return match (calls, answer) {
            ([_], answer) => Ok(vec![answer]),
            (_, Err(refused)) => Err(refused),
            (_, Ok(_)) => Err(malformed("one answer to many calls")),
        };
    }
    let replies: Vec<Reply<T>> = serde_json::from_str(text).map_err(misread)?;
    let mut answers: Vec<Option<Answer<T>>> = Vec::with_capacity(calls.len());
    answers.resize_with(calls.len(), || None);
    for reply in replies {
        let unknown = || malformed("an answer to no call");
        let id = reply.id.ok_or_else(unknown)?;
        let (slot, call) = answers.get_mut(id).zip(calls.get(id)).ok_or_else(unknown)?;
        let answer = judge(reply, call.method, &conceal)?;
        match answer {
            Err(RailError::Rpc { code, .. }) if LIST_CODES.contains(&code) && calls.len() > 1 => {
                return answer.map(|_| Vec::new());
            }
            answer => *slot = Some(answer),
        }
    }
    let whole: Option<Vec<Answer<T>>> = answers.into_iter().collect();
    whole.ok_or_else(|| malformed("an answer is missing"))
}

/// What one reply says; an error where it says something of the node as a whole.
fn judge<T>(
    reply: Reply<T>,
    method: &'static str,
    conceal: impl Fn(&str) -> String,
) -> Result<Answer<T>, RailError> {
    match reply.error {
        None => Ok(Ok(reply.result)),
        Some(Fault { code, .. }) if RATE_CODES.contains(&code) => {
            Err(RailError::RateLimited { retry_after: None })
        }
        Some(Fault { code, message }) => {
            // Concealed before it is cut, so that half a secret cannot slip through.
            let message =
                conceal(&message).chars().take(MESSAGE_LENGTH).flat_map(char::escape_debug).collect();
            Ok(Err(RailError::Rpc { method, code, message }))
        }
    }
}

/// Where an answer stops making sense. What stands there is the node's, and is not repeated.
fn place(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Data => "unexpected content",
        serde_json::error::Category::Eof => "it breaks off",
        serde_json::error::Category::Io | serde_json::error::Category::Syntax => "no JSON",
    };
    format!("{what} at line {}, column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn calls(count: usize) -> Vec<Call> {
        let methods = ["eth_chainId", "eth_getBlockByNumber", "eth_getBlockReceipts"];
        methods.iter().cycle().take(count).map(|method| Call { method, params: Value::Null }).collect()
    }

    fn answers(body: &str, count: usize) -> Result<Vec<Answer<String>>, RailError> {
        read(body.as_bytes(), &calls(count), |message| message.replace("s3cr3t", "***"))
    }

    #[test]
    fn answers_come_in_the_order_of_their_calls() {
        let body = r#" [{"id":2,"result":"c"},
            {"jsonrpc":"2.0","id":0,"result":"a","more":[1]},{"id":1,"result":null}]"#;
        assert_eq!(answers(body, 3), Ok(vec![Ok(Some("a".into())), Ok(None), Ok(Some("c".into()))]));
    }

    #[test]
    fn a_lone_call_has_a_lone_answer() {
        assert_eq!(answers(r#"{"id":0,"result":"a","error":null}"#, 1), Ok(vec![Ok(Some("a".into()))]));
        assert_eq!(answers(r#"{"id":null}"#, 1), Ok(vec![Ok(None)]));
    }

    #[test]
    fn a_refused_call_is_an_answer() {
        let body =
            r#"[{"id":0,"result":"a"},{"id":1,"error":{"code":-32000,"message":"s3cr3t\nblock","data":{}}}]"#;
        let refused =
            RailError::Rpc { method: "eth_getBlockByNumber", code: -32000, message: "***\\nblock".into() };
        assert_eq!(answers(body, 2), Ok(vec![Ok(Some("a".into())), Err(refused)]));
    }

    #[test]
    fn long_words_are_cut() {
        let body = format!(r#"{{"id":0,"error":{{"code":1,"message":"{}"}}}}"#, "x".repeat(10_000));
        let refused = answers(&body, 1).unwrap().remove(0);
        let expected = RailError::Rpc { method: "eth_chainId", code: 1, message: "x".repeat(MESSAGE_LENGTH) };
        assert_eq!(refused, Err(expected));
    }

    #[test]
    fn a_list_may_be_refused_as_a_whole() {
        let whole = r#"{"id":null,"error":{"code":-32600,"message":"no lists"}}"#;
        let refused =
            |code, method, message: &str| Err(RailError::Rpc { method, code, message: message.into() });
        assert_eq!(answers(whole, 2), refused(-32600, "eth_chainId", "no lists"));
        let half = r#"[{"id":0,"result":"a"},{"id":1,"error":{"code":-32003,"message":"too large"}}]"#;
        assert_eq!(answers(half, 2), refused(-32003, "eth_getBlockByNumber", "too large"));
    }

    #[test]
    fn one_call_too_many_is_none_answered() {
        for code in RATE_CODES {
            let body =
                format!(r#"[{{"id":0,"result":"a"}},{{"id":1,"error":{{"code":{code},"message":"slow"}}}}]"#);
            assert_eq!(answers(&body, 2), Err(RailError::RateLimited { retry_after: None }));
        }
    }

    #[test]
    fn anything_else_is_not_understood() {
        for (body, detail) in [
            ("", "it breaks off at line 1, column 0"),
            ("<html>s3cr3t</html>", "no JSON at line 1, column 1"),
            ("{\"result\":\"a\"", "it breaks off at line 1, column 13"),
            ("{\"result\":\"a\"} x", "no JSON at line 1, column 16"),
            ("{\"result\":[1]}", "unexpected content at line 1, column 10"),
            ("{\"result\":\"a\"}", "one answer to many calls"),
            ("[]", "an answer is missing"),
            ("[{\"id\":0,\"result\":\"a\"}]", "an answer is missing"),
            ("[{\"id\":0,\"result\":\"a\"},{\"id\":0,\"result\":\"a\"}]", "an answer is missing"),
            ("[{\"id\":0,\"result\":\"a\"},{\"id\":2,\"result\":\"a\"}]", "an answer to no call"),
            ("[{\"id\":0,\"result\":\"a\"},{\"result\":\"a\"}]", "an answer to no call"),
            ("7", "unexpected content at line 1, column 1"),
        ] {
            let expected = RailError::Malformed { method: "eth_chainId", detail: detail.into() };
            assert_eq!(answers(body, 2), Err(expected), "{body}");
        }
        let bytes = read::<String>(b"{\"result\":\"\xff\"}", &calls(1), str::to_owned);
        assert_eq!(bytes, Err(RailError::Malformed { method: "eth_chainId", detail: "no UTF-8".into() }));
    }
}

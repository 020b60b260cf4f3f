use std::sync::{Arc, Mutex};

use super::*;

/// What `certain` makes of these outcomes, and how often it asked.
async fn asked(outcomes: Vec<Failure>) -> (Failure, usize) {
    let left = Arc::new(Mutex::new(outcomes));
    let count = left.lock().unwrap().len();
    let outcome = certain(async || Err(left.lock().unwrap().remove(0))).await;
    let asked = count - left.lock().unwrap().len();
    (outcome.unwrap_err(), asked)
}

#[tokio::test]
async fn what_is_unknown_is_asked_once_more() {
    let refused = Failure::Refused(Refusal::IdempotencyConflict);
    assert_eq!(asked(vec![Failure::Unknown, refused]).await, (refused, 2));
    assert_eq!(asked(vec![Failure::Unknown, Failure::Unknown, refused]).await, (Failure::Unknown, 2));
    assert_eq!(asked(vec![refused, refused]).await, (refused, 1));
}

#[test]
fn idempotency_keys_are_one_header_of_visible_characters() {
    let read = |values: &[&[u8]]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(value).unwrap());
        }
        idempotency_key(&headers).map_err(|error| error.code)
    };
    let longest = "k".repeat(MAX_KEY);
    for key in ["order-a1001", "!", "~", "a/b:c;d,e\"f", &longest] {
        assert_eq!(read(&[key.as_bytes()]), Ok(key.to_owned()));
    }
    assert_eq!(read(&[]), Err(Code::IdempotencyKeyRequired));
    for key in ["", "a b", "a\tb", &format!("{longest}k")] {
        assert_eq!(read(&[key.as_bytes()]), Err(Code::IdempotencyKeyInvalid), "{key}");
    }
    assert_eq!(read(&["é".as_bytes()]), Err(Code::IdempotencyKeyInvalid));
    assert_eq!(read(&[b"a", b"a"]), Err(Code::IdempotencyKeyInvalid));
}

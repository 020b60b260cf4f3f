//! The routes of dialects: with a key of one's own, or by a payment's token.

use dialects::alphapo;
use reqwest::{Body, Request, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    house::{Answer, House, Key, Shop, of},
    routes::Route,
    things::{INVOICE, NO_INVOICE, Payment, Things, altered},
};

/// The idempotency key of requests that make something: our shop has used it.
const KEY: &str = "thing-1";

/// Operations that are refused for everybody, once it is known who asks.
const REFUSED: &[(&str, &str)] =
    &[("alphapo", "exchangeFixed"), ("alphapo", "exchangeNow"), ("alphapo", "withdraw")];

/// Operations that name a thing in their body.
const NAMING: &[(&str, &str)] = &[("alphapo", "getTransaction")];

fn is_among(route: &Route, list: &[(&str, &str)]) -> bool {
    list.contains(&(route.document.as_str(), route.operation.as_str()))
}

/// What requests are about: a payment of each kind.
#[derive(Clone, Copy)]
struct About<'a> {
    payment: &'a Payment,
    invoice: &'a str,
}

impl<'a> About<'a> {
    const fn ours(things: &'a Things) -> Self {
        Self { payment: &things.payment, invoice: INVOICE }
    }
}

/// A request to a route.
fn request(house: &House, route: &Route, about: About<'_>) -> RequestBuilder {
    let path = route.path_to(|parameter| match parameter {
        "id" => about.payment.id.clone(),
        "token" => about.payment.token.clone(),
        other => panic!("say what stands for {other} in {}", route.operation),
    });
    let named = is_among(route, NAMING).then(|| json!({ "foreign_id": about.invoice }));
    let request = house.over_tcp(route.method.clone(), &path, named.as_ref().or(route.example.as_ref()));
    match route.document.as_str() {
        "alpha" => request.header("Idempotency-Key", KEY),
        "alphapo" if named.is_none() && route.example.is_none() => request.json(&json!({})),
        "alphapo" => request,
        other => panic!("say what a request in {other} needs besides its key"),
    }
}

/// The same with a key.
fn signed(request: RequestBuilder, route: &Route, key: &Key) -> RequestBuilder {
    match route.document.as_str() {
        "alpha" => request.bearer_auth(&key.text),
        "alphapo" => by_signature(request, key),
        other => panic!("say how a request in {other} carries its key"),
    }
}

/// The same, named by a key and signed with its secret; with the key itself where it has none.
pub(crate) fn by_signature(request: RequestBuilder, key: &Key) -> RequestBuilder {
    let built = request.try_clone().and_then(|request| request.build().ok());
    let body = built.as_ref().and_then(Request::body).and_then(Body::as_bytes).unwrap_or_default();
    let signature = alphapo::sign(key.secret.as_deref().unwrap_or(&key.text), body);
    request.header("X-Processing-Key", &key.text).header("X-Processing-Signature", signature)
}

/// Keys that are nearly this one.
fn nearly(key: &Key) -> Vec<Key> {
    let other_text = Key { text: altered(&key.text), secret: key.secret.clone() };
    let other_secret = key.secret.as_ref().map(|secret| Key { secret: Some(altered(secret)), ..key.clone() });
    [other_text].into_iter().chain(other_secret).collect()
}

/// The status with which a dialect turns somebody away.
fn turned_away(route: &Route) -> u16 {
    match route.document.as_str() {
        "alpha" => 401,
        "alphapo" => 403,
        other => panic!("say how {other} turns somebody away"),
    }
}

/// What an error says, without what is different each time.
fn told(answer: &Answer) -> Value {
    let body = answer.json();
    let error = &body["error"];
    if error.is_object() { json!([error["code"], error["message"]]) } else { body }
}

#[tokio::test]
async fn no_route_of_a_dialect_opens_without_a_key_of_its_own() {
    let house = House::open().await;
    let things = Things::make(&house).await;
    let before = house.state().await;
    let routes = Route::of_the_dialects();
    let guarded: Vec<&Route> = routes.iter().filter(|route| route.takes_key).collect();
    for route in &guarded {
        let dialect = &route.document;
        let ask = || request(&house, route, About::ours(&things));
        let mut tries = vec![ask(), signed(ask(), route, of(&house.foreign, dialect))];
        tries.extend(nearly(house.ours.key(dialect)).iter().map(|key| signed(ask(), route, key)));
        // Of dialects that are served as well.
        let others = house.ours.keys.iter().filter(|(name, _)| name != dialect);
        tries.extend(others.map(|(_, key)| signed(ask(), route, key)));
        for (number, request) in tries.into_iter().enumerate() {
            let answer = Answer::to(request).await;
            assert_eq!(
                answer.status,
                turned_away(route),
                "{dialect} {}, {number}: {answer:?}",
                route.operation
            );
            assert!(!answer.text.contains(&things.payment.id), "{answer:?}");
        }
    }
    assert_eq!(house.state().await, before);
    // With the right key each of them opens.
    for route in &guarded {
        let request = request(&house, route, About::ours(&things));
        let answer = Answer::to(signed(request, route, house.ours.key(&route.document))).await;
        let is_open = if is_among(route, REFUSED) { answer.status == 400 } else { answer.is_good() };
        assert!(is_open, "{}: {answer:?}", route.operation);
    }
}

#[tokio::test]
async fn what_another_shop_has_does_not_exist() {
    let house = House::open().await;
    let things = Things::make(&house).await;
    let before = house.state().await;
    let nobodys = Payment { id: altered(&things.payment.id), token: String::new() };
    let nothing = About { payment: &nobodys, invoice: NO_INVOICE };
    let routes = Route::of_the_dialects();
    for route in routes.iter().filter(|route| route.takes_key && !is_among(route, REFUSED)) {
        let ask = async |shop: &Shop, about: About<'_>| {
            let request = request(&house, route, about);
            Answer::to(signed(request, route, shop.key(&route.document))).await
        };
        let answer = ask(&house.other, About::ours(&things)).await;
        if route.path.contains("{id}") || is_among(route, NAMING) {
            let nothing = ask(&house.other, nothing).await;
            assert_eq!((answer.status, nothing.status), (404, 404), "{answer:?}");
            assert_eq!(told(&answer), told(&nothing));
        } else {
            // A list of its own, or something of its own under the same name.
            assert!(answer.is_good(), "{}: {answer:?}", route.operation);
            assert!(!answer.text.contains(&things.payment.id), "{answer:?}");
        }
    }
    assert_eq!(house.state().await, before);
}

#[tokio::test]
async fn what_a_token_opens_opens_by_that_token_alone() {
    let house = House::open().await;
    let things = Things::make(&house).await;
    let before = house.state().await;
    let routes = Route::of_the_dialects();
    for route in routes.iter().filter(|route| !route.takes_key && !route.is_idle()) {
        let ask = async |token: &str| {
            let payment = Payment { id: things.payment.id.clone(), token: token.to_owned() };
            Answer::to(request(&house, route, About { payment: &payment, invoice: INVOICE })).await
        };
        assert!(ask(&things.payment.token).await.is_good(), "{}", route.operation);
        for wrong in things.payment.wrong_tokens() {
            assert_eq!(ask(&wrong).await.status, 404, "{} by {wrong}", route.operation);
        }
    }
    assert_eq!(house.state().await, before);
}

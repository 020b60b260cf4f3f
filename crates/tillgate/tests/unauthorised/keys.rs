//! The routes of dialects: with a key of one's own, or by a payment's token.

use reqwest::RequestBuilder;

use crate::{
    house::{Answer, House, Shop, of},
    routes::Route,
    things::{Payment, Things, altered},
};

/// The idempotency key of requests that make something: our shop has used it.
const KEY: &str = "thing-1";

/// A request to a route, about one of our payments.
fn request(house: &House, route: &Route, payment: &Payment) -> RequestBuilder {
    let path = route.path_to(|parameter| match parameter {
        "id" => payment.id.clone(),
        "token" => payment.token.clone(),
        other => panic!("say what stands for {other} in {}", route.operation),
    });
    let request = house.over_tcp(route.method.clone(), &path, route.example.as_ref());
    match route.document.as_str() {
        "alpha" => request.header("Idempotency-Key", KEY),
        other => panic!("say what a request in {other} needs besides its key"),
    }
}

/// The same with a key.
fn signed(request: RequestBuilder, route: &Route, key: &str) -> RequestBuilder {
    match route.document.as_str() {
        "alpha" => request.bearer_auth(key),
        other => panic!("say how a request in {other} carries its key"),
    }
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
        let ask = || request(&house, route, &things.payment);
        let mut tries = vec![
            ask(),
            signed(ask(), route, &altered(house.ours.key(dialect))),
            signed(ask(), route, of(&house.foreign, dialect)),
        ];
        // Of dialects that are served as well.
        let others = house.ours.keys.iter().filter(|(name, _)| name != dialect);
        tries.extend(others.map(|(_, key)| signed(ask(), route, key)));
        for (number, request) in tries.into_iter().enumerate() {
            let answer = Answer::to(request).await;
            assert_eq!(answer.status, 401, "{dialect} {}, {number}: {answer:?}", route.operation);
            assert!(!answer.text.contains(&things.payment.id), "{answer:?}");
        }
    }
    assert_eq!(house.state().await, before);
    // With the right key each of them opens.
    for route in &guarded {
        let request = signed(request(&house, route, &things.payment), route, house.ours.key(&route.document));
        let answer = Answer::to(request).await;
        assert!(answer.is_good(), "{}: {answer:?}", route.operation);
    }
}

#[tokio::test]
async fn what_another_shop_has_does_not_exist() {
    let house = House::open().await;
    let things = Things::make(&house).await;
    let before = house.state().await;
    let nobodys = Payment { id: altered(&things.payment.id), token: String::new() };
    let routes = Route::of_the_dialects();
    for route in routes.iter().filter(|route| route.takes_key) {
        let ask = async |shop: &Shop, payment: &Payment| {
            let request = request(&house, route, payment);
            Answer::to(signed(request, route, shop.key(&route.document))).await
        };
        let answer = ask(&house.other, &things.payment).await;
        if route.path.contains("{id}") {
            let nothing = ask(&house.other, &nobodys).await;
            assert_eq!((answer.status, nothing.status), (404, 404), "{answer:?}");
            let told = |answer: &Answer| {
                let error = &answer.json()["error"];
                (error["code"].clone(), error["message"].clone())
            };
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
    for route in routes.iter().filter(|route| !route.takes_key) {
        let ask = async |token: &str| {
            let payment = Payment { id: things.payment.id.clone(), token: token.to_owned() };
            Answer::to(request(&house, route, &payment)).await
        };
        assert!(ask(&things.payment.token).await.is_good(), "{}", route.operation);
        for wrong in things.payment.wrong_tokens() {
            assert_eq!(ask(&wrong).await.status, 404, "{} by {wrong}", route.operation);
        }
    }
    assert_eq!(house.state().await, before);
}

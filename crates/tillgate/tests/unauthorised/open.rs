//! What anybody may ask.

use reqwest::Method;

use crate::{
    house::{Answer, House},
    routes::Route,
    ways::{Way, all},
};

#[tokio::test]
async fn what_anybody_may_ask_says_nothing_but_whether_it_works() {
    let house = House::open().await;
    let before = house.state().await;
    for way in all() {
        let Way::Anybody(path) = way else { continue };
        let answer = Answer::to(house.over_tcp(Method::GET, path, None)).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"status":"ready"}"#), "{path}");
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(Answer::to(house.over_tcp(method, path, None)).await.status, 405, "{path}");
        }
    }
    for route in Route::of_the_dialects().iter().filter(|route| route.is_idle()) {
        let answer = Answer::to(house.over_tcp(route.method.clone(), &route.path, None)).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "OK"), "{}", route.operation);
    }
    assert_eq!(house.state().await, before);
}

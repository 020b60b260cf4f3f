//! The buyer's pages: by the payment's token alone, and only what they send themselves changes anything.

use reqwest::{Method, RequestBuilder};

use crate::{
    house::{Answer, House},
    ways::{Way, all},
};

/// What tells a browser's request from one of our own pages, and such that are none.
const OWN: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];
const FOREIGN: [&[(&str, &str)]; 4] =
    [&[], &[("origin", "https://evil.example")], &[("origin", "null")], &[("sec-fetch-site", "cross-site")]];

/// Pages that act only once a method was chosen.
const AFTER_A_CHOICE: [&str; 2] = ["/quote", "/simulate"];

/// What the page sends.
fn form(page: &str, version: u32) -> String {
    match page {
        "/method" => format!("network=ethereum&asset=ETH&version={version}"),
        "/start" => format!("way=ethereum%2FETH&version={version}"),
        "/quote" | "/cancel" => format!("version={version}"),
        "/simulate" => "act=exactly&final=yes".to_owned(),
        other => panic!("say what {other} is sent"),
    }
}

fn request(house: &House, page: &str, token: &str, version: u32, headers: &[(&str, &str)]) -> RequestBuilder {
    let path = format!("/pay/{token}{page}");
    if page.is_empty() {
        return house.over_tcp(Method::GET, &path, None);
    }
    let request = house.over_tcp(Method::POST, &path, None).body(form(page, version));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

/// The version of a payment that its page shows now.
async fn version(house: &House, token: &str) -> u32 {
    let page = Answer::to(request(house, "", token, 0, OWN)).await;
    let (_, rest) = page.text.split_once("name=\"version\" value=\"").unwrap_or_else(|| panic!("{page:?}"));
    rest.split('"').next().and_then(|number| number.parse().ok()).expect("a version")
}

#[tokio::test]
async fn a_checkout_opens_by_its_token_alone_and_takes_only_what_its_own_pages_send() {
    let house = House::open().await;
    for way in all() {
        let Way::Page(page) = way else { continue };
        let payment = house.order(&format!("page{}", page.replace('/', "-"))).await;
        let token = &payment.token;
        if AFTER_A_CHOICE.contains(&page) {
            let chosen = request(&house, "/method", token, version(&house, token).await, OWN);
            assert_eq!(Answer::to(chosen).await.status, 303);
        }
        let now = version(&house, token).await;
        let before = house.state().await;
        for wrong in payment.wrong_tokens() {
            let answer = Answer::to(request(&house, page, &wrong, now, OWN)).await;
            assert_eq!(answer.status, 404, "{page} of {wrong}: {answer:?}");
        }
        for headers in FOREIGN.iter().filter(|_| !page.is_empty()) {
            let answer = Answer::to(request(&house, page, token, now, headers)).await;
            assert_eq!(answer.status, 403, "{page} with {headers:?}: {answer:?}");
        }
        assert_eq!(house.state().await, before, "{page}");
        // With the token, and from the page, it is done: nothing is asked but that.
        let answer = Answer::to(request(&house, page, token, now, OWN)).await;
        if page.is_empty() {
            assert_eq!(answer.status, 200, "{answer:?}");
        } else {
            let back = (answer.status, answer.location.as_deref().map(|to| to.contains('?')));
            assert_eq!(back, (303, Some(false)), "{page}: {answer:?}");
        }
    }
}

//! What every answer has, whatever it says.

use crate::{
    till::{STATES, Till},
    visit::Answer,
};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};

const HOME: &str = "https://coffee.example";

/// The headers of an answer that is a page, or leads to one.
fn assert_guarded(answer: &Answer) {
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("x-robots-tag", "noindex, nofollow"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value);
    }
    assert!(answer.header("permissions-policy").contains("clipboard-write=(self)"));
    assert!(answer.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn every_page_is_guarded_and_asks_nobody_else_for_anything() {
    for state in STATES {
        let till = Till::new(HOME).await;
        till.reach(state).await;
        let page = till.get(&till.path()).await;
        assert_guarded(&page);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        for forbidden in [" style=", " onclick=", " onload=", "<style", "javascript:", "<iframe", "<img"] {
            assert!(!page.body.contains(forbidden), "{forbidden} in {state}");
        }
        // Whatever is loaded or sent goes to a path of ours; only links lead elsewhere.
        for attribute in ["src=\"", "action=\"", "data-look=\""] {
            for (_, value) in split_all(&page.body, attribute) {
                assert!(value.starts_with('/') && !value.starts_with("//"), "{attribute}{value}");
            }
        }
    }
}

fn split_all<'a>(body: &'a str, attribute: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    body.match_indices(attribute).map(move |(at, _)| {
        let rest = &body[at + attribute.len()..];
        (attribute, rest.split('"').next().unwrap_or_default())
    })
}

#[tokio::test]
async fn what_is_no_page_is_answered_with_one() {
    let till = Till::new(HOME).await;
    let path = till.path();
    let other = "A".repeat(22);
    for (method, path, status, heading) in [
        (Method::GET, "/pay".to_owned(), StatusCode::NOT_FOUND, "There is no payment here"),
        (Method::GET, "/pay/".to_owned(), StatusCode::NOT_FOUND, "There is no payment here"),
        (Method::GET, "/pay/nothing".to_owned(), StatusCode::NOT_FOUND, "There is no payment here"),
        (Method::GET, "/pay/%ff%fe".to_owned(), StatusCode::NOT_FOUND, "There is no payment here"),
        (Method::GET, format!("/pay/{other}"), StatusCode::NOT_FOUND, "There is no payment here"),
        (Method::GET, format!("/pay/chk_{other}"), StatusCode::NOT_FOUND, "There is no payment here"),
        (Method::GET, format!("{path}/"), StatusCode::NOT_FOUND, "There is no payment here"),
        (Method::GET, format!("{path}/other"), StatusCode::NOT_FOUND, "There is no payment here"),
        (
            Method::GET,
            format!("{path}/cancel"),
            StatusCode::METHOD_NOT_ALLOWED,
            "This cannot be opened like that",
        ),
        (Method::POST, path.clone(), StatusCode::METHOD_NOT_ALLOWED, "This cannot be opened like that"),
        (Method::DELETE, path.clone(), StatusCode::METHOD_NOT_ALLOWED, "This cannot be opened like that"),
        (Method::POST, format!("/pay/{other}/cancel"), StatusCode::NOT_FOUND, "There is no payment here"),
        (Method::POST, "/pay/%ff/cancel".to_owned(), StatusCode::NOT_FOUND, "There is no payment here"),
    ] {
        let request = Request::builder().method(&method).uri(&path).header("sec-fetch-site", "same-origin");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = till.ask(request.body(Body::from("version=1")).unwrap()).await;
        assert_eq!((answer.status, answer.heading()), (status, heading), "{method} {path}");
        assert_guarded(&answer);
        assert_eq!(
            answer.headers.contains_key("allow"),
            status == StatusCode::METHOD_NOT_ALLOWED,
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn the_way_back_from_an_act_is_guarded_and_says_nothing_that_was_sent() {
    let till = Till::new(HOME).await;
    let answer =
        till.post(&format!("{}/method", till.path()), "network=%3Cx%3E&asset=%0d%0aEvil&version=1").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_guarded(&answer);
    assert_eq!(answer.header("location"), format!("{}?note=method", till.path()));
    let page = till.get(&format!("{}?note=%3Cb%3Ehello", till.path())).await;
    assert_eq!(page.note(), "", "an address says only what we know to say");
}

#[tokio::test]
async fn a_cold_visit_stays_small() {
    let till = Till::new(HOME).await;
    till.reach("pay").await;
    let page = till.get(&till.path()).await;
    let mut total = page.body.len();
    for path in [web::assets::stylesheet_path(), web::assets::script_path(), web::assets::icon_path()] {
        assert!(page.body.contains(path));
        total += till.get(path).await.body.len();
    }
    assert!(total < 60_000, "{total} bytes");
}

#[tokio::test]
async fn pages_below_a_path_lead_there() {
    let till = Till::new(HOME).await;
    let pages = till.pages("https://shop.example/till");
    let request = Request::get(till.path()).body(Body::empty()).unwrap();
    let answer = tower::ServiceExt::oneshot(pages, request).await.unwrap();
    let body = axum::body::to_bytes(answer.into_body(), 1_000_000).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    for attribute in ["src=\"", "action=\"", "data-look=\""] {
        for (_, value) in split_all(&body, attribute) {
            assert!(value.starts_with("/till/"), "{attribute}{value}");
        }
    }
}

#[tokio::test]
async fn a_page_is_shown_where_a_dialect_has_its_own_too() {
    let till = Till::new(HOME).await;
    let token = till.gateway.engine.token(till.payment);
    let own = till.get(&format!("/pay/{token}")).await;
    // Plugins send buyers by a form, with a query that is empty.
    for path in [format!("/bill/{token}"), format!("/bill/{token}?")] {
        let further = till.get(&path).await;
        assert_guarded(&further);
        assert_eq!((further.status, &further.body), (StatusCode::OK, &own.body));
    }
    assert!(own.body.contains(&format!("action=\"/pay/{token}/")), "{}", own.body);
    for path in ["/bill", "/bill/", "/bill/short", &format!("/bill/{token}/method")] {
        let answer = till.get(path).await;
        assert_guarded(&answer);
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let posted = till.post(&format!("/bill/{token}"), "").await;
    assert_guarded(&posted);
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
}

//! What a buyer may do, what is refused, and what is said then.

use crate::{
    till::{SETUP, Till},
    visit::Answer,
};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::{payment::Status, time::Span};

const HOME: &str = "https://coffee.example";
const ETHER: &str = "network=ethereum&asset=ETH&";

#[tokio::test]
async fn a_method_is_chosen_changed_and_its_amount_renewed() {
    let till = Till::new(HOME).await;
    let page = till.act("method", ETHER).await;
    assert_eq!((page.state(), page.note()), ("pay", ""));
    let page = till.act("method", "network=bitcoin&asset=BTC&").await;
    assert_eq!(page.heading(), "Send 0.00041667 BTC on Bitcoin");
    till.gateway.advance(Span::minutes(16)).await;
    assert_eq!(till.get(&till.path()).await.state(), "requote");
    let page = till.act("quote", "").await;
    assert_eq!((page.state(), page.note()), ("pay", ""));
}

#[tokio::test]
async fn a_payment_is_cancelled_and_takes_nothing_more() {
    let till = Till::new(HOME).await;
    assert_eq!(till.act("cancel", "").await.state(), "cancelled");
    assert_eq!(till.gateway.read(till.payment).await.state.status, Status::Cancelled);
    let page = till.act("method", ETHER).await;
    assert_eq!(
        (page.state(), page.note()),
        ("cancelled", "That was not done: this payment takes no more money.")
    );
}

#[tokio::test]
async fn what_was_sent_twice_is_done_once() {
    let till = Till::new(HOME).await;
    let (path, version) = (till.path(), till.gateway.read(till.payment).await.version);
    for _ in 0..2 {
        let answer = till.post(&format!("{path}/method"), &format!("{ETHER}version={version}")).await;
        let page = till.follow(&answer).await;
        assert_eq!(
            (page.state(), page.note()),
            ("pay", ""),
            "the second click finds what the first one wanted"
        );
    }
    let version = till.gateway.read(till.payment).await.version;
    for _ in 0..2 {
        let page =
            till.follow(&till.post(&format!("{path}/cancel"), &format!("version={version}")).await).await;
        assert_eq!((page.state(), page.note()), ("cancelled", ""));
    }
    let story = till.gateway.engine.payment_view(till.shop.id, till.payment).await.unwrap();
    assert_eq!(story.events.len(), 3, "created, method_chosen, cancelled: {:?}", story.events);
}

#[tokio::test]
async fn a_form_of_an_older_page_changes_nothing_and_says_so() {
    let till = Till::new(HOME).await;
    let old = till.gateway.read(till.payment).await.version;
    till.choose("ethereum", "ETH").await;
    for (act, fields) in [("method", "network=tron&asset=USDT&"), ("cancel", "")] {
        let answer = till.post(&format!("{}/{act}", till.path()), &format!("{fields}version={old}")).await;
        let page = till.follow(&answer).await;
        let said = "This payment had changed in the meantime. This is how it stands now.";
        assert_eq!(
            (page.state(), page.note(), page.heading()),
            ("pay", said, "Send 0.00833334 ETH on Ethereum")
        );
    }
    // What it asks for is there only as long as it holds.
    till.gateway.advance(Span::minutes(16)).await;
    let answer = till.post(&format!("{}/method", till.path()), &format!("{ETHER}version={old}")).await;
    let page = till.follow(&answer).await;
    assert_eq!((page.state(), page.note().is_empty()), ("requote", false));
}

#[tokio::test]
async fn what_the_rules_forbid_leads_back_with_a_calm_word() {
    let till = Till::new(HOME).await;
    let page = till.act("quote", "").await;
    assert_eq!((page.state(), page.note().is_empty()), ("choose", false), "no method was chosen");
    for fields in
        ["network=nowhere&asset=ETH&", "network=ethereum&asset=DOGE&", "network=%3Cb%3E&asset=%3Cb%3E&"]
    {
        let page = till.act("method", fields).await;
        assert_eq!(
            page.note(),
            "That way to pay cannot be used right now. Please choose another.",
            "{fields}"
        );
    }
    till.choose("ethereum", "ETH").await;
    till.pay(Some("0.004")).await;
    let page = till.act("cancel", "").await;
    assert_eq!(
        (page.state(), page.note()),
        ("short", "That was not done: money has arrived for this payment. It is safe.")
    );
    till.pay(None).await;
    let page = till.act("method", "network=tron&asset=USDT&").await;
    assert_eq!((page.state(), page.note()), ("seen", "That was not needed: nothing is due any more."));
}

#[tokio::test]
async fn a_link_cannot_be_made_to_ask_for_ever() {
    let till = Till::new(HOME).await;
    for number in 0..engine::checkout::MAX_CHOICES {
        till.choose("ethereum", if number % 2 == 0 { "ETH" } else { "USDT" }).await;
    }
    let before = till.gateway.read(till.payment).await;
    let page = till.act("method", ETHER).await;
    let said =
        "That was not done: this payment was asked for new amounts too often. Start again in the shop.";
    assert_eq!((page.state(), page.note()), ("pay", said));
    assert_eq!(till.gateway.read(till.payment).await, before);
}

/// A form to `act` with these headers, as a stranger's page might send it.
async fn send(till: &Till, act: &str, headers: &[(&str, &str)], form: &str) -> Answer {
    let mut request = Request::post(format!("{}/{act}", till.path()))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    till.ask(request.body(Body::from(form.to_owned())).expect(SETUP)).await
}

#[tokio::test]
async fn only_our_own_pages_may_act() {
    let till = Till::new(HOME).await;
    let version = till.gateway.read(till.payment).await.version;
    let form = format!("{ETHER}version={version}&act=exactly");
    for act in ["method", "quote", "cancel", "simulate"] {
        for headers in [
            &[][..],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://pay.example")],
            &[("sec-fetch-site", "same-site")],
        ] {
            let answer = send(&till, act, headers, &form).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{act} {headers:?}");
            assert_eq!(answer.heading(), "That was not done");
        }
    }
    assert_eq!(till.gateway.read(till.payment).await.version, version);
    let answer = send(&till, "method", &[("origin", "https://pay.example")], &form).await;
    assert_eq!(till.follow(&answer).await.state(), "pay", "a browser without fetch metadata");
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_answered_with_a_page() {
    let till = Till::new(HOME).await;
    let ours = [("sec-fetch-site", "same-origin")];
    let long = format!("{ETHER}version=1&filler={}", "x".repeat(5_000));
    for (form, status) in [
        ("", StatusCode::UNPROCESSABLE_ENTITY),
        ("network=ethereum&asset=ETH", StatusCode::UNPROCESSABLE_ENTITY),
        ("network=ethereum&asset=ETH&version=-1", StatusCode::UNPROCESSABLE_ENTITY),
        ("network=ethereum&asset=ETH&version=99999999999", StatusCode::UNPROCESSABLE_ENTITY),
        (&long, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let answer = send(&till, "method", &ours, form).await;
        assert_eq!((answer.status, answer.heading()), (status, "That was not understood"), "{form:.80}");
    }
    let json = Request::post(format!("{}/method", till.path()))
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/json");
    let answer = till.ask(json.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(till.get(&till.path()).await.state(), "choose");
}

#[tokio::test]
async fn while_addresses_are_made_the_page_asks_for_a_moment() {
    let till = Till::new(HOME).await;
    // Each payment takes an address of the shop's pool, and nobody fills it up.
    let mut answer = None;
    for _ in 0..1_000 {
        let next = till.another().await;
        let form = format!("{ETHER}version=1");
        let got = till.post(&format!("{next}/method"), &form).await;
        if got.status != StatusCode::SEE_OTHER {
            answer = Some(got);
            break;
        }
    }
    let answer = answer.expect("a pool has an end");
    assert_eq!((answer.status, answer.heading()), (StatusCode::SERVICE_UNAVAILABLE, "One moment, please"));
    assert_eq!(answer.header("retry-after"), "1");
    assert!(answer.body.contains("Your money is safe"), "{}", answer.body);
    assert!(answer.body.contains("http-equiv=\"refresh\""), "it tries again by itself");
}

#[tokio::test]
async fn the_simulator_does_what_its_buttons_say() {
    let till = Till::new(HOME).await;
    let page = till.act("simulate", "act=exactly&").await;
    assert_eq!((page.state(), page.note()), ("choose", "That could not be done. Nothing was changed."));
    till.choose("ethereum", "ETH").await;
    assert!(till.get(&till.path()).await.body.contains("value=\"exactly\">Pay exactly"));
    assert_eq!(till.act("simulate", "act=half&").await.heading(), "Send 0.00416667 ETH more");
    assert!(till.get(&till.path()).await.body.contains("value=\"rest\">Pay the rest"));
    assert_eq!(till.act("simulate", "act=rest&").await.state(), "seen");
    for state in ["seen", "seen", "paid"] {
        assert_eq!(till.act("simulate", "act=mine&").await.state(), state);
    }
    assert_eq!(till.act("simulate", "act=double&final=yes&").await.state(), "over");

    let final_at_once = Till::new(HOME).await;
    final_at_once.choose("tron", "USDT").await;
    assert_eq!(final_at_once.act("simulate", "act=exactly&final=yes&").await.state(), "paid");

    for (act, state) in [("exactly", "paid"), ("decline", "failed")] {
        let card = Till::new(HOME).await;
        card.choose("card", "USD").await;
        assert_eq!(card.act("simulate", &format!("act={act}&")).await.state(), state);
    }
    let unknown = send(&till, "simulate", &[("sec-fetch-site", "same-origin")], "act=steal").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
}

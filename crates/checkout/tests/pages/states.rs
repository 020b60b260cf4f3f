//! Every state, reached through the engine, and what its page says.

use crate::till::{SECRETS, STATES, Till};
use axum::{body::Body, http::Request};
use domain::{chain::Network, merchant::Environment, time::Span};
use testkit::gateway::Gateway;

const HOME: &str = "https://coffee.example";

/// What the page of a state says: its heading, and a sentence that matters.
fn words(state: &str) -> (&'static str, &'static str) {
    match state {
        "choose" => ("Choose how to pay", "You can pay within"),
        "pay" => ("Send 0.00833334 ETH on Ethereum", "This amount holds for"),
        "card" => ("Pay 25.00 USD by card", "approve or decline the card below"),
        "short" => ("Send 0.00433334 ETH more", "Send the rest on Ethereum to the same address."),
        "requote" => ("This amount has run out", "Get a new amount"),
        "blind" => ("We cannot see Ethereum right now", "The order will not expire until then."),
        "orphaned" => ("Waiting for your payment again", "Do not send it again unless"),
        "checking" => ("The time for this payment is over", "it is safe and still counts."),
        "seen" => ("Payment seen", "1 of 3 confirmations, about 24 seconds to go."),
        "paid" => ("Paid", "href=\"https://coffee.example/thanks?order=7&#38;x=y\""),
        "over" => ("Paid, with 4.99 USD too much", "It is not lost"),
        "expired" => ("This payment has expired", "Nothing arrived, and nothing was charged"),
        "cancelled" => ("This payment was cancelled", "href=\"https://coffee.example/basket\""),
        "failed" => ("The card was declined", "No money was taken."),
        "held" => ("Your money arrived, and the shop has to decide", "Safe and recorded: 0.004 ETH."),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_state_has_its_page() {
    for state in STATES {
        let till = Till::new(HOME).await;
        till.reach(state).await;
        let before = till.gateway.read(till.payment).await;
        let page = till.get(&till.path()).await;
        assert_eq!(page.status, 200);
        let (heading, sentence) = words(state);
        assert_eq!((page.state(), page.heading()), (state, heading));
        assert!(page.body.contains(sentence), "{state}: {sentence}\n{}", page.body);
        assert_eq!(till.gateway.read(till.payment).await, before, "looking at {state} changed it");
        tells_no_secret(&till, &page.body);
    }
}

fn tells_no_secret(till: &Till, body: &str) {
    let ids = [till.payment.base62(), till.payment.uuid().to_string(), till.shop.id.base62()];
    for secret in SECRETS.into_iter().chain(ids.iter().map(String::as_str)) {
        assert!(!body.contains(secret), "{secret} in\n{body}");
    }
}

#[tokio::test]
async fn a_head_is_the_same_without_the_body() {
    let till = Till::new(HOME).await;
    let page = till.get(&till.path()).await;
    let head = till.ask(Request::head(till.path()).body(Body::empty()).unwrap()).await;
    assert_eq!((head.status, head.body.as_str()), (page.status, ""));
    assert_eq!(head.header("content-length"), page.body.len().to_string());
    assert_eq!(head.header("content-type"), page.header("content-type"));
}

#[tokio::test]
async fn a_page_has_its_token_with_and_without_a_prefix() {
    let till = Till::new(HOME).await;
    let bare = till.path().replace("chk_", "");
    for path in [till.path(), bare] {
        let page = till.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(&format!("action=\"{path}/method\"")));
    }
}

#[tokio::test]
async fn money_that_is_mined_again_is_explained() {
    let till = Till::new(HOME).await;
    till.reach("seen").await;
    let ethereum = Network::parse("ethereum").unwrap();
    till.gateway.engine.reorganise(ethereum, 1, false).await.unwrap();
    till.gateway.settle().await;
    let page = till.get(&till.path()).await;
    assert_eq!(page.state(), "seen");
    assert!(page.body.contains("took back the block"), "{}", page.body);
    till.mine("ethereum", 1).await;
    let page = till.get(&till.path()).await;
    assert!(page.body.contains("1 of 3 confirmations") && !page.body.contains("took back the block"));
}

#[tokio::test]
async fn a_network_that_cannot_be_seen_says_so_while_money_is_on_its_way_and_delays_the_end() {
    let till = Till::new(HOME).await;
    till.reach("seen").await;
    let ethereum = Network::parse("ethereum").unwrap();
    till.gateway.engine.stall(ethereum, true).await.unwrap();
    let page = till.get(&till.path()).await;
    assert_eq!(page.state(), "seen");
    assert!(page.body.contains("We cannot see Ethereum right now, so this takes longer."), "{}", page.body);
    assert!(!page.body.contains("to go."), "nobody knows how long it takes");

    let other = Till::new(HOME).await;
    other.reach("blind").await;
    other.gateway.advance(Span::hours(3)).await;
    assert_eq!(other.get(&other.path()).await.state(), "blind");
    other.gateway.engine.stall(ethereum, false).await.unwrap();
    other.gateway.settle().await;
    assert_eq!(other.get(&other.path()).await.state(), "expired");
}

#[tokio::test]
async fn money_after_the_end_is_held_and_its_page_says_why() {
    for (end, why) in [
        ("expired", "Money came after this payment had expired."),
        ("cancelled", "This payment had been cancelled."),
    ] {
        let till = Till::new(HOME).await;
        till.choose("ethereum", "ETH").await;
        match end {
            "expired" => till.gateway.advance(Span::minutes(31)).await,
            _ => till.cancel().await,
        }
        assert_eq!(till.get(&till.path()).await.state(), end);
        till.pay(Some("0.00833334")).await;
        let page = till.get(&till.path()).await;
        assert_eq!(page.state(), "held");
        assert!(page.body.contains(why), "{}", page.body);
    }
}

#[tokio::test]
async fn a_network_that_cannot_be_seen_is_offered_with_the_reason_and_cannot_be_chosen() {
    let till = Till::new(HOME).await;
    till.gateway.engine.stall(Network::parse("bitcoin").unwrap(), true).await.unwrap();
    let page = till.get(&till.path()).await;
    assert_eq!(page.state(), "choose");
    let disabled =
        "disabled><span class=\"name\"><b>Bitcoin</b></span> <span class=\"why\">We cannot see Bitcoin";
    assert!(page.body.contains(disabled), "{}", page.body);
    let page = till.act("method", "network=bitcoin&asset=BTC&").await;
    assert_eq!(
        (page.state(), page.note()),
        ("choose", "That way to pay cannot be used right now. Please choose another.")
    );
}

#[tokio::test]
async fn where_money_is_real_there_is_no_word_of_a_simulator() {
    for state in STATES {
        let live = Gateway::start_in(Environment::Production, Vec::new()).await;
        let till = Till::at(live, HOME, "Corner Coffee", "Two coffees").await;
        till.reach(state).await;
        let page = till.get(&till.path()).await;
        assert_eq!(page.state(), state);
        let body = page.body.to_lowercase();
        for word in ["simulat", "sandbox", "test mode", "mine a block", "banner"] {
            assert!(!body.contains(word), "{word} in {state}\n{body}");
        }
        let act = till.post(&format!("{}/simulate", till.path()), "act=exactly").await;
        assert_eq!(act.status, 404, "{state}");
    }
    let staging = Gateway::start_in(Environment::Staging, Vec::new()).await;
    let till = Till::at(staging, HOME, "Corner Coffee", "Two coffees").await;
    assert!(till.get(&till.path()).await.body.contains("Staging. Nothing here is real"));
}

#[tokio::test]
async fn hostile_words_of_a_shop_are_words() {
    let hostile = "</title></main><script>alert(1)</script>\u{202e}\"'&";
    let till = Till::selling("javascript:alert(1)//", hostile, hostile).await;
    for state in ["choose", "cancelled"] {
        if state == "cancelled" {
            till.cancel().await;
        }
        let page = till.get(&till.path()).await;
        assert_eq!(page.state(), state);
        assert_eq!(page.body.matches("<script").count(), 1, "{}", page.body);
        assert!(page.body.contains("<script src=\"/assets/page-"));
        assert!(!page.body.contains('\u{202e}') && !page.body.contains("javascript:"), "{}", page.body);
    }
}

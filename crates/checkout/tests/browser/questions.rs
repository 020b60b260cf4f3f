//! What a buyer is asked before he is told where to pay.

use domain::{buyer::Questions, chain::Network};
use testkit::browser::{Browser, Scripts, Theme};

use crate::{NARROW, Visit, WINDOWS, look_at};

/// A buyer fills in what is asked, and what is missing is asked again.
async fn say_and_pay(scripts: Scripts) {
    let questions = Questions { email: true, sender: true };
    let visit = Visit::asking(Browser::start(scripts).await, questions).await;
    let browser = &visit.browser;
    browser.open(&visit.page).await;
    let shown = async |field: &str| {
        let script = format!("return document.querySelector('{field}').checkVisibility()");
        browser.run(&script).await == true
    };
    assert!(shown("#first_name").await && !shown("#company").await);
    browser.click("#way-ethereum-ETH").await;
    browser.click("#payer-company").await;
    assert!(!shown("#first_name").await && shown("#company").await);
    browser.fill("#company", "Ada & Co").await;
    if scripts == Scripts::On {
        // Something else on the page changes while he is at it.
        let bitcoin = Network::parse("bitcoin").expect("a network");
        visit.till.gateway.engine.stall(bitcoin, true).await.expect("a chain that stands still");
        browser.wait_for("#way-bitcoin-BTC:disabled").await;
        assert_eq!(browser.run("return document.getElementById('company').value").await, "Ada & Co");
        assert!(shown("#company").await && !shown("#first_name").await);
    }
    browser.follow("#go-on").await;
    assert_eq!(browser.text("#note").await, "Please fill in what is asked here first.");
    assert_eq!(browser.text("#country-wrong").await, "Three letters, please.");
    assert_eq!(browser.run("return document.activeElement.id").await, "country");
    assert_eq!(browser.count("#way-ethereum-ETH:checked").await, 1);
    assert_eq!(browser.count(".wrong").await, 1);
    browser.fill("#country", "gbr").await;
    browser.follow("#go-on").await;
    browser.wait_for("main[data-state=\"pay\"]").await;
    let complaints = browser.complaints().await;
    assert!(complaints.iter().all(|one| one.contains("422")), "{complaints:#?}");
    visit.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_says_who_he_is_and_pays() {
    say_and_pay(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_without_scripts_says_who_he_is_and_pays() {
    say_and_pay(Scripts::Off).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_can_be_read_by_everybody() {
    let mut browser = Browser::start(Scripts::On).await;
    let themes = [Theme::Light, Theme::Dark, Theme::Forced];
    for (name, sender) in [("ask", false), ("ask-who", true)] {
        let visit = Visit::asking(browser, Questions { email: true, sender }).await;
        visit.browser.open(&visit.page).await;
        look_at(&visit, name, &themes, &WINDOWS).await;
        browser = visit.browser;
    }
    let visit = Visit::asking(browser, Questions { email: true, sender: true }).await;
    visit.browser.open(&visit.page).await;
    visit.browser.click("#way-ethereum-ETH").await;
    visit.browser.follow("#go-on").await;
    look_at(&visit, "ask-again", &themes, &NARROW).await;
    let complaints = visit.browser.complaints().await;
    assert!(complaints.iter().all(|one| one.contains("422")), "{complaints:#?}");
    visit.browser.close().await;
}

//! The buyer's pages in a real browser, with its scripts on and off.

#[path = "browser/questions.rs"]
mod questions;
mod till;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{buyer::Questions, time::Span};
use testkit::browser::{Browser, Look, Scripts, Theme};
use till::{STATES, Till};
use tokio::net::TcpListener;

/// A browser at a payment's page, the gateway behind it, and the shop's own pages.
struct Visit {
    browser: Browser,
    till: Till,
    /// Where the payment's page is.
    page: String,
    /// The shop's own pages: another origin.
    home: String,
    /// Whether the server answers nothing but 503.
    is_away: Arc<AtomicBool>,
}

impl Visit {
    async fn start(scripts: Scripts) -> Self {
        Self::of(Browser::start(scripts).await, "Corner Coffee", "Two coffees and a cake").await
    }

    /// A payment of its own for a browser that is there.
    async fn of(browser: Browser, shop: &str, description: &str) -> Self {
        Self::at(browser, async |home| Till::selling(home, shop, description).await).await
    }

    /// A payment that asks its buyer something first.
    async fn asking(browser: Browser, questions: Questions) -> Self {
        Self::at(browser, async |home| Till::asking(home, questions).await).await
    }

    async fn at(browser: Browser, till: impl AsyncFnOnce(&str) -> Till) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("a port").port();
        let (base, home) = (format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}"));
        let till = till(&home).await;
        let is_away = Arc::new(AtomicBool::new(false));
        let pages = till.pages(&base).route("/thanks", get(|| async { "thanks" }));
        let pages = pages.route("/basket", get(|| async { "basket" }));
        // The shop's pages have no icon, and browsers ask for one.
        let pages = pages.route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }));
        let pages = with_absence(pages, Arc::clone(&is_away));
        tokio::spawn(async move { axum::serve(listener, pages).await });
        let page = format!("{base}{}", till.path());
        Self { browser, till, page, home, is_away }
    }

    /// Waits until the page shows this state: by itself where scripts are on, else after it is loaded again.
    async fn sees(&self, scripts: Scripts, state: &str) {
        if scripts == Scripts::Off {
            self.browser.reload().await;
        }
        self.browser.wait_for(&format!("main[data-state=\"{state}\"]")).await;
    }

    /// Unfolds a part of the page, and sends its form by this button.
    async fn unfold(&self, fold: &str, button: &str) {
        if self.browser.attribute(fold, "open").await.is_none() {
            self.browser.click(&format!("{fold} > summary")).await;
        }
        self.browser.follow(&format!("{fold} {button}")).await;
    }

    async fn simulate(&self, act: &str) {
        self.unfold("#simulator", &format!("button[value=\"{act}\"]")).await;
        self.till.gateway.settle().await;
    }

    async fn end(self) {
        let complaints = self.browser.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
        self.browser.close().await;
    }
}

fn with_absence(pages: Router, is_away: Arc<AtomicBool>) -> Router {
    let layer = move |request: Request, next: Next| {
        let is_away = Arc::clone(&is_away);
        async move {
            if is_away.load(Ordering::SeqCst) {
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
            let answer: Response = next.run(request).await;
            answer
        }
    };
    pages.layer(from_fn(layer))
}

/// From the choice of a method to the way back, as every buyer goes it.
async fn pay_and_go_back(scripts: Scripts) {
    let visit = Visit::start(scripts).await;
    let browser = &visit.browser;
    browser.open(&visit.page).await;
    assert_eq!(browser.title().await, "Choose how to pay · Corner Coffee");
    browser.click("input[value=\"ETH\"] ~ button").await;
    browser.wait_for("main[data-state=\"pay\"]").await;
    assert_eq!(browser.text("h1").await, "Send 0.00833334 ETH on Ethereum");
    let buttons = if scripts == Scripts::On { 2 } else { 0 };
    assert_eq!(
        browser.count(".copy:not([hidden])").await,
        buttons,
        "buttons that would do nothing are not there"
    );

    // With scripts the same document stays; a mark on its window is lost when it is loaded again.
    browser.run("window.stayed = true").await;
    visit.till.pay(None).await;
    visit.sees(scripts, "seen").await;
    assert_eq!(browser.title().await, "Payment seen · Corner Coffee");
    assert!(browser.text(".state").await.contains("0 of 3 confirmations, about 36 seconds to go."));
    let focused = browser.run("return document.activeElement.tagName").await;
    assert_eq!(focused == "H1", scripts == Scripts::On, "the focus moves to the heading: {focused}");
    visit.till.mine("ethereum", 1).await;
    browser.wait_for("progress[value=\"1\"]").await;
    visit.till.mine("ethereum", 2).await;
    visit.sees(scripts, "paid").await;
    let stayed = browser.run("return window.stayed === true").await;
    assert_eq!(stayed, scripts == Scripts::On);
    browser.click("#arrivals > summary").await;
    assert!(browser.text("#arrivals").await.contains("0.00833334 ETH on Ethereum: final."));
    browser.click(".way a").await;
    browser.wait_for("pre").await;
    assert_eq!(browser.address().await, format!("{}/thanks?order=7&x=y", visit.home));
    assert_eq!(browser.run("return document.referrer").await, "");
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_pays_and_goes_back() {
    pay_and_go_back(Scripts::On).await;
}

/// The page is loaded again by itself: nothing in this test does it between two confirmations.
#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_without_scripts_pays_and_goes_back() {
    pay_and_go_back(Scripts::Off).await;
}

/// What else may happen, each act done on the page.
async fn the_other_ends(scripts: Scripts) {
    let visit = Visit::start(scripts).await;
    visit.till.choose("ethereum", "ETH").await;
    visit.browser.open(&visit.page).await;
    visit.simulate("half").await;
    visit.sees(scripts, "short").await;
    assert_eq!(visit.browser.text("h1").await, "Send 0.00416667 ETH more");
    visit.simulate("rest").await;
    visit.sees(scripts, "seen").await;
    visit.till.mine("ethereum", 3).await;
    visit.sees(scripts, "paid").await;

    let visit = Visit::of(visit.browser, "Corner Coffee", "Tea").await;
    visit.till.choose("bitcoin", "BTC").await;
    visit.browser.open(&visit.page).await;
    visit.till.gateway.advance(Span::minutes(16)).await;
    visit.sees(scripts, "requote").await;
    visit.browser.click(".do .button").await;
    visit.browser.wait_for("main[data-state=\"pay\"]").await;
    visit.till.gateway.advance(Span::minutes(15)).await;
    visit.sees(scripts, "expired").await;
    visit.browser.click(".way a").await;
    visit.browser.wait_for("pre").await;
    assert_eq!(visit.browser.address().await, format!("{}/basket", visit.home));

    let visit = Visit::of(visit.browser, "Corner Coffee", "Milk").await;
    visit.browser.open(&visit.page).await;
    visit.unfold("#cancel", "button").await;
    visit.browser.wait_for("main[data-state=\"cancelled\"]").await;

    let visit = Visit::of(visit.browser, "Corner Coffee", "Bread").await;
    visit.browser.open(&visit.page).await;
    visit.browser.click("input[value=\"card\"] ~ button").await;
    visit.browser.wait_for("main[data-state=\"card\"]").await;
    visit.simulate("decline").await;
    visit.sees(scripts, "failed").await;
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_short_expires_is_cancelled_and_declined() {
    the_other_ends(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_a_payment_is_short_expires_is_cancelled_and_declined() {
    the_other_ends(Scripts::Off).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_copied_and_it_is_said() {
    let visit = Visit::start(Scripts::On).await;
    let browser = &visit.browser;
    visit.till.choose("ethereum", "ETH").await;
    browser.open(&visit.page).await;
    let address = browser.attribute("[data-from=\"address\"]", "data-copy").await.expect("an address");
    // Where a browser keeps the clipboard from the page, what is marked is copied.
    let mark = "const range = document.createRange(); const all = getSelection(); \
                range.selectNodeContents(document.getElementById('address')); all.removeAllRanges(); \
                all.addRange(range); return all.toString()";
    assert_eq!(browser.run(mark).await, address);
    for (button, said) in [("amount", "Amount copied"), ("address", "Address copied")] {
        browser.click(&format!("[data-from=\"{button}\"]")).await;
        browser.wait_for("#said:not(:empty)").await;
        assert_eq!(browser.run("return document.getElementById('said').textContent").await, said);
        assert_eq!(browser.text(&format!("[data-from=\"{button}\"]")).await, "Copied");
        browser.wait_for("#said:empty").await;
    }
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_stays_and_says_so_while_the_server_is_away() {
    let visit = Visit::start(Scripts::On).await;
    let browser = &visit.browser;
    visit.till.choose("ethereum", "ETH").await;
    browser.open(&visit.page).await;
    browser.click("#facts > summary").await;
    browser.run("document.querySelector('main').stayed = true").await;
    visit.is_away.store(true, Ordering::SeqCst);
    browser.wait_for("#note:not(:empty)").await;
    assert!(browser.text("#note").await.contains("Your money is safe."));
    assert_eq!(browser.text("h1").await, "Send 0.00833334 ETH on Ethereum");
    visit.is_away.store(false, Ordering::SeqCst);
    visit.till.gateway.advance(Span::minutes(5)).await;
    browser.wait_for("#note:empty").await;
    assert!(browser.text(".state").await.contains("This amount holds for 10 minutes."), "time is kept right");
    let stayed = browser.run("return document.querySelector('main').stayed === true").await;
    assert_eq!(stayed, true, "nothing was replaced: nothing has happened");
    visit.till.gateway.advance(Span::minutes(9)).await;
    browser.wait_for(".soon").await;
    assert_eq!(browser.count("#facts[open]").await, 1, "what was unfolded stays so");
    assert!(!browser.complaints().await.is_empty(), "a browser complains of an answer that is none");
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_focus_stays_and_so_does_what_was_ticked_while_blocks_come() {
    let visit = Visit::start(Scripts::On).await;
    let browser = &visit.browser;
    visit.till.reach("seen").await;
    browser.open(&visit.page).await;
    browser.click("#simulator > summary").await;
    browser.click("#simulate-final").await;
    browser.click("#arrivals > summary").await;
    visit.till.mine("ethereum", 1).await;
    browser.wait_for("progress[value=\"2\"]").await;
    assert_eq!(browser.run("return document.activeElement.id").await, "arrivals-summary");
    assert_eq!(browser.count("#arrivals[open]").await, 1);
    assert_eq!(browser.count("#simulate-final:checked").await, 1);
    visit.end().await;
}

/// A phone, a tablet, a desk.
const WINDOWS: [(u32, u32); 3] = [(320, 640), (768, 1024), (1280, 800)];

/// The narrowest window that a page must fit.
const NARROW: [(u32, u32); 1] = [(320, 640)];

/// Where the pictures go.
fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("checkout");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Looks at the page in these themes and windows: nothing sticks out, and axe-core finds nothing.
async fn look_at(visit: &Visit, name: &str, themes: &[Theme], windows: &[(u32, u32)]) {
    let browser = &visit.browser;
    for &theme in themes {
        for &(width, height) in windows {
            let look = Look { width, height, theme };
            browser.picture(look, &pictures().join(format!("{name}-{width}-{theme}.png"))).await;
            let root = "document.documentElement";
            let reach = browser.run(&format!("return {root}.scrollWidth - {root}.clientWidth")).await;
            assert_eq!(reach, 0, "{name} at {width} px is too wide");
        }
        let found = browser.accessibility().await;
        assert!(found.is_empty(), "{name}, {theme}: {found:#?}");
    }
}

const UNFOLD: &str = "for (const fold of document.querySelectorAll('details')) fold.open = true";

/// Looks at every state, folded in all windows, and unfolded in the narrowest.
async fn look_at_states(themes: &[Theme], windows: &[(u32, u32)]) -> Browser {
    let mut browser = Browser::start(Scripts::On).await;
    for state in STATES {
        let visit = Visit::of(browser, "Corner Coffee", "Two coffees and a cake").await;
        visit.till.reach(state).await;
        visit.browser.open(&visit.page).await;
        assert_eq!(visit.browser.attribute("main", "data-state").await.as_deref(), Some(state));
        look_at(&visit, state, themes, windows).await;
        visit.browser.run(UNFOLD).await;
        look_at(&visit, &format!("{state}-unfolded"), themes, &NARROW).await;
        browser = visit.browser;
    }
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_can_be_seen_by_everybody() {
    let themes = [Theme::Light, Theme::Dark];
    let browser = look_at_states(&themes, &WINDOWS).await;
    let long = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);
    let visit = Visit::of(browser, &long[..100], &format!("\u{202e}<b>{long}</b>")).await;
    for state in ["choose", "cancelled"] {
        visit.till.reach(state).await;
        visit.browser.open(&visit.page).await;
        look_at(&visit, &format!("{state}-hostile"), &themes, &NARROW).await;
    }
    visit.browser.open(&format!("{}x", visit.page)).await;
    look_at(&visit, "nothing", &themes, &WINDOWS).await;
    let complaints = visit.browser.complaints().await;
    assert!(complaints.iter().all(|one| one.contains("404 (Not Found)")), "{complaints:#?}");
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_can_be_seen_in_the_reader_s_own_colours() {
    let browser = look_at_states(&[Theme::Forced], &NARROW).await;
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

//! The buyer's pages: `/pay/{token}`, where a dialect shows them besides, and what a buyer may do there.
//!
//! Every page is complete without a script. What is shown follows from one view of the payment (`stage`), and each
//! stage has a template of its own in `templates/`, where all of its words stand. Looking changes nothing; what changes
//! something is a form to `/pay/{token}/…`, sent by our own page, with the version of the payment that it was made for.
//! Nothing here decides about money: the engine does.

mod acts;
mod note;
mod pages;
mod parts;
mod place;
mod problems;
#[cfg(test)]
mod samples;
mod show;
mod simulate;
mod stage;
mod typed;
mod wallet_link;
mod words;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{any, get, post},
};
use engine::{Engine, checkout::CheckoutView};
use web::PublicUrl;

/// What the buyer's pages need.
#[derive(Clone)]
pub struct Checkout {
    /// The engine.
    pub engine: Engine,
    /// Where buyers find the pages. Forms are taken only from pages that were loaded from here.
    pub public_url: PublicUrl,
}

/// The most bytes that a form of ours has, with room to spare.
const FORM_BYTES: usize = 4_096;

/// Everything under `/pay`, unknown paths included. The files that the pages load are [`web::assets()`].
pub fn router(checkout: Checkout) -> Router {
    let mut pages = Router::new()
        .route("/{token}", get(show::show))
        .route("/{token}/start", post(acts::start))
        .route("/{token}/method", post(acts::method))
        .route("/{token}/quote", post(acts::quote))
        .route("/{token}/cancel", post(acts::cancel));
    if !checkout.engine.environment().is_live() {
        pages = pages.route("/{token}/simulate", post(simulate::simulate));
    }
    let pages = pages.method_not_allowed_fallback(problems::wrong_method).fallback(problems::not_found);
    // The one path under /pay that the nested routes are not asked for.
    let all = Router::new().nest("/pay", pages).route("/pay/", any(problems::not_found));
    web::headers::secured(all.layer(DefaultBodyLimit::max(FORM_BYTES)).with_state(checkout))
}

/// The same pages in a further folder, where a dialect shows them: `/{folder}/{token}`. What is done on a page is done
/// under `/pay`, and leads back to where its dialect shows it.
pub fn pages_in(folder: &str, checkout: Checkout) -> Router {
    let page = Router::new()
        .route("/{token}", get(show::show))
        .method_not_allowed_fallback(problems::wrong_method)
        .fallback(problems::not_found);
    let all = Router::new().nest(folder, page).route(&format!("{folder}/"), any(problems::not_found));
    web::headers::secured(all.with_state(checkout))
}

impl Checkout {
    /// The place of a payment's page, where its dialect shows it.
    fn shown(&self, place: place::Place, view: &CheckoutView, token: &str) -> place::Place {
        match self.engine.dialect(view.payment.dialect) {
            Ok(dialect) => place.shown_at(&dialect.checkout_path(token)),
            // A dialect that is no longer spoken: its payments are shown where all are.
            Err(_) => place,
        }
    }
}

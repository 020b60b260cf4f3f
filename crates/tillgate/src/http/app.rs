//! Everything that is answered over TCP.

use axum::Router;

use super::{
    bounds::{Form, bounded, method_not_allowed, not_found},
    client_address::TrustedProxies,
    guard::guarded,
    health,
    pages::{self, Prefix},
};

pub(crate) use super::health::Readiness;

/// What the application is made of.
pub(crate) struct App {
    /// Whether it should be sent requests.
    pub(crate) readiness: Readiness,
    /// What links begin with.
    pub(crate) public_url: String,
    /// Whether it is the test environment.
    pub(crate) is_test: bool,
    /// Proxies that are believed.
    pub(crate) trusted_proxies: Vec<domain::ip_block::IpBlock>,
    /// The dialects and the buyer's pages, bounded each in its own form.
    pub(crate) routes: Router,
}

impl App {
    /// The application.
    pub(crate) fn router(self) -> Router {
        let prefix = Prefix::of(&self.public_url);
        let own = Router::new()
            .merge(health::routes(self.readiness))
            .merge(pages::routes(&prefix, self.is_test))
            .merge(web::assets())
            .method_not_allowed_fallback(method_not_allowed);
        let all = bounded(own, Form::plain()).merge(self.routes).fallback(not_found);
        guarded(all, TrustedProxies::new(self.trusted_proxies))
    }
}

/// The operator's API, guarded and bounded too.
pub(crate) fn operator(api: operator::Api) -> Router {
    guarded(bounded(operator::router(api), Form::plain()), TrustedProxies::default())
}

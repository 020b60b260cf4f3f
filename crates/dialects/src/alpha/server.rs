//! What the handlers share.

use std::sync::Arc;

use axum::http::HeaderValue;
use domain::{
    id::{CredentialId, ShopId},
    merchant::Environment,
    payment::Payment,
    time::{Clock, Timestamp},
};
use engine::Engine;

use crate::{
    Api,
    alpha::{settings::Settings, wire::payment::Subject},
    http::{AddressKey, rate::RateLimit, twins::Twins},
};

/// What the handlers share.
pub(crate) struct Server {
    /// Engine, addresses of our pages, limits.
    pub(crate) api: Api,
    /// What the operator set.
    pub(crate) settings: Settings,
    /// Requests of each credential.
    pub(crate) requests: RateLimit<CredentialId>,
    /// Reads of the public checkout from each address.
    pub(crate) checkouts: RateLimit<AddressKey>,
    /// Requests from each address that showed no credential that works.
    pub(crate) strangers: RateLimit<AddressKey>,
    /// Creations that are under way, by shop and idempotency key.
    pub(crate) twins: Twins<(ShopId, String)>,
    /// The origin of the checkout pages, as browsers write it.
    pub(crate) checkout_origin: Option<HeaderValue>,
}

impl Server {
    pub(crate) fn new(api: Api, settings: Settings) -> Arc<Self> {
        let clock: Arc<dyn Clock> = Arc::new(WallClock(api.engine.clone()));
        let limits = api.limits;
        let origin = api.urls.checkout_origin();
        Arc::new(Self {
            requests: RateLimit::per_minute(limits.requests_per_minute, Arc::clone(&clock)),
            checkouts: RateLimit::per_minute(limits.checkout_requests_per_minute, Arc::clone(&clock)),
            strangers: RateLimit::per_minute(limits.failed_authentications_per_minute, clock),
            twins: Twins::default(),
            checkout_origin: origin.and_then(|origin| HeaderValue::try_from(origin).ok()),
            api,
            settings,
        })
    }

    /// The engine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.api.engine
    }

    /// What `word` makes of a payment.
    pub(crate) fn words<T>(&self, payment: &Payment, word: impl FnOnce(&Subject<'_>) -> T) -> T {
        let token = self.engine().token(payment.id);
        let (checkout_url, livemode) = (self.api.urls.checkout.as_str(), self.environment().is_live());
        word(&Subject { payment, token: &token, checkout_url, livemode })
    }

    /// Whether money is real.
    pub(crate) fn environment(&self) -> Environment {
        self.api.environment()
    }
}

struct WallClock(Engine);

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        self.0.wall_time()
    }
}

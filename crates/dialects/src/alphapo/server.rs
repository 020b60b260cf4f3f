//! What the handlers share.

use std::sync::Arc;

use domain::{
    id::CredentialId,
    time::{Clock, Timestamp},
};
use engine::Engine;

use crate::{
    Api,
    alphapo::settings::Settings,
    http::{AddressKey, rate::RateLimit},
};

/// What the handlers share.
pub(crate) struct Server {
    /// Engine, addresses of our pages, limits.
    pub(crate) api: Api,
    /// What the operator set.
    pub(crate) settings: Settings,
    /// Requests of each credential.
    pub(crate) requests: RateLimit<CredentialId>,
    /// Calculations for each address.
    pub(crate) calculations: RateLimit<AddressKey>,
    /// Requests from each address that did not prove who they are from.
    pub(crate) strangers: RateLimit<AddressKey>,
}

impl Server {
    pub(crate) fn new(api: Api, settings: Settings) -> Arc<Self> {
        let clock: Arc<dyn Clock> = Arc::new(WallClock(api.engine.clone()));
        let limits = api.limits;
        let calculations = settings.calculations_per_minute;
        Arc::new(Self {
            requests: RateLimit::per_minute(limits.requests_per_minute, Arc::clone(&clock)),
            calculations: RateLimit::per_minute(calculations, Arc::clone(&clock)),
            strangers: RateLimit::per_minute(limits.failed_authentications_per_minute, clock),
            api,
            settings,
        })
    }

    /// The engine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.api.engine
    }
}

struct WallClock(Engine);

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        self.0.wall_time()
    }
}

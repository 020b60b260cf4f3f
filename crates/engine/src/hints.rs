//! What wakes the workers before their period is over.
//!
//! A hint says nothing but "look". Losing every one of them only adds latency: each worker looks by itself once a
//! period.

use std::collections::BTreeMap;

use domain::chain::{Network, NetworkSpec};
use tokio::sync::Notify;

/// One place to wait at for each worker. A hint that is given while nobody waits is kept for the next who does.
pub struct Hints {
    /// Something may be due for an endpoint.
    pub deliver: Notify,
    /// A payment may have expired.
    pub expire: Notify,
    /// A wallet may be short of addresses.
    pub derive: Notify,
    watch: BTreeMap<Network, Notify>,
}

impl Hints {
    pub(crate) fn new(networks: &[NetworkSpec]) -> Self {
        Self {
            deliver: Notify::new(),
            expire: Notify::new(),
            derive: Notify::new(),
            watch: networks.iter().map(|spec| (spec.network, Notify::new())).collect(),
        }
    }

    /// Where the watcher of a network waits; `None` for a network that is not served.
    pub fn watch(&self, network: Network) -> Option<&Notify> {
        self.watch.get(&network)
    }

    pub(crate) fn wake_watcher(&self, network: Network) {
        if let Some(notify) = self.watch.get(&network) {
            notify.notify_one();
        }
    }

    pub(crate) fn wake_all(&self) {
        self.deliver.notify_one();
        self.expire.notify_one();
        self.derive.notify_one();
        self.watch.values().for_each(Notify::notify_one);
    }
}

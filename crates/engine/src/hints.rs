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
    /// A mail may be due.
    pub mail: Notify,
    /// A payment may have expired.
    pub expire: Notify,
    /// A wallet may be short of addresses.
    pub derive: Notify,
    watch: BTreeMap<Network, Notify>,
}

/// What only one node does at a time, and what is therefore told to all of them. Each node delivers and mails by
/// itself, and makes the addresses that it is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hint {
    /// A payment may have expired.
    Expire,
    /// A simulated network has news.
    Watch(Network),
}

impl Hint {
    /// What stands for it between nodes.
    pub(crate) const fn bit(self) -> u8 {
        match self {
            Self::Expire => 1,
            Self::Watch(_) => 2,
        }
    }
}

impl Hints {
    pub(crate) fn new(networks: &[NetworkSpec]) -> Self {
        Self {
            deliver: Notify::new(),
            mail: Notify::new(),
            expire: Notify::new(),
            derive: Notify::new(),
            watch: networks.iter().map(|spec| (spec.network, Notify::new())).collect(),
        }
    }

    /// Where the watcher of a network waits; `None` for a network that is not served.
    pub fn watch(&self, network: Network) -> Option<&Notify> {
        self.watch.get(&network)
    }

    pub(crate) fn wake(&self, hint: Hint) {
        match hint {
            Hint::Expire => self.expire.notify_one(),
            Hint::Watch(network) => {
                if let Some(notify) = self.watch.get(&network) {
                    notify.notify_one();
                }
            }
        }
    }

    /// Wakes what another node meant. It does not say which network it meant.
    pub(crate) fn wake_bits(&self, bits: u8) {
        if bits & Hint::Expire.bit() != 0 {
            self.wake(Hint::Expire);
        }
        for (network, notify) in &self.watch {
            if bits & Hint::Watch(*network).bit() != 0 {
                notify.notify_one();
            }
        }
    }

    pub(crate) fn wake_all(&self) {
        self.deliver.notify_one();
        self.mail.notify_one();
        self.expire.notify_one();
        self.derive.notify_one();
        self.watch.values().for_each(Notify::notify_one);
    }
}

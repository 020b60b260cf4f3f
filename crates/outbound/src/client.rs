//! The client that requests go through: bounded in time, guarded at each connection, and led nowhere else.

use std::{sync::Arc, time::Duration};

use reqwest::{Certificate, Client, ClientBuilder, redirect, retry};

use crate::{
    resolve::{Guarded, Judge, Resolver, SystemResolver},
    target::TargetPolicy,
};

/// How requests name their sender.
pub const USER_AGENT: &str = concat!("Tillgate/", env!("CARGO_PKG_VERSION"));

/// How long a request may take in all, where nothing else is set.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The share of the whole time that a connection may take (name, TCP, TLS): one part in so many.
const CONNECT_SHARE: u32 = 2;

/// The idle connections that are kept for one host: as many as one endpoint has deliveries in flight.
const MAX_IDLE_PER_HOST: usize = 8;

/// How long an idle connection is kept. Common servers close theirs after 5 s (Node's `keepAliveTimeout`, Apache's
/// `KeepAliveTimeout`); whoever sends at the same moment loses a request that may have arrived. So we close first.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// How requests are sent.
#[derive(Clone)]
pub struct Settings {
    /// The most time for one request, from the name to the end of the answer.
    pub timeout: Duration,
    /// Where they may go.
    pub policy: TargetPolicy,
    /// What finds the addresses of a name.
    pub resolver: Arc<dyn Resolver>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: DEFAULT_TIMEOUT,
            policy: TargetPolicy::default(),
            resolver: Arc::new(SystemResolver::default()),
        }
    }
}

/// Why no requests can be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Most often the system has no root certificates.
    #[error("TLS cannot be set up: install the system's root certificates (package ca-certificates)")]
    Tls(#[source] reqwest::Error),
}

/// A client that trusts the system's root certificates and these.
pub(crate) fn build(settings: Settings, judge: Judge, roots: Vec<Certificate>) -> Result<Client, SetupError> {
    builder(settings, judge).tls_certs_merge(roots).build().map_err(SetupError::Tls)
}

/// A client that trusts no certificate.
pub(crate) fn build_without_roots(settings: Settings, judge: Judge) -> Result<Client, SetupError> {
    builder(settings, judge).tls_certs_only([]).build().map_err(SetupError::Tls)
}

fn builder(settings: Settings, judge: Judge) -> ClientBuilder {
    crate::install_crypto();
    let Settings { timeout, policy, resolver } = settings;
    // A name is the same in any case (RFC 9110, section 5.1), and yet some receivers know theirs in title case alone.
    // So that is how all of them are written.
    Client::builder()
        .http1_title_case_headers()
        .user_agent(USER_AGENT)
        .https_only(!policy.allow_private)
        .http1_only()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .dns_resolver(Arc::new(Guarded::new(resolver, judge)))
        .timeout(timeout)
        .connect_timeout(timeout / CONNECT_SHARE)
        .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
        .pool_idle_timeout(IDLE_TIMEOUT)
}

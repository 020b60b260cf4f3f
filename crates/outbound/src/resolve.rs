//! From a name to the addresses that a connection may be made to.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;

/// How many lookups of the system may be under way at once. Each holds a thread of the runtime's blocking pool, which
/// has 512, until the system's own time-out.
pub const MAX_LOOKUPS: usize = 128;

/// How many addresses of one name are tried. A name with thousands of them would make the gateway a scanner.
pub const MAX_ADDRESSES: usize = 16;

/// A lookup under way.
pub type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Whether a connection to an address may be made.
pub(crate) type Judge = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// Finds the addresses of a host name. What it answers is not trusted: the guard judges each address.
pub trait Resolver: Send + Sync {
    /// The addresses of `name`, in the order in which they are to be tried.
    fn lookup(&self, name: &str) -> Lookup;
}

/// The resolver of the operating system, with its search order, its files and its caches.
pub struct SystemResolver {
    permits: Arc<Semaphore>,
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(MAX_LOOKUPS)) }
    }
}

impl Resolver for SystemResolver {
    fn lookup(&self, name: &str) -> Lookup {
        let (permits, name) = (Arc::clone(&self.permits), name.to_owned());
        Box::pin(async move {
            let permit = permits.acquire_owned().await.map_err(io::Error::other)?;
            // A lookup in the system cannot be called back. It runs on by itself when the caller gives up, and keeps
            // its permit until it ends: otherwise names that never answer would fill the pool.
            let lookup = tokio::spawn(async move {
                let _permit = permit;
                let addresses = tokio::net::lookup_host((name, 0)).await?;
                Ok(addresses.map(|address| address.ip()).collect())
            });
            lookup.await?
        })
    }
}

/// Why a name leads nowhere.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResolveError {
    /// The inner resolver found no such name, or could not ask.
    #[error("the name could not be resolved")]
    Failed(#[source] io::Error),
    /// The name exists, without an address.
    #[error("the name has no address")]
    Empty,
    /// It has addresses, and none may be connected to.
    #[error("no address of the name is allowed")]
    NotAllowed,
}

/// Hands a client only those addresses that may be connected to.
///
/// The client asks it at every new connection and connects to what it answers: there is no second lookup in between
/// that could answer otherwise (DNS rebinding). A client does not ask it for addresses in a URL: those are judged by
/// [`crate::target::Target`].
pub(crate) struct Guarded {
    resolver: Arc<dyn Resolver>,
    judge: Judge,
}

impl Guarded {
    pub(crate) fn new(resolver: Arc<dyn Resolver>, judge: Judge) -> Self {
        Self { resolver, judge }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, judge) = (self.resolver.lookup(name.as_str()), Arc::clone(&self.judge));
        Box::pin(async move {
            let found = lookup.await.map_err(ResolveError::Failed)?;
            if found.is_empty() {
                return Err(ResolveError::Empty.into());
            }
            let allowed: Vec<_> =
                found.into_iter().filter(|address| judge(*address)).take(MAX_ADDRESSES).collect();
            if allowed.is_empty() {
                return Err(ResolveError::NotAllowed.into());
            }
            // The client puts the URL's port in the place of zero.
            let addresses: Addrs = Box::new(allowed.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use testkit::merchant::PATIENCE;
    use tokio::time;

    use super::*;
    use crate::guard;

    /// Answers every name with the same addresses.
    struct Fixed(Vec<IpAddr>);

    impl Resolver for Fixed {
        fn lookup(&self, _: &str) -> Lookup {
            let addresses = self.0.clone();
            Box::pin(async move { Ok(addresses) })
        }
    }

    async fn allowed(addresses: &[&str]) -> Result<Vec<String>, String> {
        let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
        let guarded = Guarded::new(Arc::new(Fixed(addresses)), Arc::new(guard::is_public));
        match guarded.resolve("shop.example".parse().unwrap()).await {
            Ok(addresses) => Ok(addresses.map(|address| address.to_string()).collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[tokio::test]
    async fn only_public_addresses_are_handed_on_in_their_order() {
        let answer = ["10.0.0.1", "8.8.8.8", "127.0.0.1", "::1", "2001:4860:4860::8888", "::ffff:127.0.0.1"];
        assert_eq!(allowed(&answer).await.unwrap(), ["8.8.8.8:0", "[2001:4860:4860::8888]:0"]);
    }

    #[tokio::test]
    async fn an_answer_without_an_allowed_address_is_an_error_of_its_own() {
        let private = allowed(&["127.0.0.1", "fe80::1", "169.254.169.254"]).await;
        assert_eq!(private.unwrap_err(), ResolveError::NotAllowed.to_string());
        assert_eq!(allowed(&[]).await.unwrap_err(), ResolveError::Empty.to_string());
    }

    #[tokio::test]
    async fn a_name_with_too_many_addresses_is_tried_at_a_few() {
        assert_eq!(allowed(&["8.8.8.8"; MAX_ADDRESSES + 1]).await.unwrap().len(), MAX_ADDRESSES);
    }

    #[tokio::test]
    async fn the_system_knows_localhost() {
        let addresses = SystemResolver::default().lookup("localhost").await.unwrap();
        assert!(!addresses.is_empty() && addresses.iter().all(IpAddr::is_loopback), "{addresses:?}");
    }

    #[tokio::test]
    async fn a_lookup_of_the_system_waits_for_its_turn_and_keeps_it_when_the_caller_leaves() {
        let permits = Arc::new(Semaphore::new(1));
        let resolver = SystemResolver { permits: Arc::clone(&permits) };
        let mut left = resolver.lookup("localhost");
        // Polled once, and so under way.
        assert!(std::future::poll_fn(|context| Poll::Ready(left.as_mut().poll(context))).await.is_pending());
        drop(left);
        assert_eq!(permits.available_permits(), 0);
        let next = time::timeout(PATIENCE, resolver.lookup("localhost")).await;
        assert!(next.unwrap().is_ok());
        assert_eq!(permits.available_permits(), 1);
    }
}

//! How often somebody may ask: a token bucket each, in memory that is bounded. Limits are per node.

use std::{
    hash::Hash,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use domain::time::{Clock, Timestamp};
use governor::{
    Quota, RateLimiter,
    clock::Clock as _,
    middleware::{StateInformationMiddleware, StateSnapshot},
    nanos::Nanos,
    state::keyed::DashMapStateStore,
};

/// Buckets that are kept. One takes about a hundred bytes.
const MAX_BUCKETS: usize = 100_000;

/// Buckets that those share for whom there is no room.
const SHARED_BUCKETS: u64 = 1_024;

/// The least time between two looks for buckets to throw away: a look goes through all of them.
const SWEEP_PERIOD: Nanos = Nanos::new(1_000_000_000);

/// Limits requests of each `K`.
pub(crate) struct RateLimit<K: Hash + Eq + Clone>(Option<Buckets<K>>);

struct Buckets<K: Hash + Eq + Clone> {
    limiter: RateLimiter<Bucket<K>, DashMapStateStore<Bucket<K>>, Ticks, StateInformationMiddleware>,
    per_minute: NonZeroU32,
    hasher: std::hash::RandomState,
    capacity: usize,
    /// When full buckets may next be thrown away, in ticks.
    next_sweep: AtomicU64,
}

/// Whose a bucket is.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Bucket<K> {
    Own(K),
    Shared(u64),
}

/// How a request stands to its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Requests in a minute, and at once.
    limit: u32,
    /// Requests that may follow at once.
    remaining: u32,
    /// Seconds until all of them may again.
    reset: u64,
    /// Seconds until the next one may; `None` for a request that is allowed.
    pub(crate) retry_after: Option<u64>,
}

impl<K: Hash + Eq + Clone> RateLimit<K> {
    /// Lets `per_minute` requests of each through, at once or spread; zero: any number.
    pub(crate) fn per_minute(per_minute: u32, clock: Arc<dyn Clock>) -> Self {
        Self::with_capacity(per_minute, clock, MAX_BUCKETS)
    }

    fn with_capacity(per_minute: u32, clock: Arc<dyn Clock>, capacity: usize) -> Self {
        Self(NonZeroU32::new(per_minute).map(|per_minute| Buckets {
            limiter: RateLimiter::new(
                Quota::per_minute(per_minute),
                DashMapStateStore::default(),
                Ticks::new(clock),
            ),
            per_minute,
            hasher: std::hash::RandomState::new(),
            capacity,
            next_sweep: AtomicU64::new(0),
        }))
    }

    /// Counts a request; nothing where there is no limit.
    pub(crate) fn count(&self, key: K) -> Option<Allowance> {
        self.0.as_ref().map(|buckets| buckets.count(key))
    }
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn count(&self, key: K) -> Allowance {
        let bucket = self.bucket(key);
        let per_minute = u64::from(self.per_minute.get());
        let refilled = |missing: u64| missing.saturating_mul(60).div_ceil(per_minute);
        match self.limiter.check_key(&bucket) {
            Ok(snapshot) => {
                let remaining = StateSnapshot::remaining_burst_capacity(&snapshot).min(self.per_minute.get());
                let reset = refilled(per_minute.saturating_sub(u64::from(remaining)));
                Allowance { limit: self.per_minute.get(), remaining, reset, retry_after: None }
            }
            Err(refused) => {
                let wait = refused.wait_time_from(self.limiter.clock().now());
                Allowance {
                    limit: self.per_minute.get(),
                    remaining: 0,
                    reset: refilled(per_minute),
                    retry_after: Some(whole_seconds(wait)),
                }
            }
        }
    }

    /// The bucket of a key. Full buckets are thrown away when there are too many; where that does not help, somebody
    /// asks from more addresses than there are buckets, and they all share a few.
    fn bucket(&self, key: K) -> Bucket<K> {
        if self.limiter.len() >= self.capacity {
            self.sweep();
        }
        if self.limiter.len() < self.capacity {
            return Bucket::Own(key);
        }
        Bucket::Shared(std::hash::BuildHasher::hash_one(&self.hasher, &key) % SHARED_BUCKETS)
    }
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn sweep(&self) {
        let now = self.limiter.clock().now();
        let due = self.next_sweep.load(Ordering::Relaxed);
        let next = (now + SWEEP_PERIOD).as_u64();
        let turn = self.next_sweep.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed);
        if now.as_u64() >= due && turn.is_ok() {
            self.limiter.retain_recent();
        }
    }
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

impl Allowance {
    /// Writes the three headers in which an answer tells how its caller stands.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(self.reset));
    }
}

/// The wall clock as a limiter takes it: it moves forward only. When the wall clock is set back, nobody is locked out
/// until it has caught up.
struct Ticks {
    clock: Arc<dyn Clock>,
    state: Mutex<TicksState>,
}

struct TicksState {
    last: Timestamp,
    elapsed: u64,
}

impl Ticks {
    fn new(clock: Arc<dyn Clock>) -> Self {
        let last = clock.now();
        Self { clock, state: Mutex::new(TicksState { last, elapsed: 0 }) }
    }
}

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let passed = u64::try_from(now.since(state.last).micros()).unwrap_or_default();
        state.elapsed = state.elapsed.saturating_add(passed.saturating_mul(1_000));
        state.last = now;
        Nanos::from(state.elapsed)
    }
}

#[cfg(test)]
mod tests {
    use domain::time::Span;
    use testkit::clock::{HandClock, START};

    use super::*;

    fn limit(per_minute: u32, capacity: usize) -> (RateLimit<u32>, Arc<HandClock>) {
        let clock = Arc::new(HandClock::new(START));
        (RateLimit::with_capacity(per_minute, clock.clone(), capacity), clock)
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let (limit, clock) = limit(2, 10);
        let told = |allowance: Allowance| (allowance.remaining, allowance.reset, allowance.retry_after);
        assert_eq!(told(limit.count(1).unwrap()), (1, 30, None));
        assert_eq!(told(limit.count(1).unwrap()), (0, 60, None));
        assert_eq!(told(limit.count(1).unwrap()), (0, 60, Some(30)));
        assert_eq!(limit.count(2).unwrap().retry_after, None);
        clock.advance(Span::from_micros(28_000_001));
        assert_eq!(limit.count(1).unwrap().retry_after, Some(2));
        clock.advance(Span::seconds(1));
        assert_eq!(limit.count(1).unwrap().retry_after, Some(1));
        clock.advance(Span::seconds(1));
        assert_eq!(told(limit.count(1).unwrap()), (0, 60, None));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let (limit, clock) = limit(1, 10);
        assert_eq!(limit.count(1).unwrap().retry_after, None);
        clock.advance(Span::hours(-1));
        assert_eq!(limit.count(1).unwrap().retry_after, Some(60));
        clock.advance(Span::minutes(1));
        assert_eq!(limit.count(1).unwrap().retry_after, None);
    }

    #[test]
    fn no_limit_is_no_limit() {
        let (limit, _) = limit(0, 10);
        assert!((0..10_000).all(|_| limit.count(1).is_none()));
    }

    #[test]
    fn buckets_are_bounded() {
        let (limit, clock) = limit(1, 100);
        for key in 0..10_000 {
            limit.count(key);
        }
        let buckets = limit.0.as_ref().unwrap();
        let most = 100 + usize::try_from(SHARED_BUCKETS).unwrap();
        assert!(buckets.limiter.len() <= most, "{}", buckets.limiter.len());
        // Whoever comes now shares a bucket that is empty, until the old ones are full again.
        assert!((10_000..20_000).any(|key| limit.count(key).unwrap().retry_after.is_some()));
        clock.advance(Span::minutes(2));
        assert_eq!(limit.count(20_000).unwrap().retry_after, None);
        assert_eq!(buckets.limiter.len(), 1);
    }
}

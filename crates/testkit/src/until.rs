//! Waiting for what must happen, with a bound.

use std::time::{Duration, Instant};

use tokio::time;

/// How long a test waits for what has no bound of its own.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Looks until there is something to give; until then a look says what there is instead. Gives how long that took too.
///
/// # Panics
/// When there is nothing within this time.
pub async fn within<T>(
    bound: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<T, String>,
) -> (T, Duration) {
    let began = Instant::now();
    let mut looks = time::interval(LOOK_EVERY);
    let mut instead = String::new();
    let found = async {
        loop {
            looks.tick().await;
            match look().await {
                Ok(found) => return found,
                Err(other) => instead = other,
            }
        }
    };
    let found = time::timeout(bound, found).await;
    let found = found.unwrap_or_else(|_| panic!("waited {bound:?} in vain until {what}; instead: {instead}"));
    (found, began.elapsed())
}

/// The same within [`PATIENCE`], where the time is of no interest.
pub async fn until<T>(what: &str, look: impl AsyncFnMut() -> Result<T, String>) -> T {
    within(PATIENCE, what, look).await.0
}

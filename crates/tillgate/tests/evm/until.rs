//! Waiting for what must happen, with a bound.

use std::time::Duration;

use tokio::time;

/// How long a test waits for a state. A node that was away is looked for again after four seconds at most here.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Looks until there is something to give; until then a look says what there is instead.
///
/// # Panics
/// When there is nothing within [`PATIENCE`].
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Result<T, String>) -> T {
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
    let found = time::timeout(PATIENCE, found).await;
    found.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain until {what}; instead: {instead}"))
}

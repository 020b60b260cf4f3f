//! The loop that all workers share: wait for a hint or the end of the period, look, and be patient with what fails.

use std::{fmt::Display, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The first wait after a failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest wait between two tries.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// How long one waits at most whose work another node does.
const STANDBY: Duration = Duration::from_secs(1);

/// When a worker wants to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// At once: there is more to do.
    AtOnce,
    /// With the next hint, or when its period is over.
    WhenDue,
    /// Soon, to see whether it falls to this node by then: another one does the work now.
    Standby,
}

/// A worker's name and rhythm.
pub struct Rhythm<'a> {
    /// What the log calls it.
    pub name: &'a str,
    /// How long it waits at most.
    pub period: Duration,
    /// What wakes it earlier.
    pub hint: Option<&'a Notify>,
}

/// What a worker does each time that it is woken.
pub trait Look: Send {
    /// Why a look can fail.
    type Error: Display;

    /// Looks at what there is, and does what is missing.
    ///
    /// # Errors
    /// Whatever kept it from that; nothing is half done, and the next look begins anew.
    fn look(&mut self) -> impl Future<Output = Result<Next, Self::Error>> + Send;
}

/// Looks until `stop` is cancelled. A failure, a panic too, is logged when it begins and when it ends, and makes the
/// waits longer; a hint shortens them, for it may say that the cause is gone.
pub async fn reconcile(rhythm: &Rhythm<'_>, stop: &CancellationToken, mut worker: impl Look) {
    let mut failures: u32 = 0;
    while !stop.is_cancelled() {
        // Interest is registered before the look, so that what happens during it is not slept through.
        let hinted = async {
            match rhythm.hint {
                Some(hint) => hint.notified().await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(hinted);
        // What a worker keeps between two looks is nothing that would be missed, so it may go on after a fault: a chain
        // that nobody follows any more would be money that nobody sees.
        let looked = AssertUnwindSafe(worker.look()).catch_unwind().await;
        let wait = match looked.map_err(|_| None).and_then(|looked| looked.map_err(Some)) {
            Ok(next) => {
                if failures > 0 {
                    tracing::info!(worker = rhythm.name, failures, "works again");
                }
                failures = 0;
                if next == Next::AtOnce {
                    tokio::task::yield_now().await;
                    continue;
                }
                if next == Next::Standby { rhythm.period.min(STANDBY) } else { rhythm.period }
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                let error = error.map_or_else(|| "a fault of this program".to_owned(), |one| one.to_string());
                if failures == 1 {
                    tracing::warn!(worker = rhythm.name, error, "failed, and tries again");
                } else {
                    tracing::debug!(worker = rhythm.name, error, failures, "still fails");
                }
                pause(failures)
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = &mut hinted => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn pause(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    FIRST_PAUSE.saturating_mul(1_u32.wrapping_shl(doublings)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stop_growing() {
        let seconds: Vec<u64> = (1..=9).map(|failures| pause(failures).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[tokio::test]
    async fn a_hint_that_is_given_during_a_look_leads_to_another() {
        let (hint, stop) = (Notify::new(), CancellationToken::new());
        let rhythm = Rhythm { name: "test", period: Duration::from_hours(1), hint: Some(&hint) };
        let worker = Twice { looks: 0, hint: &hint, stop: &stop };
        tokio::time::timeout(Duration::from_secs(10), reconcile(&rhythm, &stop, worker)).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_ends_by_a_fault_is_followed_by_another() {
        let stop = CancellationToken::new();
        let rhythm = Rhythm { name: "test", period: Duration::from_hours(1), hint: None };
        reconcile(&rhythm, &stop, Faulty { looks: 0, stop: &stop }).await;
    }

    /// Panics in its first look, and ends with its second.
    struct Faulty<'a> {
        looks: u32,
        stop: &'a CancellationToken,
    }

    impl Look for Faulty<'_> {
        type Error = String;

        async fn look(&mut self) -> Result<Next, String> {
            self.looks += 1;
            assert!(self.looks > 1, "as told");
            self.stop.cancel();
            Ok(Next::WhenDue)
        }
    }

    /// Is hinted at during its first look, and ends with its second.
    struct Twice<'a> {
        looks: u32,
        hint: &'a Notify,
        stop: &'a CancellationToken,
    }

    impl Look for Twice<'_> {
        type Error = String;

        async fn look(&mut self) -> Result<Next, String> {
            self.looks += 1;
            match self.looks {
                1 => self.hint.notify_one(),
                _ => self.stop.cancel(),
            }
            Ok(Next::WhenDue)
        }
    }
}

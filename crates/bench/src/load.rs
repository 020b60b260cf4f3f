//! The load generator: so many connections, each of which asks again as soon as it has its answer.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    task::JoinSet,
    time::{interval_at, timeout},
};

use crate::{
    connection::Connection,
    error::{Done, During, Trouble},
    figures::{Reading, quantile},
    process,
    random::Random,
};

/// How much longer than it should a load may take before it is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is asked.
pub(crate) trait Ask: Send + Sync {
    /// Writes the next request.
    fn write(&self, random: &mut Random, request: &mut Vec<u8>);

    /// The status of every answer.
    fn expects(&self) -> u16;

    /// Hears an answer's body.
    fn answered(&self, _body: &[u8]) {}
}

/// Whom to ask, and how.
#[derive(Clone)]
pub(crate) struct Load {
    /// Where.
    pub(crate) address: SocketAddr,
    /// Whose processor time is counted.
    pub(crate) pid: u32,
    /// How many at once.
    pub(crate) connections: usize,
    /// How long before it counts.
    pub(crate) warm: Duration,
    /// How long it counts.
    pub(crate) run: Duration,
    /// What.
    pub(crate) ask: Arc<dyn Ask>,
}

/// When answers count.
#[derive(Clone, Copy)]
struct Window {
    begin: Instant,
    end: Instant,
}

impl Load {
    /// Runs it to its end.
    pub(crate) async fn run(&self) -> Done<Reading> {
        let whole = self.warm + self.run + PATIENCE;
        timeout(whole, self.measure()).await.map_err(|_| Trouble::new("a load did not end in time"))?
    }

    async fn measure(&self) -> Done<Reading> {
        let begin = Instant::now() + self.warm;
        let window = Window { begin, end: begin + self.run };
        let mut callers = JoinSet::new();
        for number in (0_u64..).take(self.connections) {
            // Another seed in every run: no idempotency key comes twice.
            let seed = u64::try_from(since_boot(begin)).unwrap_or_default().wrapping_add(number << 48);
            let mut connection = Connection::open(self.address).await.during("no connection")?;
            let ask = Arc::clone(&self.ask);
            callers.spawn(async move { converse(&mut connection, &*ask, Random::new(seed), window).await });
        }
        let mut ticks = interval_at(begin.into(), self.run);
        ticks.tick().await;
        let before = process::cpu(self.pid)?;
        ticks.tick().await;
        let used = process::cpu(self.pid)?.saturating_sub(before);
        let mut took: Vec<u32> = Vec::new();
        while let Some(ended) = callers.join_next().await {
            took.append(&mut ended.during("a caller failed")??);
        }
        took.sort_unstable();
        Ok(Reading::of(&took, self.run, used))
    }
}

/// A number that no other run has.
fn since_boot(at: Instant) -> u128 {
    static FIRST: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let first = *FIRST.get_or_init(Instant::now);
    at.saturating_duration_since(first).as_nanos().wrapping_add(u128::from(std::process::id()) << 34)
}

/// Asks until the window ends. Gives how long each answer took that began and ended in the window, in tenths of a
/// microsecond.
async fn converse(
    connection: &mut Connection,
    ask: &dyn Ask,
    mut random: Random,
    window: Window,
) -> Done<Vec<u32>> {
    let mut took = Vec::with_capacity(1 << 14);
    let mut request = Vec::with_capacity(2_048);
    loop {
        let begun = Instant::now();
        if begun >= window.end {
            return Ok(took);
        }
        request.clear();
        ask.write(&mut random, &mut request);
        let answer = connection.ask(&request).await?;
        if answer.status != ask.expects() {
            let body = String::from_utf8_lossy(answer.body);
            return Err(Trouble::new(format!("answered {}: {body}", answer.status)));
        }
        ask.answered(answer.body);
        let ended = Instant::now();
        if begun >= window.begin && ended <= window.end {
            took.push(u32::try_from(ended.duration_since(begun).as_nanos() / 100).unwrap_or(u32::MAX));
        }
    }
}

impl Reading {
    /// What sorted times of answers say, in tenths of a microsecond.
    fn of(took: &[u32], run: Duration, cpu: Duration) -> Self {
        let count = f64::from(u32::try_from(took.len()).unwrap_or(u32::MAX));
        let millis = |thousandths| quantile(took, thousandths) / 10_000.0;
        Self {
            rate: count / run.as_secs_f64(),
            p50: millis(500),
            p99: millis(990),
            cpu: if took.is_empty() { 0.0 } else { cpu.as_secs_f64() * 1e6 / count },
        }
    }
}

//! Callbacks: how many are sent when many wait, and what one endpoint that hangs costs the others.

use std::{
    collections::HashMap,
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
    figures::{number, quantile},
    load::Ask,
    process,
    random::Random,
    receiver::{Manner, Receiver, payment_id},
    request::Create,
    run::{Run, open},
    shops::{self, Shop},
    stock::{Deliveries, Stock},
    till::{Place, Till},
};

/// What waits is sent as fast as can be.
pub(crate) const DISPATCH: &str = "callbacks to 100 endpoints, outcomes stored";
/// Creations that nobody listens to.
pub(crate) const CREATE: &str = "create, 64 conn., in the rounds of callbacks";
/// Creations, each of which is told.
const CREATE_TOLD: &str = "create, 64 conn., with a callback each";
/// Ten endpoints, all of which answer.
pub(crate) const ALL_ANSWER: &str = "callbacks to ten endpoints, all answer";
/// Ten endpoints, one of which hangs.
pub(crate) const ONE_HANGS: &str = "callbacks to nine of ten, the tenth hangs";
/// How many of the callbacks to those that answer arrived.
pub(crate) const SHARE: &str = "% delivered";
/// From the answer of the creation to the arrival of the callback.
pub(crate) const LATE: &str = "p99 ms from commit to arrival";
/// The same in the middle.
const LATE_MIDDLE: &str = "p50 ms from commit to arrival";

/// How long a backlog may take to be sent.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long what was announced last is waited for.
const GRACE: Duration = Duration::from_secs(1);

/// Endpoints of which one hangs.
const TEN: usize = 10;

/// Callers who create at a fixed rate, and how often each of them does: 500 a second in all.
const CALLERS: u32 = 16;
const EVERY: Duration = Duration::from_millis(32);

/// Measures.
pub(crate) async fn measure(run: &mut Run) -> Done {
    let fast = Receiver::start(Manner::Bare).await?;
    let hangs = Receiver::start(Manner::Hang).await?;
    let told = endpoints(run, "told", &vec![fast.address; run.seed.shops.len()]).await?;
    let all_answer = endpoints(run, "ten-answer", &[fast.address; TEN]).await?;
    let mut ten = [fast.address; TEN];
    ten[TEN - 1] = hangs.address;
    let one_hangs = endpoints(run, "ten-one-hangs", &ten).await?;
    let create = Create::working(&run.seed.shops);
    for round in 1..=run.scale.rounds {
        println!("webhooks, round {round}");
        let till = run.fresh("webhooks").await?;
        let reading = run.load(&till, 64, Arc::clone(&create)).await?;
        run.book.load(CREATE, None, reading);
        till.stop().await?;
        dispatch(run, &told, &fast).await?;
        let till = open(&told.copied_to(&run.dir.join("told-copy"))?).await?;
        let reading = run.load(&till, 64, Arc::clone(&create)).await?;
        run.book.load(CREATE_TOLD, Some(CREATE), reading);
        till.stop().await?;
        for (row, place, those) in [(ALL_ANSWER, &all_answer, TEN), (ONE_HANGS, &one_hangs, TEN - 1)] {
            healthy(run, row, place, &fast, those).await?;
        }
    }
    Ok(())
}

/// A copy of the seed in which shops have endpoints.
async fn endpoints(run: &Run, name: &str, receivers: &[SocketAddr]) -> Done<Place> {
    let till = run.fresh(name).await?;
    for (number, (shop, receiver)) in run.seed.shops.iter().zip(receivers).enumerate() {
        shops::listen(&till, shop, number, *receiver).await?;
    }
    till.stop().await
}

/// Lets a gateway send what waits, from the first to the last, and looks whether it wrote down that it did.
async fn dispatch(run: &mut Run, told: &Place, fast: &Receiver) -> Done {
    let place = told.copied_to(&run.dir.join("dispatch"))?;
    let count = run.scale.backlog;
    Stock::fill(&place.file(), count, Deliveries::Due).await?;
    let before = fast.heard.count();
    let till = place.start(&crate::request::get("/healthz", None)).await?;
    let all = async {
        fast.heard.until(before + 1).await;
        let (begun, used) = (Instant::now(), process::cpu(till.pid)?);
        fast.heard.until(before + count).await;
        Ok::<_, Trouble>((begun.elapsed(), process::cpu(till.pid)?.saturating_sub(used)))
    };
    let (took, used) = timeout(PATIENCE, all).await.during("not all callbacks came")??;
    till.settle().await?;
    for status in ["pending", "retrying", "failed"] {
        let left = till.json(&["deliveries", "list", "--status", status]).await?;
        if left["items"].as_array().is_none_or(|left| !left.is_empty()) {
            return Err(Trouble(format!("deliveries are {status} that arrived: {left}")));
        }
    }
    let rate = number(count) / took.as_secs_f64();
    let cpu = used.as_secs_f64() * 1e6 / number(count);
    run.book.pace(DISPATCH, Some(CREATE), rate, cpu);
    till.stop().await?;
    Ok(())
}

/// Creates at a fixed rate in ten shops, and looks what the first `those` of them were told, and when.
async fn healthy(run: &mut Run, row: &str, place: &Place, fast: &Receiver, those: usize) -> Done {
    let till = open(&place.copied_to(&run.dir.join("ten"))?).await?;
    fast.heard.note_arrivals();
    let made = create_steadily(&till, &run.seed.shops[..TEN], run.scale.hanging).await?;
    let mut grace = interval_at((Instant::now() + GRACE).into(), GRACE);
    grace.tick().await;
    let arrivals = fast.heard.take_arrivals();
    let mut late: Vec<u32> = Vec::new();
    let mut announced = 0_u64;
    for (id, (shop, answered)) in &made {
        if *shop >= those {
            continue;
        }
        announced += 1;
        let arrival = arrivals.get(id).map(|arrival| arrival.saturating_duration_since(*answered));
        late.extend(arrival.map(|late| u32::try_from(late.as_nanos() / 100).unwrap_or(u32::MAX)));
    }
    late.sort_unstable();
    let arrived = number(u64::try_from(late.len()).unwrap_or_default());
    run.book.tell(row, SHARE, 100.0 * arrived / number(announced.max(1)));
    run.book.tell(row, LATE_MIDDLE, quantile(&late, 500) / 10_000.0);
    run.book.tell(row, LATE, quantile(&late, 990) / 10_000.0);
    till.stop().await?;
    Ok(())
}

type Made = HashMap<String, (usize, Instant)>;

/// Creates at a fixed rate for a while. Gives every payment's shop, and when its creation was answered.
async fn create_steadily(till: &Till, shops: &[Shop], time: Duration) -> Done<Made> {
    let (begun, each) = (Instant::now(), Arc::new(shops.iter().map(one_shop).collect::<Vec<_>>()));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let mut connection = Connection::open(till.address).await?;
        let each = Arc::clone(&each);
        callers.spawn(async move {
            let mut random = Random::new(u64::from(caller) << 32 | u64::from(std::process::id()));
            let mut turns = interval_at((begun + EVERY * caller / CALLERS).into(), EVERY);
            let mut made = Made::new();
            let mut request = Vec::new();
            while begun.elapsed() < time {
                turns.tick().await;
                let shop = random.below(each.len());
                request.clear();
                each[shop].write(&mut random, &mut request);
                let answer = connection.ask(&request).await?;
                let id = payment_id(answer.body).ok_or_else(|| Trouble::new("no payment was made"))?;
                made.insert(id.to_owned(), (shop, Instant::now()));
            }
            Ok::<_, Trouble>(made)
        });
    }
    let mut all = Made::new();
    while let Some(ended) = callers.join_next().await {
        all.extend(ended.during("a caller failed")??);
    }
    Ok(all)
}

fn one_shop(shop: &Shop) -> Arc<dyn Ask> {
    Create::working(std::slice::from_ref(shop))
}

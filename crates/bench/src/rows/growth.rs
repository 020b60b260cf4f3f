//! The same requests with more and more payments stored.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    error::{Done, Trouble},
    figures::number,
    load::Ask,
    request::{self, Create, OneOf},
    rows::http::STATIC,
    run::{Run, open},
    stock::{Deliveries, Stock},
    till::{Place, Till},
};

/// Payments that reads draw from: enough that they lie all over the file.
const DRAWN: usize = 10_000;

/// Payments of a page.
const PAGE: u32 = 50;

/// The page that is far down.
const FAR: u32 = 1_000;

/// A database with payments in it, and what is asked of it.
struct Stocked {
    count: u64,
    place: Place,
    by_id: Arc<dyn Ask>,
    first_page: Arc<dyn Ask>,
    /// Nothing where no shop has that many payments.
    far_page: Option<Arc<dyn Ask>>,
    checkout: Arc<dyn Ask>,
    create: Arc<dyn Ask>,
}

/// The name of a row.
pub(crate) fn row(what: &str, stored: u64) -> String {
    format!("{what}, {} stored", short(stored))
}

/// A count in short.
pub(crate) fn short(count: u64) -> String {
    match count {
        0 => "none".to_owned(),
        count if count.is_multiple_of(1_000_000) => format!("{}M", count / 1_000_000),
        count => format!("{}k", count / 1_000),
    }
}

/// What is asked.
pub(crate) const STATIC_GET: &str = "static GET, 64 conn.";
pub(crate) const CREATE: &str = "create, 64 conn.";
pub(crate) const BY_ID: &str = "read by id, 64 conn.";
pub(crate) const FIRST_PAGE: &str = "newest 50, 4 conn.";
pub(crate) const FAR_PAGE: &str = "1,000th page of 50, 4 conn.";
/// What a page costs depends on what it shows: payments that are made for an empty gateway wait, stored ones have
/// expired.
const CHECKOUT_WAITING: &str = "page (waiting), 16 conn.";
const CHECKOUT_EXPIRED: &str = "page (expired), 16 conn.";

/// Measures. The databases are left where they are, for the starts that come after.
pub(crate) async fn measure(run: &mut Run) -> Done {
    let mut all = Vec::new();
    for count in run.scale.stored.clone() {
        all.push(prepare(run, count).await?);
    }
    for round in 1..=run.scale.rounds {
        println!("growth, round {round}");
        for stocked in &all {
            // One at a time: none of them takes memory or processor time from another.
            let till = open(&stocked.place).await?;
            measure_one(run, &till, stocked).await?;
            till.stop().await?;
        }
    }
    Ok(())
}

async fn measure_one(run: &mut Run, till: &Till, stocked: &Stocked) -> Done {
    let checkout = if stocked.count == 0 { CHECKOUT_WAITING } else { CHECKOUT_EXPIRED };
    let asks = [
        (BY_ID, 64, Some(&stocked.by_id)),
        (FIRST_PAGE, 4, Some(&stocked.first_page)),
        (FAR_PAGE, 4, stocked.far_page.as_ref()),
        (checkout, 16, Some(&stocked.checkout)),
        (CREATE, 64, Some(&stocked.create)),
    ];
    let own = row(STATIC_GET, stocked.count);
    let reading = run.load(till, 64, request::only(request::get(STATIC, None))).await?;
    run.book.load(&own, None, reading);
    for (what, connections, ask) in asks {
        let Some(ask) = ask else { continue };
        let reading = run.load(till, connections, Arc::clone(ask)).await?;
        let (name, smallest) = (row(what, stocked.count), run.scale.stored[0]);
        let against = match what {
            BY_ID => Some(own.clone()),
            FAR_PAGE => Some(row(FIRST_PAGE, stocked.count)),
            FIRST_PAGE | CREATE if stocked.count != smallest => Some(row(what, smallest)),
            _ => None,
        };
        run.book.load(&name, against.as_deref(), reading);
    }
    Ok(())
}

/// The folder of a database with so many payments.
pub(crate) fn folder(count: u64) -> String {
    format!("stored-{}", short(count))
}

async fn prepare(run: &mut Run, count: u64) -> Done<Stocked> {
    println!("storing {} payments", short(count));
    let place = run.seed.copy(&run.dir, &folder(count))?;
    let before = place.bytes();
    let begun = std::time::Instant::now();
    let stock = Stock::fill(&place.file(), count, Deliveries::Taken).await?;
    if count > 0 {
        let grown = number(place.bytes().saturating_sub(before));
        run.book.tell(&row("disk", count), "bytes a payment", grown / number(count));
        let rate = number(count) / begun.elapsed().as_secs_f64();
        run.book.tell(&row("bulk load, with syncs", count), "payments a second", rate);
    }
    let till = open(&place).await?;
    let stocked = questions(run, &till, place, count, &stock).await;
    till.stop().await?;
    stocked
}

/// What is asked of a database: of payments that are there, and where nothing is stored, of a few that are made for it.
async fn questions(run: &Run, till: &Till, place: Place, count: u64, stock: &Stock) -> Done<Stocked> {
    let shops = &run.seed.shops;
    if count == 0 {
        run.load(till, 16, Create::working(shops)).await?;
    }
    let mut paths: Vec<(usize, String, String)> = Vec::new();
    if count == 0 {
        for (number, shop) in shops.iter().enumerate() {
            let page = till.get("/v1/payments?limit=100", shop).await?;
            let found = page["data"].as_array().ok_or_else(|| Trouble::new("no list"))?;
            paths.extend(found.iter().map(|one| (number, text(one, "id"), text(one, "checkout_url"))));
        }
    } else {
        for (number, id) in stock.draw(DRAWN) {
            let id = format!("pay_{}", id.base62());
            let found = till.get(&format!("/v1/payments/{id}"), &shops[number]).await?;
            if found["data"]["id"] != id.as_str() {
                return Err(Trouble(format!("{id} is not there: {found}")));
            }
            paths.push((number, id, text(&found["data"], "checkout_url")));
        }
    }
    let by_id = |(number, id, _): &(usize, String, String)| {
        request::get(&format!("/v1/payments/{id}"), Some(&shops[*number]))
    };
    let checkout = |(_, _, url): &(usize, String, String)| {
        request::get(&format!("/pay/{}", url.rsplit('/').next().unwrap_or_default()), None)
    };
    let first = |shop| request::get(&format!("/v1/payments?limit={PAGE}"), Some(shop));
    Ok(Stocked {
        count,
        by_id: Arc::new(OneOf(paths.iter().map(by_id).collect())),
        first_page: Arc::new(OneOf(shops.iter().map(first).collect())),
        far_page: far_page(run, till).await?,
        checkout: Arc::new(OneOf(paths.iter().map(checkout).collect())),
        create: Create::working(shops),
        place,
    })
}

/// Turns the pages of the largest shop until the one that is far down.
async fn far_page(run: &Run, till: &Till) -> Done<Option<Arc<dyn Ask>>> {
    let shop = &run.seed.shops[0];
    let mut path = format!("/v1/payments?limit={PAGE}");
    for _ in 1..FAR {
        let page = till.get(&path, shop).await?;
        let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { return Ok(None) };
        path = format!("/v1/payments?limit={PAGE}&cursor={cursor}");
    }
    Ok(Some(request::only(request::get(&path, Some(shop)))))
}

fn text(document: &Value, field: &str) -> String {
    document[field].as_str().unwrap_or_default().to_owned()
}

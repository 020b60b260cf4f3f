//! Payments by the million, written through the store's own functions in large transactions, while no gateway runs.
//!
//! Each has what a creation leaves behind: the payment, its event, its idempotency key, and a delivery. They were made
//! over the last six days, in the order of time, by all shops; one shop has a sixteenth of them, so that its lists are
//! long. They have expired, as most payments that nobody paid have, so that no worker finds anything to do about them.
//! The second event, which says so, is left out: the goal for the disk is stated without it.

use std::{path::Path, sync::Arc, time::SystemTime};

use domain::{
    buyer::Questions,
    delivery::{Delivery, DeliveryStatus},
    dialect::DialectName,
    event::{Event, EventKind, EventTail},
    id::{EndpointId, IdSeed, PaymentId, ShopId},
    money::{Amount, Asset, Price},
    payment::{Closing, Order, Payment, State, Status},
    terms::{LateMoney, Terms, Tolerance},
    time::{Clock, Span, Timestamp},
};
use store::{Abort, Settings, Store, Tx, idempotency::Key};

use crate::{
    error::{Done, During, Trouble},
    random::{Placed, Random},
    shops::SHOPS,
};

/// Payments that one transaction writes.
const BATCH: u64 = 4_000;

/// How far back the oldest one lies. Idempotency keys are kept for seven days: none of these is deleted meanwhile.
const AGE: Span = Span::days(6);

/// One shop has every sixteenth payment.
const LARGE_SHARE: u64 = 16;

/// What is to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deliveries {
    /// Deliveries that were taken.
    Taken,
    /// Deliveries that are due, to the endpoint of each payment's shop.
    Due,
}

/// The shelves: which payments a database holds.
#[derive(Clone)]
pub(crate) struct Stock {
    count: u64,
    first: Timestamp,
    shops: Arc<[Owner]>,
    deliveries: Deliveries,
    dialect: DialectName,
    currency: Asset,
}

#[derive(Clone, Copy)]
struct Owner {
    shop: ShopId,
    endpoint: Option<EndpointId>,
}

struct Wall;

impl Clock for Wall {
    #[expect(
        clippy::disallowed_methods,
        reason = "this program is outside the gateway, and nobody hands it a clock"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

impl Stock {
    /// Fills the database at `path` with `count` payments of the shops that it knows.
    pub(crate) async fn fill(path: &Path, count: u64, deliveries: Deliveries) -> Done<Self> {
        let settings = Settings::Sqlite { path: path.to_owned(), readers: 1 };
        let store = Store::open(&settings, Arc::new(Wall), Arc::new(Placed(0)));
        let store = store.during("the database for the stock cannot be opened")?;
        let stock = Self {
            count,
            first: Wall.now() - AGE,
            shops: owners(&store).await?.into(),
            deliveries,
            dialect: DialectName::parse("alpha").during("no dialect")?,
            currency: Asset::currency("USD").during("no currency")?,
        };
        let mut next = 0;
        while next < count {
            let (shelf, from, to) = (stock.clone(), next, count.min(next + BATCH));
            let job = move |tx: &mut Tx<'_>| (from..to).try_for_each(|place| shelf.put(tx, place));
            store.transact("bench.fill", job).await.during("the stock was not written")?;
            next = to;
        }
        Ok(stock)
    }

    /// The id of the payment at a place.
    pub(crate) fn id(&self, place: u64) -> PaymentId {
        IdSeed::new(&Placed(place)).maker(self.made_at(place)).make()
    }

    /// Places of payments, drawn at random, each with the number of its shop.
    pub(crate) fn draw(&self, how_many: usize) -> Vec<(usize, PaymentId)> {
        let mut random = Random::new(7);
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        let place = |_| u64::try_from(random.below(count)).unwrap_or_default();
        (0..how_many).map(place).map(|place| (Self::shop_number(place), self.id(place))).collect()
    }

    fn made_at(&self, place: u64) -> Timestamp {
        let step = AGE.micros().unsigned_abs() / self.count.max(1);
        self.first + Span::from_micros(i64::try_from(place.saturating_mul(step)).unwrap_or_default())
    }

    fn shop_number(place: u64) -> usize {
        if place.is_multiple_of(LARGE_SHARE) { 0 } else { 1 + Random::new(place).below(SHOPS - 1) }
    }

    fn put(&self, tx: &mut Tx<'_>, place: u64) -> Result<(), Abort> {
        let at = self.made_at(place);
        let mut ids = IdSeed::new(&Placed(place)).maker(at);
        let owner = self.shops[Self::shop_number(place) % self.shops.len()];
        let mut payment = self.payment(ids.make(), owner.shop, at);
        let mut key = [0_u8; 32];
        Random::new(place ^ u64::MAX).hex(&mut key);
        let key = String::from_utf8_lossy(&key);
        let fingerprint = &[0x5a; 32];
        let wanted = Key { shop: owner.shop, dialect: self.dialect, key: &key, fingerprint };
        store::idempotency::claim(tx, &wanted, payment.id, at)?;
        let event = Event {
            id: ids.make(),
            shop: owner.shop,
            payment: payment.id,
            sequence: 1,
            kind: EventKind::Created,
            at,
            state: State::NEW,
            receipt: None,
            previous: None,
        };
        store::events::insert(tx, &event, None)?;
        payment.events = EventTail { last: Some(event.id), count: 1 };
        store::payments::insert(tx, &payment)?;
        let is_due = self.deliveries == Deliveries::Due;
        let delivery = Delivery {
            id: ids.make(),
            shop: owner.shop,
            endpoint: owner.endpoint.unwrap_or(EndpointId::floor(at)),
            event: event.id,
            event_name: "payment.created".to_owned(),
            status: if is_due { DeliveryStatus::Pending } else { DeliveryStatus::Delivered },
            attempts: u32::from(!is_due),
            next_attempt_at: is_due.then_some(at),
            created_at: at,
            manual: false,
            waits_for: None,
        };
        Ok(store::deliveries::insert(tx, &delivery)?)
    }

    fn payment(&self, id: PaymentId, shop: ShopId, at: Timestamp) -> Payment {
        let deadline = at + Span::minutes(30);
        let text = |text: &str| Some(text.to_owned());
        Payment {
            id,
            shop,
            dialect: self.dialect,
            number: None,
            price: Price { amount: Amount::from_minor(2_500), currency: self.currency },
            terms: Terms {
                deadline: Some(deadline),
                quote_validity: Span::minutes(15),
                seen_limit: Span::hours(1),
                window: None,
                confirm_limit: None,
                late: LateMoney::Held,
                tolerance: Tolerance::default(),
                depth: None,
                spread_parts_per_million: 0,
                fixes_rates: false,
            },
            order: Order {
                reference: text("order-2026-0001234"),
                description: text("Two coffees, a cake and a newspaper"),
                questions: Questions::default(),
                customer_email: text("ada.lovelace@buyer.example"),
                success_url: text("https://shop.example/orders/thanks"),
                cancel_url: text("https://shop.example/cart"),
                details: text(
                    r#"{"cart":"c-7f3a9b","channel":"web","customer":"cus_0012345","campaign":"winter","items":"3","locale":"en-GB","warehouse":"north","note":"leave it at the door"}"#,
                ),
            },
            created_at: at,
            updated_at: deadline,
            paid_at: None,
            confirm_by: None,
            closing: Closing { expired_at: Some(deadline), ..Closing::default() },
            state: State { status: Status::Expired, ..State::NEW },
            events: EventTail::default(),
            version: 2,
        }
    }
}

/// The shops of a database, oldest first, each with its endpoint. The demo shop is older than all of them.
async fn owners(store: &Store) -> Done<Vec<Owner>> {
    let job = |rx: &mut store::Rx<'_>| -> Result<Vec<Owner>, Abort> {
        let mut owners = Vec::new();
        let limit = u32::try_from(SHOPS).unwrap_or(u32::MAX).saturating_add(1);
        for shop in store::shops::list(rx, ShopId::from_bytes([0; 16]), limit)?.into_iter().skip(1) {
            let endpoint = store::endpoints::of_shop(rx, shop.id)?.first().map(|row| row.endpoint.id);
            owners.push(Owner { shop: shop.id, endpoint });
        }
        Ok(owners)
    };
    let owners = store.read("bench.shops", job).await.during("the shops cannot be read")?;
    if owners.len() == SHOPS { Ok(owners) } else { Err(Trouble::new("the seed has other shops")) }
}

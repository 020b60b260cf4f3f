//! Requests for money, as reads and lists need them.

use domain::{
    buyer::Questions,
    chain::Network,
    dialect::DialectName,
    event::EventTail,
    id::{PaymentId, ShopId},
    money::{Asset, Price},
    payment::{Balance, Closing, Flags, Order, Payment, State, Status},
    terms::{LateMoney, Terms, Tolerance},
    time::{Span, Timestamp},
};

use crate::{
    fault::Fault,
    sql::{Row, Sql, statements, values},
    tx::{Locked, Rx, Tx},
};

macro_rules! columns {
    () => {
        "id, shop_id, dialect, status, flags, price_amount, price_currency, price_decimals, seen, confirmed, deadline,
         quote_validity, seen_limit, late, tolerance_absolute, tolerance_ppm, depth, reference, description,
         customer_email, success_url, cancel_url, details, created_at, updated_at, paid_at, expired_at, cancelled_at,
         failed_at, last_event, events, version, number, choice_window, confirm_limit, confirm_by, spread_ppm,
         questions, fixes_rates"
    };
}

statements! {
    INSERT = concat!("insert into payments (", columns!(), ") values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,
                ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32,
                ?33, ?34, ?35, ?36, ?37, ?38, ?39)");
    UPDATE = "update payments set status = ?4, flags = ?5, seen = ?6, confirmed = ?7, updated_at = ?8, paid_at = ?9,
                expired_at = ?10, cancelled_at = ?11, failed_at = ?12, last_event = ?13, events = ?14, version = ?15,
                deadline = ?16, confirm_by = ?17, customer_email = ?18
              where id = ?1 and shop_id = ?2 and version = ?3";
    GET = concat!("select ", columns!(), " from payments where id = ?1 and shop_id = ?2");
    FIND = concat!("select ", columns!(), " from payments where id = ?1");
    LIST = concat!("select ", columns!(), " from payments where shop_id = ?1 and id < ?2 and id >= ?3
            order by id desc limit ?4");
    LIST_ALL = concat!("select ", columns!(), " from payments where id < ?1 order by id desc limit ?2");
    OVERDUE = "select deadline, id, shop_id from payments
               where status = 'waiting' and deadline is not null and deadline < ?1 and (deadline, id) > (?2, ?3)
               order by deadline, id limit ?4";
    UNCONFIRMED = "select confirm_by, id, shop_id from payments
                   where status = 'processing' and confirm_by is not null and confirm_by < ?1
                     and (confirm_by, id) > (?2, ?3)
                   order by confirm_by, id limit ?4";
    ANY_UNCONFIRMED = "select 1 from payments
                       where status = 'processing' and confirm_by is not null and confirm_by >= ?1 and confirm_by < ?2
                       limit 1";
    ANY_DUE = "select 1 from payments p
               where p.status = 'waiting' and p.deadline is not null and p.deadline < ?2
                 and (p.deadline >= ?1
                   or exists (select 1 from receipts r where r.payment_id = p.id and r.standing = 'gone'))
               limit 1";
    NETWORKS = "select distinct network from quotes where payment_id = ?1 and valid_until is not null order by network";
    ALL_NETWORKS = "select distinct network from quotes where payment_id = ?1 order by network";
}

const LOCK: Sql = Sql::differing(
    concat!(module_path!(), "::LOCK"),
    concat!("select ", columns!(), " from payments where id = ?1 and shop_id = ?2"),
    concat!("select ", columns!(), " from payments where id = ?1 and shop_id = ?2 for update"),
);
pub(crate) const LOCKING: &[&Sql] = &[&LOCK];

const SHORT: i64 = 1;
const OVER: i64 = 2;
const LATE: i64 = 4;

const ASKS_EMAIL: i64 = 1;
const ASKS_SENDER: i64 = 2;

/// Questions as one number.
fn questions_to_int(questions: Questions) -> i64 {
    [(questions.email, ASKS_EMAIL), (questions.sender, ASKS_SENDER)]
        .into_iter()
        .filter_map(|(is_set, bit)| is_set.then_some(bit))
        .sum()
}

const fn questions_from_int(bits: i64) -> Questions {
    Questions { email: bits & ASKS_EMAIL != 0, sender: bits & ASKS_SENDER != 0 }
}

/// Flags as one number.
pub(crate) fn flags_to_int(flags: Flags) -> i64 {
    [(flags.short, SHORT), (flags.over, OVER), (flags.late, LATE)]
        .into_iter()
        .filter_map(|(is_set, bit)| is_set.then_some(bit))
        .sum()
}

pub(crate) const fn flags_from_int(bits: i64) -> Flags {
    Flags { short: bits & SHORT != 0, over: bits & OVER != 0, late: bits & LATE != 0 }
}

const fn late_code(late: LateMoney) -> &'static str {
    match late {
        LateMoney::Held => "held",
        LateMoney::Reopens => "reopens",
    }
}

fn late_from_code(code: &str) -> Option<LateMoney> {
    [LateMoney::Held, LateMoney::Reopens].into_iter().find(|late| late_code(*late) == code)
}

fn read(row: &Row<'_>) -> Result<Payment, Fault> {
    let decimals = u8::try_from(row.int(7)?).map_err(|_| Fault::undecodable(7))?;
    let currency = row.named(6, |code| Asset::new(code, decimals))?;
    Ok(Payment {
        id: row.id(0)?,
        shop: row.id(1)?,
        dialect: row.named(2, DialectName::parse)?,
        number: row.opt_u32(32)?,
        state: State {
            status: row.parsed(3, Status::from_code)?,
            flags: flags_from_int(row.int(4)?),
            balance: Balance { seen: row.amount(8)?, confirmed: row.amount(9)? },
        },
        price: Price { amount: row.amount(5)?, currency },
        terms: read_terms(row)?,
        order: Order {
            reference: row.opt_text(17)?,
            description: row.opt_text(18)?,
            customer_email: row.opt_text(19)?,
            questions: questions_from_int(row.int(37)?),
            success_url: row.opt_text(20)?,
            cancel_url: row.opt_text(21)?,
            details: row.opt_text(22)?,
        },
        created_at: row.time(23)?,
        updated_at: row.time(24)?,
        paid_at: row.opt_time(25)?,
        confirm_by: row.opt_time(35)?,
        closing: Closing {
            expired_at: row.opt_time(26)?,
            cancelled_at: row.opt_time(27)?,
            failed_at: row.opt_time(28)?,
        },
        events: EventTail { last: row.opt_id(29)?, count: row.u32(30)? },
        version: row.u32(31)?,
    })
}

fn read_terms(row: &Row<'_>) -> Result<Terms, Fault> {
    Ok(Terms {
        deadline: row.opt_time(10)?,
        window: row.opt_int(33)?.map(Span::from_micros),
        confirm_limit: row.opt_int(34)?.map(Span::from_micros),
        quote_validity: Span::from_micros(row.int(11)?),
        seen_limit: Span::from_micros(row.int(12)?),
        late: row.parsed(13, late_from_code)?,
        tolerance: Tolerance { absolute: row.amount(14)?, parts_per_million: row.u32(15)? },
        depth: row.opt_u32(16)?,
        spread_parts_per_million: row.u32(36)?,
        fixes_rates: row.bool(38)?,
    })
}

/// Adds a payment.
pub fn insert(tx: &mut Tx<'_>, payment: &Payment) -> Result<(), Fault> {
    let Payment { price, terms, order, closing, state, events, .. } = payment;
    tx.put(
        &INSERT,
        values![
            &payment.id,
            &payment.shop,
            payment.dialect.as_str(),
            state.status.code(),
            flags_to_int(state.flags),
            price.amount,
            price.currency.code.as_str(),
            i64::from(price.currency.decimals),
            state.balance.seen,
            state.balance.confirmed,
            terms.deadline,
            terms.quote_validity.micros(),
            terms.seen_limit.micros(),
            late_code(terms.late),
            terms.tolerance.absolute,
            terms.tolerance.parts_per_million,
            terms.depth,
            order.reference.as_deref(),
            order.description.as_deref(),
            order.customer_email.as_deref(),
            order.success_url.as_deref(),
            order.cancel_url.as_deref(),
            order.details.as_deref(),
            payment.created_at,
            payment.updated_at,
            payment.paid_at,
            closing.expired_at,
            closing.cancelled_at,
            closing.failed_at,
            events.last.as_ref(),
            events.count,
            payment.version,
            payment.number,
            terms.window.map(Span::micros),
            terms.confirm_limit.map(Span::micros),
            payment.confirm_by,
            terms.spread_parts_per_million,
            questions_to_int(order.questions),
            terms.fixes_rates
        ],
    )
}

/// The payment of this shop with this id.
pub fn get(rx: &mut Rx<'_>, shop: ShopId, id: PaymentId) -> Result<Option<Payment>, Fault> {
    rx.one(&GET, values![&id, &shop], read)
}

/// The payment with this id, whosever it is: for what arrives without a shop, such as a public token.
pub fn find(rx: &mut Rx<'_>, id: PaymentId) -> Result<Option<Payment>, Fault> {
    rx.one(&FIND, values![&id], read)
}

/// Payments of a shop before `before` and not before `from`, newest first.
pub fn list(
    rx: &mut Rx<'_>,
    shop: ShopId,
    before: PaymentId,
    from: PaymentId,
    limit: u32,
) -> Result<Vec<Payment>, Fault> {
    rx.all(&LIST, values![&shop, &before, &from, limit], read)
}

/// Payments of all shops before `before`, newest first.
pub fn list_all(rx: &mut Rx<'_>, before: PaymentId, limit: u32) -> Result<Vec<Payment>, Fault> {
    rx.all(&LIST_ALL, values![&before, limit], read)
}

/// Holds a payment against everybody else who would change it.
pub fn lock(tx: &mut Tx<'_>, shop: ShopId, id: PaymentId) -> Result<Option<Locked<Payment>>, Fault> {
    Ok(tx.one(&LOCK, values![&id, &shop], read)?.map(Locked::new))
}

/// Writes what may change of a payment, and counts its version up.
pub fn save(tx: &mut Tx<'_>, payment: Locked<Payment>) -> Result<Payment, Fault> {
    let mut payment = payment.into_inner();
    let version = payment.version;
    payment.version = version.wrapping_add(1);
    let (closing, state) = (&payment.closing, &payment.state);
    let changed = tx.run(
        &UPDATE,
        values![
            &payment.id,
            &payment.shop,
            version,
            state.status.code(),
            flags_to_int(state.flags),
            state.balance.seen,
            state.balance.confirmed,
            payment.updated_at,
            payment.paid_at,
            closing.expired_at,
            closing.cancelled_at,
            closing.failed_at,
            payment.events.last.as_ref(),
            payment.events.count,
            payment.version,
            payment.terms.deadline,
            payment.confirm_by,
            payment.order.customer_email.as_deref()
        ],
    )?;
    if changed == 1 { Ok(payment) } else { Err(Fault::broken("a locked payment was not there to be saved")) }
}

/// What a payment waits for that may expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaits {
    /// Money, until its deadline.
    Money,
    /// That the money which was seen becomes final, until its own limit.
    Confirmation,
}

/// A payment whose limit has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// Its limit.
    pub deadline: Timestamp,
    /// Its id.
    pub id: PaymentId,
    /// Its shop.
    pub shop: ShopId,
}

/// Payments that wait for something and whose limit lies before `now`, in the order of their limits, after `after`.
pub fn overdue(
    rx: &mut Rx<'_>,
    awaits: Awaits,
    now: Timestamp,
    after: Option<Overdue>,
    limit: u32,
) -> Result<Vec<Overdue>, Fault> {
    let start = (Timestamp::from_micros(i64::MIN), PaymentId::from_bytes([0; 16]));
    let (deadline, id) = after.map_or(start, |last| (last.deadline, last.id));
    let sql = match awaits {
        Awaits::Money => &OVERDUE,
        Awaits::Confirmation => &UNCONFIRMED,
    };
    rx.all(sql, values![now, deadline, &id, limit], |row| {
        Ok(Overdue { deadline: row.time(0)?, id: row.id(1)?, shop: row.id(2)? })
    })
}

/// Whether any payment may expire for want of nothing but a later horizon than `from`: its limit lies before `to`, and
/// not before `from` unless money that it lost holds it up.
pub fn any_due(rx: &mut Rx<'_>, from: Timestamp, to: Timestamp) -> Result<bool, Fault> {
    let is_due = rx.one(&ANY_DUE, values![from, to], |row| row.int(0))?.is_some();
    Ok(is_due || rx.one(&ANY_UNCONFIRMED, values![from, to], |row| row.int(0))?.is_some())
}

/// The networks on which what a payment waits for may happen: those on which it asked for money, or those on which any
/// came that counts.
pub fn networks(rx: &mut Rx<'_>, awaits: Awaits, id: PaymentId) -> Result<Vec<Network>, Fault> {
    let sql = match awaits {
        Awaits::Money => &NETWORKS,
        Awaits::Confirmation => &ALL_NETWORKS,
    };
    rx.all(sql, values![&id], |row| row.named(0, Network::parse))
}

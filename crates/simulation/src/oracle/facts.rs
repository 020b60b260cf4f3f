//! What stands in the database, read by statements of the oracle's own.

use rusqlite::{Connection, Row};

use super::{Violation, broken};

/// An id.
pub(super) type Key = [u8; 16];

/// A number that stands as text.
fn number<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| rusqlite::Error::InvalidQuery)
}

/// A number that is never negative.
fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}

macro_rules! rows {
    ($(#[doc = $doc:literal])* $name:ident, $sql:literal, { $($field:ident: $kind:ty = $read:expr;)* }) => {
        $(#[doc = $doc])*
        pub(super) struct $name { $(pub(super) $field: $kind,)* }

        impl $name {
            fn all(connection: &Connection) -> rusqlite::Result<Vec<Self>> {
                let mut statement = connection.prepare_cached($sql)?;
                let rows = statement.query_map([], |row| {
                    $(let $field: $kind = { let read: fn(&Row<'_>) -> rusqlite::Result<$kind> = $read; read(row)? };)*
                    Ok(Self { $($field,)* })
                })?;
                rows.collect()
            }
        }
    };
}

rows! {
    /// A payment.
    PaymentRow,
    "select id, shop_id, status, price_amount, deadline, late, tolerance_absolute, expired_at, cancelled_at, failed_at,
       last_event, events, reference, seen_limit, customer_email, dialect, number, choice_window, confirm_limit,
       confirm_by
     from payments order by id", {
        id: Key = |row| row.get(0);
        shop: Key = |row| row.get(1);
        status: String = |row| row.get(2);
        price: u128 = |row| number(row, 3);
        deadline: Option<i64> = |row| row.get(4);
        is_held: bool = |row| Ok(row.get::<_, String>(5)? == "held");
        tolerance: u128 = |row| number(row, 6);
        expired_at: Option<i64> = |row| row.get(7);
        cancelled_at: Option<i64> = |row| row.get(8);
        failed_at: Option<i64> = |row| row.get(9);
        last_event: Option<Key> = |row| row.get(10);
        events: u32 = |row| row.get(11);
        reference: Option<String> = |row| row.get(12);
        seen_limit: i64 = |row| row.get(13);
        email: Option<String> = |row| row.get(14);
        dialect: String = |row| row.get(15);
        number: Option<u32> = |row| row.get(16);
        window: Option<i64> = |row| row.get(17);
        confirm_limit: Option<i64> = |row| row.get(18);
        confirm_by: Option<i64> = |row| row.get(19);
    }
}
rows! {
    /// Money.
    ReceiptRow,
    "select id, payment_id, network, chain, txid, ordinal, asset, script, amount, valued_by, depth, first_seen, moment,
       standing, block_height, block_hash, block_time, number from receipts order by id", {
        id: Key = |row| row.get(0);
        payment: Key = |row| row.get(1);
        network: String = |row| row.get(2);
        txid: String = |row| row.get(4);
        ordinal: u32 = |row| row.get(5);
        asset: String = |row| row.get(6);
        script: Vec<u8> = |row| row.get(7);
        amount: u128 = |row| number(row, 8);
        valued_by: Option<Key> = |row| row.get(9);
        depth: u64 = |row| count(row, 10);
        first_seen: i64 = |row| row.get(11);
        moment: i64 = |row| row.get(12);
        standing: String = |row| row.get(13);
        height: Option<u64> = |row| Ok(row.get::<_, Option<i64>>(14)?.map(i64::unsigned_abs));
        hash: Option<String> = |row| row.get(15);
        time: Option<i64> = |row| row.get(16);
        number: Option<u32> = |row| row.get(17);
    }
}
rows! {
    /// A block that holds money, or held it.
    InclusionRow,
    "select receipt_id, block_hash, orphaned_at from inclusions", {
        receipt: Key = |row| row.get(0);
        hash: String = |row| row.get(1);
        orphaned_at: Option<i64> = |row| row.get(2);
    }
}
rows! {
    /// A promise.
    QuoteRow,
    "select id, payment_id, network, asset, script, covers, asks, created_at, valid_until from quotes
     order by payment_id, number", {
        id: Key = |row| row.get(0);
        payment: Key = |row| row.get(1);
        network: String = |row| row.get(2);
        asset: String = |row| row.get(3);
        script: Vec<u8> = |row| row.get(4);
        covers: u128 = |row| number(row, 5);
        asks: u128 = |row| number(row, 6);
        created_at: i64 = |row| row.get(7);
        valid_until: Option<i64> = |row| row.get(8);
    }
}
rows! {
    /// Something that happened.
    EventRow,
    "select e.id, e.shop_id, e.payment_id, e.sequence, e.kind, e.previous, e.receipt_id, p.dialect, e.status,
       e.facts
     from events e left join payments p on p.id = e.payment_id order by e.payment_id, e.sequence, e.id", {
        id: Key = |row| row.get(0);
        shop: Key = |row| row.get(1);
        payment: Key = |row| row.get(2);
        sequence: u32 = |row| row.get(3);
        kind: String = |row| row.get(4);
        previous: Option<Key> = |row| row.get(5);
        receipt: Option<Key> = |row| row.get(6);
        dialect: Option<String> = |row| row.get(7);
        status: String = |row| row.get(8);
        facts: Option<String> = |row| row.get(9);
    }
}
rows! {
    /// A delivery.
    DeliveryRow,
    "select id, endpoint_id, event_id, status, attempts, next_attempt_at, manual, leased_until
     from deliveries order by id", {
        id: Key = |row| row.get(0);
        endpoint: Key = |row| row.get(1);
        event: Key = |row| row.get(2);
        status: String = |row| row.get(3);
        attempts: u32 = |row| row.get(4);
        next_attempt_at: Option<i64> = |row| row.get(5);
        is_manual: bool = |row| row.get(6);
        leased_until: i64 = |row| row.get(7);
    }
}
rows! {
    /// A mail.
    MailRow,
    "select id, payment_id, event_id, kind, about, status, next_attempt_at from mails order by id", {
        id: Key = |row| row.get(0);
        payment: Key = |row| row.get(1);
        event: Key = |row| row.get(2);
        kind: String = |row| row.get(3);
        about: Key = |row| row.get(4);
        status: String = |row| row.get(5);
        next_attempt_at: Option<i64> = |row| row.get(6);
    }
}
rows! {
    /// Something that a person has to decide.
    DecisionRow,
    "select payment_id, kind from decisions", {
        payment: Key = |row| row.get(0);
        kind: String = |row| row.get(1);
    }
}
rows! {
    /// An endpoint.
    EndpointRow,
    "select id, shop_id, subscriptions, deleted_at, dialect from endpoints order by id", {
        id: Key = |row| row.get(0);
        shop: Key = |row| row.get(1);
        subscriptions: String = |row| row.get(2);
        deleted_at: Option<i64> = |row| row.get(3);
        dialect: String = |row| row.get(4);
    }
}
rows! {
    /// A line of the ledger.
    PostingRow,
    "select entry_id, receipt_id, account, amount, shop_id, network, asset from postings order by entry_id, line", {
        entry: Key = |row| row.get(0);
        receipt: Key = |row| row.get(1);
        account: String = |row| row.get(2);
        amount: i128 = |row| number(row, 3);
        shop: Key = |row| row.get(4);
        network: String = |row| row.get(5);
        asset: String = |row| row.get(6);
    }
}
rows! {
    /// What a shop has received by a method.
    BalanceRow,
    "select shop_id, network, asset, amount from balances", {
        shop: Key = |row| row.get(0);
        network: String = |row| row.get(1);
        asset: String = |row| row.get(2);
        amount: i128 = |row| number(row, 3);
    }
}
rows! {
    /// An address that was given out.
    AddressRow,
    "select a.script, a.script_kind, a.payment_id, a.number, a.client_address_id, a.shop_id, c.dialect
     from addresses a left join client_addresses c on c.id = a.client_address_id
     where a.payment_id is not null or a.client_address_id is not null", {
        script: Vec<u8> = |row| row.get(0);
        kind: String = |row| row.get(1);
        payment: Option<Key> = |row| row.get(2);
        number: Option<u32> = |row| row.get(3);
        client: Option<Key> = |row| row.get(4);
        shop: Key = |row| row.get(5);
        client_dialect: Option<String> = |row| row.get(6);
    }
}
rows! {
    /// A number, and what it names.
    NumberRow,
    "select shop_id, number, kind, subject from numbers", {
        shop: Key = |row| row.get(0);
        number: u32 = |row| row.get(1);
        kind: String = |row| row.get(2);
        subject: Vec<u8> = |row| row.get(3);
    }
}
rows! {
    /// A chain's cursor.
    CursorRow,
    "select network, chain, height, hash, horizon from cursors", {
        network: String = |row| row.get(0);
        height: u64 = |row| count(row, 2);
        hash: String = |row| row.get(3);
        horizon: i64 = |row| row.get(4);
    }
}
rows! {
    /// An idempotency key.
    KeyRow,
    "select key, payment_id from idempotency", {
        key: String = |row| row.get(0);
        payment: Key = |row| row.get(1);
    }
}
rows! {
    /// A simulated block.
    BlockRow,
    "select network, height, hash, time from sandbox_blocks", {
        network: String = |row| row.get(0);
        height: u64 = |row| count(row, 1);
        hash: String = |row| row.get(2);
        time: i64 = |row| row.get(3);
    }
}
rows! {
    /// Simulated money.
    TransferRow,
    "select network, txid, script, amount, height from sandbox_transfers", {
        network: String = |row| row.get(0);
        txid: String = |row| row.get(1);
        script: Vec<u8> = |row| row.get(2);
        amount: u128 = |row| number(row, 3);
        height: Option<u64> = |row| Ok(row.get::<_, Option<i64>>(4)?.map(i64::unsigned_abs));
    }
}

/// All of it, at one moment.
pub(super) struct Facts {
    pub(super) payments: Vec<PaymentRow>,
    pub(super) receipts: Vec<ReceiptRow>,
    pub(super) inclusions: Vec<InclusionRow>,
    pub(super) quotes: Vec<QuoteRow>,
    pub(super) events: Vec<EventRow>,
    pub(super) deliveries: Vec<DeliveryRow>,
    pub(super) mails: Vec<MailRow>,
    pub(super) decisions: Vec<DecisionRow>,
    pub(super) endpoints: Vec<EndpointRow>,
    pub(super) postings: Vec<PostingRow>,
    pub(super) balances: Vec<BalanceRow>,
    pub(super) addresses: Vec<AddressRow>,
    pub(super) numbers: Vec<NumberRow>,
    pub(super) cursors: Vec<CursorRow>,
    pub(super) keys: Vec<KeyRow>,
    pub(super) blocks: Vec<BlockRow>,
    pub(super) transfers: Vec<TransferRow>,
    /// How far the business clock is ahead.
    pub(super) offset: i64,
}

impl Facts {
    pub(super) fn read(connection: &Connection) -> Result<Self, Violation> {
        let read = || -> rusqlite::Result<Self> {
            let offset =
                connection.query_row("select clock_offset from installation", [], |row| row.get(0))?;
            Ok(Self {
                payments: PaymentRow::all(connection)?,
                receipts: ReceiptRow::all(connection)?,
                inclusions: InclusionRow::all(connection)?,
                quotes: QuoteRow::all(connection)?,
                events: EventRow::all(connection)?,
                deliveries: DeliveryRow::all(connection)?,
                mails: MailRow::all(connection)?,
                decisions: DecisionRow::all(connection)?,
                endpoints: EndpointRow::all(connection)?,
                postings: PostingRow::all(connection)?,
                balances: BalanceRow::all(connection)?,
                addresses: AddressRow::all(connection)?,
                numbers: NumberRow::all(connection)?,
                cursors: CursorRow::all(connection)?,
                keys: KeyRow::all(connection)?,
                blocks: BlockRow::all(connection)?,
                transfers: TransferRow::all(connection)?,
                offset,
            })
        };
        read().map_err(|error| broken("the database can be read", error.to_string()))
    }

    pub(super) fn cursor(&self, network: &str) -> Option<&CursorRow> {
        self.cursors.iter().find(|cursor| cursor.network == network)
    }
}

/// An id as people read it.
pub(super) fn show(key: &Key) -> String {
    format!("{:032x}", u128::from_be_bytes(*key))
}

/// The kind of scripts that a network has.
pub(super) fn kind_of(network: &str) -> &'static str {
    match network {
        "bitcoin" => "witness_key_hash",
        "card" => "session",
        _ => "account",
    }
}

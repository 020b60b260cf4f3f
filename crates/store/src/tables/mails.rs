//! Mails on their way to buyers.
//!
//! A mail that is due is leased by whoever sends it, as deliveries are. Each row is changed by one statement that looks
//! at what it found in the same breath: of two that come at once, the second finds the row as the first one left it.

use domain::{
    id::{Id, MailId, NodeId, PaymentId, ShopId},
    mail::{Mail, MailKind, MailStatus},
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{Row, statements, values},
    tx::{Rx, Tx},
};

macro_rules! columns {
    () => {
        "id, shop_id, payment_id, event_id, kind, about, status, attempts, resent, queued_at, next_attempt_at, ended_at,
         error, created_at"
    };
}

statements! {
    INSERT = "insert into mails (id, shop_id, payment_id, event_id, kind, about, status, attempts, resent, queued_at,
                next_attempt_at, leased_until, created_at)
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, ?12)
              on conflict (payment_id, kind, about) do update
                set event_id = excluded.event_id, status = excluded.status, queued_at = excluded.queued_at,
                    next_attempt_at = excluded.next_attempt_at, ended_at = null
                where mails.status = 'dropped'";
    GET = concat!("select ", columns!(), " from mails where id = ?1");
    LIST = concat!("select ", columns!(), " from mails where id < ?1 order by id desc limit ?2");
    OF_PAYMENT = concat!("select ", columns!(), " from mails where payment_id = ?1 and shop_id = ?2 order by id desc");
    DUE = "select id, shop_id from mails
           where next_attempt_at is not null and next_attempt_at <= ?1 and leased_until <= ?2
           order by next_attempt_at limit ?3";
    CLAIM = concat!(
        "update mails set attempts = attempts + 1, leased_until = ?5, leased_by = ?6
         where id = ?1 and shop_id = ?2 and next_attempt_at is not null and next_attempt_at <= ?3 and leased_until <= ?4
         returning ",
        columns!()
    );
    FINISH = "update mails set status = ?4, next_attempt_at = ?5, ended_at = ?6, error = ?7, leased_until = 0
              where id = ?1 and shop_id = ?2 and status <> 'sent' and (attempts = ?3 or ?4 = 'sent')";
    KEEP = "update mails set status = 'kept', next_attempt_at = null
            where leased_until <= ?2 and (id, shop_id) in (
              select id, shop_id from mails
              where next_attempt_at is not null and next_attempt_at <= ?1 and leased_until <= ?2
              order by next_attempt_at limit ?3)";
    QUEUE_KEPT = "update mails set status = 'pending', next_attempt_at = ?1, queued_at = ?1
                  where status = 'kept' and (id, shop_id) in (
                    select id, shop_id from mails where id >= ?2 and status = 'kept' order by id limit ?3)";
    RESEND = concat!(
        "update mails set status = 'pending', next_attempt_at = ?3, queued_at = ?3, ended_at = null, error = null,
           resent = resent + 1
         where id = ?1 and shop_id = ?2 returning ",
        columns!()
    );
    RELEASE_OF = "update mails set leased_until = 0
                  where next_attempt_at is not null and leased_until > 0 and leased_by = ?1";
    RELEASE = "update mails set leased_until = 0 where next_attempt_at is not null and leased_until > 0";
    PRUNE = "delete from mails where (id, shop_id) in (
               select id, shop_id from mails where id < ?1 order by id limit ?2)";
}

fn read(row: &Row<'_>) -> Result<Mail, Fault> {
    let payment: PaymentId = row.id(2)?;
    let about = row.id(5)?;
    Ok(Mail {
        id: row.id(0)?,
        shop: row.id(1)?,
        payment,
        event: row.id(3)?,
        kind: row.parsed(4, MailKind::from_code)?,
        receipt: (about != Id::from_uuid(payment.uuid())).then_some(about),
        status: row.parsed(6, MailStatus::from_code)?,
        attempts: row.u32(7)?,
        resent: row.u32(8)?,
        queued_at: row.time(9)?,
        next_attempt_at: row.opt_time(10)?,
        ended_at: row.opt_time(11)?,
        error: row.opt_text(12)?,
        created_at: row.time(13)?,
    })
}

/// Adds a mail, unless its fact has one. One that was dropped, because its fact was no longer so, waits again.
pub fn insert(tx: &mut Tx<'_>, mail: &Mail) -> Result<(), Fault> {
    let about = mail.receipt.unwrap_or(Id::from_uuid(mail.payment.uuid()));
    tx.put(
        &INSERT,
        values![
            &mail.id,
            &mail.shop,
            &mail.payment,
            &mail.event,
            mail.kind.code(),
            &about,
            mail.status.code(),
            mail.attempts,
            mail.resent,
            mail.queued_at,
            mail.next_attempt_at,
            mail.created_at
        ],
    )
}

/// The mail with this id.
pub fn get(rx: &mut Rx<'_>, id: MailId) -> Result<Option<Mail>, Fault> {
    rx.one(&GET, values![&id], read)
}

/// Mails before `before`, newest first.
pub fn list(rx: &mut Rx<'_>, before: MailId, limit: u32) -> Result<Vec<Mail>, Fault> {
    rx.all(&LIST, values![&before, limit], read)
}

/// The mails of a payment, newest first. Its receipts bound them.
pub fn of_payment(rx: &mut Rx<'_>, shop: ShopId, payment: PaymentId) -> Result<Vec<Mail>, Fault> {
    rx.all(&OF_PAYMENT, values![&payment, &shop], read)
}

/// Mails that are due by the business time `due` and that nobody has by the wall time `wall`.
pub fn due(
    rx: &mut Rx<'_>,
    due: Timestamp,
    wall: Timestamp,
    limit: u32,
) -> Result<Vec<(MailId, ShopId)>, Fault> {
    rx.all(&DUE, values![due, wall, limit], |row| Ok((row.id(0)?, row.id(1)?)))
}

/// How a mail is leased.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// What is due by this business time.
    pub due: Timestamp,
    /// The wall time, by which leases lapse.
    pub wall: Timestamp,
    /// When this lease lapses.
    pub leased_until: Timestamp,
    /// The node that takes it, where there are several.
    pub node: Option<NodeId>,
}

/// Leases a mail, and counts the attempt that begins; nothing where somebody else was quicker.
pub fn claim(tx: &mut Tx<'_>, (id, shop): (MailId, ShopId), claim: &Claim) -> Result<Option<Mail>, Fault> {
    let Claim { due, wall, leased_until, node } = claim;
    tx.one(&CLAIM, values![&id, &shop, *due, *wall, *leased_until, node.as_ref()], read)
}

/// How an attempt left a mail.
#[derive(Clone, Copy, Debug)]
pub struct Finish<'a> {
    /// How it stands now.
    pub status: MailStatus,
    /// When the next try is due.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was taken, or given up.
    pub ended_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<&'a str>,
}

/// Writes how an attempt left a mail; whether it counts. Where a newer attempt was begun since, only a mail that was
/// taken is news.
pub fn finish(tx: &mut Tx<'_>, mail: &Mail, finish: &Finish<'_>) -> Result<bool, Fault> {
    let Finish { status, next_attempt_at, ended_at, error } = finish;
    let changed = tx.run(
        &FINISH,
        values![&mail.id, &mail.shop, mail.attempts, status.code(), *next_attempt_at, *ended_at, *error],
    )?;
    Ok(changed > 0)
}

/// Keeps at most `limit` of the mails that are due and that nobody has; how many there were.
pub fn keep(tx: &mut Tx<'_>, due: Timestamp, wall: Timestamp, limit: u32) -> Result<usize, Fault> {
    tx.run(&KEEP, values![due, wall, limit])
}

/// Lets at most `limit` of the kept mails that were made since `since` be due at `now`; how many there were.
pub fn queue_kept(tx: &mut Tx<'_>, now: Timestamp, since: MailId, limit: u32) -> Result<usize, Fault> {
    tx.run(&QUEUE_KEPT, values![now, &since, limit])
}

/// Lets a mail be due at `now`, however it stands.
pub fn resend(tx: &mut Tx<'_>, mail: &Mail, now: Timestamp) -> Result<Option<Mail>, Fault> {
    tx.one(&RESEND, values![&mail.id, &mail.shop, now], read)
}

/// Lets the leases of a node lapse that is gone.
pub fn release(tx: &mut Tx<'_>, node: NodeId) -> Result<usize, Fault> {
    tx.run(&RELEASE_OF, values![&node])
}

/// Lets every lease lapse: for the start of the only process that uses this database.
pub fn release_all(tx: &mut Tx<'_>) -> Result<usize, Fault> {
    tx.run(&RELEASE, values![])
}

/// Deletes at most `limit` of the mails before `before`; how many there were.
pub fn prune(tx: &mut Tx<'_>, before: MailId, limit: u32) -> Result<usize, Fault> {
    tx.run(&PRUNE, values![&before, limit])
}

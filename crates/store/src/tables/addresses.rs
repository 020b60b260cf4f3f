//! Where money can arrive: scripts that wait to be given out, and those that were.

use std::ops::Range;

use domain::{
    chain::{Network, Script, ScriptKind},
    id::{ClientAddressId, PaymentId, ShopId, WalletId},
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{statements, values},
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into addresses (script, script_kind, shop_id, wallet_id, position, payment_id, issued_at)
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    ISSUE = "update addresses set payment_id = ?3, client_address_id = ?4, issued_at = ?5
             where wallet_id = ?1 and position = ?2 and payment_id is null and client_address_id is null
               and issued_at is null
             returning script";
    SET_NUMBER = "update addresses set number = ?4 where script = ?1 and script_kind = ?2 and shop_id = ?3";
    NUMBER = "select number from addresses where script = ?1 and script_kind = ?2";
    RETIRE = "update addresses set issued_at = ?3 where script = ?1 and script_kind = ?2 and issued_at is null";
    OWNER = "select shop_id, payment_id, client_address_id from addresses where script = ?1 and script_kind = ?2";
    SIMULATED = "select w.simulated from addresses a join wallets w on w.id = a.wallet_id and w.shop_id = a.shop_id
                 where a.script = ?1 and a.script_kind = ?2";
    USED = "select a.position from addresses a
            where a.wallet_id = ?1 and a.position >= ?2 and a.position < ?3
              and ((a.payment_id is null and a.issued_at is not null)
                or exists (select 1 from receipts r where r.payment_id = a.payment_id and r.shop_id = a.shop_id
                             and r.script = a.script and r.network = ?4 and r.standing <> 'gone'))
            order by a.position";
    SCRIPTS = "select position, script from addresses where wallet_id = ?1 and position >= ?2
               order by position limit ?3";
}

/// Whom money at a script is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The shop.
    pub shop: ShopId,
    /// Whom it was given to; `None` while the script waits for that.
    pub given_to: Option<Recipient>,
}

/// Whom a script is given to, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A payment: all that comes is for it.
    Payment(PaymentId),
    /// A client of a shop: each transfer that comes makes a payment of its own.
    Client(ClientAddressId),
}

impl Recipient {
    /// The payment, where it is one.
    pub const fn payment(self) -> Option<PaymentId> {
        match self {
            Self::Payment(id) => Some(id),
            Self::Client(_) => None,
        }
    }

    const fn client(self) -> Option<ClientAddressId> {
        match self {
            Self::Payment(_) => None,
            Self::Client(id) => Some(id),
        }
    }
}

/// Adds a script of a wallet, to be given out later.
pub fn insert_derived(
    tx: &mut Tx<'_>,
    shop: ShopId,
    wallet: WalletId,
    position: u32,
    kind: ScriptKind,
    script: &Script,
) -> Result<(), Fault> {
    tx.put(
        &INSERT,
        values![script.bytes(), kind.code(), &shop, &wallet, position, None::<&PaymentId>, None::<Timestamp>],
    )
}

/// Adds a script that no wallet made, for one payment.
pub fn insert_session(
    tx: &mut Tx<'_>,
    shop: ShopId,
    payment: PaymentId,
    script: &Script,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.put(
        &INSERT,
        values![
            script.bytes(),
            ScriptKind::Session.code(),
            &shop,
            None::<&WalletId>,
            None::<u32>,
            &payment,
            at
        ],
    )
}

/// Gives the script at `position` of a wallet away: once, and never again. `None` where it was given or retired.
pub fn issue(
    tx: &mut Tx<'_>,
    wallet: WalletId,
    position: u32,
    recipient: Recipient,
    at: Timestamp,
) -> Result<Option<Script>, Fault> {
    let (payment, client) = (recipient.payment(), recipient.client());
    let values = values![&wallet, position, payment.as_ref(), client.as_ref(), at];
    let script = tx.one(&ISSUE, values, |row| row.bytes(0))?;
    Ok(script.as_deref().and_then(Script::new))
}

/// Gives a script its number.
pub fn set_number(
    tx: &mut Tx<'_>,
    shop: ShopId,
    kind: ScriptKind,
    script: &Script,
    number: u32,
) -> Result<(), Fault> {
    tx.put(&SET_NUMBER, values![script.bytes(), kind.code(), &shop, number])
}

/// The number of a script, where it has one.
pub fn number(rx: &mut Rx<'_>, kind: ScriptKind, script: &Script) -> Result<Option<u32>, Fault> {
    Ok(rx.one(&NUMBER, values![script.bytes(), kind.code()], |row| row.opt_u32(0))?.flatten())
}

/// Keeps a script from ever being given out; whether it was waiting for that.
pub fn retire(tx: &mut Tx<'_>, kind: ScriptKind, script: &Script, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.run(&RETIRE, values![script.bytes(), kind.code(), at])? > 0)
}

/// Whom money at a script is for; `None` for a script that is not ours.
pub fn owner(rx: &mut Rx<'_>, kind: ScriptKind, script: &Script) -> Result<Option<Owner>, Fault> {
    rx.one(&OWNER, values![script.bytes(), kind.code()], |row| {
        let given_to = match (row.opt_id(1)?, row.opt_id(2)?) {
            (Some(payment), _) => Some(Recipient::Payment(payment)),
            (None, client) => client.map(Recipient::Client),
        };
        Ok(Owner { shop: row.id(0)?, given_to })
    })
}

/// Whether a script was made from a key of the sandbox's.
pub fn is_simulated(rx: &mut Rx<'_>, kind: ScriptKind, script: &Script) -> Result<bool, Fault> {
    let found = rx.one(&SIMULATED, values![script.bytes(), kind.code()], |row| row.bool(0))?;
    Ok(found.unwrap_or_default())
}

/// The positions of a wallet, within these bounds, at which money stands on a network. Those that received before they
/// were given out, and so never will be, are among them, whatever the network was.
pub fn used(
    rx: &mut Rx<'_>,
    wallet: WalletId,
    positions: Range<u32>,
    network: Network,
) -> Result<Vec<u32>, Fault> {
    rx.all(&USED, values![&wallet, positions.start, positions.end, network.as_str()], |row| row.u32(0))
}

/// The scripts of a wallet from `position` on, given out or not.
pub fn scripts(
    rx: &mut Rx<'_>,
    wallet: WalletId,
    position: u32,
    limit: u32,
) -> Result<Vec<(u32, Vec<u8>)>, Fault> {
    rx.all(&SCRIPTS, values![&wallet, position, limit], |row| Ok((row.u32(0)?, row.bytes(1)?)))
}

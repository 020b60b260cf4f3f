//! Numbers of a shop's own, and what each of them names.

use domain::id::ShopId;

use crate::{
    fault::Fault,
    sql::{statements, values},
    tx::{Rx, Tx},
};

statements! {
    RESERVE = "insert into number_counters (shop_id, next) values (?1, ?2)
               on conflict (shop_id) do update set next = number_counters.next + ?3 returning next";
    INSERT = "insert into numbers (shop_id, number, kind, subject) values (?1, ?2, ?3, ?4)";
    GET = "select kind, subject from numbers where shop_id = ?1 and number = ?2";
}

/// The first number of a shop.
const FIRST: u32 = 1;

/// What a number names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A payment, by its id.
    Payment,
    /// A receipt, by its id.
    Receipt,
    /// An address that was given out, by its script.
    Address,
}

impl Kind {
    const fn code(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Receipt => "receipt",
            Self::Address => "address",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Payment, Self::Receipt, Self::Address].into_iter().find(|kind| kind.code() == code)
    }
}

/// Takes the next `count` numbers of a shop for good; the number after the last of them.
pub fn reserve(tx: &mut Tx<'_>, shop: ShopId, count: u32) -> Result<u64, Fault> {
    let after_first = FIRST.saturating_add(count);
    let end = tx.one(&RESERVE, values![&shop, after_first, count], |row| row.u64(0))?;
    end.ok_or(Fault::broken("a counter of numbers says nothing"))
}

/// Lets a number name something, for ever.
pub fn insert(tx: &mut Tx<'_>, shop: ShopId, number: u32, kind: Kind, subject: &[u8]) -> Result<(), Fault> {
    tx.put(&INSERT, values![&shop, number, kind.code(), subject])
}

/// What a number of a shop names.
pub fn get(rx: &mut Rx<'_>, shop: ShopId, number: u32) -> Result<Option<(Kind, Vec<u8>)>, Fault> {
    rx.one(&GET, values![&shop, number], |row| Ok((row.parsed(0, Kind::from_code)?, row.bytes(1)?)))
}

//! The ledger: each change of what a receipt counts for is an entry of postings that sum to zero.
//!
//! It is written in the transaction of the fact and proves the receipts: at any moment `incoming` holds what was seen
//! and is not final, `received` what is final, and `buyer` the same with the other sign.

use crate::{
    id::ReceiptId,
    money::{Amount, SignedAmount},
    receipt::Standing,
    refusal::Refusal,
};

/// Where money is, by what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// With the buyers, outside.
    Buyer,
    /// Seen, and not yet final.
    Incoming,
    /// Final.
    Received,
}

/// One line of an entry, in minor units of the receipt's asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: Account,
    /// What it gains.
    pub amount: SignedAmount,
}

/// What one fact moved from one account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The receipt whose standing changed.
    pub receipt: ReceiptId,
    /// The two lines; their sum is zero.
    pub postings: [Posting; 2],
}

/// The account that money of this standing is in.
const fn account(standing: Standing) -> Account {
    match standing {
        Standing::Gone => Account::Buyer,
        Standing::Seen => Account::Incoming,
        Standing::Confirmed => Account::Received,
    }
}

/// The entry for a receipt of `amount` whose standing changes; nothing where it does not.
///
/// # Errors
/// [`Refusal::AmountOutOfRange`] for an amount that a ledger line cannot hold.
pub fn entry(
    receipt: ReceiptId,
    amount: Amount,
    from: Standing,
    to: Standing,
) -> Result<Option<Entry>, Refusal> {
    if from == to {
        return Ok(None);
    }
    let gain = amount.signed()?;
    Ok(Some(Entry {
        receipt,
        postings: [
            Posting { account: account(from), amount: gain.negated() },
            Posting { account: account(to), amount: gain },
        ],
    }))
}

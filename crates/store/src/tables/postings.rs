//! The ledger's lines. They are added and never changed.

use domain::{
    chain::Method,
    id::{EntryId, PaymentId, ReceiptId, ShopId},
    ledger::{Account, Entry},
    money::{AssetCode, SignedAmount},
    time::Timestamp,
};

use crate::{
    fault::Fault,
    sql::{statements, values},
    tx::{Rx, Tx},
};

statements! {
    INSERT = "insert into postings (entry_id, line, shop_id, payment_id, receipt_id, network, asset, account, amount,
                at)
              values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    PAGE = "select entry_id, line, receipt_id, asset, account, amount from postings where (entry_id, line) > (?1, ?2)
            order by entry_id, line limit ?3";
}

/// The stable name of an account.
const fn account_code(account: Account) -> &'static str {
    match account {
        Account::Buyer => "buyer",
        Account::Incoming => "incoming",
        Account::Received => "received",
    }
}

fn account_from_code(code: &str) -> Option<Account> {
    [Account::Buyer, Account::Incoming, Account::Received]
        .into_iter()
        .find(|account| account_code(*account) == code)
}

/// What an entry is about.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The shop.
    pub shop: ShopId,
    /// The payment.
    pub payment: PaymentId,
    /// Network and asset.
    pub method: Method,
    /// When.
    pub at: Timestamp,
}

/// Adds the lines of an entry.
pub fn insert(tx: &mut Tx<'_>, id: EntryId, about: &About, entry: &Entry) -> Result<(), Fault> {
    for (line, posting) in (0_u32..).zip(&entry.postings) {
        tx.run(
            &INSERT,
            values![
                &id,
                line,
                &about.shop,
                &about.payment,
                &entry.receipt,
                about.method.network.as_str(),
                about.method.asset.as_str(),
                account_code(posting.account),
                posting.amount,
                about.at
            ],
        )?;
    }
    Ok(())
}

/// One line of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The entry.
    pub entry: EntryId,
    /// Its place in the entry.
    pub line: u32,
    /// The receipt that it is about.
    pub receipt: ReceiptId,
    /// What is counted.
    pub asset: AssetCode,
    /// Where.
    pub account: Account,
    /// What the account gained.
    pub amount: SignedAmount,
}

/// The next lines of the whole ledger after `after`, oldest first.
pub fn page(rx: &mut Rx<'_>, after: (EntryId, u32), limit: u32) -> Result<Vec<Line>, Fault> {
    rx.all(&PAGE, values![&after.0, after.1, limit], |row| {
        Ok(Line {
            entry: row.id(0)?,
            line: row.u32(1)?,
            receipt: row.id(2)?,
            asset: row.named(3, AssetCode::parse)?,
            account: row.parsed(4, account_from_code)?,
            amount: row.signed_amount(5)?,
        })
    })
}

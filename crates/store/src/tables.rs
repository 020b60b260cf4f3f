//! One file per table. A function is named after what it does to rows; none of them decides anything.

pub mod addresses;
pub mod attempts;
pub mod credentials;
pub mod cursors;
pub mod decisions;
pub mod deliveries;
pub mod endpoints;
pub mod events;
pub mod idempotency;
pub mod inclusions;
pub mod installation;
pub mod mails;
pub mod merchants;
pub mod networks;
pub mod nodes;
pub mod payments;
pub mod postings;
pub mod quotes;
pub mod rates;
pub mod receipts;
pub mod sandbox;
pub mod shops;
pub mod wallets;

use crate::sql::Sql;

pub(crate) fn statements() -> Vec<&'static Sql> {
    [
        addresses::STATEMENTS,
        attempts::STATEMENTS,
        credentials::STATEMENTS,
        cursors::STATEMENTS,
        cursors::LOCKING,
        decisions::STATEMENTS,
        deliveries::STATEMENTS,
        deliveries::LOCKING,
        endpoints::STATEMENTS,
        endpoints::LOCKING,
        events::STATEMENTS,
        idempotency::STATEMENTS,
        idempotency::OF_SLICES,
        inclusions::STATEMENTS,
        installation::STATEMENTS,
        installation::LOCKING,
        mails::STATEMENTS,
        merchants::STATEMENTS,
        networks::STATEMENTS,
        nodes::STATEMENTS,
        nodes::LOCKING,
        payments::STATEMENTS,
        payments::LOCKING,
        postings::STATEMENTS,
        quotes::STATEMENTS,
        rates::STATEMENTS,
        receipts::STATEMENTS,
        sandbox::STATEMENTS,
        sandbox::LOCKING,
        shops::STATEMENTS,
        shops::LOCKING,
        wallets::STATEMENTS,
        wallets::LOCKING,
    ]
    .concat()
}

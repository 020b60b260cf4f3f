//! One file per table. A function is named after what it does to rows; none of them decides anything.

pub mod addresses;
pub mod attempts;
pub mod balances;
pub mod client_addresses;
pub mod credentials;
pub mod cursors;
pub mod decisions;
pub mod deliveries;
pub mod endpoints;
pub mod events;
pub mod fixed_rates;
pub mod idempotency;
pub mod inclusions;
pub mod installation;
pub mod mails;
pub mod merchants;
pub mod networks;
pub mod nodes;
pub mod numbers;
pub mod payments;
pub mod postings;
pub mod quotes;
pub mod rates;
pub mod receipts;
pub mod references;
pub mod sandbox;
pub mod senders;
pub mod shops;
mod sources;
pub mod wallets;

use crate::sql::Sql;

pub(crate) fn statements() -> Vec<&'static Sql> {
    [
        addresses::STATEMENTS,
        attempts::STATEMENTS,
        balances::STATEMENTS,
        client_addresses::STATEMENTS,
        credentials::STATEMENTS,
        cursors::STATEMENTS,
        cursors::LOCKING,
        decisions::STATEMENTS,
        deliveries::STATEMENTS,
        deliveries::LOCKING,
        endpoints::STATEMENTS,
        endpoints::LOCKING,
        events::STATEMENTS,
        fixed_rates::STATEMENTS,
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
        numbers::STATEMENTS,
        payments::STATEMENTS,
        payments::LOCKING,
        postings::STATEMENTS,
        quotes::STATEMENTS,
        rates::STATEMENTS,
        receipts::STATEMENTS,
        references::STATEMENTS,
        senders::STATEMENTS,
        sandbox::STATEMENTS,
        sandbox::LOCKING,
        shops::STATEMENTS,
        shops::LOCKING,
        wallets::STATEMENTS,
        wallets::LOCKING,
    ]
    .concat()
}

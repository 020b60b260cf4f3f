//! What the vendor calls the state of an invoice, and of a deposit.

use domain::payment::Status;

/// The vendor's words for an invoice.
pub(crate) const CREATED: &str = "created";
pub(crate) const PENDING: &str = "pending";
pub(crate) const PROCESSING: &str = "processing";
pub(crate) const CONFIRMED: &str = "confirmed";
pub(crate) const FAILED: &str = "failed";

/// The vendor's words for a deposit besides.
pub(crate) const NOT_CONFIRMED: &str = "not_confirmed";
pub(crate) const CANCELLED: &str = "cancelled";

/// What an invoice is called. `is_running`: whether its timer was started, with the invoice or by the choice of a
/// currency. Flags change nothing: what is short shows in what remains, and what is over in the transactions.
pub(crate) const fn of_invoice(status: Status, is_running: bool) -> &'static str {
    match status {
        Status::Waiting if is_running => PENDING,
        Status::Waiting => CREATED,
        Status::Processing => PROCESSING,
        Status::Paid => CONFIRMED,
        Status::Expired | Status::Cancelled | Status::Failed => FAILED,
    }
}

/// What a deposit is called.
pub(crate) const fn of_deposit(status: Status) -> &'static str {
    match status {
        Status::Waiting | Status::Processing => NOT_CONFIRMED,
        Status::Paid => CONFIRMED,
        Status::Expired | Status::Cancelled | Status::Failed => CANCELLED,
    }
}

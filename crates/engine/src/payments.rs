//! Requests for money.

mod cancel;
mod create;
mod read;

pub(crate) use create::add;
pub use create::{CreatePayment, Created, IdempotencyKey};
pub(crate) use read::receipt_views;
pub use read::{Filter, ListPayments, MAX_LIST, Page, PaymentView, ReceiptView};

//! An invoice as it was made: the answer to its creation.

use domain::{money::Amount, payment::Payment, time::Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{details::InvoiceDetails, number, status};

/// An invoice that was made, and what besides it its words take.
pub(crate) struct Subject<'a> {
    /// The payment, as it was made.
    pub(crate) payment: &'a Payment,
    /// What was kept of its request.
    pub(crate) details: &'a InvoiceDetails,
    /// Its number.
    pub(crate) number: u32,
    /// Its page.
    pub(crate) url: String,
    /// What the given coin asks for, where one was given with a timer.
    pub(crate) asked: Option<Asked>,
}

/// What a coin asks for.
pub(crate) struct Asked {
    /// Its code.
    pub(crate) code: String,
    /// Where to send it.
    pub(crate) address: String,
    /// How much of it.
    pub(crate) amount: Amount,
    /// Its decimal places.
    pub(crate) decimals: u8,
}

/// An invoice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invoice)]
pub(crate) struct InvoiceBody {
    /// The invoice's number.
    #[schema(minimum = 1, maximum = 2_147_483_647, examples(826_900))]
    id: u32,
    /// Where the buyer pays. Send the buyer there, to the letter.
    #[schema(format = "uri", examples("https://pay.example.com/invoice/5fRVv5KBnSuVHpZcNW4mOe"))]
    url: String,
    /// The merchant's own id.
    #[schema(examples("order-a1001"))]
    foreign_id: String,
    /// The payer's id; absent where none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("12345"))]
    end_user_reference: Option<String>,
    /// Where to pay; null while no coin was chosen.
    #[schema(required = true, examples("bcrt1q6z64a43mjgkcq0ul2znwneq3spghrlau9slefp"))]
    address: Option<String>,
    /// What the buyer reads.
    #[schema(examples("Order A1001"))]
    title: String,
    /// `created` without a timer, else `pending`.
    #[schema(pattern = "^(created|pending)$", examples("pending"))]
    status: &'static str,
    /// What the amount is counted in.
    #[schema(examples("EUR"))]
    currency: String,
    /// What was asked for.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("106.75000000"))]
    amount: String,
    /// The coin to pay with; null while none was chosen.
    #[schema(required = true, examples("BTC"))]
    sender_currency: Option<String>,
    /// How much of it to send.
    #[schema(required = true, pattern = "^[0-9]+\\.[0-9]{8,}$", examples("0.00195709"))]
    sender_amount: Option<String>,
    /// When the timer began: Unix seconds; null while it has not.
    #[schema(required = true, examples(1_781_611_200))]
    fixed_at: Option<i64>,
    /// When it ends.
    #[schema(required = true, examples(1_781_612_100))]
    release_at: Option<i64>,
    /// How long that is from the creation.
    #[schema(required = true, examples(899))]
    seconds_left: Option<i64>,
}

impl InvoiceBody {
    /// The invoice as it was made, from the facts of its creation alone.
    pub(crate) fn as_created(subject: Subject<'_>) -> Self {
        let Subject { payment, details, number, url, asked } = subject;
        let timer = details.timer.then_some(payment.terms.deadline).flatten();
        let currency = payment.price.currency;
        Self {
            id: number,
            url,
            foreign_id: payment.order.reference.clone().unwrap_or_default(),
            end_user_reference: details.end_user_reference.clone(),
            title: details.title.clone(),
            status: status::of_invoice(domain::payment::Status::Waiting, timer.is_some()),
            currency: details.currency.clone(),
            amount: number::write(payment.price.amount, currency.decimals),
            sender_amount: asked.as_ref().map(|asked| number::write(asked.amount, asked.decimals)),
            sender_currency: asked.as_ref().map(|asked| asked.code.clone()),
            address: asked.map(|asked| asked.address),
            fixed_at: timer.map(|_| payment.created_at.seconds()),
            release_at: timer.map(Timestamp::seconds),
            seconds_left: timer.map(|end| seconds_left(end, payment.created_at)),
        }
    }
}

/// Whole seconds until just before the end: 899 at the beginning of fifteen minutes, as in the vendor's samples.
fn seconds_left(end: Timestamp, now: Timestamp) -> i64 {
    let left = end.since(now).micros().saturating_sub(1);
    domain::time::Span::from_micros(left.max(0)).whole_seconds()
}

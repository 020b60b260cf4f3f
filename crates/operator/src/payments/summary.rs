//! A payment as lists show it.

use domain::{money::Amount, payment::State, refusal::Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Api, ids, time};

/// An amount with its currency or asset.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Money {
    /// The amount, as a decimal.
    pub amount: String,
    /// The code of what it is an amount of.
    pub currency: String,
}

/// What is true of a payment besides its status.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentFlags {
    /// Some money is there, and not enough.
    pub short: bool,
    /// More money is there than was asked.
    pub over: bool,
    /// Money is there that came after the deadline.
    pub late: bool,
}

/// How much there is, in the price's currency.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentBalance {
    /// What all money that is there is worth, final or not.
    pub seen: String,
    /// What the final part of it is worth.
    pub confirmed: String,
    /// What is still open of the price; negative where more came than was asked.
    pub remaining: String,
}

/// A payment.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Payment {
    /// Its id, as its dialect writes it.
    pub id: String,
    /// The same id as a UUID.
    pub uuid: String,
    /// The shop that is paid.
    pub shop: String,
    /// The dialect that made it.
    pub dialect: String,
    /// Where it stands: `waiting`, `processing`, `paid`, `expired`, `cancelled` or `failed`.
    pub status: String,
    /// What else is true of it.
    pub flags: PaymentFlags,
    /// What was asked.
    pub price: Money,
    /// How much there is.
    pub balance: PaymentBalance,
    /// The shop's own id for the order.
    pub reference: Option<String>,
    /// What the buyer reads.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When anything about it last changed.
    pub updated_at: String,
    /// When the order expires; null for one that waits for ever.
    pub deadline: Option<String>,
    /// When the last of what was due became final.
    pub paid_at: Option<String>,
    /// The buyer's page.
    pub checkout_url: String,
}

impl PaymentFlags {
    pub(super) const fn new(state: &State) -> Self {
        Self { short: state.flags.short, over: state.flags.over, late: state.flags.late }
    }
}

impl Payment {
    /// The payment in the words of its dialect where it has words for it.
    ///
    /// # Errors
    /// [`Refusal::DialectUnknown`] for a dialect that is no longer served.
    pub(crate) fn new(api: &Api, payment: &domain::payment::Payment) -> Result<Self, Refusal> {
        let dialect = api.engine.dialect(payment.dialect)?;
        let decimals = payment.price.currency.decimals;
        let decimal = |amount: Amount| amount.to_decimal(decimals);
        let path = dialect.checkout_path(&api.engine.token(payment.id));
        Ok(Self {
            id: dialect.payment_id(payment.id),
            uuid: payment.id.uuid().to_string(),
            shop: ids::write(payment.shop),
            dialect: payment.dialect.to_string(),
            status: payment.state.status.code().to_owned(),
            flags: PaymentFlags::new(&payment.state),
            price: Money {
                amount: decimal(payment.price.amount),
                currency: payment.price.currency.code.to_string(),
            },
            balance: PaymentBalance {
                seen: decimal(payment.state.balance.seen),
                confirmed: decimal(payment.state.balance.confirmed),
                remaining: payment.remaining().to_decimal(decimals),
            },
            reference: payment.order.reference.clone(),
            description: payment.order.description.clone(),
            created_at: time::write(payment.created_at),
            updated_at: time::write(payment.updated_at),
            deadline: payment.terms.deadline.map(time::write),
            paid_at: payment.paid_at.map(time::write),
            checkout_url: format!("{}{path}", api.checkout_url),
        })
    }
}

//! Which payments to list.

use domain::{dialect::DialectName, money::AssetCode, payment::Status, time::Timestamp};
use engine::payments::{Filter, ListPayments, MAX_LIST};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    error::ApiError,
    ids,
    page::{self, DEFAULT_LIMIT},
    time,
};

/// Which payments to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Of this shop.
    shop: Option<String>,
    /// Made by this dialect.
    dialect: Option<String>,
    /// With one of these statuses, separated by commas.
    status: Option<String>,
    /// With this reference.
    reference: Option<String>,
    /// With this e-mail address of the buyer.
    customer_email: Option<String>,
    /// Priced in this currency.
    currency: Option<String>,
    /// Made at this time or later.
    created_from: Option<String>,
    /// Made before this time.
    created_to: Option<String>,
    /// How many at most: 1 to 100; 20 where nothing is said.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Wanted {
    /// The command that it asks for.
    pub(super) fn command(self) -> Result<ListPayments, ApiError> {
        Ok(ListPayments {
            shop: self.shop.as_deref().map(ids::read).transpose()?,
            dialect: self.dialect.as_deref().map(DialectName::parse).transpose()?,
            filter: Filter {
                statuses: self.status.as_deref().map(statuses).transpose()?,
                reference: self.reference,
                currency: self.currency.as_deref().map(AssetCode::parse).transpose()?,
                customer_email: self.customer_email,
                created_from: moment("created_from", self.created_from.as_deref())?,
                created_to: moment("created_to", self.created_to.as_deref())?,
            },
            after: page::after(self.cursor.as_deref())?,
            limit: page::limit(self.limit, DEFAULT_LIMIT, MAX_LIST)?,
        })
    }
}

fn statuses(text: &str) -> Result<Vec<Status>, ApiError> {
    let known = || {
        let names: Vec<&str> = Status::ALL.iter().map(|status| status.code()).collect();
        format!("one or more of {}", names.join(", "))
    };
    let read = |name| Status::from_code(name).ok_or_else(|| ApiError::invalid("status", &known()));
    text.split(',').map(read).collect()
}

fn moment(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, ApiError> {
    let read = |text| {
        time::read(text).ok_or_else(|| ApiError::invalid(field, "a time such as 2026-06-16T12:00:00Z"))
    };
    text.map(read).transpose()
}

//! Which deliveries to list.

use domain::delivery::DeliveryStatus;
use engine::deliveries::{ListDeliveries, MAX_DELIVERIES};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    error::ApiError,
    ids,
    page::{self, DEFAULT_LIMIT},
};

/// Which deliveries to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Of this shop.
    shop: Option<String>,
    /// To this endpoint.
    endpoint: Option<String>,
    /// With this status.
    status: Option<String>,
    /// How many at most: 1 to 100; 20 where nothing is said.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Wanted {
    /// The command that it asks for.
    pub(super) fn command(self) -> Result<ListDeliveries, ApiError> {
        let status = |text: &String| {
            DeliveryStatus::from_code(text)
                .ok_or_else(|| ApiError::invalid("status", "`pending`, `retrying`, `delivered` or `failed`"))
        };
        Ok(ListDeliveries {
            shop: self.shop.as_deref().map(ids::read).transpose()?,
            endpoint: self.endpoint.as_deref().map(ids::read).transpose()?,
            status: self.status.as_ref().map(status).transpose()?,
            after: page::after(self.cursor.as_deref())?,
            limit: page::limit(self.limit, DEFAULT_LIMIT, MAX_DELIVERIES)?,
        })
    }
}

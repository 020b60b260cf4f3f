//! Which mails to list.

use domain::mail::MailStatus;
use engine::mails::{ListMails, MAX_MAILS};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    Api,
    error::ApiError,
    ids,
    page::{self, DEFAULT_LIMIT},
};

/// Which mails to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Of this shop.
    shop: Option<String>,
    /// About this payment, named in any form that a payment has.
    payment: Option<String>,
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
    pub(super) async fn command(self, api: &Api) -> Result<ListMails, ApiError> {
        let status = |text: &String| {
            MailStatus::from_code(text).ok_or_else(|| {
                let form = "`pending`, `retrying`, `sent`, `failed`, `kept` or `dropped`";
                ApiError::invalid("status", form)
            })
        };
        let payment = match &self.payment {
            Some(name) => Some(api.engine.find_payment(name).await?.id),
            None => None,
        };
        Ok(ListMails {
            shop: self.shop.as_deref().map(ids::read).transpose()?,
            payment,
            status: self.status.as_ref().map(status).transpose()?,
            after: page::after(self.cursor.as_deref())?,
            limit: page::limit(self.limit, DEFAULT_LIMIT, MAX_MAILS)?,
        })
    }
}

//! A list of payments: what is asked for, and a page of it.

use domain::{
    id::{PaymentId, ShopId},
    money::{Asset, AssetCode},
    payment::Status,
};
use engine::payments::{Filter, ListPayments, MAX_LIST};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    cursor,
    details::Problems,
    new_payment::MAX_REFERENCE,
    payment::PaymentBody,
    status::{self, PaymentStatus},
    time,
};
use crate::{
    alpha::errors::{ApiError, Code, Detail, DetailCode},
    field::email,
    http::query,
};

/// Payments of a page where no number is asked for.
const DEFAULT_LIMIT: usize = 20;

/// Which payments to list. Parameters that are not named here are ignored.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes; parameters are read one by one, so that all problems are told at once"
)]
pub(crate) struct ListParams {
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// In this state.
    #[param(inline)]
    status: Option<PaymentStatus>,
    /// With this reference.
    #[param(max_length = 255)]
    reference: Option<String>,
    /// In this currency.
    #[param(pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// With this e-mail address of the buyer.
    #[param(max_length = 254)]
    customer_email: Option<String>,
    /// Made at this time or later: RFC 3339.
    #[param(format = DateTime, example = "2026-06-16T12:00:00Z")]
    created_from: Option<String>,
    /// Made before this time: RFC 3339.
    #[param(format = DateTime, example = "2026-06-17T12:00:00Z")]
    created_to: Option<String>,
}

/// What a list is asked for.
pub(crate) struct List {
    limit: usize,
    /// The command; nothing where no payment can be in the state that is asked for.
    pub(crate) command: Option<ListPayments>,
}

/// A page of payments, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaymentPage {
    /// The payments. A page may be short, or empty, and still have a next one.
    data: Vec<PaymentBody>,
    /// Where the list goes on.
    pagination: Pagination,
}

/// Where a list goes on.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pagination {
    /// How many payments a page has at most.
    #[schema(minimum = 1, maximum = 100, examples(20))]
    limit: usize,
    /// Whether there is a next page.
    has_more: bool,
    /// What to send as `cursor` to get it; null after the last.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl List {
    /// Reads the part of a request behind the question mark.
    ///
    /// # Errors
    /// [`Code::InvalidCursor`], and [`Code::ValidationFailed`] with everything that is wrong.
    pub(crate) fn read(query: &str, shop: ShopId) -> Result<Self, ApiError> {
        let parameters = Parameters(query::parse(query));
        let after = parameters.cursor()?;
        let mut problems = Problems::default();
        let limit = problems.take(parameters.read("limit", "a whole number from 1 to 100", read_limit));
        let state = problems.take(parameters.read("status", "one of the eight states", status::read));
        let reference =
            problems.take(parameters.read("reference", "at most 255 characters", read_reference)).flatten();
        let currency =
            problems.take(parameters.read("currency", "a code of ISO 4217 in upper case", read_currency));
        let email = problems.take(parameters.read("customer_email", "an e-mail address", read_email));
        let moment = "a time of RFC 3339 such as 2026-06-16T12:00:00Z, percent-encoded";
        let created_from = problems.take(parameters.read("created_from", moment, time::read));
        let created_to = problems.take(parameters.read("created_to", moment, time::read));
        problems.none(Code::ValidationFailed)?;
        let limit = limit.flatten().unwrap_or(DEFAULT_LIMIT);
        let statuses = state.flatten().map(PaymentStatus::statuses);
        let filter = Filter {
            statuses: statuses.map(<[Status]>::to_vec),
            reference,
            currency: currency.flatten(),
            customer_email: email.flatten(),
            created_from: created_from.flatten(),
            created_to: created_to.flatten(),
        };
        let command =
            ListPayments { shop: Some(shop), dialect: Some(crate::alpha::name()), filter, after, limit };
        let can_match = statuses.is_none_or(|statuses| !statuses.is_empty());
        Ok(Self { limit, command: can_match.then_some(command) })
    }

    /// The answer with these payments, and the next page after the last of them that was looked at.
    pub(crate) fn answer(&self, data: Vec<PaymentBody>, next: Option<PaymentId>) -> PaymentPage {
        let next_cursor = next.map(cursor::write);
        let pagination = Pagination { limit: self.limit, has_more: next.is_some(), next_cursor };
        PaymentPage { data, pagination }
    }
}

/// The parameters of a request.
struct Parameters(Vec<(String, Option<String>)>);

impl Parameters {
    /// Where the page begins.
    fn cursor(&self) -> Result<Option<PaymentId>, ApiError> {
        let given = self.read("cursor", "a cursor", |text| cursor::read(text).ok());
        given.map_err(|_| Code::InvalidCursor.into())
    }

    /// What `read` makes of a parameter; nothing where it is not given.
    fn read<T>(
        &self,
        name: &str,
        form: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Detail> {
        let mut given = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
        match (given.next(), given.next()) {
            (None, _) => Ok(None),
            (Some(None), None) => {
                Err(Detail::new(name, DetailCode::Invalid, "it has to be UTF-8, percent-encoded"))
            }
            (Some(Some(text)), None) => {
                let wrong = || Detail::new(name, DetailCode::Invalid, format!("it has to be {form}"));
                read(text).ok_or_else(wrong).map(Some)
            }
            (Some(_), Some(_)) => Err(Detail::new(name, DetailCode::Invalid, "it is given more than once")),
        }
    }
}

fn read_reference(text: &str) -> Option<String> {
    (text.chars().count() <= MAX_REFERENCE).then(|| text.to_owned())
}

fn read_email(text: &str) -> Option<String> {
    email::is_email(text).then(|| text.to_owned())
}

fn read_limit(text: &str) -> Option<usize> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|limit| is_plain && (1..=MAX_LIST).contains(limit))
}

fn read_currency(text: &str) -> Option<AssetCode> {
    Asset::currency(text).ok().map(|currency| currency.code)
}

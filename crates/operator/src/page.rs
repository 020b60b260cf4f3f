//! Lists, page by page.

use domain::{id::Id, refusal::Refusal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::ApiError,
    ids::{self, Kind},
};

/// Entries of a page where no number is asked for.
pub const DEFAULT_LIMIT: usize = 20;

/// One page of a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The entries. A page may be short, or empty, and still have a next one.
    pub items: Vec<T>,
    /// Where the next page begins; null after the last.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of entries that were already worded.
    pub(crate) fn new<K: Kind>(items: Vec<T>, next: Option<Id<K>>) -> Self {
        Self { items, next_cursor: next.map(ids::write) }
    }

    /// A list that is whole.
    pub(crate) const fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct After {
    /// The `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
}

/// The id that a cursor stands for.
pub(crate) fn after<K: Kind>(cursor: Option<&str>) -> Result<Option<Id<K>>, Refusal> {
    cursor.map(|cursor| ids::read(cursor).map_err(|_| Refusal::CursorInvalid)).transpose()
}

/// How many entries a page may have.
pub(crate) fn limit(wanted: Option<usize>, default: usize, most: usize) -> Result<usize, ApiError> {
    let limit = wanted.unwrap_or(default);
    if (1..=most).contains(&limit) {
        return Ok(limit);
    }
    Err(ApiError::invalid("limit", &format!("a number from 1 to {most}")))
}

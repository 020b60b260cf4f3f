//! An address that stays with a client of a shop.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    codes::{self, Coin},
    fields::{Fields, Problem, Problems},
    new_invoice::MAX_ID,
    sender,
    sentence::Rule,
};
use crate::alphapo::errors::{ApiError, NO_EXCHANGE};
use domain::chain::NetworkSpec;

/// An address to be given out. Fields that are not named here are ignored.
#[derive(ToSchema)]
#[schema(as = TakeAddress)]
#[expect(dead_code, reason = "it describes; see Take::read")]
pub(crate) struct TakeBody {
    /// The coin.
    #[schema(examples("BTC"))]
    currency: String,
    /// The merchant's own id of the client.
    #[schema(min_length = 1, max_length = 255, examples("user-2048"))]
    foreign_id: String,
    /// A lasting id of the payer, which deposits repeat.
    #[schema(max_length = 255, examples("12345"))]
    end_user_reference: Option<String>,
    /// Refused, unless it is `currency` itself: nothing is exchanged.
    convert_to: Option<String>,
    /// Which data of the payer follow. They are checked, and not kept.
    sender_type: Option<sender::SenderType>,
    /// The payer's data. They are checked, and not kept.
    sender_data: Option<sender::SenderData>,
}

/// An address to be given out, checked.
pub(crate) struct Take<'a> {
    pub(crate) coin: Coin<'a>,
    pub(crate) foreign_id: String,
    pub(crate) end_user_reference: Option<String>,
}

impl<'a> Take<'a> {
    /// Reads the fields of a body.
    ///
    /// # Errors
    /// One sentence for each field that is not what it has to be.
    pub(crate) fn read(
        fields: Fields<'_>,
        strict_2026: bool,
        networks: &'a [NetworkSpec],
    ) -> Result<Self, ApiError> {
        let mut problems = Problems::default();
        let coin = problems.take(coin(fields, networks));
        let foreign_id = problems.take(fields.required("foreign_id", fields.name("foreign_id", MAX_ID)));
        let reference = fields.name("end_user_reference", MAX_ID);
        let reference = if strict_2026 {
            problems.take(fields.required("end_user_reference", reference)).map(Some)
        } else {
            problems.take(reference)
        };
        let convert_to = problems.take(fields.text("convert_to", usize::MAX));
        sender::read(fields, strict_2026, &mut problems);
        let (Some(coin), Some(foreign_id), Some(end_user_reference), Some(convert_to), true) =
            (coin, foreign_id, reference, convert_to, problems.is_empty())
        else {
            return Err(problems.into());
        };
        if convert_to.is_some_and(|code| code != coin.row.code) {
            return Err(ApiError::worded("convert_to", NO_EXCHANGE));
        }
        Ok(Self { coin, foreign_id, end_user_reference })
    }
}

fn coin<'a>(fields: Fields<'_>, networks: &'a [NetworkSpec]) -> Result<Coin<'a>, Problem> {
    let code = fields.required("currency", fields.text("currency", usize::MAX))?;
    codes::coin(code, networks).ok_or_else(|| fields.problem("currency", &Rule::In))
}

/// An address that was given out.
#[derive(Serialize, ToSchema)]
#[schema(as = Address)]
pub(crate) struct AddressBody {
    /// Its number.
    #[schema(minimum = 1, maximum = 2_147_483_647, examples(5_001))]
    pub(crate) id: u32,
    /// The coin.
    #[schema(examples("BTC"))]
    pub(crate) currency: String,
    /// The address.
    #[schema(examples("bcrt1q6z64a43mjgkcq0ul2znwneq3spghrlau9slefp"))]
    pub(crate) address: String,
    /// What has to go with it; null where nothing does.
    #[schema(required = true)]
    pub(crate) tag: Option<String>,
    /// The merchant's own id of the client.
    #[schema(examples("user-2048"))]
    pub(crate) foreign_id: String,
    /// The payer's id; absent where none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("12345"))]
    pub(crate) end_user_reference: Option<String>,
}

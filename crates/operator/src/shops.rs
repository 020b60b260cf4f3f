//! Places that sell.

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    merchant::{Name, ShopPolicy},
    money::Amount,
    terms::Tolerance,
};
use engine::shops::{ChangePolicy, ChangeShop, CreateShop, SHOPS_PER_PAGE};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Api,
    error::ApiError,
    ids,
    input::{Body, Path, Query},
    page::{self, After, Page},
    span, time,
};

/// A shop.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Shop {
    /// Its id.
    pub id: String,
    /// What buyers read.
    pub name: String,
    /// Whether its credentials work.
    pub active: bool,
    /// How long its orders wait: `30m`; null for what each dialect says.
    pub order_validity: Option<String>,
    /// Confirmations that make money final; null for what each dialect or network says.
    pub depth: Option<u32>,
    /// How much of a price may be missing.
    pub tolerance: ShopTolerance,
    /// By how much money in another asset counts less than at the market, in percent: `0.5`.
    pub spread_percent: String,
    /// When it was made.
    pub created_at: String,
}

/// How much of a price may be missing: the larger of the two.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ShopTolerance {
    /// Minor units of the price's currency, as a whole number.
    pub minor_units: String,
    /// A share of the price in percent, with at most four places: `0.5`.
    pub percent: String,
}

/// What is to be changed of a tolerance. What is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToleranceChange {
    /// Minor units of the price's currency, as a whole number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minor_units: Option<String>,
    /// A share of the price in percent, with at most four places: `0.5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<String>,
}

/// A shop to be made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewShop {
    /// What buyers read: 1 to 100 printable characters.
    pub name: String,
}

/// What is to be changed of a shop. What is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShopChange {
    /// What buyers read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether its credentials work. Off, they stop at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// How long orders wait, for payments that are made from now on: `30m`; null for what each dialect says.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub order_validity: Option<Option<String>>,
    /// Confirmations that make money final, for payments that are made from now on; null for the default.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    pub depth: Option<Option<u32>>,
    /// How much of a price may be missing, for payments that are made from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<ToleranceChange>,
    /// By how much money in another asset counts less than at the market, for payments that are made from now on: a
    /// percentage with at most four places, up to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread_percent: Option<String>,
}

/// Tells a null that was given from a field that was not.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Places of a percentage: it is counted in millionths.
const PERCENT_PLACES: u8 = 4;

impl From<domain::merchant::Shop> for Shop {
    fn from(shop: domain::merchant::Shop) -> Self {
        let ShopPolicy { order_validity, depth, tolerance, spread_parts_per_million } = shop.policy;
        Self {
            id: ids::write(shop.id),
            name: shop.name.as_str().to_owned(),
            active: shop.active,
            order_validity: order_validity.map(span::write),
            depth,
            tolerance: tolerance.into(),
            spread_percent: percent(spread_parts_per_million),
            created_at: time::write(shop.created_at),
        }
    }
}

impl From<Tolerance> for ShopTolerance {
    fn from(tolerance: Tolerance) -> Self {
        Self {
            minor_units: tolerance.absolute.minor().to_string(),
            percent: percent(tolerance.parts_per_million),
        }
    }
}

/// Millionths as a percentage.
pub(crate) fn percent(parts_per_million: u32) -> String {
    Amount::from_minor(u128::from(parts_per_million)).to_trimmed_decimal(PERCENT_PLACES, 0)
}

/// The millionths that a percentage writes.
fn parts_per_million(field: &'static str, percent: &str) -> Result<u32, ApiError> {
    let share = Amount::parse(percent, PERCENT_PLACES).ok();
    let parts = share.and_then(|share| u32::try_from(share.minor()).ok());
    parts.ok_or_else(|| ApiError::invalid(field, "a percentage with at most four places"))
}

impl ToleranceChange {
    /// The change of the two parts that it asks for.
    fn add_to(&self, change: &mut ChangePolicy) -> Result<(), ApiError> {
        if let Some(units) = &self.minor_units {
            let units = Amount::parse(units, 0);
            change.tolerance_absolute =
                Some(units.map_err(|_| {
                    ApiError::invalid("tolerance.minor_units", "a whole number of minor units")
                })?);
        }
        if let Some(percent) = &self.percent {
            change.tolerance_parts_per_million = Some(parts_per_million("tolerance.percent", percent)?);
        }
        Ok(())
    }
}

impl ShopChange {
    /// The change of the shop's rules that it asks for.
    fn policy(&self) -> Result<ChangePolicy, ApiError> {
        let read =
            |text: &String| span::read(text).ok_or_else(|| ApiError::invalid("order_validity", span::FORM));
        let validity = self.order_validity.as_ref().map(|own| own.as_ref().map(read).transpose());
        let mut change = ChangePolicy {
            order_validity: validity.transpose()?,
            depth: self.depth,
            ..ChangePolicy::default()
        };
        if let Some(tolerance) = &self.tolerance {
            tolerance.add_to(&mut change)?;
        }
        let spread = self.spread_percent.as_deref();
        change.spread_parts_per_million =
            spread.map(|percent| parts_per_million("spread_percent", percent)).transpose()?;
        Ok(change)
    }
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(create, list)).routes(routes!(show, change))
}

/// Make a shop. On the sandbox's networks it can receive at once.
#[utoipa::path(post, path = "/shops", operation_id = "createShop", tag = "Shops", request_body = NewShop,
    responses((status = 201, description = "The new shop", body = Shop)))]
async fn create(
    State(api): State<Api>,
    Body(body): Body<NewShop>,
) -> Result<(StatusCode, Json<Shop>), ApiError> {
    let command = CreateShop { name: Name::parse(&body.name)?, merchant: None };
    Ok((StatusCode::CREATED, Json(api.engine.create_shop(command).await?.into())))
}

/// List the shops, oldest first.
#[utoipa::path(get, path = "/shops", operation_id = "listShops", tag = "Shops", params(After),
    responses((status = 200, description = "A page of shops", body = Page<Shop>)))]
async fn list(State(api): State<Api>, Query(query): Query<After>) -> Result<Json<Page<Shop>>, ApiError> {
    let shops = api.engine.list_shops(page::after(query.cursor.as_deref())?).await?;
    let is_full = shops.len() >= SHOPS_PER_PAGE as usize;
    let next = shops.last().filter(|_| is_full).map(|shop| shop.id);
    Ok(Json(Page::new(shops.into_iter().map(Shop::from).collect(), next)))
}

/// Show a shop.
#[utoipa::path(get, path = "/shops/{shop}", operation_id = "showShop", tag = "Shops",
    params(("shop" = String, Path, description = "The shop's id")),
    responses((status = 200, description = "The shop", body = Shop)))]
async fn show(State(api): State<Api>, Path(shop): Path<String>) -> Result<Json<Shop>, ApiError> {
    Ok(Json(api.engine.shop(ids::read(&shop)?).await?.into()))
}

/// Change a shop. What it says of payments binds those that are made from now on.
#[utoipa::path(patch, path = "/shops/{shop}", operation_id = "changeShop", tag = "Shops", request_body = ShopChange,
    params(("shop" = String, Path, description = "The shop's id")),
    responses((status = 200, description = "The shop after it", body = Shop)))]
async fn change(
    State(api): State<Api>,
    Path(shop): Path<String>,
    Body(body): Body<ShopChange>,
) -> Result<Json<Shop>, ApiError> {
    let id = ids::read(&shop)?;
    let command = ChangeShop {
        name: body.name.as_deref().map(Name::parse).transpose()?,
        active: body.active,
        policy: body.policy()?,
    };
    Ok(Json(api.engine.change_shop(id, command).await?.into()))
}

//! The sandbox: money, chains and market on demand.

use axum::{Json, extract::State};
use domain::{
    chain::{BlockRef, Method, Network},
    money::{AssetCode, Rate},
    refusal::{Failure, Refusal},
};
use engine::sandbox::{Paid, SimulatePay, SimulateTransfer, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Api, error::ApiError, input::Body};

/// Money to simulate.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayOrder {
    /// The payment: any dialect's id, a UUID, a checkout token, or the address. An address that stays with a client of
    /// a shop takes `network` and `amount` besides.
    pub payment: String,
    /// On which network; left out: by the method already chosen, else by the first that the shop offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Which asset; left out: the network's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// How much of the asset, as a decimal; left out: what is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// How deep at once: 0 leaves it waiting to be mined; left out: deep enough to be final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmations: Option<u32>,
}

/// Money that was simulated.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SimulatedTransfer {
    /// The payment, as its dialect writes it; null where the money makes one of its own when it is seen.
    pub payment: Option<String>,
    /// The network.
    pub network: String,
    /// The asset.
    pub asset: String,
    /// How much of it.
    pub amount: String,
    /// Where it went.
    pub address: String,
    /// The transaction.
    pub transaction: String,
    /// The chain's newest block after it; null where it waits to be mined.
    pub head: Option<SimulatedHead>,
}

/// The newest block of a simulated chain.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SimulatedHead {
    /// Blocks before it.
    pub height: u64,
    /// Its hash.
    pub hash: String,
}

/// Blocks to mine.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MineOrder {
    /// The network.
    pub network: String,
    /// How many; 1 where nothing is said.
    #[serde(default = "one")]
    pub blocks: u32,
}

/// Blocks to replace.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReorgOrder {
    /// The network.
    pub network: String,
    /// How many of the newest blocks.
    pub depth: u32,
    /// Whether what was in them is gone; else it waits to be mined again.
    #[serde(default)]
    pub drop: bool,
}

/// A rate to hold from now on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateOrder {
    /// The pair: `ETH/USD`.
    pub pair: String,
    /// Units of the second for one of the first.
    pub value: String,
}

/// A network to stall, or to let run again.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StallOrder {
    /// The network.
    pub network: String,
    /// Whether its node shows nothing new from now on.
    pub on: bool,
}

/// A card to decline.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineOrder {
    /// The payment: any dialect's id, a UUID, a checkout token, or the session.
    pub payment: String,
}

/// A payment whose card was declined.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Declined {
    /// The payment, as its dialect writes it.
    pub payment: String,
}

const fn one() -> u32 {
    1
}

impl From<BlockRef> for SimulatedHead {
    fn from(block: BlockRef) -> Self {
        Self { height: block.height, hash: block.hash }
    }
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(pay))
        .routes(routes!(mine))
        .routes(routes!(reorg))
        .routes(routes!(rate))
        .routes(routes!(stall))
        .routes(routes!(decline))
}

/// Let money arrive.
#[utoipa::path(post, path = "/simulate/pay", operation_id = "simulatePay", tag = "Simulate", request_body = PayOrder,
    responses((status = 200, description = "What was sent", body = SimulatedTransfer)))]
async fn pay(
    State(api): State<Api>,
    Body(body): Body<PayOrder>,
) -> Result<Json<SimulatedTransfer>, ApiError> {
    let method = method(&api, &body)?;
    let (payment, paid) = match api.engine.find_payment(&body.payment).await {
        Ok(payment) => {
            let target = Target { shop: payment.shop, payment: payment.id };
            let (amount, confirmations) = (body.amount, body.confirmations);
            let order = SimulatePay { target, method, amount, confirmations };
            let id = api.engine.dialect(payment.dialect)?.payment_id(payment.id);
            (Some(id), api.engine.simulate_pay(order).await?)
        }
        Err(Failure::Refused(Refusal::PaymentNotFound)) => (None, to_address(&api, method, body).await?),
        Err(failure) => return Err(failure.into()),
    };
    Ok(Json(SimulatedTransfer {
        payment,
        network: paid.method.network.to_string(),
        asset: paid.method.asset.to_string(),
        amount: paid.amount.to_trimmed_decimal(paid.decimals, 2),
        address: paid.address,
        transaction: paid.transaction,
        head: paid.head.map(SimulatedHead::from),
    }))
}

/// Lets money go to an address that no payment has: one that stays with a client, most likely.
async fn to_address(api: &Api, method: Option<Method>, body: PayOrder) -> Result<Paid, Failure> {
    let (Some(method), Some(amount)) = (method, body.amount) else {
        return Err(Refusal::PaymentNotFound.into());
    };
    let order = SimulateTransfer { method, address: body.payment, amount, confirmations: body.confirmations };
    match api.engine.simulate_transfer(order).await {
        Err(Failure::Refused(Refusal::AddressInvalid)) => Err(Refusal::PaymentNotFound.into()),
        answer => answer,
    }
}

/// The method that an order names.
fn method(api: &Api, order: &PayOrder) -> Result<Option<Method>, ApiError> {
    let asset = order.asset.as_deref().map(AssetCode::parse).transpose()?;
    let Some(network) = &order.network else {
        return match asset {
            None => Ok(None),
            Some(_) => Err(ApiError::invalid("network", "given where `asset` is")),
        };
    };
    let spec = api.engine.network(Network::parse(network)?)?;
    let first = spec.assets.first().map(|asset| asset.asset.code);
    let asset = asset.or(first).ok_or(Refusal::MethodUnknown)?;
    Ok(Some(Method { network: spec.network, asset }))
}

/// Mine blocks. Everything that waits goes into the first of them.
#[utoipa::path(post, path = "/simulate/mine", operation_id = "simulateMine", tag = "Simulate",
    request_body = MineOrder, responses((status = 200, description = "The new head", body = SimulatedHead)))]
async fn mine(State(api): State<Api>, Body(body): Body<MineOrder>) -> Result<Json<SimulatedHead>, ApiError> {
    Ok(Json(api.engine.mine(Network::parse(&body.network)?, body.blocks).await?.into()))
}

/// Replace the newest blocks by empty ones, one more than they were.
#[utoipa::path(post, path = "/simulate/reorg", operation_id = "simulateReorg", tag = "Simulate",
    request_body = ReorgOrder, responses((status = 200, description = "The new head", body = SimulatedHead)))]
async fn reorg(
    State(api): State<Api>,
    Body(body): Body<ReorgOrder>,
) -> Result<Json<SimulatedHead>, ApiError> {
    let network = Network::parse(&body.network)?;
    Ok(Json(api.engine.reorganise(network, body.depth, body.drop).await?.into()))
}

/// Set what a pair is worth from now on. Quotes that were made keep their rate.
#[utoipa::path(post, path = "/simulate/rate", operation_id = "simulateRate", tag = "Simulate",
    request_body = RateOrder, responses((status = 200, description = "The rate that holds now", body = RateOrder)))]
async fn rate(State(api): State<Api>, Body(body): Body<RateOrder>) -> Result<Json<RateOrder>, ApiError> {
    api.engine.simulate_rate(&body.pair, Rate::parse(&body.value)?).await?;
    Ok(Json(body))
}

/// Make a network's node show nothing new, or let it again.
#[utoipa::path(post, path = "/simulate/stall", operation_id = "simulateStall", tag = "Simulate",
    request_body = StallOrder, responses((status = 200, description = "How it stands now", body = StallOrder)))]
async fn stall(State(api): State<Api>, Body(body): Body<StallOrder>) -> Result<Json<StallOrder>, ApiError> {
    api.engine.stall(Network::parse(&body.network)?, body.on).await?;
    Ok(Json(body))
}

/// Decline the card of a payment for good.
#[utoipa::path(post, path = "/simulate/decline", operation_id = "simulateDecline", tag = "Simulate",
    request_body = DeclineOrder, responses((status = 200, description = "Whose card was declined", body = Declined)))]
async fn decline(State(api): State<Api>, Body(body): Body<DeclineOrder>) -> Result<Json<Declined>, ApiError> {
    let payment = api.engine.find_payment(&body.payment).await?;
    api.engine.decline(payment.shop, payment.id).await?;
    Ok(Json(Declined { payment: api.engine.dialect(payment.dialect)?.payment_id(payment.id) }))
}

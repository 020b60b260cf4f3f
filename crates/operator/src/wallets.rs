//! Extended public keys that shops receive with.

use axum::{Json, extract::State};
use domain::{chain::Network, refusal::Refusal};
use engine::wallets::{GAP_LIMIT, SetWallet, WalletView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Api,
    error::ApiError,
    ids,
    input::{Body, Path},
    page::Page,
    time,
};

/// A wallet on one network, and what to compare it by. The key itself is not shown.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Wallet {
    /// Its id.
    pub id: String,
    /// The shop whose money it receives.
    pub shop: String,
    /// The network.
    pub network: String,
    /// SHA-256 of the key, in hexadecimal: what `[wallets] pinned` names.
    pub fingerprint: String,
    /// Whether it is the sandbox's own.
    pub simulated: bool,
    /// The first five addresses, to compare with those of one's own wallet.
    pub first_addresses: Vec<String>,
    /// What the key's children are made into: `account`, `witness_key_hash` (native segwit, BIP-84) or `taproot`
    /// (BIP-86).
    pub script_kind: String,
    /// Addresses that were given out.
    pub issued: u32,
    /// Addresses that were given out after the last one that received money. At most 10,000 are looked at.
    pub unpaid: u32,
    /// The gap limit with which a wallet finds all the money that came, and all that may still come.
    pub needed_gap_limit: u32,
    /// The gap limit of most wallets: what lies beyond so many addresses without money they do not find.
    pub usual_gap_limit: u32,
    /// When it was set.
    pub created_at: String,
}

/// The key to receive with.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWallet {
    /// The extended public key of the account (BIP-32). Never a private one. For Bitcoin `xpub` and `tpub` are taken as
    /// native segwit (BIP-84), as `zpub` and `vpub` are; or a descriptor, `wpkh(…/0/*)` or `tr(…/0/*)` (BIP-380).
    pub xpub: String,
}

impl From<WalletView> for Wallet {
    fn from(view: WalletView) -> Self {
        let WalletView { network, wallet, first_addresses, gap } = view;
        Self {
            id: ids::write(wallet.id),
            shop: ids::write(wallet.shop),
            network: network.to_string(),
            fingerprint: wallet.fingerprint,
            simulated: wallet.simulated,
            first_addresses,
            script_kind: wallet.script_kind.code().to_owned(),
            issued: wallet.issued,
            unpaid: gap.unpaid,
            needed_gap_limit: gap.limit(),
            usual_gap_limit: GAP_LIMIT,
            created_at: time::write(wallet.created_at),
        }
    }
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(set, show))
}

/// Receive on a network with this key from now on. Addresses that were given out before stay watched.
#[utoipa::path(put, path = "/shops/{shop}/wallets/{network}", operation_id = "setWallet", tag = "Wallets",
    request_body = NewWallet, params(("shop" = String, Path, description = "The shop's id"),
        ("network" = String, Path, description = "The network's name")),
    responses((status = 200, description = "The wallet, and addresses to compare", body = Wallet)))]
async fn set(
    State(api): State<Api>,
    Path((shop, network)): Path<(String, String)>,
    Body(body): Body<NewWallet>,
) -> Result<Json<Wallet>, ApiError> {
    let (shop, network) = (ids::read(&shop)?, Network::parse(&network)?);
    Ok(Json(api.engine.set_wallet(SetWallet { shop, network, xpub: body.xpub }).await?.into()))
}

/// Show what a shop receives with on a network.
#[utoipa::path(get, path = "/shops/{shop}/wallets/{network}", operation_id = "showWallet", tag = "Wallets",
    params(("shop" = String, Path, description = "The shop's id"),
        ("network" = String, Path, description = "The network's name")),
    responses((status = 200, description = "The wallet, and addresses to compare", body = Wallet)))]
async fn show(
    State(api): State<Api>,
    Path((shop, network)): Path<(String, String)>,
) -> Result<Json<Wallet>, ApiError> {
    let spec = api.engine.network(Network::parse(&network)?)?;
    let wallets = api.engine.wallets(ids::read(&shop)?).await?;
    let found = wallets.into_iter().find(|view| view.network == spec.network);
    Ok(Json(found.ok_or(Refusal::WalletNotFound)?.into()))
}

/// List what a shop receives with, by network.
#[utoipa::path(get, path = "/shops/{shop}/wallets", operation_id = "listWallets", tag = "Wallets",
    params(("shop" = String, Path, description = "The shop's id")),
    responses((status = 200, description = "The wallets", body = Page<Wallet>)))]
async fn list(State(api): State<Api>, Path(shop): Path<String>) -> Result<Json<Page<Wallet>>, ApiError> {
    let wallets = api.engine.wallets(ids::read(&shop)?).await?;
    Ok(Json(Page::whole(wallets.into_iter().map(Wallet::from).collect())))
}

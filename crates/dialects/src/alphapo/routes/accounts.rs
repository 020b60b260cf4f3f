//! Balances, addresses that stay with clients, and what became of anything.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    chain::Method,
    id::{PaymentId, ShopId},
    money::Amount,
    refusal::Refusal,
};
use engine::{accounts::AccountBalance, client_addresses::TakeClientAddress, numbers::Numbered};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Data, answer, data};
use crate::alphapo::{
    auth::Signed,
    callbacks::body,
    errors::{ApiError, Code},
    name,
    openapi::{AccountErrors, InfoErrors, TakeErrors},
    server::Server,
    wire::{
        address::{AddressBody, Take, TakeBody},
        callback::InfoAnswer,
        codes::{self, Currency},
        currencies::{Account, NoFields},
        details::{DepositDetails, Details},
        fields::Fields,
        info::{InfoBody, Wanted},
        number,
    },
};

pub(super) fn routes() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(take)).routes(routes!(info))
}

/// List balances
///
/// What came of every currency and is final, nothing included. It is in the shop's own wallet: what was sent on from
/// there is not known here.
#[utoipa::path(post, path = "/accounts/list", operation_id = "listAccounts", tag = "Balance",
    request_body(content = NoFields, description = "An object; null, an empty list and no body are taken as well"),
    responses((status = 200, description = "The balances", body = Data<Vec<Account>>), AccountErrors),
    security(("key" = [], "signature" = [])))]
async fn list(State(server): State<Arc<Server>>, signed: Signed) -> Result<Response, ApiError> {
    Fields::of(&signed.json_or_nothing()?).ok_or(Code::BadContentFormat)?;
    let accounts = server.engine().accounts(signed.shop).await?;
    let all = codes::all(server.engine().networks());
    let rows: Vec<_> =
        all.iter().map(|currency| Account::of(currency, balance(&accounts, currency))).collect();
    Ok(data(StatusCode::OK, rows))
}

fn balance(accounts: &[AccountBalance], currency: &Currency<'_>) -> String {
    let of_it = |account: &&AccountBalance| match currency {
        Currency::Crypto(coin) => {
            coin.method() == Method { network: account.network, asset: account.asset.code }
        }
        Currency::Fiat(..) => false,
    };
    let found = accounts.iter().find(of_it).map(|account| (account.amount, account.asset.decimals));
    let (amount, decimals) = found.unwrap_or((Amount::ZERO, number::PLACES));
    number::write(amount, decimals)
}

/// Take an address for a client
///
/// The address that a client of the shop has for a coin: the same one each time. Whatever comes there is a deposit.
#[utoipa::path(post, path = "/addresses/take", operation_id = "takeAddress", tag = "Deposit addresses",
    request_body = TakeBody,
    responses((status = 201, description = "The address", body = Data<AddressBody>), TakeErrors),
    security(("key" = [], "signature" = [])))]
async fn take(State(server): State<Arc<Server>>, signed: Signed) -> Result<Response, ApiError> {
    let json = signed.json()?;
    let fields = Fields::of(&json).ok_or(Code::BadContentFormat)?;
    let asked = Take::read(fields, server.settings.strict_2026, server.engine().networks())?;
    let details =
        DepositDetails { end_user_reference: asked.end_user_reference.clone(), fees: server.settings.fees() };
    let command = TakeClientAddress {
        shop: signed.shop,
        dialect: name(),
        client: asked.foreign_id.clone(),
        method: asked.coin.method(),
        settles_in: None,
        details: Some(Details::Deposit(details).write()),
    };
    let taken = server.engine().take_client_address(command).await;
    let taken = taken.map_err(|failure| ApiError::from(failure).renamed("sender_currency", "currency"))?;
    let body = AddressBody {
        id: taken.number.ok_or_else(ApiError::internal)?,
        currency: asked.coin.row.code.to_owned(),
        address: taken.address,
        tag: None,
        foreign_id: asked.foreign_id,
        end_user_reference: asked.end_user_reference,
    };
    Ok(data(StatusCode::CREATED, body))
}

/// Read an invoice or a deposit
///
/// As its newest callback would say it, without an envelope. The vendor reads transactions here; reading invoices is an
/// addition, which the vendor has no way for. Older clients ask in the query.
#[utoipa::path(get, path = "/transactions/info", operation_id = "getTransaction", tag = "Transactions",
    request_body = InfoBody,
    params(("id" = Option<u32>, Query, description = "As in the body"),
        ("foreign_id" = Option<String>, Query, description = "As in the body"),
        ("txid" = Option<String>, Query, description = "As in the body")),
    responses((status = 200, description = "What became of it", body = InfoAnswer), InfoErrors),
    security(("key" = [], "signature" = [])))]
async fn info(
    State(server): State<Arc<Server>>,
    RawQuery(query): RawQuery,
    signed: Signed,
) -> Result<Response, ApiError> {
    let wanted = Wanted::read(&signed.json_or_nothing()?, query.as_deref().unwrap_or_default())?;
    let id = find(&server, signed.shop, wanted).await?;
    let body = server.engine().look_at(signed.shop, name(), id, body::of).await?;
    // A deposit without its money is none.
    Ok(answer(StatusCode::OK, &body.ok_or(Code::NotFound)?))
}

/// The payment that is asked for.
async fn find(server: &Server, shop: ShopId, wanted: Wanted) -> Result<PaymentId, ApiError> {
    let engine = server.engine();
    match wanted {
        Wanted::Id(number) => match engine.numbered(shop, name(), number).await? {
            Some(Numbered::Payment(id) | Numbered::Receipt(id, _)) => Ok(id),
            Some(Numbered::Address(_)) | None => Err(Refusal::PaymentNotFound.into()),
        },
        Wanted::ForeignId(id) => Ok(engine.payment_by_reference(shop, name(), &id).await?.id),
        Wanted::Transaction(hash) => Ok(engine.payment_by_transaction(shop, name(), &hash).await?.id),
    }
}

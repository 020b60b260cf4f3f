//! The paths, and what is done at each.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Path, RawQuery, Request, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use domain::{
    id::ShopId,
    refusal::{Failure, Refusal},
    terms::LateMoney,
};
use engine::payments::{CreatePayment, Created, IdempotencyKey};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    auth::{self, Caller, Scope},
    errors::{ApiError, Code},
    frame,
    openapi::{self, CheckoutErrors, CreateErrors, GetErrors, ListErrors},
    server::Server,
    settings::Settings,
    wire::{
        checkout::{CheckoutAnswer, CheckoutBody},
        ids,
        list::{List, ListParams, PaymentPage},
        new_payment::{NewPayment, NewPaymentBody},
        payment::{PaymentAnswer, PaymentBody},
    },
};
use crate::{
    Api,
    http::{
        AddressKey,
        body::{self, BodyError},
        detach::detach,
        json, media,
    },
};

/// The largest body that is read, in bytes.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// The longest idempotency key, in characters.
const MAX_KEY: usize = 255;

/// What the paths of this version begin with.
const BASE: &str = "/v1";

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Everything that the dialect answers on a host that it shares: its paths, all else under `/v1`, and its document.
pub fn router(api: Api, settings: Settings) -> Router {
    let server = Server::new(api, settings);
    dressed(own_paths(&server), server)
}

/// Everything on a host of its own, where no other dialect answers: whatever is at no path of ours is told so in the
/// same form, and the next version that it does not exist.
pub fn router_of_own_host(api: Api, settings: Settings) -> Router {
    let server = Server::new(api, settings);
    let next_version = || any(async || ApiError::new(Code::UnsupportedApiVersion));
    let routes = own_paths(&server)
        .route("/v2", next_version())
        .route("/v2/", next_version())
        .route("/v2/{*rest}", next_version())
        .fallback(not_found);
    dressed(routes, server)
}

/// The operations that take a key, with their document.
pub(super) fn guarded() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::new().routes(routes!(create, list)).routes(routes!(read))
}

/// The operations that take none, with their document.
pub(super) fn open() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::new().routes(routes!(checkout))
}

fn own_paths(server: &Arc<Server>) -> Router<Arc<Server>> {
    let (guarded, _) = guarded().split_for_parts();
    let (open, _) = open().split_for_parts();
    let guarded = guarded.route_layer(from_fn_with_state(Arc::clone(server), auth::guard));
    let open = open.route_layer(from_fn_with_state(Arc::clone(server), for_pages));
    let under_base = guarded.merge(open).route("/{*rest}", any(not_found)).route("/", any(not_found));
    let document = openapi::document(&server.api.urls.public).to_json();
    Router::new()
        .nest(BASE, under_base)
        .route(&format!("{BASE}/"), any(not_found))
        .route("/openapi.json", get(async move || document_answer(document)))
        .method_not_allowed_fallback(async || ApiError::new(Code::MethodNotAllowed))
}

fn dressed(routes: Router<Arc<Server>>, server: Arc<Server>) -> Router {
    routes
        .layer(from_fn(detach))
        .layer(from_fn_with_state(Arc::clone(&server), frame::frame))
        .with_state(server)
}

async fn not_found() -> ApiError {
    ApiError::new(Code::NotFound)
}

/// Create a payment
///
/// Makes a payment and its hosted checkout. Send the buyer to `checkout_url`, and fulfil once a signed callback or a
/// read of the payment says `completed`.
///
/// The same request under the same `Idempotency-Key` makes one payment, however often it is sent: later ones get the
/// first answer again, byte for byte. Requests are the same where they mean the same: order, blanks and the places of
/// the amount do not matter. A key is kept for at least 7 days.
#[utoipa::path(post, path = "/payments", operation_id = "createPayment", tag = "Payments",
    params(("Idempotency-Key" = String, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
        example = "order-a1001",
        description = "A name for this attempt to pay this order: visible ASCII characters. It belongs to the \
            merchant, whichever key is used.")),
    request_body(content = NewPaymentBody, description = "At most 65536 bytes"),
    responses((status = 201, description = "The payment, as it was made", body = PaymentAnswer), CreateErrors),
    security(("secret_key" = ["payments:create"])))]
async fn create(
    State(server): State<Arc<Server>>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let shop = caller.shop(Scope::Create)?;
    if !media::is_json(&headers) {
        return Err(Code::UnsupportedMediaType.into());
    }
    let body = body::read(body, MAX_BODY).await.map_err(unread)?;
    let key = idempotency_key(&headers)?;
    let asked = NewPayment::read(&body, &server.settings, server.environment())?;
    let name = (shop, key.clone());
    let Some(_turn) = server.twins.turn(name, server.api.limits.twin_wait).await else {
        return Err(ApiError::new(Code::IdempotencyInProgress).after(TWIN_RETRY));
    };
    let command = command(&server, shop, key, asked);
    let created = certain(async || server.engine().create_payment(command.clone()).await).await?;
    let data = server.words(&created.payment, PaymentBody::as_created);
    let mut response = answer(StatusCode::CREATED, &PaymentAnswer { data });
    if created.replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Seconds after which a twin that waited in vain may ask again.
const TWIN_RETRY: u64 = 1;

/// List payments
///
/// The merchant's payments, newest first, whichever key made them.
#[utoipa::path(get, path = "/payments", operation_id = "listPayments", tag = "Payments", params(ListParams),
    responses((status = 200, description = "A page of payments", body = PaymentPage), ListErrors),
    security(("secret_key" = ["payments:read"])))]
async fn list(
    State(server): State<Arc<Server>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let list = List::read(query.as_deref().unwrap_or_default(), caller.shop(Scope::Read)?)?;
    let page = match &list.command {
        Some(command) => server.engine().list_payments(command.clone()).await?,
        None => engine::payments::Page::default(),
    };
    let data = page.payments.iter().map(|payment| server.words(payment, PaymentBody::now)).collect();
    Ok(answer(StatusCode::OK, &list.answer(data, page.next)))
}

/// Read a payment
///
/// The payment as it is now. Besides a signed callback this is the one proof that it was completed.
#[utoipa::path(get, path = "/payments/{id}", operation_id = "getPayment", tag = "Payments",
    params(("id" = String, Path, description = "The payment's id", pattern = "^pay_[0-9A-Za-z]{24}$")),
    responses((status = 200, description = "The payment", body = PaymentAnswer), GetErrors),
    security(("secret_key" = ["payments:read"])))]
async fn read(
    State(server): State<Arc<Server>>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let shop = caller.shop(Scope::Read)?;
    // A path that is no text names nothing.
    let id = id.ok().and_then(|Path(text)| ids::read_payment(&text)).ok_or(Code::PaymentNotFound)?;
    let payment = server.engine().payment(shop, super::name(), id).await?;
    let data = server.words(&payment, PaymentBody::now);
    Ok(answer(StatusCode::OK, &PaymentAnswer { data }))
}

/// Read a checkout
///
/// The public state of a hosted checkout, for the checkout page and for whoever has its address. It takes no key, and
/// tells nothing but what the buyer sees. It is no proof for fulfilment.
#[utoipa::path(get, path = "/checkout/{token}", operation_id = "getCheckout", tag = "Checkout",
    params(("token" = String, Path, description = "The last part of checkout_url", pattern = "^chk_[0-9A-Za-z]{22}$")),
    responses((status = 200, description = "The checkout, whether open or not", body = CheckoutAnswer), CheckoutErrors),
    security(()))]
async fn checkout(
    State(server): State<Arc<Server>>,
    token: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let unknown = || ApiError::new(Code::CheckoutNotFound);
    let Path(text) = token.map_err(|_| unknown())?;
    let token = ids::read_checkout(&text).ok_or_else(unknown)?;
    let found = server.engine().payment_by_token(token).await;
    let (payment, merchant_name) = match found {
        Ok((payment, name)) if payment.dialect == super::name() => (payment, name),
        Ok(_) | Err(Failure::Refused(Refusal::PaymentNotFound)) => return Err(unknown()),
        Err(failure) => return Err(failure.into()),
    };
    let data = server.words(&payment, |subject| CheckoutBody::now(subject, merchant_name));
    Ok(answer(StatusCode::OK, &CheckoutAnswer { data }))
}

/// What goes for paths that pages read: they are limited by address, and scripts of our checkout's origin may read the
/// answers (Fetch, section 3.2), errors included.
async fn for_pages(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowance = server.checkouts.count(AddressKey::of(request.extensions()));
    let mut response = match allowance.and_then(|allowance| allowance.retry_after) {
        Some(seconds) => ApiError::new(Code::RateLimited).after(seconds).into_response(),
        None => next.run(request).await,
    };
    auth::write(allowance, &mut response);
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin.filter(|origin| server.checkout_origin.as_ref() == Some(origin)) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

fn unread(error: BodyError) -> ApiError {
    match error {
        BodyError::TooLarge => Code::PayloadTooLarge.into(),
        BodyError::Incomplete => {
            ApiError::worded(Code::InvalidJson, "The body did not arrive in time.".into())
        }
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, ApiError> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let value = values.next().ok_or(Code::IdempotencyKeyRequired)?;
    let text = value.to_str().ok().filter(|text| (1..=MAX_KEY).contains(&text.len()));
    let key = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
    match (key, values.next()) {
        (Some(key), None) => Ok(key.to_owned()),
        _ => Err(Code::IdempotencyKeyInvalid.into()),
    }
}

fn command(server: &Server, shop: ShopId, key: String, asked: NewPayment) -> CreatePayment {
    CreatePayment {
        shop,
        dialect: super::name(),
        price: asked.price,
        order: asked.order,
        order_validity: Some(server.settings.order_validity),
        quote_validity: server.settings.quote_validity,
        seen_limit: server.settings.seen_limit,
        confirm_limit: None,
        window: None,
        late: LateMoney::Held,
        method: None,
        fixes_rates: false,
        sender: None,
        unique_reference: false,
        idempotency: Some(IdempotencyKey { key, fingerprint: asked.fingerprint }),
    }
}

/// Creates, and where it is unknown whether that happened, reads it back: the same command under the same key finds the
/// payment if it was made, and makes it if it was not. Where that is unknown too, the caller is told to send the
/// request again, which asks the same question.
async fn certain<F>(create: impl Fn() -> F) -> Result<Created, Failure>
where
    F: Future<Output = Result<Created, Failure>>,
{
    match create().await {
        Err(Failure::Unknown) => create().await,
        done => done,
    }
}

fn answer<T: Serialize>(status: StatusCode, body: &T) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], json::to_text(body)).into_response()
}

fn document_answer(document: String) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, document).into_response()
}

#[cfg(test)]
mod tests;

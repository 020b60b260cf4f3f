//! Requests for money.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    buyer::Questions,
    id::ShopId,
    money::Price,
    pair::Pair,
    payment::{Order, Payment, Record},
    terms::LateMoney,
};
use engine::payments::CreatePayment;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Data, data};
use crate::alphapo::{
    auth::Signed,
    errors::{ApiError, Code},
    name,
    openapi::CreateErrors,
    server::Server,
    settings::{CONFIRM_LIMIT, TIMER, euro},
    wire::{
        codes,
        details::Details,
        fields::Fields,
        invoice::{Asked, InvoiceBody, Subject},
        new_invoice::{NewInvoice, NewInvoiceBody, too_small},
    },
};

pub(super) fn routes() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::new().routes(routes!(create))
}

/// Create an invoice
///
/// Makes an invoice and its page. Send the buyer to `url`, and fulfil once a signed callback says `confirmed`.
///
/// Without a timer the invoice waits for its buyer, who chooses a coin and then has 15 minutes. With one, the 15
/// minutes run from the creation. With a timer and a coin, address and amount are in the answer.
#[utoipa::path(post, path = "/invoices/create", operation_id = "createInvoice", tag = "Invoices",
    request_body(content = NewInvoiceBody, description = "At most 65536 bytes"),
    responses((status = 201, description = "The invoice, as it was made", body = Data<InvoiceBody>), CreateErrors),
    security(("key" = [], "signature" = [])))]
async fn create(State(server): State<Arc<Server>>, signed: Signed) -> Result<Response, ApiError> {
    let json = signed.json()?;
    let fields = Fields::of(&json).ok_or(Code::BadContentFormat)?;
    let asked = NewInvoice::read(fields, &server.settings, server.engine().networks())?;
    has_least(&server, asked.price).await?;
    let details = asked.details.clone();
    let created = server.engine().create_payment(command(&server, signed.shop, asked)).await?;
    let payment = created.payment;
    let asked = if details.timer { first_asked(&server, &payment).await? } else { None };
    let token = server.engine().token(payment.id);
    let subject = Subject {
        number: payment.number.ok_or_else(ApiError::internal)?,
        url: format!("{}{}", server.api.urls.checkout, super::checkout_path(&token)),
        payment: &payment,
        details: &details,
        asked,
    };
    Ok(data(StatusCode::CREATED, InvoiceBody::as_created(subject)))
}

/// Refuses an amount below the least that the operator takes. Where nobody knows what it is worth, it is taken.
async fn has_least(server: &Server, price: Price) -> Result<(), ApiError> {
    let (Some(minimum), Some(euro)) = (server.settings.minimum, euro()) else { return Ok(()) };
    let rates = server.engine().market_rates(vec![Pair::new(price.currency.code, euro.code)]).await?;
    let Some(rate) = rates.into_iter().next().flatten() else { return Ok(()) };
    let worth = rate.worth(price.amount, &price.currency, &euro)?;
    if worth < minimum { Err(too_small(minimum)) } else { Ok(()) }
}

fn command(server: &Server, shop: ShopId, asked: NewInvoice<'_>) -> CreatePayment {
    let timer = asked.details.timer;
    let method = asked.coin.filter(|_| timer).map(|coin| coin.method());
    CreatePayment {
        shop,
        dialect: name(),
        price: asked.price,
        order: Order {
            reference: Some(asked.foreign_id),
            description: Some(asked.details.shown()),
            customer_email: asked.email,
            questions: Questions { email: true, sender: server.settings.ask_sender },
            success_url: Some(asked.url_success),
            cancel_url: Some(asked.url_failed),
            details: Some(Details::Invoice(asked.details).write()),
        },
        order_validity: timer.then_some(TIMER),
        window: Some(TIMER),
        quote_validity: TIMER,
        seen_limit: server.settings.seen_limit,
        confirm_limit: Some(CONFIRM_LIMIT),
        late: LateMoney::Held,
        method,
        // With a coin its rate is in the quote; without a timer it is fixed by the buyer's choice.
        fixes_rates: timer && method.is_none(),
        sender: asked.sender,
        unique_reference: true,
        idempotency: None,
    }
}

/// What the coin of a new invoice asks for, where one was given.
async fn first_asked(server: &Server, payment: &Payment) -> Result<Option<Asked>, ApiError> {
    let view = server.engine().payment_view(payment.shop, payment.id).await?;
    let Record { quotes, .. } = &view.record;
    let Some(quote) = quotes.first().filter(|quote| quote.valid_until.is_some()) else { return Ok(None) };
    let networks = server.engine().networks();
    let spec = server.engine().network(quote.method.network)?;
    let asset = spec.asset(quote.method.asset).ok_or_else(ApiError::internal)?;
    let address = server.engine().address(quote.method.network, &quote.script);
    Ok(Some(Asked {
        code: codes::code_of(quote.method, networks),
        address: address.ok_or_else(ApiError::internal)?,
        amount: quote.asks,
        decimals: asset.asset.decimals,
    }))
}

//! Looking at a payment. It changes nothing, however often it is done.

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{Checkout, note::Note, pages, place::Place, problems};

/// `GET /pay/{token}`, and wherever else a dialect shows it: the page of a payment, as it stands.
pub(crate) async fn show(
    State(checkout): State<Checkout>,
    name: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Response {
    let Ok(Path(name)) = name else { return problems::no_payment(&checkout) };
    let Some((place, token)) = Place::parse(&checkout.public_url, &name) else {
        return problems::no_payment(&checkout);
    };
    let (view, place) = match checkout.engine.checkout(token).await {
        Ok(view) => {
            let place = checkout.shown(place, &view, token);
            (view, place)
        }
        Err(failure) => return problems::failed(&checkout, &place, failure),
    };
    let note = query.as_deref().and_then(Note::of_query);
    match pages::page(&view, checkout.engine.networks(), &place, note, None) {
        Ok(page) => page.answer(StatusCode::OK, place.public_url()),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

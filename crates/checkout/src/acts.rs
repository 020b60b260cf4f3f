//! What a buyer may do: say what he is asked, choose a method, ask for a new amount, give up.
//!
//! Each is a form of the payment's page, sent with the version that the page showed, and answered by the way back to
//! the page. Sent twice, the second is refused by its version and changes nothing.

use axum::{
    extract::{
        Form, Path, State,
        rejection::{FormRejection, PathRejection},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    buyer::Questions,
    chain::{Method, Network},
    money::AssetCode,
    payment::Status,
    refusal::{Failure, Refusal},
};
use engine::checkout::{AnswerQuestions, CheckoutView, ChooseMethod};
use serde::Deserialize;

use crate::{
    Checkout,
    note::{Note, PARAMETER},
    pages,
    parts::Mended,
    place::Place,
    problems,
    typed::{Field, Typed},
};

/// A choice of method.
#[derive(Deserialize)]
pub(crate) struct MethodForm {
    network: String,
    asset: String,
    version: u32,
}

/// An act that needs nothing else.
#[derive(Deserialize)]
pub(crate) struct VersionForm {
    version: u32,
}

/// `POST /pay/{token}/method`.
pub(crate) async fn method(
    State(checkout): State<Checkout>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    form: Result<Form<MethodForm>, FormRejection>,
) -> Response {
    let act = match Act::begin(checkout, name, &headers, form).await {
        Ok(act) => act,
        Err(answer) => return answer,
    };
    let MethodForm { network, asset, version } = &act.form;
    let method = Network::parse(network)
        .and_then(|network| AssetCode::parse(asset).map(|asset| Method { network, asset }));
    match method {
        Ok(method) => act.choose(method, *version).await,
        Err(refusal) => act.end(Err(refusal.into())),
    }
}

/// `POST /pay/{token}/start`: what is asked before money is, and how the buyer pays. What is not as it has to be is
/// shown with the form as it was filled in, and nothing is kept of it.
pub(crate) async fn start(
    State(checkout): State<Checkout>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    form: Result<Form<Typed>, FormRejection>,
) -> Response {
    let act = match Act::begin(checkout, name, &headers, form).await {
        Ok(act) => act,
        Err(answer) => return answer,
    };
    let payment = &act.view.payment;
    let answers = match act.form.answers(act.view.questions) {
        Ok(answers) => answers,
        Err(wrong) => return act.ask_again(&wrong),
    };
    let mut version = act.form.version;
    if act.view.questions != Questions::default() {
        let (shop, payment) = (payment.shop, payment.id);
        let command = AnswerQuestions { shop, payment, answers, version: Some(version) };
        match act.checkout.engine.answer_questions(command).await {
            Ok(after) => version = after,
            Err(failure) => return act.end(Err(failure)),
        }
    }
    match act.form.method() {
        Some(method) => act.choose(method, version).await,
        // A page that is about one method already asks nothing but who pays.
        None if act.view.instruction.is_some() => act.end(Ok(())),
        None => act.end(Err(Refusal::MethodUnknown.into())),
    }
}

/// `POST /pay/{token}/quote`.
pub(crate) async fn quote(
    State(checkout): State<Checkout>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    form: Result<Form<VersionForm>, FormRejection>,
) -> Response {
    let act = match Act::begin(checkout, name, &headers, form).await {
        Ok(act) => act,
        Err(answer) => return answer,
    };
    match &act.view.instruction {
        Some(chosen) => act.choose(chosen.quote.method, act.form.version).await,
        None => act.end(Err(Refusal::MethodUnknown.into())),
    }
}

/// `POST /pay/{token}/cancel`.
pub(crate) async fn cancel(
    State(checkout): State<Checkout>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    form: Result<Form<VersionForm>, FormRejection>,
) -> Response {
    let act = match Act::begin(checkout, name, &headers, form).await {
        Ok(act) => act,
        Err(answer) => return answer,
    };
    if act.view.payment.state.status == Status::Cancelled {
        // A second click on the same button: it was done.
        return act.end(Ok(()));
    }
    let payment = &act.view.payment;
    let done = act.checkout.engine.cancel_payment(payment.shop, payment.id, Some(act.form.version)).await;
    act.end(done.map(drop))
}

impl Act<Typed> {
    /// The page with the form as it was filled in, and what is wrong with it.
    fn ask_again(&self, wrong: &[Field]) -> Response {
        let (note, mended) = (Some(Note::Unanswered), Mended { typed: &self.form, wrong });
        match pages::page(&self.view, self.checkout.engine.networks(), &self.place, note, Some(mended)) {
            Ok(page) => page.answer(StatusCode::UNPROCESSABLE_ENTITY, self.place.public_url()),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// A form that our own page sent, and the payment that it is about.
pub(crate) struct Act<F> {
    pub(crate) checkout: Checkout,
    pub(crate) place: Place,
    pub(crate) form: F,
    pub(crate) view: CheckoutView,
}

impl<F> Act<F> {
    /// The act, or the answer to what is none.
    pub(crate) async fn begin(
        checkout: Checkout,
        name: Result<Path<String>, PathRejection>,
        headers: &HeaderMap,
        form: Result<Form<F>, FormRejection>,
    ) -> Result<Self, Response> {
        let Ok(Path(name)) = name else { return Err(problems::no_payment(&checkout)) };
        let Some((place, token)) = Place::parse(&checkout.public_url, &name) else {
            return Err(problems::no_payment(&checkout));
        };
        if !checkout.public_url.is_origin_of(headers) {
            return Err(problems::foreign(&checkout, &place));
        }
        let Form(form) =
            form.map_err(|rejection| problems::unreadable(&checkout, &place, rejection.status()))?;
        match checkout.engine.checkout(token).await {
            Ok(view) => {
                let place = checkout.shown(place, &view, token);
                Ok(Self { checkout, place, form, view })
            }
            Err(failure) => Err(problems::failed(&checkout, &place, failure)),
        }
    }

    /// Chooses a method, or the same one again for a new amount.
    async fn choose(&self, method: Method, version: u32) -> Response {
        let asks_already =
            |asked: &engine::checkout::Instruction| asked.holds && asked.quote.method == method;
        if version < self.view.payment.version && self.view.instruction.as_ref().is_some_and(asks_already) {
            // A second click on the same button, or another window: what was wanted is there.
            return self.end(Ok(()));
        }
        let payment = &self.view.payment;
        let command =
            ChooseMethod { shop: payment.shop, payment: payment.id, method, version: Some(version) };
        self.end(self.checkout.engine.choose_method(command).await)
    }

    /// The way back to the page, with a word on what was not done.
    pub(crate) fn end(&self, done: Result<(), Failure>) -> Response {
        let note = match done {
            Ok(()) => None,
            Err(Failure::Refused(Refusal::PaymentNotFound)) => return problems::no_payment(&self.checkout),
            Err(Failure::Refused(refusal)) => Some(Note::of_refusal(refusal)),
            Err(Failure::Unknown) => Some(Note::Unsure),
            Err(failure) => return problems::failed(&self.checkout, &self.place, failure),
        };
        let page = self.place.page();
        let to = note.map_or(page.clone(), |note| format!("{page}?{PARAMETER}={}", note.code()));
        Redirect::to(&to).into_response()
    }
}

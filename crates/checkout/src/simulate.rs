//! The simulator's buttons. The route exists only where money is not real.

use axum::{
    extract::{
        Form, Path, State,
        rejection::{FormRejection, PathRejection},
    },
    http::HeaderMap,
    response::Response,
};
use domain::{
    money::{Amount, Rounding, mul_div},
    refusal::{Failure, Refusal},
};
use engine::{
    checkout::Instruction,
    sandbox::{SimulatePay, Target},
};
use serde::Deserialize;

use crate::{
    Checkout, acts,
    parts::{Act, simulated},
};

/// What is to be simulated.
#[derive(Deserialize)]
pub(crate) struct SimulateForm {
    act: Act,
    /// Present where money is to be final at once.
    r#final: Option<String>,
}

/// `POST /pay/{token}/simulate`.
pub(crate) async fn simulate(
    State(checkout): State<Checkout>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    form: Result<Form<SimulateForm>, FormRejection>,
) -> Response {
    let act = match acts::Act::begin(checkout, name, &headers, form).await {
        Ok(act) => act,
        Err(answer) => return answer,
    };
    let Some(instruction) = simulated(&act.view) else {
        return act.end(Err(Refusal::NotSimulated.into()));
    };
    act.end(run(&act, instruction).await)
}

async fn run(act: &acts::Act<SimulateForm>, instruction: &Instruction) -> Result<(), Failure> {
    let engine = &act.checkout.engine;
    let target = Target { shop: act.view.payment.shop, payment: act.view.payment.id };
    // What is due; once nothing is, what was asked for, so that too much and late money can be tried too.
    let whole = if instruction.due.is_zero() { instruction.quote.asks } else { instruction.due };
    let amount = match act.form.act {
        Act::Mine => return engine.mine(instruction.network.network, 1).await.map(drop),
        Act::Decline => return engine.decline(target.shop, target.payment).await,
        Act::Exactly | Act::Rest => whole,
        Act::Half => Amount::from_minor(mul_div(whole.minor(), 1, 2, Rounding::Up)?),
        Act::Double => whole.saturating_add(whole),
    };
    // A card is captured at once; a transfer waits for its first block.
    let waits = act.form.r#final.is_none() && instruction.network.form != domain::chain::AddressForm::Session;
    let command = SimulatePay {
        target,
        method: Some(instruction.quote.method),
        amount: Some(amount.to_decimal(instruction.asset.asset.decimals)),
        confirmations: waits.then_some(0),
    };
    engine.simulate_pay(command).await.map(drop)
}

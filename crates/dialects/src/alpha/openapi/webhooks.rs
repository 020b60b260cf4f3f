//! What endpoints are told, as the document tells it.

use domain::{
    dialect::{Announcement, CallbackAttempt},
    event::EventKind,
    merchant::Environment,
    payment::Status,
};
use serde_json::Value;
use utoipa::openapi::{
    ContentBuilder, HttpMethod, Object, PathItem, Paths, Required, ResponseBuilder, Type,
    path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
};

use super::{samples, schema_of};
use crate::alpha::callbacks::{self, Event};

/// The secret by which the samples are signed. It is no endpoint's.
const SECRET: &str = "alpha-test-secret";

/// A POST for each event that is told.
pub(super) fn paths() -> Paths {
    let mut paths = Paths::new();
    for (name, meaning) in callbacks::TOLD {
        paths.paths.insert((*name).to_owned(), path(name, meaning));
    }
    paths
}

fn path(name: &str, meaning: &str) -> PathItem {
    let sample = sample(name);
    let body = ContentBuilder::new()
        .schema(Some(schema_of::<Event>()))
        .example(sample.as_ref().map(|(body, _)| body.clone()))
        .build();
    let headers = sample.map(|(_, headers)| headers).unwrap_or_default();
    let request = RequestBodyBuilder::new()
        .description(Some("The same bytes at every attempt"))
        .content("application/json", body)
        .required(Some(Required::True));
    let taken = "Taken. Any status from 200 to 299 says so; send it once the event is kept. Anything else, a redirect \
                 too, is tried again: 8 times in all, over about two days.";
    let operation = OperationBuilder::new()
        .tag("Webhooks")
        .operation_id(Some(operation_id(name)))
        .summary(Some(name))
        .description(Some(meaning))
        .parameters(Some(headers.into_iter().filter_map(|(name, example)| header(name, example))))
        .request_body(Some(request.build()))
        .response("2XX", ResponseBuilder::new().description(taken));
    PathItem::new(HttpMethod::Post, operation)
}

/// `payment.completed` as an operation: `onPaymentCompleted`.
fn operation_id(name: &str) -> String {
    let capitalised = name.split('.').map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_uppercase() + rest
    });
    format!("on{}", capitalised.collect::<String>())
}

/// A callback as it is sent: body and headers.
fn sample(name: &str) -> Option<(Value, Vec<(&'static str, String)>)> {
    let (kind, status) = EventKind::ALL
        .iter()
        .flat_map(|kind| Status::ALL.iter().map(move |status| (*kind, *status)))
        .find(|(kind, status)| is_told_so(*kind, *status, name))?;
    let payment = samples::payment(status)?;
    let event = samples::event(&payment, kind);
    let announcement =
        Announcement { event: &event, name, payment: &payment, facts: None, environment: Environment::Test };
    let body = callbacks::body(&announcement);
    let attempt = CallbackAttempt {
        delivery: samples::delivery(),
        event: &event,
        name,
        key: None,
        secret: SECRET,
        at: event.at,
        body: &body,
    };
    Some((serde_json::from_slice(&body).ok()?, callbacks::headers(&attempt)))
}

/// Whether an event of this kind is called `name` where it leads to the status that one expects of it.
fn is_told_so(kind: EventKind, status: Status, name: &str) -> bool {
    let leads_to = match kind {
        EventKind::Created => Status::Waiting,
        EventKind::Seen => Status::Processing,
        EventKind::Paid => Status::Paid,
        EventKind::Expired => Status::Expired,
        EventKind::Cancelled => Status::Cancelled,
        EventKind::Failed => Status::Failed,
        EventKind::MethodChosen
        | EventKind::PartPaid
        | EventKind::Over
        | EventKind::Late
        | EventKind::Orphaned
        | EventKind::Reopened => return false,
    };
    let state = domain::payment::State { status, ..domain::payment::State::NEW };
    status == leads_to && callbacks::event_name(kind, &state) == Some(name)
}

/// A header of a callback; the content type stands at the body.
fn header(name: &'static str, example: String) -> Option<Parameter> {
    let text = match name {
        "X-Alpha-Event" => "The event's name, as in `type`",
        "X-Alpha-API-Version" => "The version of the envelope: a date, unlike the version of the API",
        "X-Alpha-Delivery" => {
            "The delivery's id: the same for all its attempts, another one when it is sent by hand"
        }
        "X-Alpha-Timestamp" => {
            "When this attempt was signed: RFC 3339, in UTC. Refuse what is older than five minutes"
        }
        "X-Alpha-Signature" => {
            "HMAC-SHA256 over the text of X-Alpha-Timestamp, a point and the body's bytes, in lower-case hexadecimal. \
             The key is the endpoint's whole secret. Compare it in constant time, before the body is read"
        }
        _ => return None,
    };
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(text))
        .schema(Some(Object::with_type(Type::String)))
        .example(Some(Value::String(example)));
    Some(parameter.build())
}

//! Where a shop's events go.

use axum::{Json, extract::State, http::StatusCode};
use domain::{dialect::DialectName, id::kind, time::Span};
use engine::endpoints::CreateEndpoint;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Api,
    error::ApiError,
    ids,
    input::{Body, Path},
    page::Page,
    span, time,
};

/// An endpoint.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Endpoint {
    /// Its id.
    pub id: String,
    /// The shop whose events it gets.
    pub shop: String,
    /// The dialect that words them.
    pub dialect: String,
    /// Where they are posted.
    pub url: String,
    /// The event names that it listens to; `*` for every one.
    pub events: Vec<String>,
    /// When it was made.
    pub created_at: String,
    /// Since when every delivery has failed for good; null while it works.
    pub failing_since: Option<String>,
    /// When the secret of the last rotation began to sign, or will; until then the one before it does. Null where none
    /// was replaced lately.
    pub cutover_at: Option<String>,
}

// No `Debug`: it would show the secret.
/// An endpoint with the secret that signs what it gets, shown this once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct EndpointWithSecret {
    /// The endpoint.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// The secret; null where the shop's credential signs.
    pub secret: Option<String>,
}

/// An endpoint to be made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEndpoint {
    /// The dialect that words the events.
    pub dialect: String,
    /// Where they are posted.
    pub url: String,
    /// Event names in the dialect's words; none: all that there are.
    #[serde(default)]
    pub events: Vec<String>,
}

/// How to replace a secret.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// How long the old secret goes on signing, at most 24 hours: `30m`, `2h`. None: the new one signs at once.
    #[serde(default)]
    pub cutover: Option<String>,
}

/// An endpoint that is gone.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeletedEndpoint {
    /// Its id.
    pub id: String,
    /// Always true.
    pub deleted: bool,
}

/// A test on its way.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EndpointTest {
    /// The delivery that was made for it.
    pub delivery: String,
}

impl From<domain::merchant::Endpoint> for Endpoint {
    fn from(endpoint: domain::merchant::Endpoint) -> Self {
        Self {
            id: ids::write(endpoint.id),
            shop: ids::write(endpoint.shop),
            dialect: endpoint.dialect.to_string(),
            url: endpoint.url,
            events: endpoint.subscriptions,
            created_at: time::write(endpoint.created_at),
            failing_since: endpoint.failing_since.map(time::write),
            cutover_at: endpoint.cutover_at.map(time::write),
        }
    }
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(delete))
        .routes(routes!(rotate))
        .routes(routes!(test))
}

/// Make an endpoint. Its secret is in this answer.
#[utoipa::path(post, path = "/shops/{shop}/endpoints", operation_id = "createEndpoint", tag = "Endpoints",
    request_body = NewEndpoint, params(("shop" = String, Path, description = "The shop's id")),
    responses((status = 201, description = "The new endpoint with its secret", body = EndpointWithSecret)))]
async fn create(
    State(api): State<Api>,
    Path(shop): Path<String>,
    Body(body): Body<NewEndpoint>,
) -> Result<(StatusCode, Json<EndpointWithSecret>), ApiError> {
    let command = CreateEndpoint {
        shop: ids::read(&shop)?,
        dialect: DialectName::parse(&body.dialect)?,
        url: body.url,
        subscriptions: body.events,
    };
    let signs_itself = !api.engine.dialect(command.dialect)?.signs_with_credential();
    let (endpoint, secret) = api.engine.create_endpoint(command).await?;
    let secret = signs_itself.then_some(secret);
    Ok((StatusCode::CREATED, Json(EndpointWithSecret { endpoint: endpoint.into(), secret })))
}

/// List the endpoints of a shop, oldest first.
#[utoipa::path(get, path = "/shops/{shop}/endpoints", operation_id = "listEndpoints", tag = "Endpoints",
    params(("shop" = String, Path, description = "The shop's id")),
    responses((status = 200, description = "The endpoints", body = Page<Endpoint>)))]
async fn list(State(api): State<Api>, Path(shop): Path<String>) -> Result<Json<Page<Endpoint>>, ApiError> {
    let endpoints = api.engine.list_endpoints(ids::read(&shop)?).await?;
    Ok(Json(Page::whole(endpoints.into_iter().map(Endpoint::from).collect())))
}

/// Delete an endpoint. What waits for it is given up, and can still be read.
#[utoipa::path(delete, path = "/shops/{shop}/endpoints/{endpoint}", operation_id = "deleteEndpoint", tag = "Endpoints",
    params(("shop" = String, Path, description = "The shop's id"),
        ("endpoint" = String, Path, description = "The endpoint's id")),
    responses((status = 200, description = "It is gone", body = DeletedEndpoint)))]
async fn delete(
    State(api): State<Api>,
    Path((shop, endpoint)): Path<(String, String)>,
) -> Result<Json<DeletedEndpoint>, ApiError> {
    let id = ids::read::<kind::Endpoint>(&endpoint)?;
    api.engine.delete_endpoint(ids::read(&shop)?, id).await?;
    Ok(Json(DeletedEndpoint { id: ids::write(id), deleted: true }))
}

/// Give an endpoint a new secret, which signs at once, or from a cutover on.
#[utoipa::path(post, path = "/shops/{shop}/endpoints/{endpoint}/rotate", operation_id = "rotateEndpoint",
    tag = "Endpoints", request_body = Rotation, params(("shop" = String, Path, description = "The shop's id"),
        ("endpoint" = String, Path, description = "The endpoint's id")),
    responses((status = 200, description = "The endpoint with its new secret", body = EndpointWithSecret)))]
async fn rotate(
    State(api): State<Api>,
    Path((shop, endpoint)): Path<(String, String)>,
    Body(body): Body<Rotation>,
) -> Result<Json<EndpointWithSecret>, ApiError> {
    let cutover = match &body.cutover {
        Some(text) => span::read(text).ok_or_else(|| ApiError::invalid("cutover", span::FORM))?,
        None => Span::ZERO,
    };
    let (shop, id) = (ids::read(&shop)?, ids::read(&endpoint)?);
    let (endpoint, secret) = api.engine.rotate_endpoint(shop, id, cutover).await?;
    Ok(Json(EndpointWithSecret { endpoint: endpoint.into(), secret: Some(secret) }))
}

/// Send an endpoint the newest event of its shop that it listens to.
#[utoipa::path(post, path = "/shops/{shop}/endpoints/{endpoint}/test", operation_id = "testEndpoint",
    tag = "Endpoints", params(("shop" = String, Path, description = "The shop's id"),
        ("endpoint" = String, Path, description = "The endpoint's id")),
    responses((status = 200, description = "The delivery on its way", body = EndpointTest)))]
async fn test(
    State(api): State<Api>,
    Path((shop, endpoint)): Path<(String, String)>,
) -> Result<Json<EndpointTest>, ApiError> {
    let delivery = api.engine.test_endpoint(ids::read(&shop)?, ids::read(&endpoint)?).await?;
    Ok(Json(EndpointTest { delivery: ids::write(delivery) }))
}

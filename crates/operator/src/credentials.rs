//! Keys that act for a shop in one dialect.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use domain::{dialect::DialectName, ip_block::IpBlock, merchant::KeyKind};
use engine::credentials::CreateCredential;
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

/// A credential. Its key is not among what is kept of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Credential {
    /// Its id.
    pub id: String,
    /// The shop that it acts for.
    pub shop: String,
    /// The only dialect that takes it.
    pub dialect: String,
    /// What it may be used for at all: `secret` or `publishable`.
    pub kind: String,
    /// What it may be used for, in the dialect's words.
    pub scopes: Vec<String>,
    /// The addresses and blocks of addresses that it may be used from; none: anywhere.
    pub allowed_ips: Vec<String>,
    /// The last characters of the key.
    pub hint: String,
    /// The key, where it is public and its callers sign; null for a key that is a secret itself.
    pub public_key: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it stops working; null for never.
    pub expires_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<String>,
}

// No `Debug`: it would show the key.
/// A credential that was just made. Its key is shown this once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct IssuedCredential {
    /// The credential.
    #[serde(flatten)]
    pub credential: Credential,
    /// The key, under the name that its dialect gives it: `secret_key`. Where callers sign, what they sign with too.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub key: BTreeMap<String, String>,
}

/// A credential to be made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCredential {
    /// The dialect that is to take it.
    pub dialect: String,
    /// What it may be used for at all: `secret` (where nothing is said) or `publishable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Scopes in the dialect's words; none: all that there are.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Addresses and blocks of addresses that it may be used from, at most 50: `203.0.113.7`, `2001:db8::/48`; none:
    /// anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_ips: Vec<String>,
    /// When it stops working: a time, or a length of time from now such as `90d`; null for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

impl From<domain::merchant::Credential> for Credential {
    fn from(credential: domain::merchant::Credential) -> Self {
        Self {
            id: ids::write(credential.id),
            shop: ids::write(credential.shop),
            dialect: credential.dialect.to_string(),
            kind: credential.kind.code().to_owned(),
            scopes: credential.scopes,
            allowed_ips: credential.allowed_ips.iter().map(IpBlock::to_string).collect(),
            hint: credential.hint,
            public_key: credential.public_key,
            created_at: time::write(credential.created_at),
            expires_at: credential.expires_at.map(time::write),
            revoked_at: credential.revoked_at.map(time::write),
            last_used_at: credential.last_used_at.map(time::write),
        }
    }
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(create, list)).routes(routes!(revoke))
}

/// Make a credential. Its key is in this answer, and nowhere else; so is the secret that goes with a public key.
#[utoipa::path(post, path = "/shops/{shop}/credentials", operation_id = "createCredential", tag = "Credentials",
    request_body = NewCredential, params(("shop" = String, Path, description = "The shop's id")),
    responses((status = 201, description = "The new credential with its key", body = IssuedCredential)))]
async fn create(
    State(api): State<Api>,
    Path(shop): Path<String>,
    Body(body): Body<NewCredential>,
) -> Result<(StatusCode, Json<IssuedCredential>), ApiError> {
    let kind = body.kind.as_deref().map_or(Some(KeyKind::Secret), KeyKind::from_code);
    let expires = |text: &String| {
        let from_now = || span::read(text).map(|span| api.engine.wall_time() + span);
        time::read(text).or_else(from_now).ok_or_else(|| {
            ApiError::invalid(
                "expires",
                "a time such as 2027-01-31T00:00:00Z, or a length of time such as 90d",
            )
        })
    };
    let command = CreateCredential {
        shop: ids::read(&shop)?,
        dialect: DialectName::parse(&body.dialect)?,
        kind: kind.ok_or_else(|| ApiError::invalid("kind", "`secret` or `publishable`"))?,
        expires_at: body.expires.as_ref().map(expires).transpose()?,
        allowed_ips: body.allowed_ips.iter().map(|text| IpBlock::parse(text)).collect::<Result<_, _>>()?,
        scopes: body.scopes,
    };
    let (credential, key) = api.engine.create_credential(command).await?;
    let secret = key.secret.map(|secret| (secret.field.to_owned(), secret.text));
    let issued = IssuedCredential {
        credential: credential.into(),
        key: [(key.field.to_owned(), key.text)].into_iter().chain(secret).collect(),
    };
    Ok((StatusCode::CREATED, Json(issued)))
}

/// List the credentials of a shop, oldest first: all of them, up to 500.
#[utoipa::path(get, path = "/shops/{shop}/credentials", operation_id = "listCredentials", tag = "Credentials",
    params(("shop" = String, Path, description = "The shop's id")),
    responses((status = 200, description = "The credentials", body = Page<Credential>)))]
async fn list(State(api): State<Api>, Path(shop): Path<String>) -> Result<Json<Page<Credential>>, ApiError> {
    let credentials = api.engine.list_credentials(ids::read(&shop)?).await?;
    Ok(Json(Page::whole(credentials.into_iter().map(Credential::from).collect())))
}

/// Revoke a credential. It stops working at once.
#[utoipa::path(post, path = "/credentials/{credential}/revoke", operation_id = "revokeCredential", tag = "Credentials",
    params(("credential" = String, Path, description = "The credential's id")),
    responses((status = 200, description = "The credential after it", body = Credential)))]
async fn revoke(
    State(api): State<Api>,
    Path(credential): Path<String>,
) -> Result<Json<Credential>, ApiError> {
    Ok(Json(api.engine.revoke_credential(ids::read(&credential)?).await?.into()))
}

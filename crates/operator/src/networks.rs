//! The networks that are served, and how well they are seen.

use axum::{Json, extract::State};
use domain::{
    chain::{ChainKey, Health, NetworkReport, NetworkSpec},
    refusal::Failure,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Api, error::ApiError, page::Page, time};

/// A network.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// What buyers read.
    pub label: String,
    /// Whether the sandbox simulates it.
    pub simulated: bool,
    /// Confirmations that make money final, where nothing else is agreed.
    pub depth: u32,
    /// What can be sent on it.
    pub assets: Vec<String>,
    /// How well it is seen: `live`, `catching_up`, `blind` or `stopped`; null before its watcher first reported.
    pub health: Option<String>,
    /// Why it is not seen well.
    pub reason: Option<String>,
    /// The height of its newest block.
    pub head_height: Option<u64>,
    /// The time of its newest block.
    pub head_time: Option<String>,
    /// When this was reported.
    pub reported_at: Option<String>,
}

impl Network {
    fn unseen(spec: &NetworkSpec) -> Self {
        Self {
            name: spec.network.to_string(),
            label: spec.label.clone(),
            simulated: spec.simulated,
            depth: spec.depth,
            assets: spec.assets.iter().map(|asset| asset.asset.code.to_string()).collect(),
            health: None,
            reason: None,
            head_height: None,
            head_time: None,
            reported_at: None,
        }
    }

    fn reported(spec: &NetworkSpec, report: &NetworkReport) -> Self {
        Self {
            health: Some(report.health.code().to_owned()),
            reason: report.reason.clone(),
            head_height: report.head_height,
            head_time: report.head_time.map(time::write),
            reported_at: Some(time::write(report.reported_at)),
            ..Self::unseen(spec)
        }
    }
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// List the networks, in the order in which buyers see them.
#[utoipa::path(get, path = "/networks", operation_id = "listNetworks", tag = "Networks",
    responses((status = 200, description = "The networks", body = Page<Network>)))]
async fn list(State(api): State<Api>) -> Result<Json<Page<Network>>, ApiError> {
    let reports = api.engine.network_reports().await?;
    let mut networks = Vec::new();
    for spec in api.engine.networks() {
        let report = reports.iter().find(|report| report.network == spec.network);
        networks.push(match report.filter(|_| !spec.simulated) {
            Some(report) => Network::reported(spec, report),
            None if spec.simulated => simulated(&api, spec).await?,
            None => Network::unseen(spec),
        });
    }
    Ok(Json(Page::whole(networks)))
}

/// A simulated network is always seen, unless it was made to stall.
async fn simulated(api: &Api, spec: &NetworkSpec) -> Result<Network, Failure> {
    let cursor = api.engine.cursor(spec.network, ChainKey::sandbox()).await?;
    let height = cursor.position().map(|block| block.height);
    let view = api.engine.sandbox_view(cursor).await?;
    let health = if view.stalled { Health::Blind } else { Health::Live };
    Ok(Network {
        health: Some(health.code().to_owned()),
        reason: view.stalled.then(|| "it was told to stall".to_owned()),
        head_height: view.blocks.last().map(|block| block.at.height).or(height),
        ..Network::unseen(spec)
    })
}

//! Sends many deliveries again, chosen by the filters of the log.

use std::collections::HashMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::body::JsonBody;
use super::filter::ReplayInput;
use super::path::InWorkspace;
use super::replay::Obstacle;
use super::{ApiState, Problem};
use crate::delivery::Status;
use crate::endpoint::{Endpoint, EndpointId, EndpointRecord};
use crate::store::{DeliveryId, LogFilter, StoreError, StoredDelivery, WorkspaceState};
use crate::workspace::WorkspaceId;

/// API Gateway waits for an answer for 29 seconds (quota); nothing is begun after this.
const TIME: Duration = Duration::from_secs(20);

/// Deliveries that are read and replayed before the next are read.
const PAGE: usize = 500;

/// Deliveries that are replayed at a time.
const CONCURRENT: usize = 32;

/// What came of a replay.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct ReplayBody {
    /// How many deliveries that are over the filters match.
    matched: usize,
    /// How many of these are pending now; left out when they were only counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<usize>,
    /// How many cannot be sent again, for their endpoint is disabled or is not called for their event type any more; left
    /// out when they were only counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<usize>,
    /// Whether the limit or the time was reached, and there are more.
    truncated: bool,
}

/// Sends many deliveries again
///
/// All that were delivered or given up and that the filters match, the newest of them if there are more than the limit or
/// 20 seconds allow. Each goes the way of a single replay, so that each instance's go out in order. `dryRun` only counts.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/deliveries/replay", tag = "deliveries", request_body = ReplayInput,
    params(("workspace", description = "The workspace; `default` for instances that name none")),
    responses((status = 202, description = "How many are about to be sent", body = ReplayBody),
        (status = 200, description = "How many would be (`dryRun`)", body = ReplayBody),
        (status = 422, description = "There is no filter, or something wrong with one", body = Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Failed", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn replay(
    State(state): State<ApiState>,
    InWorkspace(workspace): InWorkspace,
    JsonBody(input): JsonBody<ReplayInput>,
) -> Result<(axum::http::StatusCode, Json<ReplayBody>), Problem> {
    let until = Instant::now() + TIME;
    let (limit, dry_run) = (input.limit(), input.dry_run);
    let mut chosen = Chosen { state: &state, workspace: &workspace, filter: input.filter()?, until, cursor: Some(None), left: limit, truncated: false };
    let now = state.endpoints.workspace(&workspace).await?;
    Ok(todo)
}

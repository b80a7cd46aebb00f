//! The `endpoints` resource: health, settings and backlog of each URL, and resuming it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::body::JsonBody;
use super::caller::Caller;
use super::endpoint_body::{Configured, EndpointBody, EndpointsBody, configured};
use super::path::{EndpointPath, WorkspacePath};
use super::secret_headers_input;
use super::settings_input::SettingsInput;
use super::{ApiState, Problem, ProblemType};
use webhooks_model::endpoint::{EndpointId, EndpointRecord};
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::BacklogSize;

/// Maximum number of deliveries counted in each partition of a backlog: 4,000 in total if they spread evenly.
const COUNTED_PER_LANE: i32 = 250;

/// Maximum number of backlogs counted for one list, in the order of the list. Each takes one query per partition, of
/// which there are 16.
const COUNTED_BACKLOGS: usize = 20;

/// Level of detail of a backlog's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Backlog {
    /// The number of deliveries.
    Counted,
    /// Whether there are any.
    Known,
}

/// Number of backlogs counted concurrently.
const CONCURRENT: usize = 8;

/// Lists a workspace's endpoints
///
/// Each URL of the callbacks once, whether its event types are on or off, with its settings, health and backlog. The
/// backlogs of the first 20 endpoints that have one are counted. For each of the others, only its existence is reported
/// (`pending` 0 and `capped`); a GET of that endpoint counts its backlog.
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/endpoints", tag = "endpoints",
    params(("workspace", description = "The workspace; `default` for instances that name none")),
    responses((status = 200, description = "The endpoints, in the order of the callbacks", body = EndpointsBody)))]
pub(super) async fn list_endpoints(
    State(state): State<ApiState>,
    WorkspacePath(workspace): WorkspacePath,
) -> Result<Json<EndpointsBody>, Problem> {
    let mut now = state.endpoints.workspace(&workspace).await?.checked()?;
    let mut counted = 0;
    let bodies = configured(&now.callbacks.callbacks).into_iter().map(|configured| {
        let record = now.endpoints.remove(&configured.endpoint.id).unwrap_or_default();
        counted += usize::from(record.has_queued());
        let backlog = if counted <= COUNTED_BACKLOGS { Backlog::Counted } else { Backlog::Known };
        state.body(&workspace, configured, record, backlog)
    });
    let endpoints = stream::iter(bodies).buffered(CONCURRENT).try_collect().await?;
    Ok(Json(EndpointsBody { endpoints }))
}

/// Returns an endpoint
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/endpoints/{endpointID}", tag = "endpoints",
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("endpointID" = String, Path)),
    responses((status = 200, description = "The endpoint", body = EndpointBody),
        (status = 404, description = "The callbacks have no such endpoint", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn get_endpoint(
    State(state): State<ApiState>,
    EndpointPath(workspace, id): EndpointPath,
) -> Result<Json<EndpointBody>, Problem> {
    let (configured, record) = state.find(&workspace, &id).await?;
    state.body(&workspace, configured, record, Backlog::Counted).await.map(Json)
}

/// Changes an endpoint's settings
///
/// Settings that are left out stay as they are, even if another caller changes them at the same time. Deliveries that
/// were held back only by a removed setting are sent at once, in order. A pause with `pausedUntil` ends by itself at that
/// time: from then on the endpoint is shown as not paused, and what was kept is sent in order.
#[utoipa::path(patch, path = "/v1/workspaces/{workspace}/endpoints/{endpointID}", tag = "endpoints", request_body = SettingsInput,
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("endpointID" = String, Path)),
    responses((status = 200, description = "The changed endpoint", body = EndpointBody),
        (status = 404, description = "The callbacks have no such endpoint", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn patch_endpoint(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    EndpointPath(workspace, id): EndpointPath,
    JsonBody(input): JsonBody<SettingsInput>,
) -> Result<Json<EndpointBody>, Problem> {
    let (configured, record) = state.find(&workspace, &id).await?;
    let change = input.change(state.world.now())?;
    if !change.secret_headers.is_empty() {
        secret_headers_input::check(&change.applied_to(&record.settings, state.world.now()).secret_headers)?;
    }
    let record = state.endpoints.change(&workspace, &configured.endpoint, &change, state.author(&caller)).await?;
    // Always: the change has scheduled a wake-up, and what fails later relies on the message for it.
    state.wake_up(&workspace, &id, state.world.now()).await;
    state.body(&workspace, configured, record, Backlog::Counted).await.map(Json)
}

/// Resumes a failing or disabled endpoint
///
/// The endpoint is probed at once if it has pending deliveries, otherwise with the next event. A healthy endpoint stays
/// as it is. Resuming does not end a pause, which is a setting. Deliveries that failed while the endpoint was disabled
/// stay failed until they are replayed. If the record is damaged, the attributes that cannot be read are reset to their
/// defaults, including settings; a signing secret that cannot be read is replaced by a new one.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/endpoints/{endpointID}/resume", tag = "endpoints",
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("endpointID" = String, Path)),
    responses((status = 202, description = "The resumed endpoint", body = EndpointBody),
        (status = 404, description = "The callbacks have no such endpoint", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn resume_endpoint(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    EndpointPath(workspace, id): EndpointPath,
) -> Result<(StatusCode, Json<EndpointBody>), Problem> {
    let (configured, _) = state.find(&workspace, &id).await?;
    let record = state.endpoints.resume(&workspace, &configured.endpoint, state.author(&caller)).await?;
    state.wake_up(&workspace, &id, state.world.now()).await;
    Ok((StatusCode::ACCEPTED, Json(state.body(&workspace, configured, record, Backlog::Counted).await?)))
}

impl ApiState {
    /// Returns the endpoint of the callbacks with this id, and its record.
    pub(super) async fn find(
        &self,
        workspace: &WorkspaceId,
        id: &EndpointId,
    ) -> Result<(Configured, EndpointRecord), Problem> {
        let mut now = self.endpoints.workspace(workspace).await?.checked()?;
        let configured = configured(&now.callbacks.callbacks).into_iter().find(|it| it.endpoint.id == *id);
        let unknown = || {
            let detail = "no URL of this workspace's callbacks is this endpoint; GET the endpoints to see which are";
            Problem::new(ProblemType::UnknownEndpoint, detail)
        };
        Ok((configured.ok_or_else(unknown)?, now.endpoints.remove(id).unwrap_or_default()))
    }

    async fn body(
        &self,
        workspace: &WorkspaceId,
        configured: Configured,
        record: EndpointRecord,
        backlog: Backlog,
    ) -> Result<EndpointBody, Problem> {
        let backlog = match backlog {
            Backlog::Counted if record.has_queued() => {
                self.deliveries.backlog_size(workspace, &configured.endpoint.id, COUNTED_PER_LANE).await?
            }
            Backlog::Counted | Backlog::Known => BacklogSize { count: 0, more: record.has_queued() },
        };
        Ok(EndpointBody::new(configured, record, backlog, self.world.now()))
    }
}

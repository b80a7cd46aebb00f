//! Replays many deliveries, selected by the filters of the log.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::body::JsonBody;
use super::filter::ReplayInput;
use super::path::WorkspacePath;
use super::replay::{Obstacle, target};
use super::{ApiState, Problem, ProblemType};
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::{Endpoint, EndpointId, EndpointRecord};
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{Begun, Budget, DeliveryId, LogFilter, StoreError, StoredDelivery, WorkspaceState};

/// Time limit for starting work. API Gateway waits 29 seconds for a response (quota).
const TIME: Duration = Duration::from_secs(20);

/// Lifetime of the workspace's replay lock. A call that is cut off has ended by then: the function runs for at most 29
/// seconds.
const AT_MOST: Duration = Duration::from_secs(30);

/// Maximum number of queries that search for deliveries.
const QUERIES: usize = 400;

/// Maximum number of deliveries examined, matching or not.
const LOOKED_AT: usize = 100_000;

/// Number of instances replayed concurrently.
const CONCURRENT: usize = 32;

/// Result of a replay.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = ReplayCounts)]
pub(super) struct ReplayBody {
    /// Number of completed deliveries that match the filters.
    matched: usize,
    /// Number of these that are pending now; left out with `dryRun`.
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<usize>,
    /// Number of these that cannot be replayed, because their endpoint is disabled or no longer called for their event
    /// type, or because another caller is changing them; left out with `dryRun`.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<usize>,
    /// Whether the limit or the time was reached and more deliveries match.
    truncated: bool,
}

/// Replays many deliveries
///
/// Replays all delivered or failed deliveries that match the filters: the newest ones, if there are more than the limit
/// or 20 seconds allow. Each is handled as by a single replay, so that the deliveries of each instance are sent in
/// order. `dryRun` only counts.
///
/// A call examines at most 100,000 deliveries, newest first. If `truncated` is true and none matches, narrow `since`
/// and `until`. A workspace runs one bulk replay at a time.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/deliveries/replay", tag = "deliveries", request_body = ReplayInput,
    params(("workspace", description = "The workspace; `default` for instances that name none")),
    responses((status = 202, description = "Number of deliveries that are pending now", body = ReplayBody),
        (status = 200, description = "Number of deliveries that match (`dryRun`)", body = ReplayBody),
        (status = 429, description = "Another bulk replay of this workspace is running", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "There is no filter, or a filter is invalid", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn replay_deliveries(
    State(state): State<ApiState>,
    WorkspacePath(workspace): WorkspacePath,
    JsonBody(input): JsonBody<ReplayInput>,
) -> Result<(StatusCode, Json<ReplayBody>), Problem> {
    let until = Instant::now() + TIME;
    let (limit, dry_run, to) = (input.limit(), input.dry_run, input.to.clone());
    let filter = input.filter()?;
    if dry_run {
        let matched = state.matched(&workspace, &filter, limit, until).await?;
        return Ok((StatusCode::OK, Json(matched.counted())));
    }
    let owner = state.world.unique_name();
    let now = state.world.now();
    if let Begun::After(wait) = state.bulk_replays.begin(&workspace, &owner, now, now + AT_MOST).await? {
        let detail = format!(
            "nothing was replayed: another replay of many deliveries of this workspace is at work; try again when it has \
             ended, in {} s at the latest",
            wait.as_secs().max(1)
        );
        return Err(Problem::after(ProblemType::ReplayAtWork, detail, Duration::from_secs(1)));
    }
    let replayed = state.replay(&workspace, &filter, limit, to.as_ref(), until).await;
    if let Err(error) = state.bulk_replays.end(&workspace, &owner).await {
        tracing::error!(%workspace, %error, "a bulk replay could not release its lock, which expires in half a minute");
    }
    replayed.map(|body| (StatusCode::ACCEPTED, Json(body)))
}

struct Matched {
    deliveries: Vec<StoredDelivery>,
    truncated: bool,
}

impl Matched {
    fn counted(&self) -> ReplayBody {
        ReplayBody { matched: self.deliveries.len(), truncated: self.truncated, ..ReplayBody::default() }
    }
}

impl ApiState {
    async fn replay(
        &self,
        workspace: &WorkspaceId,
        filter: &LogFilter,
        limit: usize,
        to: Option<&EndpointId>,
        until: Instant,
    ) -> Result<ReplayBody, Problem> {
        let matched = self.matched(workspace, filter, limit, until).await?;
        let mut body = matched.counted();
        let now = self.endpoints.workspace(workspace).await?.checked()?;
        let to = target(to, &now)?;
        let replay = Replay { state: self, workspace, now: &now, to: to.as_ref(), until };
        let done = replay.all(matched.deliveries).await?;
        body.replayed = Some(done.replayed);
        body.skipped = Some(done.skipped);
        body.truncated |= done.replayed + done.skipped < body.matched;
        Ok(body)
    }

    /// Returns the newest completed deliveries that match the filter, as far as limit and time allow.
    async fn matched(
        &self,
        workspace: &WorkspaceId,
        filter: &LogFilter,
        limit: usize,
        until: Instant,
    ) -> Result<Matched, StoreError> {
        let mut deliveries = Vec::new();
        let mut cursor = None;
        let mut budget = Budget { queries: QUERIES, items: LOOKED_AT, until };
        loop {
            let page = limit + 1 - deliveries.len();
            let page = self.deliveries.log(workspace, filter, cursor.as_ref(), page, &mut budget).await?;
            deliveries.extend(page.deliveries.into_iter().filter(|delivery| delivery.status != Status::Pending));
            cursor = page.next;
            let (too_many, more) = (deliveries.len() > limit, cursor.is_some());
            if too_many || !more || budget.is_spent() {
                deliveries.truncate(limit);
                return Ok(Matched { deliveries, truncated: too_many || more });
            }
        }
    }
}

/// A running replay.
struct Replay<'a> {
    state: &'a ApiState,
    workspace: &'a WorkspaceId,
    now: &'a WorkspaceState,
    /// The endpoint that receives all deliveries; `None` sends each to its own endpoint.
    to: Option<&'a Endpoint>,
    until: Instant,
}

/// Counts of replayed and skipped deliveries. A delivery in neither was not reached in time.
#[derive(Default)]
struct Done {
    replayed: usize,
    skipped: usize,
}

impl Replay<'_> {
    /// Replays all deliveries. Those of one instance are requeued in order, because a running drain sends each as soon
    /// as it is queued.
    async fn all(&self, deliveries: Vec<StoredDelivery>) -> Result<Done, StoreError> {
        let matched = deliveries.len();
        let mut endpoints: BTreeMap<EndpointId, Endpoint> = BTreeMap::new();
        let mut instances: BTreeMap<(EndpointId, String), Vec<StoredDelivery>> = BTreeMap::new();
        for delivery in deliveries {
            let endpoint = self.target(&delivery);
            if Obstacle::of(&delivery.event, endpoint, self.now, &self.record(&endpoint.id)).is_some() {
                continue;
            }
            let id = endpoint.id.clone();
            endpoints.entry(id.clone()).or_insert_with(|| endpoint.clone());
            instances.entry((id, delivery.event.instance_id.clone())).or_default().push(delivery);
        }
        let possible = instances.values().map(Vec::len).sum::<usize>();

        // Wake first: if the function ends early, the sweep finds what was requeued until then.
        for endpoint in endpoints.values() {
            self.state.append(self.workspace, endpoint).await?;
            self.state.endpoints.wake_by(self.workspace, &endpoint.id, self.state.world.now()).await?;
        }
        let replayed = stream::iter(instances.into_values()).map(|instance| self.instance(instance));
        let replayed: Vec<_> = replayed.buffer_unordered(CONCURRENT).collect().await;
        for endpoint in endpoints.values() {
            self.state.queued(self.workspace, endpoint, &self.record(&endpoint.id)).await?;
        }
        replayed.into_iter().try_fold(Done { replayed: 0, skipped: matched - possible }, |all, instance| {
            let instance = instance?;
            Ok(Done { replayed: all.replayed + instance.replayed, skipped: all.skipped + instance.skipped })
        })
    }

    async fn instance(&self, mut deliveries: Vec<StoredDelivery>) -> Result<Done, StoreError> {
        deliveries.sort_by_cached_key(|delivery| format!("{:0>40}", delivery.event.sequence_number));
        let mut done = Done::default();
        for delivery in deliveries {
            if Instant::now() >= self.until {
                break;
            }
            if self.one(&delivery.id).await? {
                done.replayed += 1;
            } else {
                done.skipped += 1;
            }
        }
        Ok(done)
    }

    /// Returns whether the delivery is pending now. It is read again, because the log has no attempts and may be
    /// outdated.
    async fn one(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        match self.state.deliveries.get(self.workspace, id).await? {
            None => Ok(false),
            Some(delivery) if delivery.status == Status::Pending => Ok(true),
            Some(delivery) => self.state.deliveries.queue_again(&delivery, self.target(&delivery)).await,
        }
    }

    fn target<'t>(&'t self, delivery: &'t StoredDelivery) -> &'t Endpoint {
        self.to.unwrap_or(&delivery.endpoint)
    }

    fn record(&self, id: &EndpointId) -> EndpointRecord {
        self.now.endpoints.get(id).cloned().unwrap_or_default()
    }
}

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
#[serde(rename_all = "camelCase")]
#[schema(as = ReplayCounts)]
pub(super) struct ReplayBody {
    /// Number of completed deliveries that match the filters.
    matched: usize,
    /// Number of these that can be replayed; only with `dryRun`.
    #[serde(skip_serializing_if = "Option::is_none")]
    replayable: Option<usize>,
    /// Number of these that are pending now; left out with `dryRun`.
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<usize>,
    /// Number of these that were not replayed, or cannot be.
    skipped: usize,
    /// The skipped deliveries by reason.
    skipped_by_reason: SkippedBody,
    /// Whether the limit or the time was reached and more deliveries match.
    truncated: bool,
}

/// Numbers of skipped deliveries.
#[derive(Clone, Copy, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SkippedCounts)]
struct SkippedBody {
    /// Their endpoint is disabled: resume it first.
    endpoint_disabled: usize,
    /// Their URL is not called for their event type any more: name another endpoint in `to`.
    no_longer_configured: usize,
    /// They were changed or removed at the same time; none with `dryRun`.
    changed: usize,
}

impl SkippedBody {
    fn total(self) -> usize {
        self.endpoint_disabled + self.no_longer_configured + self.changed
    }

    fn add(&mut self, obstacle: Obstacle) {
        match obstacle {
            Obstacle::EndpointDisabled => self.endpoint_disabled += 1,
            Obstacle::NoLongerConfigured => self.no_longer_configured += 1,
        }
    }
}

/// Replays many deliveries
///
/// Replays all delivered or failed deliveries that match the filters: the newest ones, if there are more than the limit
/// or 20 seconds allow. Each is handled as by a single replay, so that the deliveries of each instance are sent in
/// order. `dryRun` only counts: `replayable` of them can be replayed at the moment, the others are `skipped`.
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
        let counted = state.count(&workspace, &filter, limit, to.as_ref(), until).await?;
        return Ok((StatusCode::OK, Json(counted)));
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

impl ReplayBody {
    fn skipping(self, skipped: SkippedBody) -> Self {
        Self { skipped: skipped.total(), skipped_by_reason: skipped, ..self }
    }
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
    /// Counts the deliveries that match, and those of them that can be replayed.
    async fn count(
        &self,
        workspace: &WorkspaceId,
        filter: &LogFilter,
        limit: usize,
        to: Option<&EndpointId>,
        until: Instant,
    ) -> Result<ReplayBody, Problem> {
        let matched = self.matched(workspace, filter, limit, until).await?;
        let now = self.endpoints.workspace(workspace).await?.checked()?;
        let to = target(to, &now)?;
        let replay = Replay { state: self, workspace, now: &now, to: to.as_ref(), until };
        let mut skipped = SkippedBody::default();
        matched.deliveries.iter().filter_map(|it| replay.obstacle(it)).for_each(|it| skipped.add(it));
        let body = matched.counted();
        Ok(ReplayBody { replayable: Some(body.matched - skipped.total()), ..body.skipping(skipped) })
    }

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
        body.truncated |= done.replayed + done.skipped.total() < body.matched;
        Ok(body.skipping(done.skipped))
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
    skipped: SkippedBody,
}

impl Replay<'_> {
    /// Replays all deliveries. Those of one instance are requeued in order, because a running drain sends each as soon
    /// as it is queued.
    async fn all(&self, deliveries: Vec<StoredDelivery>) -> Result<Done, StoreError> {
        let mut skipped = SkippedBody::default();
        let mut endpoints: BTreeMap<EndpointId, Endpoint> = BTreeMap::new();
        let mut instances: BTreeMap<(EndpointId, String), Vec<StoredDelivery>> = BTreeMap::new();
        for delivery in deliveries {
            let endpoint = self.target(&delivery);
            if let Some(obstacle) = self.obstacle(&delivery) {
                skipped.add(obstacle);
                continue;
            }
            let id = endpoint.id.clone();
            endpoints.entry(id.clone()).or_insert_with(|| endpoint.clone());
            instances.entry((id, delivery.event.instance_id.clone())).or_default().push(delivery);
        }

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
        replayed.into_iter().try_fold(Done { replayed: 0, skipped }, |mut all, instance| {
            let instance = instance?;
            all.replayed += instance.replayed;
            all.skipped.changed += instance.skipped.changed;
            Ok(all)
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
                done.skipped.changed += 1;
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

    fn obstacle(&self, delivery: &StoredDelivery) -> Option<Obstacle> {
        let endpoint = self.target(delivery);
        Obstacle::of(&delivery.event, endpoint, self.now, &self.record(&endpoint.id))
    }

    fn record(&self, id: &EndpointId) -> EndpointRecord {
        self.now.endpoints.get(id).cloned().unwrap_or_default()
    }
}

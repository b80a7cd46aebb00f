//! Sends many deliveries again, chosen by the filters of the log.

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

/// API Gateway waits for an answer for 29 seconds (quota); nothing is begun after this.
const TIME: Duration = Duration::from_secs(20);

/// A call that is cut off has ended by then: the function runs for 29 seconds.
const AT_MOST: Duration = Duration::from_secs(30);

/// Queries that look for deliveries.
const QUERIES: usize = 400;

/// Deliveries that are looked at, whether they match or not.
const LOOKED_AT: usize = 100_000;

/// Instances whose deliveries are replayed at a time.
const CONCURRENT: usize = 32;

/// What came of a replay.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct ReplayBody {
    /// How many deliveries that are over the filters match.
    matched: usize,
    /// How many of these are pending now; left out when they were only counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<usize>,
    /// How many cannot be sent again, for their endpoint is disabled or not called for their event type any more, or
    /// somebody else is changing them; left out when they were only counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<usize>,
    /// Whether the limit or the time was reached, and there are more.
    truncated: bool,
}

/// Sends many deliveries again
///
/// All that were delivered or given up and that the filters match, the newest of them if there are more than the limit or
/// 20 seconds allow. Each goes the way of a single replay, so that each instance's go out in order. `dryRun` only counts.
///
/// A call looks at 100,000 deliveries at the most, the newest first: when `truncated` says that there are more and none matches,
/// narrow `since` and `until`. A workspace has one replay of many deliveries at a time.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/deliveries/replay", tag = "deliveries", request_body = ReplayInput,
    params(("workspace", description = "The workspace; `default` for instances that name none")),
    responses((status = 202, description = "How many are about to be sent", body = ReplayBody),
        (status = 200, description = "How many would be (`dryRun`)", body = ReplayBody),
        (status = 429, description = "Another replay of many deliveries of this workspace is at work", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "There is no filter, or something wrong with one", body = Problem, content_type = "application/problem+json")))]
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
        tracing::error!(%workspace, %error, "the next replay of many deliveries has to wait for half a minute");
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

    /// The newest deliveries that are over and that the filter matches, as far as limit and time allow.
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

/// What replays.
struct Replay<'a> {
    state: &'a ApiState,
    workspace: &'a WorkspaceId,
    now: &'a WorkspaceState,
    /// Where all are sent, if not to their own endpoints.
    to: Option<&'a Endpoint>,
    until: Instant,
}

/// What became of one or more deliveries. Neither: the time was up.
#[derive(Default)]
struct Done {
    replayed: usize,
    skipped: usize,
}

impl Replay<'_> {
    /// An endpoint that is being drained takes what comes, so each instance's deliveries are put there in order.
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

        // Were this the end of the program, the sweep would find what has been put there until then.
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

    /// Whether it is pending now. What the log gives lacks the attempts, and may be a moment old.
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

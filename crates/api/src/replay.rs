//! Replays one delivery.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::OptionalJsonBody;
use super::delivery_body::DeliveryWithAttempts;
use super::endpoint_body::configured;
use super::path::{DeliveryKeyPath, unknown_delivery};
use super::{ApiState, Problem, ProblemType};
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::{Endpoint, EndpointId, EndpointRecord, Health};
use webhooks_model::event::Event;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{DeliveryId, StorageState, StoreError, StoredDelivery, Turn, WorkspaceState};

/// Maximum number of times a delivery is read again because it was moved concurrently.
const ATTEMPTS: usize = 4;

/// Replays a delivery
///
/// A delivered or failed delivery becomes pending again, before the later events of its instance. A deferred one is
/// attempted now, and a pending one stays pending. The delivery keeps its attempts: `webhook-id` stays the same, and
/// `webhook-attempt` continues counting. With `to` in the body it becomes a delivery to that endpoint, with another
/// `deliveryID`.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/deliveries/{deliveryID}/replay", tag = "deliveries",
    request_body = Option<ReplayTo>,
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("deliveryID" = String, Path)),
    responses((status = 202, description = "The pending delivery", body = DeliveryWithAttempts),
        (status = 404, description = "There is no such delivery", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The endpoint is disabled, or no longer called for the event type", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn replay_delivery(
    State(state): State<ApiState>,
    DeliveryKeyPath(workspace, id): DeliveryKeyPath,
    OptionalJsonBody(input): OptionalJsonBody<ReplayTo>,
) -> Result<(StatusCode, Json<DeliveryWithAttempts>), Problem> {
    let now = state.endpoints.workspace(&workspace).await?.checked()?;
    let before = state.deliveries.get(&workspace, &id).await?.ok_or_else(unknown_delivery)?;
    let endpoint = target(input.to.as_ref(), &now)?.unwrap_or_else(|| before.endpoint.clone());
    let record = now.endpoints.get(&endpoint.id).cloned().unwrap_or_default();
    if let Some(obstacle) = Obstacle::of(&before.event, &endpoint, &now, &record) {
        return Err(obstacle.into());
    }
    let delivery = state.queue_again(&workspace, before, &endpoint).await?;
    // Also for one that was already pending, so that a repeated call completes one that was interrupted here.
    state.queued(&workspace, &endpoint, &record).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryWithAttempts::of(delivery)?)))
}

/// Target of a replay.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayTo {
    /// Another endpoint, for instance because the delivery's own is no longer configured. It has to be called for the
    /// delivery's event type.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[0-9a-f]{32}$")]
    to: Option<EndpointId>,
}

/// Returns the endpoint that the caller named as the target, if any.
///
/// # Errors
/// A [`Problem`] if the callbacks do not have it.
pub(super) fn target(to: Option<&EndpointId>, now: &WorkspaceState) -> Result<Option<Endpoint>, Problem> {
    let Some(to) = to else { return Ok(None) };
    let configured = configured(&now.callbacks.callbacks).into_iter().map(|it| it.endpoint).find(|it| it.id == *to);
    let unknown = || {
        let detail = "in to: no URL of this workspace's callbacks is this endpoint; GET the endpoints to see which are";
        Problem::in_field(ProblemType::InvalidField, detail, "to".to_owned())
    };
    configured.map(Some).ok_or_else(unknown)
}

/// Reason why a delivery cannot be replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    NoLongerConfigured,
    EndpointDisabled,
}

impl Obstacle {
    pub(super) fn of(event: &Event, to: &Endpoint, now: &WorkspaceState, record: &EndpointRecord) -> Option<Self> {
        let urls = now.callbacks.callbacks.urls_for(event.event_type);
        if !urls.contains(&to.url) {
            return Some(Self::NoLongerConfigured);
        }
        matches!(record.health, Health::Disabled { .. }).then_some(Self::EndpointDisabled)
    }
}

impl From<Obstacle> for Problem {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::NoLongerConfigured => Self::new(
                ProblemType::NoLongerConfigured,
                "the URL is not called for this event type any more; add it to the event type's callbacks and turn \
                 them on, or name another endpoint in `to`",
            ),
            Obstacle::EndpointDisabled => Self::new(
                ProblemType::EndpointDisabled,
                "the endpoint is disabled; re-enable it by a POST to its `resume`, then replay",
            ),
        }
    }
}

impl ApiState {
    /// Moves a delivery to the backlog, and returns it as stored there.
    async fn queue_again(
        &self,
        workspace: &WorkspaceId,
        mut seen: StoredDelivery,
        to: &Endpoint,
    ) -> Result<StoredDelivery, Problem> {
        for _ in 0..ATTEMPTS {
            let is_pending = matches!(seen.storage, StorageState::Pending(_));
            if self.deliveries.queue_again(&seen, to).await? {
                if is_pending {
                    return Ok(seen);
                }
                (seen.id, seen.endpoint) = (DeliveryId::of(&seen.event, &to.id), to.clone());
                (seen.status, seen.give_up_reason) = (Status::Pending, None);
                seen.storage = StorageState::Pending(Turn::Next);
                return Ok(seen);
            }
            seen = self.deliveries.get(workspace, &seen.id).await?.ok_or_else(unknown_delivery)?;
        }
        Err(StoreError::Conflict.into())
    }
}

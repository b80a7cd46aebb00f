//! Sends one delivery again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::delivery_body::DeliveryWithAttempts;
use super::path::{InDelivery, unknown_delivery};
use super::{ApiState, Problem, ProblemType};
use crate::delivery::Status;
use crate::endpoint::{EndpointRecord, Health};
use crate::store::{Place, StoreError, StoredDelivery, Turn, WorkspaceState};
use crate::workspace::WorkspaceId;

/// How often a delivery is read anew because it was moved in between.
const ATTEMPTS: usize = 4;

/// Sends a delivery again
///
/// One that was delivered or given up is pending once more, in its place before the later events of its instance; one that
/// was set aside is tried now; a pending one stays so. It keeps its id and its attempts: `webhook-id` is the same, and
/// `webhook-attempt` goes on counting.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/deliveries/{deliveryID}/replay", tag = "deliveries",
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("deliveryID" = String, Path)),
    responses((status = 202, description = "The delivery, about to be sent", body = DeliveryWithAttempts),
        (status = 404, description = "There is no such delivery", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Its endpoint is disabled, or not called for its event type any more", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn replay_delivery(
    State(state): State<ApiState>,
    InDelivery(workspace, id): InDelivery,
) -> Result<(StatusCode, Json<DeliveryWithAttempts>), Problem> {
    let now = state.endpoints.workspace(&workspace).await?.checked()?;
    let before = state.deliveries.get(&workspace, &id).await?.ok_or_else(unknown_delivery)?;
    let record = now.endpoints.get(id.endpoint()).cloned().unwrap_or_default();
    if let Some(obstacle) = Obstacle::of(&before, &now, &record) {
        return Err(obstacle.into());
    }
    let endpoint = before.endpoint.clone();
    let delivery = state.queue_again(&workspace, before).await?;
    // One that was pending, too: so a repeated call mends one that was interrupted here.
    state.queued(&workspace, &endpoint, &record).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryWithAttempts::of(delivery)?)))
}

/// Why a delivery cannot be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    NoLongerConfigured,
    EndpointDisabled,
}

impl Obstacle {
    pub(super) fn of(delivery: &StoredDelivery, now: &WorkspaceState, record: &EndpointRecord) -> Option<Self> {
        let urls = now.callbacks.callbacks.urls_for(delivery.event.event_type);
        if !urls.contains(&delivery.endpoint.url) {
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
                "nothing was replayed: the URL is not called for this event type any more; \
                 add it to the event type's callbacks, and turn them on",
            ),
            Obstacle::EndpointDisabled => Self::new(
                ProblemType::EndpointDisabled,
                "nothing was replayed: the endpoint is disabled; POST to its `resume` first",
            ),
        }
    }
}

impl ApiState {
    /// Puts a delivery into the backlog, and answers it as it stands there.
    async fn queue_again(&self, workspace: &WorkspaceId, mut seen: StoredDelivery) -> Result<StoredDelivery, Problem> {
        for _ in 0..ATTEMPTS {
            if self.deliveries.queue_again(&seen).await? {
                (seen.status, seen.given_up) = (Status::Pending, None);
                seen.place = Place::Backlog(Turn::Next);
                return Ok(seen);
            }
            seen = self.deliveries.get(workspace, &seen.id).await?.ok_or_else(unknown_delivery)?;
        }
        Err(StoreError::Conflict.into())
    }
}

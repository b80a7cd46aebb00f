//! Sends one delivery again.

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
use webhooks_store::{DeliveryId, Place, StoreError, StoredDelivery, Turn, WorkspaceState};

/// How often a delivery is read anew because it was moved in between.
const ATTEMPTS: usize = 4;

/// Sends a delivery again
///
/// One that was delivered or given up is pending once more, in its place before the later events of its instance; one that
/// was set aside is tried now; a pending one stays so. It keeps its attempts: `webhook-id` is the same, and
/// `webhook-attempt` goes on counting. With `to` in the body it becomes a delivery to that endpoint, with another
/// `deliveryID`.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/deliveries/{deliveryID}/replay", tag = "deliveries",
    request_body = Option<ReplayTo>,
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("deliveryID" = String, Path)),
    responses((status = 202, description = "The delivery, about to be sent", body = DeliveryWithAttempts),
        (status = 404, description = "There is no such delivery", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Its endpoint is disabled, or not called for its event type any more", body = Problem, content_type = "application/problem+json")))]
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
    // One that was pending, too: so a repeated call mends one that was interrupted here.
    state.queued(&workspace, &endpoint, &record).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryWithAttempts::of(delivery)?)))
}

/// Where a delivery is sent again.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayTo {
    /// Another endpoint, for instance because the delivery's own is not configured any more. It has to be called for the
    /// delivery's event type.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[0-9a-f]{32}$")]
    to: Option<EndpointId>,
}

/// The endpoint that deliveries are to be sent to, if one is named.
///
/// # Errors
/// When the callbacks do not name it.
pub(super) fn target(to: Option<&EndpointId>, now: &WorkspaceState) -> Result<Option<Endpoint>, Problem> {
    let Some(to) = to else { return Ok(None) };
    let configured = configured(&now.callbacks.callbacks).into_iter().map(|it| it.endpoint).find(|it| it.id == *to);
    let unknown = || {
        let detail = "in to: no URL of this workspace's callbacks is this endpoint; GET the endpoints to see which are";
        Problem::in_field(ProblemType::InvalidField, detail, "to".to_owned())
    };
    configured.map(Some).ok_or_else(unknown)
}

/// Why a delivery cannot be sent again.
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
                "nothing was replayed: the URL is not called for this event type any more; \
                 add it to the event type's callbacks and turn them on, or name another endpoint in `to`",
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
    async fn queue_again(
        &self,
        workspace: &WorkspaceId,
        mut seen: StoredDelivery,
        to: &Endpoint,
    ) -> Result<StoredDelivery, Problem> {
        for _ in 0..ATTEMPTS {
            let is_pending = matches!(seen.place, Place::Backlog(_));
            if self.deliveries.queue_again(&seen, to).await? {
                if is_pending {
                    return Ok(seen);
                }
                (seen.id, seen.endpoint) = (DeliveryId::of(&seen.event, &to.id), to.clone());
                (seen.status, seen.give_up_reason) = (Status::Pending, None);
                seen.place = Place::Backlog(Turn::Next);
                return Ok(seen);
            }
            seen = self.deliveries.get(workspace, &seen.id).await?.ok_or_else(unknown_delivery)?;
        }
        Err(StoreError::Conflict.into())
    }
}

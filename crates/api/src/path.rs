//! Path parameters.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::Deserialize;

use super::{Problem, ProblemType};
use webhooks_model::endpoint::EndpointId;
use webhooks_model::event::EventType;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::DeliveryId;

/// The parameter `{workspace}`.
pub(super) struct WorkspacePath(pub(super) WorkspaceId);

/// The parameters `{workspace}` and `{eventType}`.
pub(super) struct EventTypePath(pub(super) WorkspaceId, pub(super) EventType);

/// The parameters `{workspace}` and `{endpointID}`.
pub(super) struct EndpointPath(pub(super) WorkspaceId, pub(super) EndpointId);

/// The parameters `{workspace}` and `{deliveryID}`.
pub(super) struct DeliveryKeyPath(pub(super) WorkspaceId, pub(super) DeliveryId);

#[derive(Deserialize)]
struct Segments {
    workspace: String,
    #[serde(rename = "eventType", alias = "endpointID", alias = "deliveryID")]
    of_workspace: Option<String>,
}

async fn segments<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<(WorkspaceId, Option<String>), Problem> {
    let invalid = |reason: String| Problem::new(ProblemType::InvalidWorkspace, format!("in the path: {reason}"));
    let Path(segments): Path<Segments> =
        Path::from_request_parts(parts, state).await.map_err(|error| invalid(error.body_text()))?;
    let workspace = WorkspaceId::try_from(segments.workspace).map_err(|error| invalid(error.to_string()))?;
    Ok((workspace, segments.of_workspace))
}

impl<S: Send + Sync> FromRequestParts<S> for WorkspacePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        segments(parts, state).await.map(|(workspace, _)| Self(workspace))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for EventTypePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let (workspace, name) = segments(parts, state).await?;
        let name = name.unwrap_or_default();
        match EventType::ALL.into_iter().find(|event_type| event_type.as_str() == name) {
            Some(event_type) => Ok(Self(workspace, event_type)),
            None => Err(Problem::new(
                ProblemType::UnknownEventType,
                format!("{name:?} is no event type; there are created, updated and deleted"),
            )),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for EndpointPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let (workspace, id) = segments(parts, state).await?;
        let id = EndpointId::try_from(id.unwrap_or_default());
        id.map(|id| Self(workspace, id)).map_err(|error| Problem::new(ProblemType::UnknownEndpoint, error.to_string()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for DeliveryKeyPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let (workspace, id) = segments(parts, state).await?;
        let id = id.unwrap_or_default().parse();
        id.map(|id| Self(workspace, id)).map_err(|_| unknown_delivery())
    }
}

/// Returns the problem of an unknown delivery.
pub(super) fn unknown_delivery() -> Problem {
    let detail = "there is no such delivery in this workspace; the log keeps completed ones for 30 days, unless the deployment sets another time";
    Problem::new(ProblemType::UnknownDelivery, detail)
}

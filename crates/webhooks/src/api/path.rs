//! What stands in a path: the workspace and the event type.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::Deserialize;

use super::{Problem, ProblemType};
use crate::event::EventType;
use crate::workspace::WorkspaceId;

/// `{workspace}`.
pub(super) struct InWorkspace(pub(super) WorkspaceId);

/// `{workspace}` and `{eventType}`.
pub(super) struct InEventType(pub(super) WorkspaceId, pub(super) EventType);

#[derive(Deserialize)]
struct Segments {
    workspace: String,
    #[serde(rename = "eventType")]
    event_type: Option<String>,
}

async fn segments<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<(WorkspaceId, Option<String>), Problem> {
    let invalid = |reason: String| Problem::new(ProblemType::InvalidWorkspace, format!("in the path: {reason}"));
    let Path(segments): Path<Segments> =
        Path::from_request_parts(parts, state).await.map_err(|error| invalid(error.body_text()))?;
    let workspace = WorkspaceId::try_from(segments.workspace).map_err(|error| invalid(error.to_string()))?;
    Ok((workspace, segments.event_type))
}

impl<S: Send + Sync> FromRequestParts<S> for InWorkspace {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        segments(parts, state).await.map(|(workspace, _)| Self(workspace))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for InEventType {
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

//! The `signing-secret` resource of a workspace: the key from which the secrets of its endpoints are derived. It is never
//! shown.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::OptionalJsonBody;
use super::caller::Caller;
use super::overlap::{RotateInput, none_yet, overlap, too_many};
use super::path::WorkspacePath;
use super::{ApiState, Problem};
use webhooks_model::audit::Action;
use webhooks_store::{StoreError, StoredKeys};

/// Maximum number of attempts of a change that conflicts with concurrent ones.
pub(super) const ATTEMPTS: usize = 8;

/// The key of a workspace, from which the secrets of its endpoints are derived. Its value is never shown.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SigningKey)]
pub(super) struct KeyBody {
    /// Fingerprint, which identifies the key without revealing it.
    fingerprint: String,
    /// Version, incremented with each change.
    version: u64,
    /// Time of the last change.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// Previous keys whose secrets still sign, until they expire; newest first.
    previous: Vec<PreviousBody>,
}

/// A key whose secrets sign until it expires.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PreviousKey)]
struct PreviousBody {
    /// Fingerprint, which identifies the key without revealing it.
    fingerprint: String,
    /// Time from which its secrets no longer sign.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Returns the key of the workspace's signing secrets, by its fingerprint
///
/// Each endpoint has a secret of its own, which is derived from this key and is shown at
/// `…/endpoints/{endpointID}/signing-secret`. A workspace has no key until its first event or test call, which creates
/// one; `POST …/signing-secret/rotate` creates one now.
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/signing-secret", tag = "signing secret",
    params(("workspace", description = "The workspace; `default` for instances that name none")),
    responses((status = 200, description = "The key, without its value", body = KeyBody),
        (status = 404, description = "The workspace has no key yet", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn get_key(
    State(state): State<ApiState>,
    WorkspacePath(workspace): WorkspacePath,
) -> Result<Response, Problem> {
    // Reading does not create a key: a web page can make a browser send this request, and a GET changes nothing.
    let stored = state.secrets.get(&workspace).await?.ok_or_else(none_yet)?;
    Ok(shown(&stored, state.world.now()))
}

/// Rotates the signing secrets of all endpoints
///
/// Replaces the key from which they are derived, or creates the first one. Secrets that a user has set stay as they are.
/// During the overlap each request is signed with both secrets of its endpoint, and a receiver accepts it if one is valid.
/// The body is optional.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/signing-secret/rotate", tag = "signing secret",
    request_body(content = Option<RotateInput>, description = "Optional"),
    params(("workspace", description = "The workspace; `default` for instances that name none")),
    responses((status = 200, description = "The key, without its value", body = KeyBody),
        (status = 409, description = "The maximum number of concurrently signing secrets is reached", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn rotate_key(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    WorkspacePath(workspace): WorkspacePath,
    OptionalJsonBody(input): OptionalJsonBody<RotateInput>,
) -> Result<Response, Problem> {
    let overlap = overlap(input.overlap_seconds)?;
    for _ in 0..ATTEMPTS {
        let (seen, key, author) =
            (state.secrets.get(&workspace).await?, state.secrets.generate()?, state.author(&caller));
        let now = state.world.now();
        let written = match seen {
            None => state.secrets.make(&workspace, key, Action::SigningSecretCreated, author).await,
            Some(seen) => {
                let rotated = seen.keys.rotated(key, now + overlap, now).map_err(too_many)?;
                state.secrets.replace(&workspace, &seen, rotated, Action::SigningSecretRotated, author).await
            }
        };
        match written {
            Err(StoreError::Conflict) => {}
            written => return Ok(shown(&written?, now)),
        }
    }
    Err(StoreError::Conflict.into())
}

fn shown(stored: &StoredKeys, now: Timestamp) -> Response {
    let previous = stored.keys.valid(now);
    let previous =
        previous.map(|it| PreviousBody { fingerprint: it.value.fingerprint(), expires_at: it.expires_at }).collect();
    let StoredKeys { version, changed_at, .. } = *stored;
    Json(KeyBody { fingerprint: stored.keys.current.fingerprint(), version, changed_at, previous }).into_response()
}

//! The `signing-secret` resource: the secret with which receivers verify requests.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{JsonBody, OptionalJsonBody};
use super::caller::Caller;
use super::json_integer;
use super::path::WorkspacePath;
use super::{ApiState, Problem, ProblemType};
use webhooks_model::audit::Action;
use webhooks_model::audit::Actor;
use webhooks_model::signing::{MAX_SECRETS, SigningSecret, TooManySecrets};
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{StoreError, StoredSecrets};

/// Maximum number of attempts of a change that conflicts with concurrent ones.
const ATTEMPTS: usize = 8;

/// Default time for which the previous secret still signs: a day, in seconds.
const DEFAULT_OVERLAP: u64 = 24 * 60 * 60;

/// Maximum time for which the previous secret still signs: a week, in seconds.
const MAX_OVERLAP: u64 = 7 * DEFAULT_OVERLAP;

/// A workspace's signing secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SigningSecret)]
pub(super) struct SecretBody {
    /// The secret, in the form that Standard Webhooks libraries expect.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
    /// Fingerprint, which identifies the secret without revealing it.
    fingerprint: String,
    /// Version, incremented with each change.
    version: u64,
    /// Time of the last change.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// Previous secrets that still sign, until they expire; newest first.
    previous: Vec<PreviousBody>,
}

/// A secret that signs until it expires.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PreviousSecret)]
struct PreviousBody {
    /// The secret.
    secret: String,
    /// Fingerprint, which identifies the secret without revealing it.
    fingerprint: String,
    /// Time from which it no longer signs.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A signing secret of the caller's own.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SecretInput {
    /// `whsec_` and the Base64 of 24 to 64 random bytes.
    #[schema(
        example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        pattern = "^whsec_([A-Za-z0-9+/]{4}){8,20}(([A-Za-z0-9+/]{4})?([A-Za-z0-9+/][AQgw]==)?|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)$"
    )]
    secret: String,
    /// Time for which the previous secret still signs: 0 to 604,800 seconds (a week), 86,400 (a day) by default. With 0
    /// only the new one signs from now on, whatever overlapped before.
    #[serde(default, deserialize_with = "json_integer::deserialize")]
    #[schema(minimum = 0, maximum = 604_800)]
    overlap_seconds: Option<u64>,
}

/// Options of a rotation.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RotateInput {
    /// Time for which the previous secret still signs: 0 to 604,800 seconds (a week), 86,400 (a day) by default. With 0
    /// only the new one signs from now on, whatever overlapped before.
    #[serde(default, deserialize_with = "json_integer::deserialize")]
    #[schema(minimum = 0, maximum = 604_800)]
    overlap_seconds: Option<u64>,
}

/// Returns the workspace's signing secret
///
/// Every callback request is signed with it (Standard Webhooks, HMAC-SHA256). In place of a body, which a GET does not
/// have, the request target is signed: path and query as sent. A workspace has no secret until its first event or test
/// call, which creates one, or until it is set; `POST …/signing-secret/rotate` creates one now.
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/signing-secret", tag = "signing secret",
    params(("workspace", description = "The workspace; `default` for instances that name none")),
    responses((status = 200, description = "The secret; it must not be cached", body = SecretBody),
        (status = 404, description = "The workspace has no secret yet", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn get_secret(
    State(state): State<ApiState>,
    WorkspacePath(workspace): WorkspacePath,
) -> Result<Response, Problem> {
    // Reading does not create a secret: a web page can make a browser send this request, and a GET changes nothing.
    let stored = state.secrets.get(&workspace).await?.ok_or_else(none_yet)?;
    Ok(shown(&stored, state.world.now()))
}

/// Sets the workspace's signing secret
///
/// For a secret from another system. Setting the current one changes nothing. The first one signs alone, whatever
/// `overlapSeconds` says.
#[utoipa::path(put, path = "/v1/workspaces/{workspace}/signing-secret", tag = "signing secret", request_body = SecretInput,
    params(("workspace", description = "The workspace; `default` for instances that name none")),
    responses((status = 200, description = "The new secret; it must not be cached", body = SecretBody),
        (status = 409, description = "The maximum number of concurrently signing secrets is reached", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn put_secret(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    WorkspacePath(workspace): WorkspacePath,
    JsonBody(input): JsonBody<SecretInput>,
) -> Result<Response, Problem> {
    let invalid = |error: webhooks_model::signing::InvalidSecret| {
        Problem::in_field(ProblemType::InvalidSecret, format!("in secret: {error}"), "secret".to_owned())
    };
    let secret = secrecy::zeroize::Zeroizing::new(input.secret).parse().map_err(invalid)?;
    let overlap = overlap(input.overlap_seconds)?;
    change(&state, &caller, &workspace, overlap, Action::SigningSecretSet, || Ok(SigningSecret::clone(&secret))).await
}

/// Rotates the workspace's signing secret
///
/// Creates the first secret if there is none yet. Otherwise both sign for a while: each request carries two signatures,
/// and a receiver accepts it if one is valid. The response has both secrets. The body is optional.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/signing-secret/rotate", tag = "signing secret",
    request_body(content = Option<RotateInput>, description = "Optional"),
    params(("workspace", description = "The workspace; `default` for instances that name none")),
    responses((status = 200, description = "The secrets; they must not be cached", body = SecretBody),
        (status = 409, description = "The maximum number of concurrently signing secrets is reached", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn rotate_secret(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    WorkspacePath(workspace): WorkspacePath,
    OptionalJsonBody(input): OptionalJsonBody<RotateInput>,
) -> Result<Response, Problem> {
    let overlap = overlap(input.overlap_seconds)?;
    change(&state, &caller, &workspace, overlap, Action::SigningSecretRotated, || state.secrets.generate()).await
}

/// Reads, decides, and writes under optimistic locking.
async fn change(
    state: &ApiState,
    caller: &Actor,
    workspace: &WorkspaceId,
    overlap: Duration,
    action: Action,
    secret: impl Fn() -> Result<SigningSecret, StoreError>,
) -> Result<Response, Problem> {
    for _ in 0..ATTEMPTS {
        let seen = state.secrets.get(workspace).await?;
        let secret = secret()?;
        let Some(seen) = seen else {
            let action = if action == Action::SigningSecretRotated { Action::SigningSecretCreated } else { action };
            match state.secrets.make(workspace, secret, action, state.author(caller)).await {
                Err(StoreError::Conflict) => continue,
                made => return Ok(shown(&made?, state.world.now())),
            }
        };
        if secret == seen.secrets.current {
            return Ok(shown(&seen, state.world.now()));
        }
        let now = state.world.now();
        let rotated = seen.secrets.rotated(secret, now + overlap, now).map_err(too_many)?;
        match state.secrets.replace(workspace, &seen, rotated, action, state.author(caller)).await {
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
            Ok(stored) => return Ok(shown(&stored, now)),
        }
    }
    Err(StoreError::Conflict.into())
}

fn overlap(seconds: Option<u64>) -> Result<Duration, Problem> {
    match seconds.unwrap_or(DEFAULT_OVERLAP) {
        seconds @ 0..=MAX_OVERLAP => Ok(Duration::from_secs(seconds)),
        _ => {
            let detail = format!("in overlapSeconds: it is a number of seconds from 0 to {MAX_OVERLAP}");
            Err(Problem::in_field(ProblemType::InvalidField, detail, "overlapSeconds".to_owned()))
        }
    }
}

fn none_yet() -> Problem {
    let detail = "this workspace has no signing secret yet: it is made with the first event or test call; to make it now, POST \
        to `signing-secret/rotate`, or PUT your own";
    Problem::new(ProblemType::NoSigningSecret, detail)
}

fn too_many(error: TooManySecrets) -> Problem {
    let detail = format!(
        "{MAX_SECRETS} secrets sign already, and no more may at a time; nothing was changed: wait until one of them expires \
         at {}, or rotate with `overlapSeconds` 0, which ends all but the new one",
        error.until
    );
    Problem::new(ProblemType::TooManySecrets, detail)
}

fn shown(stored: &StoredSecrets, now: Timestamp) -> Response {
    let previous = stored.secrets.valid(now).map(|it| PreviousBody {
        secret: it.secret.expose().to_string(),
        fingerprint: it.secret.fingerprint(),
        expires_at: it.expires_at,
    });
    let current = &stored.secrets.current;
    let body = SecretBody {
        secret: current.expose().to_string(),
        fingerprint: current.fingerprint(),
        version: stored.version,
        changed_at: stored.changed_at,
        previous: previous.collect(),
    };
    Json(body).into_response()
}

//! The `signing-secret` resource of an endpoint: the secret with which its receiver verifies requests.

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
use super::overlap::{RotateInput, none_yet, overlap, too_many};
use super::path::EndpointPath;
use super::signing_secret::ATTEMPTS;
use super::{ApiState, Problem, ProblemType};
use webhooks_model::audit::{Action, Actor, Entry};
use webhooks_model::endpoint::{EndpointId, EndpointRecord};
use webhooks_model::signing::{EndpointSecret, InvalidSecret, SecretSource, SecretSources, SigningSecret};
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{StoreError, StoredKeys, WorkspaceState};

/// The signing secret of an endpoint.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SigningSecret)]
pub(super) struct SecretBody {
    /// The secret, in the form that Standard Webhooks libraries expect.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
    /// Fingerprint, which identifies the secret without revealing it.
    fingerprint: String,
    /// Whether a user has set it. Such a secret does not change when those of all endpoints are rotated.
    own: bool,
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

/// Returns an endpoint's signing secret
///
/// Every request to the endpoint is signed with it (Standard Webhooks, HMAC-SHA256), and no other endpoint has it. In place
/// of a body, which a GET does not have, the request target is signed: path and query as sent. Of a URL that is not
/// configured it is the secret that the URL will have, so that a receiver can be prepared.
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/endpoints/{endpointID}/signing-secret", tag = "signing secret",
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("endpointID" = String, Path)),
    responses((status = 200, description = "The secret; it must not be cached", body = SecretBody),
        (status = 404, description = "The workspace has no signing secrets yet", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn get_secret(
    State(state): State<ApiState>,
    EndpointPath(workspace, id): EndpointPath,
) -> Result<Response, Problem> {
    let now = state.endpoints.workspace(&workspace).await?.checked()?;
    let secret = state.secret_of(&workspace, &id, &now).await?;
    // Reading does not create a key: a web page can make a browser send this request, and a GET changes nothing.
    let keys = match (now.keys, now.damaged_keys) {
        (_, Some(error)) => return Err(error.into()),
        (keys, None) => keys.ok_or_else(none_yet)?,
    };
    Ok(shown(&keys, &secret, state.world.now()))
}

/// Sets an endpoint's signing secret
///
/// For a secret that the receiver has already. Setting the current one changes nothing.
#[utoipa::path(put, path = "/v1/workspaces/{workspace}/endpoints/{endpointID}/signing-secret", tag = "signing secret", request_body = SecretInput,
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("endpointID" = String, Path)),
    responses((status = 200, description = "The new secret; it must not be cached", body = SecretBody),
        (status = 404, description = "The callbacks have no such endpoint", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The maximum number of concurrently signing secrets is reached", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn put_secret(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    path: EndpointPath,
    JsonBody(input): JsonBody<SecretInput>,
) -> Result<Response, Problem> {
    let invalid = |error: InvalidSecret| {
        Problem::in_field(ProblemType::InvalidSecret, format!("in secret: {error}"), "secret".to_owned())
    };
    let secret: SigningSecret = secrecy::zeroize::Zeroizing::new(input.secret).parse().map_err(invalid)?;
    change(&state, &caller, path, overlap(input.overlap_seconds)?, Some(secret)).await
}

/// Rotates an endpoint's signing secret
///
/// For a while both sign: each request carries two signatures, and a receiver accepts it if one is valid. The response has
/// both secrets. If the workspace has no secrets yet, the first one is created instead. The body is optional.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/endpoints/{endpointID}/signing-secret/rotate", tag = "signing secret",
    request_body(content = Option<RotateInput>, description = "Optional"),
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("endpointID" = String, Path)),
    responses((status = 200, description = "The secrets; they must not be cached", body = SecretBody),
        (status = 404, description = "The callbacks have no such endpoint", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The maximum number of concurrently signing secrets is reached", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn rotate_secret(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    path: EndpointPath,
    OptionalJsonBody(input): OptionalJsonBody<RotateInput>,
) -> Result<Response, Problem> {
    change(&state, &caller, path, overlap(input.overlap_seconds)?, None).await
}

/// Reads, decides, and writes under optimistic locking. Without a secret of the caller's own a new one is derived.
async fn change(
    state: &ApiState,
    caller: &Actor,
    EndpointPath(workspace, id): EndpointPath,
    overlap: Duration,
    own: Option<SigningSecret>,
) -> Result<Response, Problem> {
    for _ in 0..ATTEMPTS {
        let (configured, record) = state.find(&workspace, &id).await?;
        let (keys, is_first) = match state.secrets.get(&workspace).await? {
            Some(keys) => (keys, false),
            None => {
                let (key, author) = (state.secrets.generate()?, state.author(caller));
                match state.secrets.make(&workspace, key, Action::SigningSecretCreated, author).await {
                    Err(StoreError::Conflict) => continue,
                    made => (made?, true),
                }
            }
        };
        // As it is stored, so that the response is what is read afterwards.
        let now = Timestamp::from_millisecond(state.world.now().as_millisecond()).unwrap_or_default();
        let before = stored(&record, &id)?;
        let secrets = before.sources.secrets(&keys.keys, now);
        if own.as_ref().map_or(is_first, |own| *own == secrets.current) {
            return Ok(shown(&keys, &before, now));
        }
        let (action, source) = match &own {
            Some(own) => {
                state.endpoints.mark_used(&workspace, &id).await?;
                (Action::SigningSecretSet, SecretSource::Own(own.clone()))
            }
            None => {
                let generation = state.endpoints.take_generation(&workspace, &id).await?;
                (Action::SigningSecretRotated, SecretSource::Derived { identity: id.clone(), generation })
            }
        };
        let sources = before.sources.rotated(source, now + overlap, now).map_err(too_many)?;
        let after = EndpointSecret { sources, changed_at: now };
        let changed = (&secrets, &after.sources.secrets(&keys.keys, now));
        let entry = Entry::endpoint_secret(state.author(caller), action, &configured.endpoint, changed);
        match state.endpoints.replace_secret(&workspace, &configured.endpoint, &record, after.clone(), &entry).await {
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => return Ok(shown(&keys, &after, now)),
        }
    }
    Err(StoreError::Conflict.into())
}

impl ApiState {
    /// Returns the sources of the secret of an endpoint: of one that is not configured, those that it would have.
    ///
    /// # Errors
    /// A [`Problem`] if they cannot be read.
    pub(super) async fn secret_of(
        &self,
        workspace: &WorkspaceId,
        id: &EndpointId,
        now: &WorkspaceState,
    ) -> Result<EndpointSecret, Problem> {
        if now.callbacks.callbacks.have(id) {
            return stored(&now.endpoints.get(id).cloned().unwrap_or_default(), id);
        }
        let generation = self.endpoints.next_generation(workspace, id).await?;
        let source = SecretSource::Derived { identity: id.clone(), generation };
        Ok(EndpointSecret::unchanged(SecretSources::new(source)))
    }
}

/// Returns the sources of the secret of an endpoint with this record.
fn stored(record: &EndpointRecord, id: &EndpointId) -> Result<EndpointSecret, Problem> {
    if record.is_damaged_in("secret") {
        let detail = "the endpoint's secret cannot be read: correct its record, or POST to the endpoint's `resume`, which \
            gives it a new secret";
        return Err(Problem::new(ProblemType::StoredDataDamaged, detail));
    }
    Ok(record.secret_of(id))
}

fn shown(keys: &StoredKeys, secret: &EndpointSecret, now: Timestamp) -> Response {
    let secrets = secret.sources.secrets(&keys.keys, now);
    let previous = secrets.valid(now).map(|it| PreviousBody {
        secret: it.value.expose().to_string(),
        fingerprint: it.value.fingerprint(),
        expires_at: it.expires_at,
    });
    let own = matches!(secret.sources.current, SecretSource::Own(_));
    let body = SecretBody {
        secret: secrets.current.expose().to_string(),
        fingerprint: secrets.current.fingerprint(),
        own,
        // A derived secret changes with its key, too.
        changed_at: if own { secret.changed_at } else { secret.changed_at.max(keys.changed_at) },
        previous: previous.collect(),
    };
    Json(body).into_response()
}

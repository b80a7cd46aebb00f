//! The `callbacks` resource: reads, sets and resets the callbacks of all three event types or of one.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use headers::HeaderMapExt;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::JsonBody;
use super::callbacks_input::{CallbacksInput, OneCallbackInput};
use super::caller::Caller;
use super::path::{EventTypePath, WorkspacePath};
use super::precondition::{self, Preconditions};
use super::{ApiState, Problem, replacing, schema};
use webhooks_model::audit::Actor;
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::callbacks::{Callback, Callbacks, InvalidCallbacks, PendingCallbacks};
use webhooks_model::event::EventType;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{StoreError, StoredCallbacks};

/// Maximum number of attempts of an unconditional change that conflicts with concurrent ones.
const ATTEMPTS: usize = 8;

/// Callbacks of all event types, with the version that their `ETag` represents.
#[derive(Serialize, ToSchema)]
#[schema(as = StoredCallbacks)]
pub(super) struct CallbacksBody {
    /// 0 for a workspace that was never set, then incremented with each change.
    version: u64,
    #[serde(flatten)]
    #[schema(value_type = schema::Callbacks)]
    callbacks: Callbacks,
}

/// Callbacks of one event type, with the version of all three.
#[derive(Serialize, ToSchema)]
#[schema(as = StoredCallback)]
pub(super) struct CallbackBody {
    /// 0 for a workspace that was never set, then incremented with each change.
    version: u64,
    #[serde(flatten)]
    #[schema(value_type = schema::Callback)]
    callback: Callback,
}

/// Returns all callbacks of a workspace
///
/// In a workspace that was never set, all event types are off and have no URLs, and the version is 0.
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/callbacks", tag = "callbacks",
    params(("workspace", description = "The workspace; `default` for instances that name none")),
    responses((status = 200, description = "The callbacks", body = CallbacksBody)))]
pub(super) async fn get_all(
    State(state): State<ApiState>,
    WorkspacePath(workspace): WorkspacePath,
) -> Result<Response, Problem> {
    let stored = state.callbacks.get(&workspace).await?.checked()?;
    Ok(all(stored))
}

/// Sets all callbacks of a workspace
///
/// An event type that is left out is off and has no URLs. An invalid body changes nothing. Neither does one that equals
/// the stored callbacks: version and `ETag` stay, and the audit has no entry. Host names are resolved, and a name that
/// resolves to an address that is not allowed is rejected.
#[utoipa::path(put, path = "/v1/workspaces/{workspace}/callbacks", tag = "callbacks", request_body = CallbacksInput,
    params(("workspace", description = "The workspace; `default` for instances that name none"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version to replace")),
    responses((status = 200, description = "The stored callbacks", body = CallbacksBody, headers(("ETag" = String))),
        (status = 412, description = "The callbacks have changed since the caller read them", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn put_all(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    WorkspacePath(workspace): WorkspacePath,
    conditions: Preconditions,
    JsonBody(input): JsonBody<CallbacksInput>,
) -> Result<Response, Problem> {
    let (version, replaces) = (input.version, replacing::read(&input.replaces)?);
    let callbacks = check_hosts(&state, input.validate(state.sender.policy())).await?;
    let change = Change { state: &state, caller: &caller, workspace: &workspace, conditions: &conditions, version };
    change.make(&replaces, |_| Ok(Some(callbacks.clone()))).await.map(all)
}

/// Resets all callbacks of a workspace
///
/// Afterwards the workspace is as if it had never been set. Resetting such a workspace changes nothing.
#[utoipa::path(delete, path = "/v1/workspaces/{workspace}/callbacks", tag = "callbacks",
    params(("workspace", description = "The workspace; `default` for instances that name none"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version to remove")),
    responses((status = 204, description = "The callbacks are reset"),
        (status = 412, description = "The callbacks have changed since the caller read them", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn delete_all(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    WorkspacePath(workspace): WorkspacePath,
    conditions: Preconditions,
) -> Result<StatusCode, Problem> {
    for _ in 0..ATTEMPTS {
        let seen = state.callbacks.get(&workspace).await?;
        conditions.check(&seen, None)?;
        match state.callbacks.remove(&workspace, &seen, state.author(&caller)).await {
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => {
                state.follow(&workspace, &seen, &StoredCallbacks::default()).await;
                return Ok(StatusCode::NO_CONTENT);
            }
        }
    }
    Err(StoreError::Conflict.into())
}

/// Returns one event type's callbacks
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/callbacks/{eventType}", tag = "callbacks",
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("eventType" = schema::EventType, Path)),
    responses((status = 200, description = "The callbacks", body = CallbackBody)))]
pub(super) async fn get_one(
    State(state): State<ApiState>,
    EventTypePath(workspace, event_type): EventTypePath,
) -> Result<Response, Problem> {
    let stored = state.callbacks.get(&workspace).await?.checked()?;
    Ok(one(stored, event_type))
}

/// Sets one event type's callbacks
///
/// The other two event types stay unchanged, even if another caller changes them at the same time. Setting the stored
/// callbacks again changes nothing.
#[utoipa::path(put, path = "/v1/workspaces/{workspace}/callbacks/{eventType}", tag = "callbacks", request_body = OneCallbackInput,
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("eventType" = schema::EventType, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version to replace")),
    responses((status = 200, description = "The stored callbacks", body = CallbackBody, headers(("ETag" = String))),
        (status = 412, description = "The callbacks have changed since the caller read them", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn put_one(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    EventTypePath(workspace, event_type): EventTypePath,
    conditions: Preconditions,
    JsonBody(input): JsonBody<OneCallbackInput>,
) -> Result<Response, Problem> {
    let (version, replaces) = (input.version, replacing::read(&input.replaces)?);
    let callback = check_hosts(&state, input.validate(event_type, state.sender.policy())).await?;
    let change = Change { state: &state, caller: &caller, workspace: &workspace, conditions: &conditions, version };
    let changed = |now: StoredCallbacks| Ok(Some(with(&now.checked()?.callbacks, event_type, callback.clone())));
    Ok(one(change.make(&replaces, changed).await?, event_type))
}

/// Turns one event type off and removes its URLs
#[utoipa::path(delete, path = "/v1/workspaces/{workspace}/callbacks/{eventType}", tag = "callbacks",
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("eventType" = schema::EventType, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version to remove")),
    responses((status = 204, description = "The event type is off and has no URLs"),
        (status = 412, description = "The callbacks have changed since the caller read them", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn delete_one(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    EventTypePath(workspace, event_type): EventTypePath,
    conditions: Preconditions,
) -> Result<StatusCode, Problem> {
    let change =
        Change { state: &state, caller: &caller, workspace: &workspace, conditions: &conditions, version: None };
    let changed = |now: StoredCallbacks| {
        let now = now.checked()?.callbacks;
        Ok((*now.of(event_type) != Callback::default()).then(|| with(&now, event_type, Callback::default())))
    };
    change.make(&BTreeMap::new(), changed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Resolves the host names and checks their addresses.
pub(super) async fn check_hosts<T>(state: &ApiState, pending: PendingCallbacks<T>) -> Result<T, InvalidCallbacks> {
    let not_allowed = state.sender.check_hostnames(pending.names()).await;
    pending.finish(&not_allowed)
}

fn with(now: &Callbacks, event_type: EventType, callback: Callback) -> Callbacks {
    let mut changed = now.clone();
    *changed.of_mut(event_type) = callback;
    changed
}

/// A requested change of callbacks.
struct Change<'a> {
    state: &'a ApiState,
    caller: &'a Actor,
    workspace: &'a WorkspaceId,
    conditions: &'a Preconditions,
    version: Option<u64>,
}

impl Change<'_> {
    /// Reads the callbacks, checks the caller's conditions, and writes under optimistic locking.
    ///
    /// After a conflict, a change without conditions is repeated on the current callbacks, and one with conditions is
    /// rejected. Nothing is written if nothing would change, or if `changed` returns `None`.
    async fn make(
        self,
        replaces: &BTreeMap<CallbackUrl, CallbackUrl>,
        changed: impl Fn(StoredCallbacks) -> Result<Option<Callbacks>, Problem>,
    ) -> Result<StoredCallbacks, Problem> {
        let Self { state, caller, workspace, conditions, version } = self;
        for _ in 0..ATTEMPTS {
            let seen = state.callbacks.get(workspace).await?;
            conditions.check(&seen, version)?;
            let Some(callbacks) = changed(seen.clone())? else { return Ok(seen) };
            if is_there(&seen, &callbacks, replaces) {
                return Ok(seen);
            }
            let (replaced, inherited) = state.prepare(workspace, &seen, &callbacks, replaces).await?;
            match state
                .callbacks
                .replace(workspace, &seen, (callbacks, replaced), inherited, state.author(caller))
                .await
            {
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
                Ok(stored) => {
                    state.follow(workspace, &seen, &stored).await;
                    return Ok(stored);
                }
            }
        }
        Err(StoreError::Conflict.into())
    }
}

/// Returns whether a change would leave everything as it is. Pure.
///
/// In a workspace that was never set, setting the defaults is a change, too: with `If-None-Match: *` only one caller
/// makes it.
fn is_there(seen: &StoredCallbacks, after: &Callbacks, replaces: &BTreeMap<CallbackUrl, CallbackUrl>) -> bool {
    let is_replaced = |(to, from): (&CallbackUrl, &CallbackUrl)| {
        seen.replaced.iter().any(|known| known.from == *from && known.to == *to)
    };
    seen.revision.is_some() && seen.damage.is_none() && seen.callbacks == *after && replaces.iter().all(is_replaced)
}

fn all(stored: StoredCallbacks) -> Response {
    (etag(&stored), Json(CallbacksBody { version: stored.version, callbacks: stored.callbacks })).into_response()
}

fn one(mut stored: StoredCallbacks, event_type: EventType) -> Response {
    let callback = std::mem::take(stored.callbacks.of_mut(event_type));
    (etag(&stored), Json(CallbackBody { version: stored.version, callback })).into_response()
}

fn etag(stored: &StoredCallbacks) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(etag) = precondition::etag(stored) {
        headers.typed_insert(etag);
    }
    headers
}

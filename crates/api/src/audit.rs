//! The `audit` resource: the entries of setting changes.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::filter::Bounded;
use super::path::WorkspacePath;
use super::query::{QueryParams, invalid_parameter};
use super::{ApiState, Problem, schema};
use webhooks_model::audit::{Action, Entry, EntryId, InvalidEntryId};
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::cursor;

/// Default page size, in entries.
const DEFAULT_LIMIT: usize = 50;

/// Maximum page size, in entries.
const MAX_LIMIT: u64 = 200;

/// A page of the audit.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditPage)]
pub(super) struct AuditBody {
    /// Entries, newest first. A page may be shorter than `limit` and still not be the last one: only `next` tells.
    entries: Vec<EntryBody>,
    /// The `cursor` of the next page, however few entries this one has; null on the last page.
    #[schema(required)]
    next: Option<String>,
}

/// A change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEntry)]
struct EntryBody {
    /// Entry id, unique within the workspace.
    id: String,
    /// Time of the change.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Author of the change.
    caller: CallerBody,
    /// Kind of the change.
    #[schema(value_type = schema::Action)]
    action: Action,
    /// State before the change; null if there was none. A URL is represented by its origin and its endpoint's id, a
    /// secret by its fingerprint. Of a list of more than ten URLs, process names or replacements ten are listed, those
    /// that differ first, and `urlsLeftOut`, `processNamesLeftOut` and `replacesLeftOut` count the others. A text of
    /// more than 100 characters is truncated.
    #[schema(required)]
    from: Value,
    /// State after the change, in the same form; null if there is none.
    #[schema(required)]
    to: Value,
}

/// Author of a change.
#[derive(Serialize, ToSchema)]
#[schema(as = Actor)]
struct CallerBody {
    /// The token's subject, or a machine client's id; `instance-webhooks` for changes that the service makes by itself.
    id: String,
    /// Display name, if it is known.
    #[schema(required)]
    name: Option<String>,
}

/// Page of the audit to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Maximum number of entries in the page: 1 to 200, 50 by default.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: Option<Bounded<MAX_LIMIT>>,
    /// The `next` of the previous page.
    cursor: Option<String>,
}

/// Lists changes of settings
///
/// Every change of callbacks, endpoint settings and signing secrets, newest first. An entry is written in the same
/// transaction as its change, is never modified, and is kept for 365 days unless the deployment sets another time. A
/// call that changes nothing has no entry.
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/audit", tag = "audit",
    params(("workspace", description = "The workspace; `default` for instances that name none"), AuditQuery),
    responses((status = 200, description = "A page of the audit", body = AuditBody)))]
pub(super) async fn list_audit(
    State(state): State<ApiState>,
    WorkspacePath(workspace): WorkspacePath,
    QueryParams(query): QueryParams<AuditQuery>,
) -> Result<Json<AuditBody>, Problem> {
    let cursor: Option<EntryId> = query.cursor.map(|text| position(&text, &workspace)).transpose().map_err(|_| {
        invalid_parameter(
            "this is not the `next` of a page of this workspace; leave it out to begin with the newest",
            "cursor".to_owned(),
        )
    })?;
    let limit = query.limit.map_or(DEFAULT_LIMIT, |limit| limit.0);
    let page = state.audit.page(&workspace, cursor.as_ref(), limit).await?;
    let next = page.next.map(|id| cursor::marked(id.as_str(), &workspace));
    Ok(Json(AuditBody { entries: page.entries.into_iter().map(EntryBody::from).collect(), next }))
}

fn position(text: &str, workspace: &WorkspaceId) -> Result<EntryId, InvalidEntryId> {
    cursor::unmarked(text, workspace).unwrap_or_default().parse()
}

impl From<Entry> for EntryBody {
    fn from(entry: Entry) -> Self {
        let Entry { id, at, actor, action, from, to } = entry;
        let caller = CallerBody { id: actor.id, name: actor.name };
        Self { id: id.as_str().to_owned(), at, caller, action, from, to }
    }
}

//! The audit: who changed which setting, when, from what to what.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::filter::Bounded;
use super::path::WorkspacePath;
use super::query::{QueryParams, refused};
use super::{ApiState, Problem, schema};
use webhooks_model::audit::{Action, Entry, EntryId, InvalidEntryId};
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::cursor;

/// Entries of a page, unless the caller says otherwise.
const DEFAULT_LIMIT: usize = 50;

/// The most entries of a page.
const MAX_LIMIT: u64 = 200;

/// A page of the audit.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditBody {
    /// The newest first. A page may be shorter than `limit` and still not be the last one: `next` says whether it is.
    entries: Vec<EntryBody>,
    /// The `cursor` of the next page, however few entries this one has; null on the last one.
    #[schema(required)]
    next: Option<String>,
}

/// One change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EntryBody {
    /// Its name within the workspace.
    id: String,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who did it.
    caller: CallerBody,
    /// What was done.
    #[schema(value_type = schema::Action)]
    action: Action,
    /// What was there before; null where nothing was. A URL is shown by its origin and its endpoint's id, a secret by its
    /// fingerprint. Of a list of more than ten URLs, process names or replacements ten are named, those that are different first,
    /// and `urlsLeftOut`, `processNamesLeftOut` and `replacesLeftOut` count the others; a text of more than 100 characters is cut.
    #[schema(required)]
    from: Value,
    /// What was there afterwards, in the same form; null where nothing was.
    #[schema(required)]
    to: Value,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
struct CallerBody {
    /// The token's subject, or a machine client's id; `instance-webhooks` for what the service does unasked.
    id: String,
    /// What people call them, if it is known.
    #[schema(required)]
    name: Option<String>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Entries of a page: 1 to 200, 50 by default.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: Option<Bounded<MAX_LIMIT>>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Who changed which setting
///
/// Every change of callbacks, endpoint settings and signing secrets, the newest first. An entry is written together with its
/// change, never changed, and kept for 365 days, unless the deployment sets another time. What changes nothing has none.
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/audit", tag = "audit",
    params(("workspace", description = "The workspace; `default` for instances that name none"), AuditQuery),
    responses((status = 200, description = "A page", body = AuditBody)))]
pub(super) async fn list_audit(
    State(state): State<ApiState>,
    WorkspacePath(workspace): WorkspacePath,
    QueryParams(query): QueryParams<AuditQuery>,
) -> Result<Json<AuditBody>, Problem> {
    let cursor: Option<EntryId> = query.cursor.map(|text| position(&text, &workspace)).transpose().map_err(|_| {
        refused(
            "it is not the `next` of a page of this workspace; leave it out to begin with the newest",
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

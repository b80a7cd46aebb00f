//! The `audit` resource: the entries of setting changes.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::filter::{Bounded, Time};
use super::path::WorkspacePath;
use super::query::{QueryParams, invalid_parameter};
use super::{ApiState, Problem, schema};
use webhooks_model::audit::{Action, Entry, EntryId, Filter, InvalidEntryId, Subject};
use webhooks_model::endpoint::EndpointId;
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
    /// State before the change; null if there was none. A URL is represented by its `origin`, its `path` with the query,
    /// of which the values are replaced with an ellipsis, and its `endpointID`; entries of earlier releases have no
    /// `path`. A secret is represented by its fingerprint. Of a list of more than ten URLs, process names or replacements ten are listed, those
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
    /// Earliest time of the change, inclusive: RFC 3339, such as `2026-01-31T12:00:00Z`.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Time>,
    /// Latest time of the change, exclusive: RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Time>,
    /// Id of the author, as in `caller.id`.
    #[serde(rename = "callerID")]
    #[param(value_type = Option<String>)]
    caller: Option<String>,
    /// Kind of setting.
    #[param(value_type = Option<schema::Subject>)]
    subject: Option<Subject>,
    /// Endpoint that the change concerns: its URL was added, removed, replaced, or turned on or off with its event type,
    /// or its settings or health were changed. URLs that an entry does not list are not found.
    #[serde(rename = "endpointID")]
    #[param(value_type = Option<String>)]
    endpoint: Option<EndpointId>,
    /// Maximum number of entries in the page: 1 to 200, 50 by default.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: Option<Bounded<MAX_LIMIT>>,
    /// The `next` of the previous page.
    cursor: Option<String>,
}

/// Lists changes of settings
///
/// Every change of callbacks, endpoint settings and signing secrets, newest first, that meets all filters. `since` and
/// `until` choose a range of keys; the other filters look at up to 2,000 entries a page, which may then be empty and have
/// a `next`. An entry is written in the same
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
    let cursor: Option<EntryId> =
        query.cursor.as_deref().map(|text| position(text, &workspace)).transpose().map_err(|_| {
            invalid_parameter(
                "this is not the `next` of a page of this workspace; leave it out to begin with the newest",
                "cursor".to_owned(),
            )
        })?;
    let limit = query.limit.as_ref().map_or(DEFAULT_LIMIT, |limit| limit.0);
    let page = state.audit.page(&workspace, &query.filter()?, cursor.as_ref(), limit).await?;
    let next = page.next.map(|id| cursor::marked(id.as_str(), &workspace));
    Ok(Json(AuditBody { entries: page.entries.into_iter().map(EntryBody::from).collect(), next }))
}

impl AuditQuery {
    fn filter(self) -> Result<Filter, Problem> {
        let (since, until) = (self.since.map(|time| time.0), self.until.map(|time| time.0));
        if since.zip(until).is_some_and(|(since, until)| since >= until) {
            return Err(invalid_parameter("it has to be before `until`", "since".to_owned()));
        }
        Ok(Filter { since, until, caller: self.caller, subject: self.subject, endpoint: self.endpoint })
    }
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

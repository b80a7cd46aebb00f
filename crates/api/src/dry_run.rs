//! Dry runs: which of the latest events an endpoint would receive with other settings. Nothing is sent or stored.

use std::cell::LazyCell;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::OptionalJsonBody;
use super::path::EndpointPath;
use super::settings_input::given;
use super::subscription_input::{ChangedPaths, Conditions, ProcessNames, changed, conditions, process_names};
use super::{ApiState, Problem, schema};
use webhooks_model::event::{Event, EventType, StreamEvent};
use webhooks_model::subscription::{ExcludedBy, Subscription};

/// Maximum number of events in a dry run.
const MOST_EVENTS: usize = 100;

/// Which events the endpoint is to receive. Settings that are left out are as the endpoint has them.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DryRunInput {
    /// Processes whose instances the endpoint receives; empty for all.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = process_names)]
    process_names: Option<ProcessNames>,
    /// Attributes of which one must have changed in an update; empty for all updates.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = changed)]
    changed: Option<ChangedPaths>,
    /// Conditions by attribute; empty for none.
    #[serde(default, rename = "where", deserialize_with = "given")]
    #[schema(schema_with = conditions)]
    conditions: Option<Conditions>,
}

impl DryRunInput {
    /// Returns the subscription `now` with these settings.
    fn applied_to(self, now: Subscription) -> Subscription {
        Subscription {
            process_names: self.process_names.map_or(now.process_names, |names| names.0),
            changed: self.changed.map_or(now.changed, |paths| paths.0),
            conditions: self.conditions.map_or(now.conditions, |conditions| conditions.0),
        }
    }
}

/// Result of a dry run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DryRun)]
pub(super) struct DryRunBody {
    /// The workspace's last 100 events, or all of the last 24 hours if they are fewer. The latest come first.
    events: Vec<DryRunEvent>,
    /// Number of those that would be sent.
    sent: usize,
    /// Whether the stream was read back. If not, it has too many records for that, and the events are those that came
    /// meanwhile.
    complete: bool,
}

/// An event in a dry run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DryRunEvent {
    /// Id of the event, the `webhook-id` of its deliveries.
    #[serde(rename = "eventID")]
    event_id: String,
    /// Change of the instance.
    #[schema(value_type = schema::EventType)]
    event_type: EventType,
    /// Id of the instance.
    #[serde(rename = "instanceID")]
    instance_id: String,
    /// Process of the instance.
    process_name: String,
    /// Time of the change, to the second.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// Whether the event would be sent.
    sent: bool,
    /// What excludes the event; left out if it would be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Exclusion, required = false)]
    excluded_by: Option<Exclusion>,
}

impl DryRunEvent {
    fn new(event: Event, excluded_by: Option<Exclusion>) -> Self {
        Self {
            event_id: event.id,
            event_type: event.event_type,
            instance_id: event.instance_id,
            process_name: event.process_name,
            changed_at: event.changed_at,
            sent: excluded_by.is_none(),
            excluded_by,
        }
    }
}

/// What excludes an event from an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Exclusion {
    /// The callbacks of its event type do not have the URL, or are off.
    Callbacks,
    /// The setting `processNames`.
    ProcessNames,
    /// The setting `changed`.
    Changed,
    /// The setting `where`.
    Where,
}

impl From<ExcludedBy> for Exclusion {
    fn from(excluded_by: ExcludedBy) -> Self {
        match excluded_by {
            ExcludedBy::ProcessNames => Self::ProcessNames,
            ExcludedBy::Changed => Self::Changed,
            ExcludedBy::Conditions => Self::Where,
        }
    }
}

/// Shows which of the latest events an endpoint would receive
///
/// Compares the workspace's last 100 events with the settings `processNames`, `changed` and `where`, as given or, where
/// they are left out, as the endpoint has them. Nothing is sent or stored. The events come from the instance table's
/// stream, which has those of the last 24 hours. Filters of the stream (parameter `StreamFilter`), pauses and the rate do
/// not count. The response takes up to 8 seconds. If the stream has too many records to be read back in this time, the
/// events are those that came meanwhile, and `complete` is false. A dry run counts as a test call.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/endpoints/{endpointID}/dry-run", tag = "endpoints",
    request_body(content = Option<DryRunInput>, description = "Optional: without it the endpoint's settings count"),
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("endpointID" = String, Path)),
    responses((status = 200, description = "The events", body = DryRunBody),
        (status = 404, description = "The callbacks have no such endpoint", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "The workspace's limit of test calls per minute is reached", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The stream is off, or did not respond", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn dry_run_endpoint(
    State(state): State<ApiState>,
    EndpointPath(workspace, id): EndpointPath,
    OptionalJsonBody(input): OptionalJsonBody<DryRunInput>,
) -> Result<Json<DryRunBody>, Problem> {
    let (configured, record) = state.find(&workspace, &id).await?;
    state.count_test_call(&workspace).await?;
    let subscription = input.applied_to(record.settings.subscription);
    let of_workspace = move |StreamEvent { event, images }: StreamEvent<'_>| {
        if event.workspace != workspace {
            return None;
        }
        let images = LazyCell::new(|| images.parse());
        let excluded_by = match configured.is_called_for(event.event_type) {
            false => Some(Exclusion::Callbacks),
            true => subscription.excluded_by(&event, || &images).map(Exclusion::from),
        };
        Some(DryRunEvent::new(event, excluded_by))
    };
    let latest = state.instance_stream.latest(MOST_EVENTS, of_workspace).await?;
    let mut events = latest.records;
    events.reverse();
    let sent = events.iter().filter(|event| event.sent).count();
    Ok(Json(DryRunBody { events, sent, complete: latest.complete }))
}

//! Response bodies of the list of all workspaces.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint_body::{BacklogBody, Configured, HealthBody, configured};
use webhooks_model::endpoint::{EndpointRecord, Health};
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{BacklogSize, WorkspaceState};

/// Maximum number of endpoints of a workspace that are listed because they need attention.
const LISTED: usize = 20;

/// A page of workspaces.
#[derive(Serialize, ToSchema)]
#[schema(as = Workspaces)]
pub(super) struct FleetBody {
    /// Workspaces in the order of their ids. A page may be shorter than `limit` and still not be the last one: only
    /// `next` tells.
    pub(super) workspaces: Vec<WorkspaceBody>,
    /// The `cursor` of the next page; null on the last page.
    #[schema(required)]
    pub(super) next: Option<String>,
}

/// A workspace.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Workspace)]
pub(super) struct WorkspaceBody {
    /// Workspace id.
    #[serde(rename = "workspaceID")]
    #[schema(example = "default")]
    workspace_id: String,
    /// Whether the callbacks can be read. If not, nothing is sent until they are saved again.
    readable: bool,
    /// Numbers of endpoints.
    endpoints: EndpointCounts,
    /// Pending deliveries of all endpoints.
    backlog: BacklogBody,
    /// Endpoints that are failing, disabled or damaged, in the order of the callbacks: at most 20.
    attention: Vec<AttentionBody>,
}

/// Numbers of endpoints by their health. A paused endpoint is counted under its health as well.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = EndpointCounts)]
struct EndpointCounts {
    /// All endpoints.
    total: usize,
    /// Healthy endpoints.
    healthy: usize,
    /// Slow endpoints.
    slow: usize,
    /// Failing endpoints.
    failing: usize,
    /// Disabled endpoints.
    disabled: usize,
    /// Endpoints whose record cannot be read.
    damaged: usize,
    /// Paused endpoints.
    paused: usize,
}

/// An endpoint that needs attention.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EndpointNeedingAttention)]
struct AttentionBody {
    /// Endpoint id.
    #[serde(rename = "endpointID")]
    #[schema(example = "8b1a9953c4611296a827abf8c47804d7")]
    endpoint_id: String,
    /// Scheme, host and port of its URL.
    #[schema(example = "https://my-service.com")]
    origin: String,
    /// Health of the endpoint.
    health: HealthBody,
    /// Time of the last success, with minute resolution for busy endpoints.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    last_success_at: Option<Timestamp>,
    /// Time of the last failure.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    last_failure_at: Option<Timestamp>,
}

impl WorkspaceBody {
    /// Summarizes a workspace, without its backlog.
    pub(super) fn new(workspace: &WorkspaceId, now: &WorkspaceState, at: Timestamp) -> Self {
        let (mut endpoints, mut attention) = (EndpointCounts::default(), Vec::new());
        for Configured { endpoint, .. } in configured(&now.callbacks.callbacks) {
            let unknown = EndpointRecord::default();
            let record = now.endpoints.get(&endpoint.id).unwrap_or(&unknown);
            endpoints.add(record, at);
            let healthy = matches!(record.health, Health::Healthy { .. }) && !record.is_damaged();
            if !healthy && attention.len() < LISTED {
                attention.push(AttentionBody {
                    origin: endpoint.url.origin().to_owned(),
                    endpoint_id: endpoint.id.into(),
                    health: record.into(),
                    last_success_at: record.last_success_at,
                    last_failure_at: record.last_failure_at,
                });
            }
        }
        Self {
            workspace_id: workspace.to_string(),
            readable: now.callbacks.damage.is_none(),
            endpoints,
            backlog: BacklogSize::default().into(),
            attention,
        }
    }

    /// Adds an endpoint's backlog.
    pub(super) fn add_backlog(&mut self, size: BacklogSize) {
        self.backlog.add(size);
    }
}

impl EndpointCounts {
    fn add(&mut self, record: &EndpointRecord, at: Timestamp) {
        self.total += 1;
        self.paused += usize::from(record.settings.is_paused(at));
        *match HealthBody::from(record) {
            HealthBody::Healthy => &mut self.healthy,
            HealthBody::Slow => &mut self.slow,
            HealthBody::Failing { .. } => &mut self.failing,
            HealthBody::Damaged { .. } => &mut self.damaged,
            HealthBody::Disabled { .. } => &mut self.disabled,
        } += 1;
    }
}

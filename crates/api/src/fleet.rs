//! The `workspaces` resource: every workspace of the deployment with its health and backlog, for operators.

use axum::Json;
use axum::extract::State;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use utoipa::IntoParams;

use super::filter::Bounded;
use super::fleet_body::{FleetBody, WorkspaceBody};
use super::listed::Text;
use super::query::{QueryParams, invalid_parameter};
use super::{ApiState, Problem};
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{BacklogSize, EndpointsStore, Fleet, WorkspaceState};

/// Default page size, in workspaces.
const DEFAULT_LIMIT: usize = 50;

/// Maximum page size, in workspaces. Each takes a query.
const MAX_LIMIT: u64 = 100;

/// Maximum length of a prefix, in bytes: that of a workspace id.
const MAX_PREFIX: usize = 512;

/// Number of workspaces read concurrently.
const CONCURRENT: usize = 16;

/// Maximum number of backlogs counted for a page. Each takes 16 queries.
const COUNTED_BACKLOGS: usize = 20;

/// Maximum number of deliveries counted in each of the 16 partitions of a backlog.
const COUNTED_PER_PARTITION: i32 = 250;

/// Page of workspaces to read.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FleetQuery {
    /// Whether to list only workspaces with an endpoint that is failing or disabled.
    #[serde(default)]
    needs_attention: bool,
    /// Beginning of the workspaces' ids. Upper and lower case differ.
    #[param(value_type = Option<String>, min_length = 1, max_length = 512)]
    prefix: Option<Text<MAX_PREFIX>>,
    /// Maximum number of workspaces in the page: 1 to 100, 50 by default.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    limit: Option<Bounded<MAX_LIMIT>>,
    /// The `next` of the previous page.
    cursor: Option<String>,
}

/// Lists all workspaces
///
/// For operators. Each workspace that has callbacks, in the order of the ids, with the health and the backlog of its
/// endpoints. Of a URL only its origin is shown, because path and query may contain a token; secrets, responses and
/// instances are not shown at all. A new workspace, and a change of an endpoint's health, is listed with a short delay.
///
/// The first 20 backlogs of a page are counted. The others are reported as existing (`capped`), without a count.
#[utoipa::path(get, path = "/v1/workspaces", tag = "workspaces", params(FleetQuery),
    responses((status = 200, description = "A page of workspaces", body = FleetBody)))]
pub(super) async fn list_workspaces(
    State(state): State<ApiState>,
    QueryParams(query): QueryParams<FleetQuery>,
) -> Result<Json<FleetBody>, Problem> {
    let after = query.cursor.map(WorkspaceId::try_from).transpose().map_err(|_| {
        let reason = "this is not the `next` of a page; leave it out to begin with the first workspace";
        invalid_parameter(reason, "cursor".to_owned())
    })?;
    let fleet = if query.needs_attention { Fleet::NeedingAttention } else { Fleet::All };
    let prefix = query.prefix.map(|text| text.0).unwrap_or_default();
    let limit = query.limit.map_or(DEFAULT_LIMIT, |limit| limit.0);
    let page = state.fleet.page(fleet, &prefix, after.as_ref(), limit).await?;
    let next = page.more.then(|| page.workspaces.last().map(ToString::to_string)).flatten();
    let states = page.workspaces.into_iter().map(|workspace| read(&state.endpoints, workspace));
    let states: Vec<_> = stream::iter(states).buffered(CONCURRENT).try_collect().await?;
    let workspaces = state.with_backlogs(states).await?;
    Ok(Json(FleetBody { workspaces, next }))
}

async fn read(endpoints: &EndpointsStore, workspace: WorkspaceId) -> Result<(WorkspaceId, WorkspaceState), Problem> {
    let state = endpoints.workspace(&workspace).await?;
    Ok((workspace, state))
}

impl ApiState {
    /// Adds the size of the backlogs, of which the first ones are counted.
    async fn with_backlogs(&self, states: Vec<(WorkspaceId, WorkspaceState)>) -> Result<Vec<WorkspaceBody>, Problem> {
        let mut counted = 0;
        let bodies = states.into_iter().map(|(workspace, now)| {
            let mut body = WorkspaceBody::new(&workspace, &now, self.world.now());
            let queued: Vec<_> = now.endpoints.into_iter().filter(|(_, record)| record.has_queued()).collect();
            let to_count = queued.len().min(COUNTED_BACKLOGS - counted);
            counted += to_count;
            async move {
                for (place, (endpoint, _)) in queued.iter().enumerate() {
                    body.add_backlog(if place < to_count {
                        self.deliveries.backlog_size(&workspace, endpoint, COUNTED_PER_PARTITION).await?
                    } else {
                        BacklogSize { count: 0, more: true }
                    });
                }
                Ok::<_, Problem>(body)
            }
        });
        stream::iter(bodies).buffered(CONCURRENT).try_collect().await
    }
}

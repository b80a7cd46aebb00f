//! Deliveries counted over time, as the console's charts show them.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use tokio::time::Instant;

use super::filter::StatisticsQuery;
use super::path::WorkspacePath;
use super::query::QueryParams;
use super::statistics_body::StatisticsBody;
use super::{ApiState, Problem};

/// The most deliveries that one call looks at: about 13 MB of the log's index.
const MOST: usize = 20_000;

/// No reading begins after this.
const TIME: Duration = Duration::from_secs(8);

/// Deliveries counted over time
///
/// Counted are the deliveries whose instances changed from `since` until just before `until`: each once, at the time of that
/// change, with where it stands now. Latencies are those of last attempts, whether they succeeded or not and whenever they
/// were made, in milliseconds until the answer's headers or until the attempt failed; deliveries that were not attempted yet
/// have none. Percentiles are by nearest rank: the *n*-th is the least latency that at least *n* percent did not exceed.
///
/// Buckets begin at whole minutes, hours and so on of UTC and follow each other without a gap, at most 61 of them. The first
/// and the last may reach beyond the range, and count what lies within.
///
/// It is computed from the log: what is not in it (it keeps 30 days unless set otherwise, and what the setting `LOG_DELIVERIES` says) is not
/// counted, and what happened in the last moment may be missing. A call looks at the newest 20,000 deliveries or reads for 8
/// seconds. When there are more, `complete` is false, `since` says from when on the samples are complete, and what changed
/// before is left out.
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/statistics", tag = "deliveries",
    params(("workspace", description = "The workspace; `default` for instances that name none"), StatisticsQuery),
    responses((status = 200, description = "The samples", body = StatisticsBody)))]
pub(super) async fn get_statistics(
    State(state): State<ApiState>,
    WorkspacePath(workspace): WorkspacePath,
    QueryParams(query): QueryParams<StatisticsQuery>,
) -> Result<Json<StatisticsBody>, Problem> {
    let until = Instant::now() + TIME;
    let (range, filter) = query.range(state.world.now())?;
    let samples = state.deliveries.samples(&workspace, &filter, MOST, until).await?;
    Ok(Json(StatisticsBody::of(range, samples)))
}

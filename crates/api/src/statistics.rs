//! Statistics of deliveries over time, for the console's charts.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use tokio::time::Instant;

use super::filter::StatisticsQuery;
use super::path::WorkspacePath;
use super::query::QueryParams;
use super::statistics_body::StatisticsBody;
use super::{ApiState, Problem};

/// Maximum number of deliveries that one call examines: about 13 MB of the log's index.
const MOST: usize = 20_000;

/// Time limit for starting a query.
const TIME: Duration = Duration::from_secs(8);

/// Returns statistics of deliveries over time
///
/// Counts the deliveries whose instances changed from `since` (inclusive) to `until` (exclusive): each once, at the
/// time of that change, with its current status. Latencies are those of last attempts, successful or not and whenever
/// they were made, in milliseconds until the response's headers or until the failure. Deliveries without an attempt
/// have none. Percentiles are by nearest rank: the *n*-th is the smallest latency that at least *n* percent did not
/// exceed.
///
/// Buckets start at whole minutes, hours and so on of UTC and follow each other without a gap, at most 61 of them. The
/// first and the last may extend beyond the range, and count only deliveries within it.
///
/// The statistics are computed from the log. Deliveries that are not in it are not counted (it keeps 30 days by
/// default, and those that the setting `LOG_DELIVERIES` selects), and changes of the last moment may be missing. A call
/// examines the newest 20,000 deliveries and reads for at most 8 seconds. If there are more, `complete` is false,
/// `since` is the time from which the samples are complete, and earlier changes are left out.
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/statistics", tag = "deliveries",
    params(("workspace", description = "The workspace; `default` for instances that name none"), StatisticsQuery),
    responses((status = 200, description = "The statistics", body = StatisticsBody)))]
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

//! The `deliveries` resource: the log, and a delivery with all its attempts.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use tokio::time::Instant;

use super::delivery_body::{DeliveriesBody, DeliveryWithAttempts};
use super::filter::PageQuery;
use super::path::{DeliveryKeyPath, WorkspacePath, unknown_delivery};
use super::query::QueryParams;
use super::{ApiState, Problem};
use webhooks_store::Budget;

/// Maximum number of queries for one page: one for each partition of the log, of which there are 32 in the table and as many in
/// the index by time, or of the index by status for two statuses; and 48 that continue in them.
const QUERIES: usize = 112;

/// Maximum number of deliveries examined for one page, matching or not: about 14 MB of the log without bodies.
const LOOKED_AT: usize = 20_000;

/// Time limit for starting a query.
const TIME: Duration = Duration::from_secs(8);

/// Lists a workspace's deliveries
///
/// Newest first, in pages. Completed deliveries are kept for 30 days unless the deployment sets another time, and
/// pending ones until they are completed. The log shows a change with a short delay.
///
/// A call examines at most 20,000 deliveries, makes at most 112 queries and reads for at most 8 seconds; then its page
/// ends. With filters that match few deliveries a page may be short or even empty. Only a page whose `next` is null is
/// the last one; as long as there is a `next`, call again with it as `cursor`.
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/deliveries", tag = "deliveries",
    params(("workspace", description = "The workspace; `default` for instances that name none"), PageQuery),
    responses((status = 200, description = "A page of the log", body = DeliveriesBody)))]
pub(super) async fn list_deliveries(
    State(state): State<ApiState>,
    WorkspacePath(workspace): WorkspacePath,
    QueryParams(query): QueryParams<PageQuery>,
) -> Result<Json<DeliveriesBody>, Problem> {
    let page = query.page(&workspace)?;
    let mut budget = Budget { queries: QUERIES, items: LOOKED_AT, until: Instant::now() + TIME };
    let page = state.deliveries.log(&workspace, &page.filter, page.cursor.as_ref(), page.limit, &mut budget).await?;
    Ok(Json(DeliveriesBody::of(page, &workspace)))
}

/// Returns a delivery with its request and its attempts
#[utoipa::path(get, path = "/v1/workspaces/{workspace}/deliveries/{deliveryID}", tag = "deliveries",
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("deliveryID" = String, Path)),
    responses((status = 200, description = "The delivery", body = DeliveryWithAttempts),
        (status = 404, description = "There is no such delivery", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn get_delivery(
    State(state): State<ApiState>,
    DeliveryKeyPath(workspace, id): DeliveryKeyPath,
) -> Result<Json<DeliveryWithAttempts>, Problem> {
    let delivery = state.deliveries.get(&workspace, &id).await?.ok_or_else(unknown_delivery)?;
    DeliveryWithAttempts::of(delivery).map(Json)
}

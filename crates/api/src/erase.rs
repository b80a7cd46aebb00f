//! Erases an instance's deliveries from the log, with an audit entry.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};

use super::caller::Caller;
use super::listed::Text;
use super::path::WorkspacePath;
use super::query::QueryParams;
use super::{ApiState, Problem};
use webhooks_model::audit::Entry;
use webhooks_store::InstanceDeliveries;

/// Time for one call.
const TIME: Duration = Duration::from_secs(8);

/// Maximum length of an instance's id, in bytes.
const MAX_INSTANCE_ID: usize = 2_048;

/// Deliveries to erase.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EraseQuery {
    /// Instance whose deliveries are erased: the whole id.
    #[serde(rename = "instanceID")]
    #[param(value_type = String, min_length = 1, max_length = 2048)]
    instance_id: Text<MAX_INSTANCE_ID>,
}

/// Result of an erasure.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = Erased)]
pub(super) struct ErasedBody {
    /// Number of deliveries that were erased with all their attempts.
    erased: usize,
    /// Number of pending deliveries, which stay. Once they are completed, another call erases them.
    pending: usize,
    /// Whether nothing else was found. If not, the call's time was up: call again.
    complete: bool,
}

/// Erases an instance's deliveries
///
/// Removes every completed delivery of the instance from the log, with its attempts, the receivers' responses among them.
/// It cannot be undone. Pending deliveries stay until they are completed. A delivery that was completed in the last moments
/// may not be found: call again until `erased` and `pending` are 0.
///
/// The audit has an entry with the caller and a fingerprint of the instance's id: the first 16 digits of its SHA-256. A call
/// that finds nothing to erase has none.
#[utoipa::path(delete, path = "/v1/workspaces/{workspace}/deliveries", tag = "deliveries",
    params(("workspace", description = "The workspace; `default` for instances that name none"), EraseQuery),
    responses((status = 200, description = "What was erased, and what stays", body = ErasedBody)))]
pub(super) async fn erase_deliveries(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    WorkspacePath(workspace): WorkspacePath,
    QueryParams(query): QueryParams<EraseQuery>,
) -> Result<Json<ErasedBody>, Problem> {
    let deadline = Instant::now() + TIME;
    let instance_id = query.instance_id.0;
    let (mut body, mut found) = (ErasedBody::default(), InstanceDeliveries::default());
    while !body.complete && Instant::now() < deadline {
        found = state.deliveries.of_instance(&workspace, &instance_id, found).await?;
        if body.erased == 0 && found.completed() > 0 {
            // Before the first removal: an erasure without its entry would be worse than an entry without one.
            let entry = Entry::deliveries_erased(state.author(&caller), &instance_id);
            state.audit.write(&workspace, &entry).await?;
        }
        state.deliveries.erase(&found, deadline).await?;
        body.erased += found.completed();
        body.pending += found.pending;
        body.complete = !found.has_more();
    }
    Ok(Json(body))
}

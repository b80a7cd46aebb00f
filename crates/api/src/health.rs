//! Health check of the service.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Result of the health check.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// Version of the service.
    version: &'static str,
}

/// Checks that the service responds
#[utoipa::path(get, path = "/health", tag = "service", security(()), responses((status = 200, description = "The service responds", body = Health)))]
pub(super) async fn health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

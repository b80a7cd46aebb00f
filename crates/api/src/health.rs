//! Whether the service answers.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The service answers.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// The version that runs.
    version: &'static str,
}

/// Whether the service answers
#[utoipa::path(get, path = "/health", tag = "service", security(()), responses((status = 200, description = "It does", body = Health)))]
pub(super) async fn health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

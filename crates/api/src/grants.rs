//! The caller and its grants.

use axum::extract::State;
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::ApiState;
use super::{caller::Caller, schema};
use webhooks_model::access::{Claims, Grant, Permission};

/// The signed-in caller.
#[derive(Serialize, ToSchema)]
#[schema(as = Caller)]
pub(super) struct SignedInBody {
    /// Stable id: the token's subject, or a machine client's id.
    id: String,
    /// Display name.
    #[schema(required)]
    name: Option<String>,
    /// Permissions by workspace. Empty for a signed-in caller without permissions.
    grants: Vec<GrantBody>,
    /// Whether the caller may list all workspaces.
    operator: bool,
}

/// Permissions of a caller in one workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = Grant)]
struct GrantBody {
    /// The workspace; null for every workspace.
    #[schema(required, example = "default")]
    workspace: Option<String>,
    /// Permissions: at least one. Members of a group have all, machine clients those that their scopes name.
    #[schema(min_items = 1)]
    #[schema(value_type = Vec<schema::Permission>)]
    permissions: Vec<Permission>,
}

/// Returns the caller and its grants
///
/// Every caller with a valid token may call it, even without any permission: then `grants` is empty. The list follows
/// the same rules as the check of each call. A workspace in it need not have been set.
#[utoipa::path(get, path = "/v1/caller", tag = "caller",
    responses((status = 200, description = "The caller", body = SignedInBody)))]
pub(super) async fn get_caller(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    Extension(claims): Extension<Claims>,
) -> Json<SignedInBody> {
    let grants = claims.grants(&state.access).into_iter().map(GrantBody::from).collect();
    let operator = claims.operates(&state.access).is_ok();
    Json(SignedInBody { id: caller.id, name: caller.name, grants, operator })
}

impl From<Grant> for GrantBody {
    fn from(grant: Grant) -> Self {
        Self { workspace: grant.workspace.map(String::from), permissions: grant.permissions }
    }
}

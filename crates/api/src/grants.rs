//! Who calls, and what they may do.

use axum::extract::State;
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::ApiState;
use super::{caller::Caller, schema};
use webhooks_model::access::{Claims, Grant, Permission};

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedInBody {
    /// Never changes: the token's subject, or a machine client's id.
    id: String,
    /// What people call them.
    #[schema(required)]
    name: Option<String>,
    /// What they may do: each workspace once. Empty for somebody who is signed in and may do nothing.
    grants: Vec<GrantBody>,
}

/// What a caller may do in a workspace.
#[derive(Serialize, ToSchema)]
struct GrantBody {
    /// The workspace; null stands for every one.
    #[schema(required, example = "default")]
    workspace: Option<String>,
    /// What they may do there: at least one. Members of a group have all, machine clients what their scopes name.
    #[schema(min_items = 1)]
    #[schema(value_type = Vec<schema::Permission>)]
    permissions: Vec<Permission>,
}

/// Who calls, and what they may do
///
/// For whoever has a token, even one that allows nothing: then `grants` is empty. It lists what each call decides for itself
/// by the same rules; a workspace that it names need not have been set.
#[utoipa::path(get, path = "/v1/caller", tag = "caller",
    responses((status = 200, description = "The caller", body = SignedInBody)))]
pub(super) async fn get_caller(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    Extension(claims): Extension<Claims>,
) -> Json<SignedInBody> {
    let grants = claims.grants(&state.access).into_iter().map(GrantBody::from).collect();
    Json(SignedInBody { id: caller.id, name: caller.name, grants })
}

impl From<Grant> for GrantBody {
    fn from(grant: Grant) -> Self {
        Self { workspace: grant.workspace.map(String::from), permissions: grant.permissions }
    }
}

//! The caller of a request, as the access check has authenticated it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::{Problem, ProblemType};
use webhooks_model::audit::Actor;

/// The caller, as the author of changes.
pub(super) struct Caller(pub(super) Actor);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let error = || Problem::new(ProblemType::Unauthenticated, "sign in: this call needs to know who makes it");
        parts.extensions.get::<Actor>().cloned().map(Self).ok_or_else(error)
    }
}

//! The caller on this machine.

use crate::this_machine::{ForeignRequest, check};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use webhooks_api::{Problem, ProblemType};
use webhooks_model::access::Claims;

/// Accepts requests that name this machine as their host, and that no foreign page has sent.
pub(super) async fn admit(mut request: Request, next: Next) -> Response {
    if let Err(foreign) = check(request.uri(), request.headers()) {
        return Problem::new(ProblemType::ForeignRequest, detail(foreign)).into_response();
    }
    request.extensions_mut().insert(Claims::local_administrator());
    next.run(request).await
}

fn detail(foreign: ForeignRequest) -> &'static str {
    match foreign {
        ForeignRequest::Host => {
            "this API is for this machine only: call it as http://localhost, 127.0.0.1 or [::1], \
             or have it check tokens (--issuer)"
        }
        ForeignRequest::Page => "a web page of another origin has sent this, which may not configure callbacks here",
    }
}

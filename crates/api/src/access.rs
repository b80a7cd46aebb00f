//! Access check. It runs before the handlers and looks only at a request's method, route and workspace.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{Problem, ProblemType, method_not_allowed};
use webhooks_model::access::routes::{Asked, Rule, asked};
use webhooks_model::access::{AccessSettings, Claims};

/// Checks the caller's permission before every route, based on the [`Claims`] in the request's extensions.
///
/// Without claims only public routes are served, so that a wrongly configured gateway grants no access.
pub(super) async fn check(State(settings): State<Arc<AccessSettings>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&mut parts, &settings).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(problem) => problem,
    }
}

async fn admit(parts: &mut Parts, settings: &AccessSettings) -> Result<(), Response> {
    let route = parts.extensions.get::<MatchedPath>().cloned();
    let asked = route.as_ref().map(|route| asked(&parts.method, route.as_str()));
    if asked == Some(Asked::Call(Rule::Public)) {
        return Ok(());
    }
    let claims = parts.extensions.get::<Claims>().cloned();
    let claims = claims.ok_or_else(|| unauthenticated("sign in, and send the token as `Authorization: Bearer …`"))?;
    let caller =
        claims.caller().ok_or_else(|| unauthenticated("the token names no caller: its claim sub is missing"))?;
    match asked {
        None => {} // no such route: every signed-in caller may learn that
        Some(Asked::Call(Rule::Public | Rule::SignedIn)) => {}
        Some(Asked::Call(Rule::Needs(permission))) => {
            let workspace = workspace(parts).await;
            claims.may(permission, &workspace, settings).map_err(|denied| {
                tracing::info!(caller_id = caller.id, workspace, %permission, "a caller was denied");
                Problem::new(ProblemType::Forbidden, denied.to_string()).into_response()
            })?;
        }
        Some(Asked::Call(Rule::Operator)) => claims.operates(settings).map_err(|denied| {
            tracing::info!(caller_id = caller.id, "a caller who is no operator was denied");
            Problem::new(ProblemType::Forbidden, denied.to_string()).into_response()
        })?,
        Some(Asked::OtherMethod(methods)) => return Err(other_method(parts, &methods).await),
        Some(Asked::Unknown) => {
            let detail = "no caller may call this: no rule covers it, which is a fault of the service";
            return Err(Problem::new(ProblemType::Forbidden, detail).into_response());
        }
    }
    parts.extensions.insert(caller);
    Ok(())
}

fn unauthenticated(detail: &str) -> Response {
    Problem::new(ProblemType::Unauthenticated, detail).into_response()
}

/// Returns the path's workspace as a handler will read it; empty, which no token names, if it cannot be read.
async fn workspace(parts: &mut Parts) -> String {
    let parameters = RawPathParams::from_request_parts(parts, &()).await;
    let workspace = parameters.ok().and_then(|parameters| {
        parameters.iter().find(|(name, _)| *name == "workspace").map(|(_, value)| value.to_owned())
    });
    workspace.unwrap_or_default()
}

/// Rejects a method according to the route table. The router's own 405 is not reached, because unlisted methods never
/// pass this check.
async fn other_method(parts: &Parts, methods: &[Method]) -> Response {
    let mut allow = Vec::new();
    for method in methods {
        allow.push(method.as_str());
        if method == Method::GET {
            allow.push("HEAD");
        }
    }
    let mut response = method_not_allowed(parts.method.clone(), parts.uri.clone()).await.into_response();
    if let Ok(allow) = HeaderValue::from_str(&allow.join(",")) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

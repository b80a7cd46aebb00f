//! Lets callers in, or not: before anything of a request is looked at but its method, its route and its workspace.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{Problem, ProblemType, method_not_allowed};
use webhooks_model::access::routes::{Asked, Rule, asked};
use webhooks_model::access::{AccessSettings, Claims};

/// The check that stands before every route. What it needs to know of the caller are the [`Claims`] in the request's
/// extensions; without them only what is public is answered, so that a gateway that was set up wrongly opens no door.
pub(super) async fn check(State(settings): State<Arc<AccessSettings>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&mut parts, &settings).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(refusal) => refusal,
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
    let caller = claims.caller().ok_or_else(|| unauthenticated("the token names nobody: its claim sub is missing"))?;
    match asked {
        None => {} // nothing is there, which whoever has signed in may know
        Some(Asked::Call(Rule::Public | Rule::SignedIn)) => {}
        Some(Asked::Call(Rule::Needs(permission))) => {
            let workspace = workspace(parts).await;
            claims.may(permission, &workspace, settings).map_err(|denied| {
                tracing::info!(caller_id = caller.id, workspace, %permission, "a caller was refused");
                Problem::new(ProblemType::Forbidden, denied.to_string()).into_response()
            })?;
        }
        Some(Asked::OtherMethod(methods)) => return Err(other_method(parts, &methods).await),
        Some(Asked::Unknown) => {
            let detail = "nobody may call this: it stands in no rule, which is a fault of the service";
            return Err(Problem::new(ProblemType::Forbidden, detail).into_response());
        }
    }
    parts.extensions.insert(caller);
    Ok(())
}

fn unauthenticated(detail: &str) -> Response {
    Problem::new(ProblemType::Unauthenticated, detail).into_response()
}

/// The path's workspace as a handler will read it; empty, which no token names, when it cannot be read.
async fn workspace(parts: &mut Parts) -> String {
    let parameters = RawPathParams::from_request_parts(parts, &()).await;
    let workspace = parameters.ok().and_then(|parameters| {
        parameters.iter().find(|(name, _)| *name == "workspace").map(|(_, value)| value.to_owned())
    });
    workspace.unwrap_or_default()
}

/// The table's answer, not the router's: a handler that the table does not know is never reached.
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

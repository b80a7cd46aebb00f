//! Entity tags of what a GET returns, so that a caller that polls gets only what has changed (RFC 9110, section 13.1.2).

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use headers::{ETag, HeaderMapExt};
use sha2::{Digest, Sha256};

use super::Problem;
use super::precondition::Preconditions;

/// Adds an entity tag to the response of a GET, and replaces a representation that the caller already has by a 304.
pub(super) async fn add(request: Request, next: Next) -> Result<Response, Problem> {
    let method = request.method().clone();
    if !matches!(method, Method::GET | Method::HEAD) || !request.uri().path().starts_with("/v1/") {
        return Ok(next.run(request).await);
    }
    let (mut parts, body) = request.into_parts();
    let conditions = Preconditions::from_request_parts(&mut parts, &()).await?;
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if response.status() != StatusCode::OK {
        return Ok(response);
    }
    // The response of a HEAD has no body to make a tag of.
    if method == Method::GET && response.headers().typed_get::<ETag>().is_none() {
        response = with_tag(response).await;
    }
    match response.headers().typed_get::<ETag>() {
        Some(tag) if conditions.has(&tag) => Ok(not_modified(tag)),
        _ => Ok(response),
    }
}

/// Adds the digest of the body as a weak tag: a gateway may compress the body.
async fn with_tag(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    // Cannot fail: the handlers' bodies are in memory.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let digest: String = Sha256::digest(&body)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let mut response = Response::from_parts(parts, Body::from(body));
    if let Ok(tag) = format!("W/\"{digest}\"").parse::<ETag>() {
        response.headers_mut().typed_insert(tag);
    }
    response
}

fn not_modified(tag: ETag) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    response.headers_mut().typed_insert(tag);
    response
}

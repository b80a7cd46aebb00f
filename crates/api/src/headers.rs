//! What every answer of the API says to browsers and caches.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

/// Adds it to an answer.
pub(super) async fn add(mut answer: Response) -> Response {
    set(answer.headers_mut());
    answer
}

/// It is kept nowhere, for it may show a secret, and is of the type that it says, whatever it looks like.
pub(super) fn set(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

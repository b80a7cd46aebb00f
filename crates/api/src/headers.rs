//! Response headers of the API for browsers and caches.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

/// Adds the headers to a response.
pub(super) async fn add(mut answer: Response) -> Response {
    set(answer.headers_mut());
    answer
}

/// Forbids caching, because a response may contain a secret, and content type sniffing.
pub(super) fn set(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

//! Responses with a file.

use crate::encoding;
use crate::files::File;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use headers::{ETag, HeaderMapExt as _, IfNoneMatch};

/// Caching of a file whose name identifies its content: without end.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Caching of every other file: validated again at each use, because the page must name the files of the deployed
/// version.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Responds with the file in a coding that the caller accepts, or with 304 if the caller's copy is current.
pub(crate) fn file(file: &'static File, request: &HeaderMap) -> Response {
    let mut headers = HeaderMap::new();
    let kept = if file.path.starts_with("/assets/") { FOR_EVER } else { ASK_AGAIN };
    headers.insert(header::CACHE_CONTROL, kept);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // Weak, because it is the same for every coding (RFC 9110, section 8.8.3.3).
    let tag: ETag = format!("W/\"{}\"", file.tag).parse().expect("hexadecimal digits make an entity tag");
    headers.typed_insert(tag.clone());
    if request.typed_get::<IfNoneMatch>().is_some_and(|known| !known.precondition_passes(&tag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let (coding, bytes) = encoding::choose(file, request);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    (headers, Body::from(Bytes::from_static(bytes))).into_response()
}

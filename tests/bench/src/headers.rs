//! Headers like those of a callback (docs/receivers.md).

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// Value of `webhook-id`.
pub(crate) const ID: &str = "00000000000000000000000000000001";

/// The header with the signature.
pub(crate) const SIGNATURE: &str = "webhook-signature";

const HEADERS: [(&str, &str); 7] = [
    ("user-agent", "instance-webhooks/0.1.0"),
    ("accept", "*/*"),
    ("webhook-id", ID),
    ("webhook-attempt", "1"),
    ("webhook-changed-at", "2026-01-31T12:00:00Z"),
    ("webhook-timestamp", "1769860800"),
    (SIGNATURE, "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),
];

/// Returns the headers, the same for each request.
pub(crate) fn like_a_callbacks() -> HeaderMap {
    let headers = HEADERS.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    headers.into_iter().collect()
}

//! Security headers of every response: the browser runs only code of this origin, and connects only to this API and the
//! sign-in.

use crate::settings::ConsoleSettings;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Headers with the same value in every response.
const FIXED: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), publickey-credentials-get=(), usb=()",
        ),
    ),
];

/// Two years; the preload lists of browsers require at least one.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Adds the headers to a response.
pub(crate) async fn add(State(settings): State<Arc<ConsoleSettings>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.extend(FIXED);
    headers.insert(header::CONTENT_SECURITY_POLICY, content_security_policy(&settings));
    if settings.https_only {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    response
}

fn content_security_policy(settings: &ConsoleSettings) -> HeaderValue {
    let connect = settings.connect.list().iter().map(|origin| format!(" {origin}")).collect::<String>();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'{connect}; manifest-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::try_from(policy).expect("an origin is ASCII without control characters")
}

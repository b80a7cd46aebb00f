//! The front of the embedded engine at its port: the engine's own server serves pages of every origin, so it listens
//! behind this front, at an address that no page finds.

use crate::this_machine::{ForeignRequest, check};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header, uri::Parts},
    response::{IntoResponse as _, Response},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::{net::TcpListener, sync::watch};
use uuid::Uuid;

/// Limit on a request's body in bytes, equal to DynamoDB's and the engine's.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// Beginnings of the names of all operations that only read.
const READ_PREFIXES: [&str; 7] = ["Get", "BatchGet", "TransactGet", "Query", "Scan", "Describe", "List"];

/// Proxy that forwards this machine's own requests to the engine's server.
pub(super) struct Front {
    http: Client<HttpConnector, Body>,
    server: SocketAddr,
    /// Signal after each request that may have written.
    writes: watch::Sender<()>,
}

/// Binds a listener for the engine's server, on a random one of 16 million loopback addresses: a page would have to try
/// all of them, each with all its ports. A system that has only 127.0.0.1, such as macOS, gives a free port of it.
pub(super) async fn hidden_listener() -> std::io::Result<TcpListener> {
    let [_, a, b, c, ..] = *Uuid::new_v4().as_bytes();
    match TcpListener::bind((IpAddr::V4(Ipv4Addr::new(127, a, b, c.clamp(1, 254))), 0)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
    }
}

impl Front {
    /// Builds the front of the engine's server at this address.
    pub(super) fn router(server: SocketAddr, writes: watch::Sender<()>) -> Router {
        let http = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        Router::new().fallback(pass_on).with_state(Arc::new(Self { http, server, writes }))
    }
}

async fn pass_on(State(front): State<Arc<Front>>, request: Request) -> Response {
    if let Err(foreign) = check(request.uri(), request.headers()) {
        return forbidden(foreign);
    }
    // The body is read whole before it is forwarded: half of one would hold a connection on either side.
    let (parts, body) = request.into_parts();
    let body = match to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => body,
        Err(error) => {
            let message = format!("the body is larger than 16 MiB, or did not come whole: {error}");
            return failure(StatusCode::BAD_REQUEST, "SerializationException", &message);
        }
    };
    let mut request = Request::from_parts(parts, Body::from(body));
    *request.version_mut() = Version::HTTP_11;
    *request.uri_mut() = at(front.server, request.uri());
    remove_hop_by_hop(request.headers_mut());
    // Only a page sends this header, and without it the engine serves no headers for pages.
    request.headers_mut().remove(header::ORIGIN);
    let may_write = may_write(request.headers());
    let answer = front.http.request(request).await;
    if may_write {
        front.writes.send_replace(());
    }
    match answer {
        Ok(answer) => {
            let mut answer = answer.map(Body::new);
            remove_hop_by_hop(answer.headers_mut());
            answer
        }
        Err(error) => {
            tracing::warn!("a request did not reach the embedded DynamoDB: {error}");
            failure(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "the engine did not answer: try again")
        }
    }
}

/// Returns whether a request's operation is any but those that only read.
fn may_write(headers: &HeaderMap) -> bool {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default();
    !READ_PREFIXES.iter().any(|prefix| operation.starts_with(prefix))
}

/// Returns the same path and query at another address.
fn at(server: SocketAddr, uri: &Uri) -> Uri {
    let mut parts = Parts::default();
    parts.scheme = Some(axum::http::uri::Scheme::HTTP);
    parts.authority = server.to_string().parse().ok();
    parts.path_and_query = uri.path_and_query().cloned().or_else(|| "/".parse().ok());
    Uri::from_parts(parts).unwrap_or_default()
}

/// Removes the headers that concern one connection alone (RFC 9110, section 7.6.1).
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    for name in [header::CONNECTION, header::TE, header::TRAILER, header::TRANSFER_ENCODING, header::UPGRADE] {
        headers.remove(name);
    }
    for name in ["keep-alive", "proxy-connection"] {
        headers.remove(HeaderName::from_static(name));
    }
    headers.remove(header::EXPECT);
}

fn forbidden(foreign: ForeignRequest) -> Response {
    let message = match foreign {
        ForeignRequest::Host => {
            "the embedded DynamoDB is for this machine only: call it as http://localhost, 127.0.0.1 or [::1]"
        }
        ForeignRequest::Page => "a web page has sent this, and none may read or write the embedded DynamoDB",
    };
    failure(StatusCode::FORBIDDEN, "AccessDeniedException", message)
}

/// Builds an error in the form that SDKs read.
fn failure(status: StatusCode, kind: &str, message: &str) -> Response {
    let body = serde_json::json!({"__type": format!("com.amazon.coral.service#{kind}"), "message": message});
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, body.to_string()).into_response()
}

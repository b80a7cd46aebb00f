use std::net::IpAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use axum::{Extension, Router};
use serde_json::Value;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use webhooks_api::ApiState;
use webhooks_engine::sender::{Lookup, Sender, SenderSettings};
use webhooks_engine::wake_up::WakeUps;
use webhooks_model::access::{AccessSettings, Claims};
use webhooks_store::{
    AuditStore, BulkReplaysStore, CallbacksStore, DeliveriesStore, EndpointsStore, FleetStore, SecretsStore,
    TestCallsStore,
};

use crate::dynamodb::engine;

/// Sends a request to the API, written as in HTTP/1.1 (method and target, one header a line, an empty line, the body):
/// for every request the response is JSON, an error is a problem with a type, and no response is a server error.
///
/// The tables behind the API are the embedded DynamoDB's, and keep what the requests before have written.
pub fn api_request(input: &[u8]) {
    let Some(request) = read(input) else { return };
    thread_local! {
        static API: (Runtime, Router) = api();
    }
    let (status, headers, body) = API.with(|(runtime, api)| {
        runtime.block_on(async {
            let Ok(answer) = api.clone().oneshot(request).await;
            let (parts, body) = answer.into_parts();
            (parts.status, parts.headers, to_bytes(body, usize::MAX).await.unwrap())
        })
    });
    assert!(!status.is_server_error(), "{status}: {}", String::from_utf8_lossy(&body));
    let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap());
    if !status.is_client_error() {
        assert!(status.is_success() || status == 304, "{status}");
        assert!(body.is_empty() || content_type == Some("application/json"), "{content_type:?}");
        return;
    }
    assert_eq!(content_type, Some("application/problem+json"), "{status}");
    if body.is_empty() {
        return; // the answer to HEAD
    }
    let problem: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem["status"], status.as_u16());
    assert!(
        problem["type"].as_str().is_some_and(|kind| kind.starts_with("urn:instance-webhooks:problem:")),
        "{problem}"
    );
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
}

fn read(input: &[u8]) -> Option<Request<Body>> {
    let end = input.windows(2).position(|two| two == b"\n\n");
    let (head, body) = end.map_or((input, &[][..]), |end| (&input[..end], &input[end + 2..]));
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, target) = first.split_once(' ')?;
    if target.contains("/test") {
        return None; // it calls any endpoint that the requests before have configured
    }
    let mut request = Request::new(Body::from(body.to_vec()));
    *request.method_mut() = method.parse::<Method>().ok()?;
    *request.uri_mut() = target.parse::<Uri>().ok()?;
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}

fn api() -> (Runtime, Router) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = runtime.block_on(engine());
    // No name server is queried, for any name.
    let lookup = Lookup::Given(Arc::new(|_: &str| Ok(vec![IpAddr::from([192, 0, 2, 1]), IpAddr::from([8, 8, 8, 8])])));
    let sender = Sender::new(SenderSettings { lookup, ..SenderSettings::default() });
    let (wake_ups, _) = tokio::sync::mpsc::unbounded_channel();
    let state = ApiState {
        callbacks: CallbacksStore::new(client.clone(), "Webhooks"),
        endpoints: EndpointsStore::new(client.clone(), "Webhooks"),
        fleet: FleetStore::new(client.clone(), "Webhooks"),
        secrets: SecretsStore::new(client.clone(), "Webhooks"),
        audit: AuditStore::new(client.clone(), "Webhooks"),
        bulk_replays: BulkReplaysStore::new(client.clone(), "Webhooks"),
        test_calls: TestCallsStore::new(client.clone(), "Webhooks", 30),
        deliveries: DeliveriesStore::new(client.clone(), "Deliveries"),
        instance_stream: webhooks_test_support::instance_stream(&client, "http://127.0.0.1:1"), // there is no such table
        wake_ups: WakeUps::Timer(wake_ups),
        sender: Arc::new(sender.unwrap()),
        egress_addresses: webhooks_api::EgressAddresses::default(),
        access: Arc::new(AccessSettings::default()),
        world: Arc::new(webhooks_runtime::machine::Machine),
    };
    (runtime, webhooks_api::router(state).layer(Extension(Claims::local_administrator())))
}

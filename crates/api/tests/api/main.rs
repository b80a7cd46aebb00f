//! The API from a caller's view: status, headers and body of each call and of each problem, on a real engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod access;
mod address;
mod audit;
mod bounds;
mod callbacks;
mod deliveries;
mod dry_run;
mod endpoint_secret;
mod endpoint_settings;
mod endpoints;
mod entity_tags;
mod erase;
mod fleet;
mod replay;
mod request;
mod search;
mod service;
mod signing_secret;
mod statistics;
use webhooks_test_support as support;
mod test_call;
mod unchanged;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, header};
use axum::{Extension, Router};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;
use tower::ServiceExt;
use webhooks_api::ApiState;
use webhooks_engine::sender::{Lookup, Sender, SenderSettings};
use webhooks_engine::wake_up::{WakeUp, WakeUps};
use webhooks_model::access::{AccessSettings, Claims};
use webhooks_model::address::OutboundPolicy;
use webhooks_model::attempt::{Attempt, Failure, Reason};
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::delivery::{Delivery, GiveUpReason, Status};
use webhooks_model::endpoint::Endpoint;
use webhooks_model::event::{Event, EventType};
use webhooks_model::workspace::WorkspaceId;
use webhooks_model::world::World as _;
use webhooks_runtime::machine::Machine;
use webhooks_store::{
    Append, AuditStore, BulkReplaysStore, CallbacksStore, DeliveriesStore, DeliveryId, DeliveryWrite, EndpointsStore,
    FleetStore, Hold, SecretsStore, StorageState, TestCallsStore,
};

use support::patience::PATIENCE;

async fn api() -> Router {
    api_on(&support::engine().await)
}

fn api_on(client: &Client) -> Router {
    router(state(client).0)
}

/// Returns the API for a caller with all permissions.
fn router(state: ApiState) -> Router {
    webhooks_api::router(state).layer(Extension(Claims::local_administrator()))
}

/// Returns the state of the API, and the wake-ups that it sends.
fn state(client: &Client) -> (ApiState, UnboundedReceiver<(WakeUp, Duration)>) {
    state_with(client, support::receiver::on_this_machine(), |_| Err(std::io::Error::other("no such name")))
}

/// Returns the state with this outbound policy and these addresses of host names.
fn state_with(
    client: &Client,
    policy: OutboundPolicy,
    lookup: impl Fn(&str) -> std::io::Result<Vec<IpAddr>> + Send + Sync + 'static,
) -> (ApiState, UnboundedReceiver<(WakeUp, Duration)>) {
    let (wake_ups, sent) = unbounded_channel();
    let lookup = Lookup::Given(Arc::new(lookup));
    let timeout = Duration::from_secs(3); // much longer than a working receiver needs
    let sender = Sender::new(SenderSettings { timeout, policy, lookup, ..SenderSettings::default() });
    let state = ApiState {
        callbacks: CallbacksStore::new(client.clone(), "Webhooks"),
        endpoints: EndpointsStore::new(client.clone(), "Webhooks"),
        fleet: FleetStore::new(client.clone(), "Webhooks"),
        secrets: SecretsStore::new(client.clone(), "Webhooks"),
        audit: AuditStore::new(client.clone(), "Webhooks"),
        bulk_replays: BulkReplaysStore::new(client.clone(), "Webhooks"),
        test_calls: TestCallsStore::new(client.clone(), "Webhooks", 3),
        deliveries: DeliveriesStore::new(client.clone(), "Deliveries"),
        instance_stream: support::instance_stream(client, "http://127.0.0.1:1"), // the engine has no such table
        wake_ups: WakeUps::Timer(wake_ups),
        sender: Arc::new(sender.unwrap()),
        egress_addresses: webhooks_api::EgressAddresses::default(),
        access: Arc::new(AccessSettings::default()),
        world: Arc::new(Machine),
    };
    (state, sent)
}

async fn send(api: &Router, call: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Response<Body> {
    let (method, path) = call.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    api.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap()
}

/// Formats status, the relevant headers, and the body, with random revisions replaced.
async fn show(response: Response<Body>) -> String {
    let (parts, body) = response.into_parts();
    let mut shown = parts.status.to_string();
    let telling = [header::CONTENT_TYPE, header::ETAG, header::ALLOW, header::RETRY_AFTER, header::WWW_AUTHENTICATE];
    for name in telling {
        if let Some(value) = parts.headers.get(&name) {
            let value = value.to_str().unwrap();
            // A weak tag is the digest of the body.
            if value.starts_with("W/") {
                continue;
            }
            // A revision is random: it is the whole entity tag except for the version.
            let value = value.split_once('-').filter(|_| name == header::ETAG).map_or(value, |(version, _)| version);
            shown += &format!("\n{name}: {value}");
        }
    }
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    if !bytes.is_empty() {
        let json: Value = serde_json::from_slice(&bytes).unwrap();
        shown += &format!("\n{json:#}");
    }
    shown
}

async fn call(api: &Router, call: &str) -> String {
    show(send(api, call, &[], Body::empty()).await).await
}

async fn put(api: &Router, path: &str, body: impl Into<Body>) -> String {
    show(send(api, &format!("PUT {path}"), &[("content-type", "application/json")], body).await).await
}

async fn post(api: &Router, path: &str, body: impl Into<Body>) -> String {
    show(send(api, &format!("POST {path}"), &[("content-type", "application/json")], body).await).await
}

async fn json(api: &Router, path: &str) -> Value {
    let response = send(api, &format!("GET {path}"), &[], Body::empty()).await;
    assert_eq!(response.status(), 200, "{path}");
    serde_json::from_slice(&to_bytes(response.into_body(), usize::MAX).await.unwrap()).unwrap()
}

fn workspace() -> WorkspaceId {
    WorkspaceId::default_workspace()
}

fn endpoint(url: &str) -> Endpoint {
    CallbackUrl::try_from(url.to_owned()).unwrap().into()
}

fn id(url: &str) -> String {
    endpoint(url).id.to_string()
}

/// Configures these URLs for every event type.
async fn configure(api: &Router, urls: &[&str]) {
    let callback = serde_json::json!({"enabled": true, "urls": urls});
    let body = serde_json::json!({"created": callback, "updated": callback, "deleted": callback});
    assert!(put(api, "/v1/workspaces/default/callbacks", body.to_string()).await.starts_with("200"));
}

/// Returns the `n`-th event; ten events share a second.
fn event(n: u32, event_type: EventType, instance_id: &str) -> Event {
    Event {
        id: format!("event-{n}"),
        sequence_number: (1_000 + n).to_string(),
        event_type,
        workspace: workspace(),
        instance_id: instance_id.to_owned(),
        process_name: "Order".to_owned(),
        changed_at: at(n / 10),
    }
}

/// Returns the time of this machine.
fn now() -> Timestamp {
    Machine.now()
}

fn at(second: u32) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + i64::from(second)).unwrap()
}

/// Returns an attempt at that second with this response status.
fn attempt(second: u32, status: u16) -> Attempt {
    let failure = Failure { reason: Reason::Status, detail: format!("answered {status}") };
    Attempt {
        at: at(second),
        status: Some(status),
        latency: Duration::from_millis(12),
        failure: (status >= 300).then_some(failure),
        retry_after: None,
        body: "thanks".to_owned(),
        headers: "content-type: text/plain\nx-request-id: 7f3a\n".to_owned(),
    }
}

/// Writes a delivery as a drain leaves it; returns its id.
async fn keep(state: &ApiState, event: &Event, url: &str, storage: StorageState, status: Status) -> String {
    let endpoint = endpoint(url);
    let attempts = match (status, storage) {
        (Status::Delivered, _) => vec![attempt(1, 503), attempt(6, 200)],
        (Status::Superseded, _) | (Status::Pending, StorageState::Pending(_)) => Vec::new(),
        (Status::Pending | Status::Failed, _) => vec![attempt(1, 500)],
    };
    let attempts = attempts.into_iter().collect();
    let give_up_reason = (status == Status::Failed).then_some(GiveUpReason::Rejected);
    let delivery = Delivery { event, endpoint: &endpoint, status, attempts, give_up_reason };
    let change = DeliveryWrite { delivery, storage, was: None };
    write(state, &[change]).await;
    DeliveryId::of(event, &endpoint.id).to_string()
}

/// Writes deliveries.
async fn write(state: &ApiState, changes: &[DeliveryWrite<'_>]) {
    for written in state.deliveries.write(changes, now(), Instant::now() + PATIENCE).await {
        written.unwrap();
    }
}

/// Records an append to an endpoint's backlog.
async fn append(state: &ApiState, endpoint: &Endpoint) {
    let (hold, partitions) = (&Hold::Everything, &[0].into());
    let append = Append::written(hold, partitions);
    state.endpoints.append(&workspace(), endpoint, append).await.unwrap();
}

/// Returns the endpoints of the wake-ups since the last call, with the delay in seconds.
fn woken(sent: &mut UnboundedReceiver<(WakeUp, Duration)>) -> Vec<(String, u64)> {
    let mut woken = Vec::new();
    while let Ok((wake_up, delay)) = sent.try_recv() {
        woken.push((wake_up.endpoint.to_string(), delay.as_secs()));
    }
    woken
}

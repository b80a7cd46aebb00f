//! The API as a caller sees it: status, headers and body of each call and of each refusal, on a real engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod callbacks;
mod deliveries;
mod endpoints;
mod replay;
mod service;
#[path = "../support/mod.rs"]
mod support;
mod test_call;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, header};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tower::ServiceExt;
use webhooks::api::ApiState;
use webhooks::sender::{Sender, SenderSettings};
use webhooks::store::{CallbacksStore, DeliveriesStore, EndpointsStore};
use webhooks::wake_up::{WakeUp, WakeUps};

async fn api() -> Router {
    api_on(&support::engine().await)
}

fn api_on(client: &Client) -> Router {
    webhooks::api::router(state(client).0)
}

/// What the API works on, and the wake-ups that it sends.
fn state(client: &Client) -> (ApiState, UnboundedReceiver<(WakeUp, Duration)>) {
    let (wake_ups, sent) = unbounded_channel();
    let sender = Sender::new(SenderSettings { timeout: Duration::from_millis(500), ..SenderSettings::default() });
    let state = ApiState {
        callbacks: CallbacksStore::new(client.clone(), "Webhooks"),
        endpoints: EndpointsStore::new(client.clone(), "Webhooks"),
        deliveries: DeliveriesStore::new(client.clone(), "Deliveries"),
        wake_ups: WakeUps::Timer(wake_ups),
        sender: Arc::new(sender.unwrap()),
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

/// Status, the headers that matter, and the body; random revisions replaced.
async fn show(response: Response<Body>) -> String {
    let (parts, body) = response.into_parts();
    let mut shown = parts.status.to_string();
    for name in [header::CONTENT_TYPE, header::ETAG, header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = parts.headers.get(&name) {
            let value = value.to_str().unwrap();
            // A revision is random: all of an entity tag but the version.
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


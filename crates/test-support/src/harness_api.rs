//! The API on the tables of a harness.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::{Extension, Router};
use serde_json::Value;
use tower::ServiceExt;
use webhooks_api::ApiState;
use webhooks_model::access::{AccessSettings, Claims};
use webhooks_runtime::machine::Machine;
use webhooks_store::{AuditStore, BulkReplaysStore, CallbacksStore, FleetStore, TestCallsStore};

use crate::harness::{Harness, sender};

/// Returns the API on the tables of the harness, with its wake-ups sent to the harness.
pub fn api(room: &Harness) -> Router {
    let table = |client: &aws_sdk_dynamodb::Client| AuditStore::new(client.clone(), "Webhooks");
    let state = ApiState {
        callbacks: CallbacksStore::new(room.client.clone(), "Webhooks"),
        endpoints: room.fanout.endpoints.clone(),
        fleet: FleetStore::new(room.client.clone(), "Webhooks"),
        secrets: room.fanout.secrets.clone(),
        audit: table(&room.client),
        bulk_replays: BulkReplaysStore::new(room.client.clone(), "Webhooks"),
        test_calls: TestCallsStore::new(room.client.clone(), "Webhooks", 3),
        deliveries: room.fanout.deliveries.clone(),
        instance_stream: crate::instance_stream(&room.client, &room.address),
        wake_ups: room.fanout.wake_ups.clone(),
        sender: Arc::new(sender(8)),
        egress_addresses: webhooks_api::EgressAddresses::default(),
        access: Arc::new(AccessSettings::default()),
        world: Arc::new(Machine),
    };
    webhooks_api::router(state).layer(Extension(Claims::local_administrator()))
}

pub async fn call(api: &Router, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let response = api.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

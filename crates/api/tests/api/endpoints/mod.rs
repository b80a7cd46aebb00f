//! The endpoints: their health, their settings, and resuming them.

use super::support::harness::Harness;
use super::support::receiver::{Behaviour, Receiver};
use super::{
    api, append, at, call, configure, endpoint, event, id, json, keep, now, put, send, show, state, support, woken,
    workspace,
};
use axum::body::Body;
use jiff::Timestamp;
use std::time::Duration;
use webhooks_api::ApiState;
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::{DisabledReason, EndpointRecord, Health};
use webhooks_model::event::EventType;
use webhooks_store::{Evidence, Lease, StorageState, Turn};

mod backlog;
mod secret_headers;
mod settings;
mod subscription;

const ALL: &str = "/v1/workspaces/default/endpoints";

const A: &str = "https://a.example/hook?token=1";

const B: &str = "https://b.example/";

fn of(url: &str) -> String {
    format!("{ALL}/{}", id(url))
}

/// Records that an endpoint is failing or disabled, since an attempt at that time.
async fn failed(state: &ApiState, url: &str, health: Health, last_failure_at: Timestamp) {
    let evidence = Evidence { last_failure_at: Some(last_failure_at), ..Evidence::default() };
    state.endpoints.observe(&workspace(), &endpoint(url), evidence).await.unwrap();
    state.endpoints.fail(&workspace(), &endpoint(url), health).await.unwrap();
}

async fn patch(api: &axum::Router, url: &str, body: impl Into<Body>) -> String {
    let call = format!("PATCH {}", of(url));
    show(send(api, &call, &[("content-type", "application/json")], body).await).await
}

#[tokio::test]
async fn a_workspace_never_set_has_no_endpoints() {
    insta::assert_snapshot!(call(&api().await, &format!("GET {ALL}")).await, @r#"
    200 OK
    content-type: application/json
    {
      "endpoints": []
    }
    "#);
}

#[tokio::test]
async fn each_url_is_listed_once_with_its_event_types_in_order() {
    let api = api().await;
    let body = serde_json::json!({
        "created": {"enabled": false, "urls": [B]},
        "updated": {"enabled": true, "urls": [A, B]},
        "deleted": {"enabled": true, "urls": [A]},
    });
    put(&api, "/v1/workspaces/default/callbacks", body.to_string()).await;
    insta::assert_snapshot!(call(&api, &format!("GET {}", of(B))).await, @r#"
    200 OK
    content-type: application/json
    {
      "backlog": {
        "capped": false,
        "pending": 0
      },
      "endpointID": "5d1dd98498cb9c1e0fa2a79db2aa6f6c",
      "eventTypes": [
        {
          "enabled": false,
          "eventType": "created"
        },
        {
          "enabled": true,
          "eventType": "updated"
        }
      ],
      "health": {
        "state": "healthy"
      },
      "lastFailedDeliveryID": null,
      "lastFailureAt": null,
      "lastSuccessAt": null,
      "nextDeferredAt": null,
      "settings": {
        "changed": [],
        "contact": null,
        "description": null,
        "maxPerSecond": null,
        "name": null,
        "onBacklog": "every",
        "paused": false,
        "pausedUntil": null,
        "processNames": [],
        "secretHeaders": [],
        "where": {}
      },
      "url": "https://b.example/"
    }
    "#);
    let [a, b] = [json(&api, &of(A)).await, json(&api, &of(B)).await];
    assert_eq!(a["url"], A);
    let on = |event_type: &str| serde_json::json!({"enabled": true, "eventType": event_type});
    assert_eq!(a["eventTypes"], serde_json::json!([on("updated"), on("deleted")]));
    assert_eq!(json(&api, ALL).await, serde_json::json!({"endpoints": [b, a]}), "as each is shown alone");
}

#[tokio::test]
async fn a_failing_endpoint_says_since_when_and_what_is_next() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    configure(&api, &[A, B]).await;
    let failing = Health::Failing { since: at(0), failed_probes: 2, probe_at: at(60), warned: false };
    failed(&state, A, failing, at(30)).await;
    state.endpoints.succeeded(&workspace(), &endpoint(A), at(10)).await.unwrap();
    insta::assert_snapshot!(call(&api, &format!("GET {}", of(A))).await, @r#"
    200 OK
    content-type: application/json
    {
      "backlog": {
        "capped": false,
        "pending": 0
      },
      "endpointID": "d851da91a121e213db6d50b2ad3d4c3e",
      "eventTypes": [
        {
          "enabled": true,
          "eventType": "created"
        },
        {
          "enabled": true,
          "eventType": "updated"
        },
        {
          "enabled": true,
          "eventType": "deleted"
        }
      ],
      "health": {
        "failedProbes": 2,
        "failingSince": "2023-11-14T22:13:20Z",
        "probeAt": "2023-11-14T22:14:20Z",
        "state": "failing",
        "warned": false
      },
      "lastFailedDeliveryID": null,
      "lastFailureAt": "2023-11-14T22:13:50Z",
      "lastSuccessAt": "2023-11-14T22:13:30Z",
      "nextDeferredAt": null,
      "settings": {
        "changed": [],
        "contact": null,
        "description": null,
        "maxPerSecond": null,
        "name": null,
        "onBacklog": "every",
        "paused": false,
        "pausedUntil": null,
        "processNames": [],
        "secretHeaders": [],
        "where": {}
      },
      "url": "https://a.example/hook?token=1"
    }
    "#);
    assert_eq!(json(&api, ALL).await["endpoints"][0], json(&api, &of(A)).await, "one is shown as among all");
}

#[tokio::test]
async fn a_disabled_endpoint_says_since_when_and_why() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    configure(&api, &[A, B]).await;
    let disabled = Health::Disabled { since: at(90), reason: DisabledReason::FailingTooLong };
    failed(&state, B, disabled, at(90)).await;
    insta::assert_snapshot!(call(&api, &format!("GET {}", of(B))).await, @r#"
    200 OK
    content-type: application/json
    {
      "backlog": {
        "capped": false,
        "pending": 0
      },
      "endpointID": "5d1dd98498cb9c1e0fa2a79db2aa6f6c",
      "eventTypes": [
        {
          "enabled": true,
          "eventType": "created"
        },
        {
          "enabled": true,
          "eventType": "updated"
        },
        {
          "enabled": true,
          "eventType": "deleted"
        }
      ],
      "health": {
        "disabledSince": "2023-11-14T22:14:50Z",
        "reason": "failing-too-long",
        "state": "disabled"
      },
      "lastFailedDeliveryID": null,
      "lastFailureAt": "2023-11-14T22:14:50Z",
      "lastSuccessAt": null,
      "nextDeferredAt": null,
      "settings": {
        "changed": [],
        "contact": null,
        "description": null,
        "maxPerSecond": null,
        "name": null,
        "onBacklog": "every",
        "paused": false,
        "pausedUntil": null,
        "processNames": [],
        "secretHeaders": [],
        "where": {}
      },
      "url": "https://b.example/"
    }
    "#);
    assert_eq!(json(&api, ALL).await["endpoints"][1], json(&api, &of(B)).await, "one is shown as among all");
}

#[tokio::test]
async fn what_waits_is_counted_as_far_as_it_is_cheap() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    configure(&api, &[A]).await;
    for n in 0..20 {
        keep(
            &state,
            &event(n, EventType::Created, &format!("i-{n}")),
            A,
            StorageState::Pending(Turn::Next),
            Status::Pending,
        )
        .await;
    }
    keep(&state, &event(20, EventType::Created, "i"), A, StorageState::Deferred(at(7)), Status::Pending).await;
    keep(&state, &event(21, EventType::Created, "i"), A, StorageState::Completed, Status::Failed).await;
    append(&state, &endpoint(A)).await;
    assert_eq!(json(&api, &of(A)).await["backlog"], serde_json::json!({"pending": 20, "capped": false}));
    // All of one instance, and therefore in one partition.
    for n in 30..290 {
        keep(&state, &event(n, EventType::Updated, "i-0"), A, StorageState::Pending(Turn::Next), Status::Pending).await;
    }
    let backlog = json(&api, &of(A)).await["backlog"].clone();
    let pending = backlog["pending"].as_u64().unwrap();
    assert!(backlog["capped"] == true && (250..280).contains(&pending), "{backlog}");
}

#[tokio::test]
async fn when_a_deferred_delivery_is_next_tried_is_shown() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    configure(&api, &[A]).await;
    append(&state, &endpoint(A)).await;
    let lease = Lease { workspace: workspace(), endpoint: endpoint(A).id, owner: "a drain".to_owned() };
    let seen = state.endpoints.lease(&lease, at(0), at(1), None).await.unwrap().unwrap();
    let record = EndpointRecord { next_deferred_at: Some(at(600)), ..seen.clone() };
    assert!(state.endpoints.save(&lease, &seen, &record).await.unwrap());
    assert_eq!(json(&api, &of(A)).await["nextDeferredAt"], at(600).to_string());
}

//! The endpoints: their health, their settings, and resuming them.

use std::time::Duration;

use axum::body::Body;
use jiff::Timestamp;
use webhooks_api::ApiState;
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::{DisabledReason, EndpointRecord, Health};
use webhooks_model::event::EventType;
use webhooks_store::{Evidence, Lease, StorageState, Turn};

use super::support::harness::Harness;
use super::support::receiver::{Behaviour, Receiver};
use super::{
    api, append, at, call, configure, endpoint, event, id, json, keep, put, send, show, state, support, woken,
    workspace,
};

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
async fn each_url_is_listed_once_in_the_order_of_the_callbacks_with_the_event_types_that_name_it() {
    let api = api().await;
    let body = serde_json::json!({
        "created": {"enabled": false, "urls": [B]},
        "updated": {"enabled": true, "urls": [A, B]},
        "deleted": {"enabled": true, "urls": [A]},
    });
    put(&api, "/v1/workspaces/default/callbacks", body.to_string()).await;
    let all = call(&api, &format!("GET {ALL}")).await;
    insta::assert_snapshot!(all, @r#"
    200 OK
    content-type: application/json
    {
      "endpoints": [
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
          "lastFailureAt": null,
          "lastSuccessAt": null,
          "nextDeferredAt": null,
          "settings": {
            "maxPerSecond": null,
            "paused": false,
            "processNames": []
          },
          "url": "https://b.example/"
        },
        {
          "backlog": {
            "capped": false,
            "pending": 0
          },
          "endpointID": "d851da91a121e213db6d50b2ad3d4c3e",
          "eventTypes": [
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
            "state": "healthy"
          },
          "lastFailureAt": null,
          "lastSuccessAt": null,
          "nextDeferredAt": null,
          "settings": {
            "maxPerSecond": null,
            "paused": false,
            "processNames": []
          },
          "url": "https://a.example/hook?token=1"
        }
      ]
    }
    "#);
    assert_eq!(json(&api, ALL).await["endpoints"][1], json(&api, &of(A)).await, "one is shown as among all");
}

#[tokio::test]
async fn a_failing_and_a_disabled_endpoint_say_since_when_and_what_is_next() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    configure(&api, &[A, B]).await;
    let failing = Health::Failing { since: at(0), failed_probes: 2, probe_at: at(60), warned: false };
    let disabled = Health::Disabled { since: at(90), reason: DisabledReason::FailingTooLong };
    failed(&state, A, failing, at(30)).await;
    state.endpoints.succeeded(&workspace(), &endpoint(A), at(10)).await.unwrap();
    failed(&state, B, disabled, at(90)).await;
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}")).await, @r#"
    200 OK
    content-type: application/json
    {
      "endpoints": [
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
            "failingSince": "2023-11-14T22:13:20Z",
            "probeAt": "2023-11-14T22:14:20Z",
            "state": "failing",
            "failedProbes": 2,
            "warned": false
          },
          "lastFailureAt": "2023-11-14T22:13:50Z",
          "lastSuccessAt": "2023-11-14T22:13:30Z",
          "nextDeferredAt": null,
          "settings": {
            "maxPerSecond": null,
            "paused": false,
            "processNames": []
          },
          "url": "https://a.example/hook?token=1"
        },
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
          "lastFailureAt": "2023-11-14T22:14:50Z",
          "lastSuccessAt": null,
          "nextDeferredAt": null,
          "settings": {
            "maxPerSecond": null,
            "paused": false,
            "processNames": []
          },
          "url": "https://b.example/"
        }
      ]
    }
    "#);
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
async fn settings_are_changed_one_by_one() {
    let api = api().await;
    configure(&api, &[A]).await;
    insta::assert_snapshot!(patch(&api, A, r#"{"paused": true, "processNames": ["Order", "Invoice", "Order"], "maxPerSecond": 5}"#).await, @r#"
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
        "state": "healthy"
      },
      "lastFailureAt": null,
      "lastSuccessAt": null,
      "nextDeferredAt": null,
      "settings": {
        "maxPerSecond": 5,
        "paused": true,
        "processNames": [
          "Order",
          "Invoice"
        ]
      },
      "url": "https://a.example/hook?token=1"
    }
    "#);
    let settings = async || json(&api, &of(A)).await["settings"].to_string();
    for (change, after) in [
        ("{}", r#"{"maxPerSecond":5,"paused":true,"processNames":["Order","Invoice"]}"#),
        (r#"{"maxPerSecond": null}"#, r#"{"maxPerSecond":null,"paused":true,"processNames":["Order","Invoice"]}"#),
        (r#"{"paused": false}"#, r#"{"maxPerSecond":null,"paused":false,"processNames":["Order","Invoice"]}"#),
        (r#"{"processNames": []}"#, r#"{"maxPerSecond":null,"paused":false,"processNames":[]}"#),
    ] {
        assert!(patch(&api, A, change).await.starts_with("200"), "{change}");
        assert_eq!(settings().await, after, "{change}");
    }
}

#[tokio::test]
async fn changes_of_different_settings_at_the_same_moment_all_stand() {
    let api = api().await;
    configure(&api, &[A]).await;
    let changes = [r#"{"paused": true}"#, r#"{"processNames": ["Order"]}"#, r#"{"maxPerSecond": 7}"#];
    let changes = changes.map(|change| {
        let api = api.clone();
        tokio::spawn(async move { patch(&api, A, change).await })
    });
    for change in changes {
        assert!(change.await.unwrap().starts_with("200"));
    }
    let settings = serde_json::json!({"paused": true, "processNames": ["Order"], "maxPerSecond": 7});
    assert_eq!(json(&api, &of(A)).await["settings"], settings);
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_refused_by_its_path_and_nothing_is_changed() {
    let api = api().await;
    configure(&api, &[A]).await;
    let before = call(&api, &format!("GET {}", of(A))).await;
    insta::assert_snapshot!(patch(&api, A, r#"{"pause": true}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in pause: unknown field `pause`, expected one of `paused`, `processNames`, `maxPerSecond` at line 1 column 8",
      "field": "pause",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(patch(&api, A, r#"{"paused": null}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in paused: invalid type: null, expected a boolean at line 1 column 15",
      "field": "paused",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(patch(&api, A, r#"{"paused": true, "maxPerSecond": 0}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in maxPerSecond: invalid value: integer `0`, expected a number from 1 to 1000 at line 1 column 34",
      "field": "maxPerSecond",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(patch(&api, A, r#"{"maxPerSecond": 1001}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in maxPerSecond: invalid value: integer `1001`, expected a number from 1 to 1000 at line 1 column 21",
      "field": "maxPerSecond",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(patch(&api, A, r#"{"maxPerSecond": 2.5}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in maxPerSecond: invalid type: floating point `2.5`, expected a number from 1 to 1000 at line 1 column 20",
      "field": "maxPerSecond",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(patch(&api, A, r#"{"processNames": "Order"}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in processNames: invalid type: string \"Order\", expected a sequence at line 1 column 24",
      "field": "processNames",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(patch(&api, A, r#"{"processNames": ["Order", 5]}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in processNames[1]: invalid type: integer `5`, expected a string at line 1 column 28",
      "field": "processNames[1]",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    let long = serde_json::json!({"processNames": ["ü".repeat(256), "x".repeat(257)]});
    insta::assert_snapshot!(patch(&api, A, long.to_string()).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in processNames[1]: the name has 257 characters; at most 256 are allowed at line 1 column 792",
      "field": "processNames[1]",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    let many = serde_json::json!({"processNames": (0..101).map(|n| n.to_string()).collect::<Vec<_>>()});
    insta::assert_snapshot!(patch(&api, A, many.to_string()).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in processNames: 101 process names are given; at most 100 are allowed at line 1 column 514",
      "field": "processNames",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    assert_eq!(call(&api, &format!("GET {}", of(A))).await, before);
}

#[tokio::test]
async fn an_endpoint_that_is_none_of_the_callbacks_is_unknown() {
    let api = api().await;
    configure(&api, &[A]).await;
    insta::assert_snapshot!(patch(&api, B, "{}").await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "no URL of this workspace's callbacks is this endpoint; GET the endpoints to see which are",
      "status": 404,
      "title": "Unknown endpoint",
      "type": "urn:instance-webhooks:problem:unknown-endpoint"
    }
    "#);
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}/x")).await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "an endpoint id has 32 hexadecimal digits, in lower case",
      "status": 404,
      "title": "Unknown endpoint",
      "type": "urn:instance-webhooks:problem:unknown-endpoint"
    }
    "#);
    assert!(call(&api, &format!("GET {}", of(B))).await.starts_with("404"));
    assert!(call(&api, &format!("POST {}/resume", of(B))).await.starts_with("404"));
    assert!(call(&api, &format!("GET /v1/workspaces/another/endpoints/{}", id(A))).await.starts_with("404"));
}

#[tokio::test]
async fn ending_a_pause_or_a_bound_wakes_the_endpoint_and_so_does_what_waits() {
    let (state, mut sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    configure(&api, &[A]).await;
    for (change, wakes) in [
        (r#"{"processNames": ["Order"]}"#, false),
        (r#"{"paused": true}"#, false),
        (r#"{"paused": false}"#, true),
        (r#"{"maxPerSecond": 3}"#, false),
        (r#"{"maxPerSecond": null}"#, true),
    ] {
        assert!(patch(&api, A, change).await.starts_with("200"), "{change}");
        assert_eq!(woken(&mut sent), if wakes { vec![(id(A), 0)] } else { vec![] }, "{change}");
    }
    append(&state, &endpoint(A)).await;
    patch(&api, A, "{}").await;
    assert_eq!(woken(&mut sent), [(id(A), 0)]);
}

#[tokio::test]
async fn a_wake_up_that_cannot_be_sent_is_no_refusal() {
    let (state, sent) = state(&support::engine().await);
    drop(sent);
    let api = super::router(state);
    configure(&api, &[A]).await;
    patch(&api, A, r#"{"paused": true}"#).await;
    assert!(patch(&api, A, r#"{"paused": false}"#).await.starts_with("200"));
    assert!(call(&api, &format!("POST {}/resume", of(A))).await.starts_with("202"));
}

#[tokio::test]
async fn resuming_lets_a_disabled_endpoint_be_tried_now() {
    let (state, mut sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    configure(&api, &[A, B]).await;
    let disabled = Health::Disabled { since: at(0), reason: DisabledReason::Gone };
    state.endpoints.fail(&workspace(), &endpoint(A), disabled).await.unwrap();
    let before = Timestamp::now().as_millisecond();
    assert!(call(&api, &format!("POST {}/resume", of(A))).await.starts_with("202 Accepted"));
    let health = json(&api, &of(A)).await["health"].clone();
    assert_eq!((&health["state"], &health["failedProbes"]), (&"failing".into(), &0.into()));
    let probe_at: Timestamp = health["probeAt"].as_str().unwrap().parse().unwrap();
    assert!((before..=Timestamp::now().as_millisecond()).contains(&probe_at.as_millisecond()));
    assert_eq!(woken(&mut sent), [(id(A), 0)]);

    let healthy = json(&api, &of(B)).await;
    assert!(call(&api, &format!("POST {}/resume", of(B))).await.starts_with("202 Accepted"));
    assert_eq!(json(&api, &of(B)).await["health"], healthy["health"], "a healthy one stays as it is");
}

/// Returns an API and a retry engine on one table, and a receiver that is configured for every event type.
async fn with_engine() -> (axum::Router, Harness, Receiver) {
    let room = Harness::new().await;
    let (mut state, _) = state(&room.client);
    state.wake_ups = room.retry.wake_ups.clone();
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    let api = super::router(state);
    configure(&api, &[&receiver.url()]).await;
    (api, room, receiver)
}

const QUIET: Duration = Duration::from_millis(300);

#[tokio::test]
async fn what_came_during_a_pause_is_delivered_when_it_ends() {
    let (api, mut room, receiver) = with_engine().await;
    patch(&api, &receiver.url(), r#"{"paused": true}"#).await;
    let records = room.inserts(5);
    assert_eq!(room.batch(&records, Duration::from_secs(20)).await, Vec::<String>::new());
    room.run_wake_ups(QUIET).await;
    assert_eq!(json(&api, &of(&receiver.url())).await["backlog"]["pending"], 5);
    assert_eq!(receiver.count(), 0);
    patch(&api, &receiver.url(), r#"{"paused": false}"#).await;
    room.run_wake_ups(QUIET).await;
    assert_eq!(receiver.count(), 5);
    assert_eq!(json(&api, &of(&receiver.url())).await["backlog"]["pending"], 0);
}

#[tokio::test]
async fn what_waits_for_a_url_that_is_removed_or_turned_off_ends_with_that_reason() {
    for change in ["PUT", "PUT one", "DELETE", "DELETE one"] {
        let (api, mut room, receiver) = with_engine().await;
        receiver.decides(|_| Behaviour::Close);
        let records = room.inserts(3);
        room.batch(&records, Duration::from_secs(20)).await;
        while room.sent.try_recv().is_ok() {}
        let all = "/v1/workspaces/default/callbacks";
        let answer = match change {
            "PUT" => put(&api, all, "{}").await,
            "PUT one" => {
                let off = serde_json::json!({"enabled": false, "urls": [receiver.url()]});
                put(&api, &format!("{all}/created"), off.to_string()).await
            }
            "DELETE" => call(&api, &format!("DELETE {all}")).await,
            _ => call(&api, &format!("DELETE {all}/created")).await,
        };
        assert!(answer.starts_with("20"), "{change}: {answer}");
        room.run_wake_ups(QUIET).await;
        let deliveries = json(&api, "/v1/workspaces/default/deliveries").await["deliveries"].clone();
        let ends: Vec<_> = deliveries
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["status"].as_str(), it["giveUpReason"].as_str()))
            .collect();
        assert_eq!(ends, [(Some("failed"), Some("no-longer-configured")); 3], "{change}");
    }
}

#[tokio::test]
async fn a_change_of_callbacks_wakes_only_endpoints_that_are_removed_and_for_which_something_waits() {
    let (state, mut sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    configure(&api, &[A, B]).await;
    put(
        &api,
        "/v1/workspaces/default/callbacks/created",
        serde_json::json!({"enabled": true, "urls": [B]}).to_string(),
    )
    .await;
    assert_eq!(woken(&mut sent), [], "nothing waits");

    configure(&api, &[A, B]).await;
    for url in [A, B] {
        append(&state, &endpoint(url)).await;
    }
    put(
        &api,
        "/v1/workspaces/default/callbacks/updated",
        serde_json::json!({"enabled": true, "urls": [B]}).to_string(),
    )
    .await;
    assert_eq!(woken(&mut sent), [(id(A), 0)]);
    let overdue = state.endpoints.overdue(Timestamp::now(), 10).await.unwrap();
    assert_eq!(overdue, [(workspace(), endpoint(A).id)], "should the wake-up be lost, the sweep knows");
}

#[tokio::test]
async fn when_a_set_aside_delivery_is_next_tried_is_shown() {
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

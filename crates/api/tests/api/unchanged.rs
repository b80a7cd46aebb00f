//! Calls that change nothing write nothing: no item, no version, no audit entry.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::Body;
use serde_json::{Value, json};
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::{DisabledReason, Health};
use webhooks_model::event::EventType;
use webhooks_store::{StorageState, Turn};

use super::deliveries::{A, B};
use super::{call, configure, endpoint, event, id, keep, post, put, send, show, state, support, workspace};

type Items = BTreeMap<String, Vec<(String, AttributeValue)>>;

/// Returns every item of both tables.
async fn items(client: &Client) -> Items {
    let mut all = Items::new();
    for table in ["Webhooks", "Deliveries"] {
        let mut items = client.scan().table_name(table).into_paginator().items().send();
        while let Some(item) = items.next().await {
            let mut item: Vec<_> = item.unwrap().into_iter().collect();
            item.sort_by(|(a, _), (b, _)| a.cmp(b));
            let key: Vec<_> = item.iter().filter(|(name, _)| ["pk", "sk"].contains(&name.as_str())).collect();
            all.insert(format!("{table} {key:?}"), item);
        }
    }
    all
}

async fn patch(api: &axum::Router, body: Value) -> String {
    let path = format!("PATCH /v1/workspaces/default/endpoints/{}", id(A));
    show(send(api, &path, &[("content-type", "application/json")], body.to_string()).await).await
}

#[tokio::test]
async fn what_is_set_to_what_it_is_writes_nothing() {
    const CALLBACKS: &str = "/v1/workspaces/default/callbacks";
    let client = support::engine().await;
    let (state, _sent) = state(&client);
    let api = super::router(state);
    let callback = json!({"enabled": true, "urls": [A, B]});
    let all = json!({"created": callback, "updated": callback, "replaces": {A: "https://gone.example/"}});
    configure(&api, &["https://gone.example/"]).await;
    assert!(put(&api, CALLBACKS, all.to_string()).await.starts_with("200"));
    let settings = json!({"paused": true, "processNames": ["Order"], "maxPerSecond": 5});
    assert!(patch(&api, settings.clone()).await.starts_with("200"));
    let ours = json!({"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}).to_string();
    let path = format!("/v1/workspaces/default/endpoints/{}/signing-secret", id(A));
    let secret = put(&api, &path, ours.clone()).await;

    let before = items(&client).await;
    let shown = call(&api, &format!("GET {CALLBACKS}")).await;
    assert!(shown.contains(r#""version": 2"#), "{shown}");
    for _ in 0..3 {
        assert_eq!(put(&api, CALLBACKS, all.to_string()).await, shown, "the same version and entity tag");
        let one = put(&api, &format!("{CALLBACKS}/created"), callback.to_string()).await;
        assert!(one.starts_with("200") && one.contains(r#""version": 2"#), "{one}");
        assert!(call(&api, &format!("DELETE {CALLBACKS}/deleted")).await.starts_with("204"));
        assert!(patch(&api, settings.clone()).await.starts_with("200"));
        assert!(patch(&api, json!({"paused": true})).await.starts_with("200"));
        assert!(patch(&api, json!({})).await.starts_with("200"));
        let resume = format!("/v1/workspaces/default/endpoints/{}/resume", id(A));
        assert!(post(&api, &resume, "").await.starts_with("202"));
        assert_eq!(put(&api, &path, ours.clone()).await, secret);
        assert!(call(&api, "DELETE /v1/workspaces/other/callbacks/created").await.starts_with("204"));
        assert!(call(&api, "DELETE /v1/workspaces/other/callbacks").await.starts_with("204"));
    }
    assert_eq!(items(&client).await, before);

    // A single difference is a change.
    let reversed = json!({"enabled": true, "urls": [B, A]});
    assert!(put(&api, &format!("{CALLBACKS}/created"), reversed.to_string()).await.contains(r#""version": 3"#));
}

#[tokio::test]
async fn a_failing_endpoint_is_resumed_once_until_it_was_tried() {
    let client = support::engine().await;
    let (state, mut sent) = state(&client);
    let api = super::router(state.clone());
    configure(&api, &[A]).await;
    let disabled = Health::Disabled { since: super::at(0), reason: DisabledReason::Gone };
    state.endpoints.fail(&workspace(), &endpoint(A), disabled).await.unwrap();
    let resume = format!("/v1/workspaces/default/endpoints/{}/resume", id(A));
    assert!(post(&api, &resume, "").await.starts_with("202"));
    let resumed = items(&client).await;
    for _ in 0..3 {
        assert!(post(&api, &resume, "").await.contains(r#""state": "failing""#));
    }
    assert_eq!(items(&client).await, resumed);
    assert_eq!(super::woken(&mut sent).len(), 4, "it is woken each time all the same");
}

#[tokio::test]
async fn reading_writes_nothing() {
    let client = support::engine().await;
    let (state, mut sent) = state(&client);
    let api = super::router(state.clone());
    let document: Value = serde_json::from_str(webhooks_api::openapi()).unwrap();
    let reads = || document["paths"].as_object().unwrap().iter().filter(|(_, item)| item["get"].is_object());
    assert!(reads().count() >= 12, "{document:#}");
    assert_eq!(items(&client).await, Items::new());
    for filled in [false, true] {
        let mut delivery = "8b1a9953c4611296a827abf8c47804d7-0-1700000000000-1000-23352a67ac7ffc4b".to_owned();
        if filled {
            configure(&api, &[A]).await;
            delivery =
                keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Pending(Turn::Next), Status::Pending)
                    .await;
            super::append(&state, &endpoint(A)).await;
        }
        let before = items(&client).await;
        for (path, _) in reads() {
            let path = path.replace("{workspace}", "default").replace("{eventType}", "created");
            let path = path.replace("{endpointID}", &id(A)).replace("{deliveryID}", &delivery);
            for method in ["GET", "HEAD"] {
                let status = send(&api, &format!("{method} {path}"), &[], Body::empty()).await.status();
                assert!(status == 200 || status == 404, "{method} {path}: {status}");
                assert_eq!(items(&client).await, before, "{method} {path}");
            }
        }
        assert_eq!(super::woken(&mut sent), [], "nothing is woken either");
    }
}

//! What is promised of everything that waits: for as long as it takes, beside a damaged item, through a changed URL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![allow(clippy::disallowed_methods, reason = "tests ask the machine for the time")]

use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use support::clock::{Advanceable, advance};
use support::fault_proxy::{Fault, FaultProxy};
use support::harness::{At, Harness, PLENTY, QUIET, by_instance, endpoint, text, workspace_id};
use support::harness_api::{api, call};
use support::receiver::{Behaviour, Receiver};
use tokio::time::Instant;
use webhooks_model::attempt::{Attempt, Attempts, Failure, MAX_HEADERS_BYTES, Reason};
use webhooks_model::delivery::{Delivery, Status};
use webhooks_model::endpoint::{Endpoint, EndpointSettings, Health};
use webhooks_model::event::{Event, EventType};
use webhooks_model::world::World;
use webhooks_store::{
    Append, DeliveriesStore, DeliveryWrite, Hold, LogFilter, SettingsPatch, StorageState, StoreError, Turn,
};
use webhooks_test_support as support;

mod damaged;
mod removed_urls;
mod replaced_urls;

const CALLBACKS: &str = "/v1/workspaces/default/callbacks";

const ENDPOINTS: &str = "/v1/workspaces/default/endpoints";

const DELIVERIES: &str = "/v1/workspaces/default/deliveries";

const DAY: i64 = 24 * 60 * 60;

/// Sets the URLs of all event types; each of the pairs says which URL replaces which.
async fn configure(api: &Router, urls: &[&str], replaces: &[(&str, &str)]) -> (StatusCode, Value) {
    let callback = json!({"enabled": true, "urls": urls});
    let replaces: HashMap<_, _> = replaces.iter().copied().collect();
    let body = json!({"created": callback, "updated": callback, "deleted": callback, "replaces": replaces});
    call(api, "PUT", CALLBACKS, Some(body)).await
}

/// Overwrites attributes of an item of the table of settings, as a hand edit does.
async fn edit(room: &Harness, workspace: &str, sk: &str, attributes: &[(&str, AttributeValue)]) {
    for (name, value) in attributes {
        let update = room.client.update_item().table_name("Webhooks");
        let update = update.key("pk", s(workspace)).key("sk", s(sk)).update_expression("SET #name = :value");
        let update = update.expression_attribute_names("#name", *name);
        update.expression_attribute_values(":value", value.clone()).send().await.unwrap();
    }
}

/// Nothing can be on its way to the endpoint's backlog any more, and it is looked at.
async fn a_minute_later(room: &Harness, receiver: &Receiver) {
    let id = format!("endpoint#{}", endpoint(&receiver.url("/")).id);
    edit(room, "default", &id, &[("appendingUntil", AttributeValue::N("1".into()))]).await;
    room.wake(&receiver.url("/")).await;
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// The items of the endpoints of the workspace `default`.
async fn records(room: &Harness) -> usize {
    room.fanout.endpoints.workspace(&workspace_id("default")).await.unwrap().endpoints.len()
}

/// An insert and two updates of each of three instances of each workspace.
fn three_changes_each(room: &mut Harness, workspaces: &[&str]) -> Vec<Value> {
    let changes = ["INSERT", "MODIFY", "MODIFY"].into_iter().flat_map(|name| (0..3).map(move |i| (name, i)));
    let all: Vec<_> = changes.flat_map(|(name, i)| workspaces.iter().map(move |it| (name, i, *it))).collect();
    all.into_iter().map(|(name, i, workspace)| room.record(name, &format!("i-{i}"), workspace)).collect()
}

/// Whether the receiver heard all changes of each of three instances, each once and in order.
fn heard_in_order(receiver: &Receiver, each: usize) {
    let instances = by_instance(&receiver.targets());
    assert_eq!(instances.len(), 3, "{instances:?}");
    for (instance, heard) in instances {
        assert!(heard.len() == each && heard.is_sorted(), "{instance}: {heard:?}");
    }
}

#[tokio::test]
async fn what_is_pending_never_expires_and_what_is_completed_does() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.retry.deliveries = room.retry.deliveries.retaining(Duration::from_secs(7 * 24 * 60 * 60));
    room.configure("default", &[receiver.url("/")]).await;
    room.set(&receiver.url("/"), SettingsPatch { paused: Some(true), ..SettingsPatch::default() }).await;
    let records = room.inserts(20);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let items = room.items().await;
    assert!(items.len() == 20 && items.iter().all(|it| !it.contains_key("expiresAt")), "{:?}", items.first());

    room.set(&receiver.url("/"), SettingsPatch { paused: Some(false), ..SettingsPatch::default() }).await;
    room.wake(&receiver.url("/")).await;
    let now = Timestamp::now().as_second();
    for item in room.items().await {
        assert_eq!(text(&item, "status"), "delivered");
        let left: i64 = item["expiresAt"].as_n().unwrap().parse::<i64>().unwrap() - now;
        assert!((6 * DAY..=7 * DAY).contains(&left), "{left}");
    }
}

/// As a receiver of days of error pages, or one that is replayed again and again, makes it.
#[tokio::test]
async fn a_delivery_with_hundreds_of_attempts_and_large_bodies_is_kept_within_its_item() {
    let room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    let (event, endpoint) = (event(1, "p".to_owned()), endpoint(&receiver.url("/")));
    let failure = Some(Failure { reason: Reason::Status, detail: "answered 503 Service Unavailable".to_owned() });
    let attempt = |number: i64| Attempt {
        at: Timestamp::from_second(1_700_000_000 + number).unwrap(),
        status: Some(503),
        latency: Duration::from_millis(3),
        failure: failure.clone(),
        retry_after: None,
        body: "\u{fffd}".repeat(1365),
        headers: format!("x-large: {}\n", "x".repeat(MAX_HEADERS_BYTES - 10)),
    };
    let attempts: Attempts = (0..400).map(attempt).collect();
    let delivery =
        Delivery { event: &event, endpoint: &endpoint, status: Status::Pending, attempts, give_up_reason: None };
    let write = DeliveryWrite { delivery, storage: StorageState::Pending(Turn::Next), was: None };
    for written in room.fanout.deliveries.write(&[write], Timestamp::now(), Instant::now() + PLENTY).await {
        written.unwrap();
    }
    room.append(&endpoint, &Hold::Everything, &(0..16).collect()).await;
    room.wake(&receiver.url("/")).await;
    let item = room.items().await.swap_remove(0);
    assert_eq!((text(&item, "status"), item["attemptCount"].as_n().unwrap().as_str()), ("delivered", "401"));
    let attempts = item["attempts"].as_l().unwrap();
    let bodies = attempts.iter().filter(|it| it.as_m().unwrap().contains_key("body")).count();
    assert_eq!(
        (attempts.len(), bodies),
        (21, 2),
        "the first, the last 20, and the bodies of the last three that have one"
    );
    let (_, detail) = call(&api(&room), "GET", &format!("{DELIVERIES}/{}", text(&item, "deliveryID")), None).await;
    let numbers: Vec<_> =
        detail["attempts"].as_array().unwrap().iter().map(|it| it["number"].as_u64().unwrap()).collect();
    assert_eq!((numbers[0], numbers[1], numbers[20]), (1, 382, 401));
}

/// A receiver that is down, and a backlog of three changes of each of three instances.
async fn with_a_backlog() -> (Harness, Router, Receiver, Receiver) {
    let mut room = Harness::new().await;
    let (old, new) = (Receiver::new(Behaviour::Close).await, Receiver::healthy().await);
    let api = api(&room);
    assert_eq!(configure(&api, &[&old.url("/")], &[]).await.0, StatusCode::OK);
    let (status, body) =
        call(&api, "PATCH", &format!("{ENDPOINTS}/{}", endpoint(&old.url("/")).id), Some(json!({"maxPerSecond": 500})))
            .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let events = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&events, PLENTY).await.is_empty());
    assert_eq!(room.statuses().await["pending"], 9);
    (room, api, old, new)
}

fn event(number: usize, process_name: String) -> Event {
    Event {
        id: format!("event-{number}"),
        sequence_number: number.to_string(),
        event_type: EventType::Created,
        workspace: workspace_id("default"),
        instance_id: format!("i-{number}"),
        process_name,
        changed_at: Timestamp::from_second(1_700_000_000).unwrap(),
    }
}

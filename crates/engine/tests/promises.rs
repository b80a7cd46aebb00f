//! What is promised of everything that waits: for as long as it takes, beside a damaged item, through a changed URL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![allow(clippy::disallowed_methods, reason = "tests ask the machine for the time")]

use webhooks_test_support as support;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;
use webhooks_model::delivery::{Attempt, Attempts, Delivery, Failure, Reason, Status};
use webhooks_model::endpoint::{Endpoint, EndpointSettings, Health};
use webhooks_model::event::{Event, EventType};
use webhooks_store::{
    Append, DeliveriesStore, DeliveryWrite, Evidence, Hold, LogFilter, SettingsPatch, StorageState, StoreError, Turn,
};

use support::fault_proxy::{Fault, FaultProxy};
use support::harness::{At, Harness, PLENTY, QUIET, by_instance, endpoint, text, workspace_id};
use support::harness_api::{api, call};
use support::receiver::{Behaviour, Receiver};

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
    let id = format!("endpoint#{}", endpoint(&receiver.url()).id);
    edit(room, "default", &id, &[("appendingUntil", AttributeValue::N("1".into()))]).await;
    room.wake(&receiver.url()).await;
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
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.retry.deliveries = room.retry.deliveries.retaining(Duration::from_secs(7 * 24 * 60 * 60));
    room.configure("default", &[receiver.url()]).await;
    room.set(&receiver.url(), SettingsPatch { paused: Some(true), ..SettingsPatch::default() }).await;
    let records = room.inserts(20);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let items = room.items().await;
    assert!(items.len() == 20 && items.iter().all(|it| !it.contains_key("expiresAt")), "{:?}", items.first());

    room.set(&receiver.url(), SettingsPatch { paused: Some(false), ..SettingsPatch::default() }).await;
    room.wake(&receiver.url()).await;
    let now = Timestamp::now().as_second();
    for item in room.items().await {
        assert_eq!(text(&item, "status"), "delivered");
        let left: i64 = item["expiresAt"].as_n().unwrap().parse::<i64>().unwrap() - now;
        assert!((6 * DAY..=7 * DAY).contains(&left), "{left}");
    }
}

#[tokio::test]
async fn a_damaged_endpoint_record_holds_back_its_endpoint_alone() {
    let mut room = Harness::new().await;
    let (damaged, healthy) =
        (Receiver::start(Behaviour::Answer(200)).await, Receiver::start(Behaviour::Answer(200)).await);
    let other = Receiver::start(Behaviour::Answer(200)).await;
    room.be_patient();
    room.configure("default", &[damaged.url(), healthy.url()]).await;
    room.configure("other", &[other.url()]).await;
    let sk = format!("endpoint#{}", endpoint(&damaged.url()).id);
    let edits = [("paused", s("yes")), ("held", s("i-1")), ("appends", s("many")), ("health", s("resting"))];
    edit(&room, "default", &sk, &edits).await;

    let events = three_changes_each(&mut room, &["default", "other"]);
    assert!(room.batch(&events, PLENTY).await.is_empty(), "nothing comes again");
    heard_in_order(&healthy, 3);
    heard_in_order(&other, 3);
    room.wake(&damaged.url()).await;
    assert_eq!((damaged.count(), room.statuses().await["pending"]), (0, 9), "it is not known whether it is paused");
    let api = api(&room);
    let id = endpoint(&damaged.url()).id;
    let (_, body) = call(&api, "GET", &format!("{ENDPOINTS}/{id}"), None).await;
    assert_eq!(body["health"], json!({"state": "damaged", "attributes": ["health", "paused"]}), "{body}");

    let (status, body) = call(&api, "PATCH", &format!("{ENDPOINTS}/{id}"), Some(json!({"maxPerSecond": 500}))).await;
    assert_eq!(
        (status, &body["health"]["attributes"]),
        (StatusCode::OK, &json!(["health", "paused"])),
        "only what it names"
    );
    let new = "http://127.0.0.1:9/";
    let (status, body) = configure(&api, &[new, &healthy.url()], &[(new, &damaged.url())]).await;
    assert_eq!((status, &body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("replaces")), "{body}");

    let (status, body) = call(&api, "POST", &format!("{ENDPOINTS}/{id}/resume"), None).await;
    assert_eq!((status, &body["health"]["state"]), (StatusCode::ACCEPTED, &json!("healthy")));
    let (_, audit) = call(&api, "GET", "/v1/workspaces/default/audit", None).await;
    assert_eq!(audit["entries"][0]["from"]["damaged"], json!(["health", "paused"]), "{audit}");
    room.run_wake_ups(QUIET).await;
    heard_in_order(&damaged, 3);
}

#[tokio::test]
async fn damaged_callbacks_hold_back_their_workspace_alone_until_they_are_set_again() {
    let mut room = Harness::new().await;
    let (receiver, other) =
        (Receiver::start(Behaviour::Answer(200)).await, Receiver::start(Behaviour::Answer(200)).await);
    room.be_patient();
    room.configure("default", &[receiver.url()]).await;
    room.configure("other", &[other.url()]).await;
    edit(&room, "default", "callbacks", &[("created", s("http://a/"))]).await;

    let events = three_changes_each(&mut room, &["default", "other"]);
    assert!(room.batch(&events, PLENTY).await.is_empty(), "nothing comes again");
    heard_in_order(&other, 3);
    assert_eq!((receiver.count(), room.statuses().await["pending"]), (0, 9));
    let unrouted = Endpoint::unrouted();
    room.wake_id(&unrouted.id).await;
    assert_eq!(room.statuses().await["pending"], 9, "as long as it takes");

    let api = api(&room);
    let (status, body) = call(&api, "GET", CALLBACKS, None).await;
    assert_eq!(
        (status, &body["type"]),
        (StatusCode::INTERNAL_SERVER_ERROR, &json!("urn:instance-webhooks:problem:stored-data-damaged"))
    );
    assert_eq!(configure(&api, &[&receiver.url()], &[]).await.0, StatusCode::OK);
    let later = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 0, "later events do not overtake those that are kept");
    room.run_wake_ups(QUIET).await;
    heard_in_order(&receiver, 6);
    assert!(!room.fanout.endpoints.workspace(&workspace_id("default")).await.unwrap().is_unrouted());
    let last = [room.record("MODIFY", "i-0", "default")];
    assert!(room.batch(&last, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 19, "directly again");
}

#[tokio::test]
async fn nothing_is_sent_unsigned_and_nothing_lost_while_the_secret_cannot_be_read() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.be_patient();
    room.configure("default", &[receiver.url()]).await;
    let first = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&first, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 9);
    let secret = room.fanout.secrets.get(&workspace_id("default")).await.unwrap().unwrap().secrets.current.expose();
    edit(&room, "default", "signing-secret", &[("secret", s("no secret"))]).await;

    let second = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&second, PLENTY).await.is_empty());
    room.wake(&receiver.url()).await;
    assert_eq!((receiver.count(), room.statuses().await["pending"]), (9, 9));
    edit(&room, "default", "signing-secret", &[("secret", s(&secret))]).await;
    room.wake(&receiver.url()).await;
    heard_in_order(&receiver, 6);
}

#[tokio::test]
async fn a_damaged_delivery_is_left_where_it_is_and_the_others_are_made() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &[receiver.url()]).await;
    room.set(&receiver.url(), SettingsPatch { paused: Some(true), ..SettingsPatch::default() }).await;
    let records = room.inserts(20);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let mut damaged = room.items().await.swap_remove(0);
    damaged.insert("attempts".to_owned(), s("three"));
    room.client.put_item().table_name("Deliveries").set_item(Some(damaged)).send().await.unwrap();
    room.set(&receiver.url(), SettingsPatch { paused: Some(false), ..SettingsPatch::default() }).await;
    room.wake(&receiver.url()).await;
    assert_eq!(receiver.count(), 19);
    let page = room
        .fanout
        .deliveries
        .log(&workspace_id("default"), &LogFilter::default(), None, 50, &mut support::plenty())
        .await
        .unwrap();
    assert!(page.deliveries.len() >= 19, "the log of the others is read: {}", page.deliveries.len());
    assert!(!room.endpoint(&receiver.url()).await.has_queued(), "later events do not wait for it");
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

#[tokio::test]
async fn one_item_that_dynamodb_does_not_take_fails_alone() {
    let room = Harness::new().await;
    let endpoint = endpoint("http://a/");
    let process = |number| if number == 17 { "x".repeat(500 << 10) } else { "p".to_owned() };
    let events: Vec<_> = (0..40).map(|number| event(number, process(number))).collect();
    let write = |event| {
        let (status, attempts) = (Status::Pending, Attempts::default());
        let delivery = Delivery { event, endpoint: &endpoint, status, attempts, give_up_reason: None };
        DeliveryWrite { delivery, storage: StorageState::Pending(Turn::Next), was: None }
    };
    let writes: Vec<_> = events.iter().map(write).collect();
    let written = room.fanout.deliveries.write(&writes, Timestamp::now(), Instant::now() + PLENTY).await;
    let failed: Vec<_> = (0..40).filter(|number| written[*number].is_err()).collect();
    assert_eq!(failed, [17]);
    assert!(matches!(written[17], Err(StoreError::Invalid { .. })), "{:?}", written[17]);
    assert_eq!(room.items().await.len(), 39);
}

/// As a receiver of days of error pages, or one that is replayed again and again, makes it.
#[tokio::test]
async fn a_delivery_with_hundreds_of_attempts_and_large_bodies_is_kept_within_its_item() {
    let room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &[receiver.url()]).await;
    let (event, endpoint) = (event(1, "p".to_owned()), endpoint(&receiver.url()));
    let failure = Some(Failure { reason: Reason::Status, detail: "answered 503 Service Unavailable".to_owned() });
    let attempt = |number: i64| Attempt {
        at: Timestamp::from_second(1_700_000_000 + number).unwrap(),
        status: Some(503),
        latency: Duration::from_millis(3),
        failure: failure.clone(),
        retry_after: None,
        body: "\u{fffd}".repeat(1365),
    };
    let attempts: Attempts = (0..400).map(attempt).collect();
    let delivery =
        Delivery { event: &event, endpoint: &endpoint, status: Status::Pending, attempts, give_up_reason: None };
    let write = DeliveryWrite { delivery, storage: StorageState::Pending(Turn::Next), was: None };
    for written in room.fanout.deliveries.write(&[write], Timestamp::now(), Instant::now() + PLENTY).await {
        written.unwrap();
    }
    room.append(&endpoint, &Hold::Everything, &(0..16).collect()).await;
    room.wake(&receiver.url()).await;
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
    room.be_patient();
    let (old, new) = (Receiver::start(Behaviour::Close).await, Receiver::start(Behaviour::Answer(200)).await);
    let api = api(&room);
    assert_eq!(configure(&api, &[&old.url()], &[]).await.0, StatusCode::OK);
    let (status, body) =
        call(&api, "PATCH", &format!("{ENDPOINTS}/{}", endpoint(&old.url()).id), Some(json!({"maxPerSecond": 500})))
            .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let events = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&events, PLENTY).await.is_empty());
    assert_eq!(room.statuses().await["pending"], 9);
    (room, api, old, new)
}

#[tokio::test]
async fn a_url_that_replaces_another_takes_its_backlog_and_settings_along_in_order() {
    let (mut room, api, old, new) = with_a_backlog().await;
    let (status, body) = configure(&api, &[&new.url()], &[(&new.url(), &old.url())]).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let later = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(new.count(), 0, "later events queue behind what is pending for the old URL");
    room.run_wake_ups(QUIET).await;
    heard_in_order(&new, 6);
    assert_eq!(old.count(), 0, "{:?}", old.targets());
    let record = room.endpoint(&new.url()).await;
    assert_eq!(
        (record.settings.max_per_second, record.health, record.has_queued()),
        (Some(500), Health::default(), false)
    );
    a_minute_later(&room, &old).await;
    assert_eq!((records(&room).await, room.statuses().await), (1, HashMap::from([("delivered".to_owned(), 18)])));
    let (_, page) = call(&api, "GET", "/v1/workspaces/default/audit", None).await;
    assert!(page.to_string().contains("replaces"), "{page}");
}

#[tokio::test]
async fn a_move_that_is_interrupted_goes_on_and_what_comes_late_for_the_old_url_follows() {
    let (mut room, api, old, new) = with_a_backlog().await;
    assert_eq!(configure(&api, &[&new.url()], &[(&new.url(), &old.url())]).await.0, StatusCode::OK);
    let proxy = FaultProxy::start(&room.address).await;
    let deliveries = room.retry.deliveries.clone();
    room.retry.deliveries = DeliveriesStore::new(proxy.client(), "Deliveries");
    proxy.inject("BatchWriteItem", Fault::InternalError);
    let wake_up = room.due(&endpoint(&new.url()).id).await;
    assert!(room.retry.wake(&wake_up, Instant::now() + PLENTY).await.is_err());
    assert_eq!((room.statuses().await["pending"], new.count()), (9, 0));
    room.retry.deliveries = deliveries;
    // The interrupted drain has left its lease of the old endpoint to end by itself.
    edit(
        &room,
        "default",
        &format!("endpoint#{}", endpoint(&old.url()).id),
        &[("leaseUntil", AttributeValue::N("1".into()))],
    )
    .await;
    room.wake(&new.url()).await;
    heard_in_order(&new, 3);
    // Without a rate, events are sent by their batch if nothing waits.
    let path = format!("{ENDPOINTS}/{}", endpoint(&new.url()).id);
    assert_eq!(call(&api, "PATCH", &path, Some(json!({"maxPerSecond": null}))).await.0, StatusCode::OK);
    room.run_wake_ups(QUIET).await;

    // A batch that read the callbacks before the change keeps something for the old URL.
    let old_endpoint = endpoint(&old.url());
    let late = event(99, "000099".to_owned());
    room.append(&old_endpoint, &Hold::Everything, &(0..16).collect()).await;
    room.put_pending(&late, &old_endpoint, Turn::Next).await;
    let later = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(new.count(), 9, "later events queue behind what came late for the old URL");
    room.wake(&old.url()).await;
    room.run_wake_ups(QUIET).await;
    a_minute_later(&room, &old).await;
    assert_eq!((new.count(), old.count(), records(&room).await), (19, 0, 1));
}

/// A batch counts what it keeps for a URL, dies, and its rows are there once that has been emptied for the URL that replaces it.
#[tokio::test]
async fn what_a_dead_batch_has_left_for_a_replaced_url_follows() {
    let mut room = Harness::new().await;
    let (old, new) = (Receiver::start(Behaviour::Answer(200)).await, Receiver::start(Behaviour::Answer(200)).await);
    let api = api(&room);
    configure(&api, &[&old.url()], &[]).await;
    let (late, old_endpoint) = (event(7, "000007".to_owned()), endpoint(&old.url()));
    let (hold, partitions) = (&Hold::Everything, &(0..16).collect());
    let append = Append { hold, partitions, evidence: Evidence::default(), begins: Some(Timestamp::now()) };
    room.retry.endpoints.append(&workspace_id("default"), &old_endpoint, append).await.unwrap();
    configure(&api, &[&new.url()], &[(&new.url(), &old.url())]).await;
    room.run_wake_ups(QUIET).await;
    let record = room.endpoint(&old.url()).await;
    assert!(!record.has_pending() && record.wake_at == record.appending_until, "{record:?}");

    room.put_pending(&late, &old_endpoint, Turn::Next).await;
    let later = record.appending_until.unwrap() + Duration::from_secs(60);
    room.retry.world = Arc::new(At(later));
    assert_eq!(room.retry.sweep(later).await.unwrap(), 2, "each is looked at once more");
    room.run_wake_ups(QUIET).await;
    assert_eq!((old.count(), new.count(), room.statuses().await["delivered"]), (0, 1, 1));
}

#[tokio::test]
async fn a_replacement_that_cannot_be_is_rejected_whole() {
    let (room, api, old, new) = with_a_backlog().await;
    for (urls, pair) in [
        (vec![new.url()], (new.url(), "http://never/".to_owned())),
        (vec![new.url(), old.url()], (new.url(), old.url())),
        (vec![new.url()], ("http://unlisted/".to_owned(), old.url())),
        (vec![new.url()], ("no url".to_owned(), old.url())),
    ] {
        let urls: Vec<_> = urls.iter().map(String::as_str).collect();
        let (status, body) = configure(&api, &urls, &[(&pair.0, &pair.1)]).await;
        assert_eq!((status, &body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("replaces")), "{body}");
        assert!(body["detail"].as_str().unwrap().starts_with("nothing was changed"), "{body}");
    }
    let (_, callbacks) = call(&api, "GET", CALLBACKS, None).await;
    assert_eq!((&callbacks["version"], &callbacks["created"]["urls"]), (&json!(1), &json!([old.url()])));
    assert_eq!(room.statuses().await["pending"], 9);
}

#[tokio::test]
async fn a_url_that_is_removed_and_added_again_begins_as_never_called() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(410)).await;
    let api = api(&room);
    configure(&api, &[&receiver.url()], &[]).await;
    let gone = [room.record("INSERT", "i-0", "default")];
    assert!(room.batch(&gone, PLENTY).await.is_empty());
    assert!(matches!(room.endpoint(&receiver.url()).await.health, Health::Disabled { .. }));
    let path = format!("{ENDPOINTS}/{}", endpoint(&receiver.url()).id);
    call(&api, "PATCH", &path, Some(json!({"paused": true, "processNames": ["x"], "maxPerSecond": 1}))).await;
    // What was pending fails, as the endpoint is disabled, before it is removed.
    room.wake(&receiver.url()).await;

    assert_eq!(call(&api, "DELETE", CALLBACKS, None).await.0, StatusCode::NO_CONTENT);
    room.run_wake_ups(QUIET).await;
    assert_eq!(records(&room).await, 1, "something may still be on its way to the backlog");
    a_minute_later(&room, &receiver).await;
    assert_eq!(records(&room).await, 0, "an endpoint that is not configured is forgotten");
    receiver.reset_to(Behaviour::Answer(200));
    configure(&api, &[&receiver.url()], &[]).await;
    let created = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&created, PLENTY).await.is_empty());
    heard_in_order(&receiver, 3);
}

#[tokio::test]
async fn a_url_that_is_added_again_while_its_record_is_left_begins_as_never_called() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(410)).await;
    let api = api(&room);
    configure(&api, &[&receiver.url()], &[]).await;
    let gone = [room.record("INSERT", "i-0", "default")];
    assert!(room.batch(&gone, PLENTY).await.is_empty());
    let path = format!("{ENDPOINTS}/{}", endpoint(&receiver.url()).id);
    call(&api, "PATCH", &path, Some(json!({"paused": true, "processNames": ["x"], "maxPerSecond": 1}))).await;

    // The drain that forgets it has not run yet.
    assert_eq!(call(&api, "DELETE", CALLBACKS, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(records(&room).await, 1);
    receiver.reset_to(Behaviour::Answer(200));
    configure(&api, &[&receiver.url()], &[]).await;
    let created = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&created, PLENTY).await.is_empty());
    room.run_wake_ups(QUIET).await;
    assert_eq!(receiver.count(), 10, "with the one that is pending still: {:?}", receiver.targets());
    let record = room.endpoint(&receiver.url()).await;
    assert_eq!((record.settings, record.health), (EndpointSettings::default(), Health::default()));
}

#[tokio::test]
async fn of_forty_rotated_urls_one_record_is_left() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    let api = api(&room);
    for token in 0..40 {
        configure(&api, &[&format!("{}?token={token}", receiver.url())], &[]).await;
        let event = [room.record("INSERT", &format!("i-{token}"), "default")];
        assert!(room.batch(&event, PLENTY).await.is_empty());
    }
    assert_eq!((receiver.count(), records(&room).await), (40, 1));
}

#[tokio::test]
async fn deliveries_of_a_removed_url_are_replayed_to_another() {
    let (mut room, api, old, new) = with_a_backlog().await;
    configure(&api, &[&new.url()], &[]).await;
    room.run_wake_ups(QUIET).await;
    assert_eq!(room.statuses().await, HashMap::from([("failed".to_owned(), 9)]), "that is what leaving it out means");
    let to = endpoint(&new.url()).id;
    let filter = |to: &str| json!({"status": "failed", "endpointID": endpoint(&old.url()).id.as_str(), "to": to});
    let (status, body) = call(&api, "POST", &format!("{DELIVERIES}/replay"), Some(filter(&"0".repeat(32)))).await;
    assert_eq!((status, &body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("to")), "{body}");

    let (_, page) = call(&api, "GET", &format!("{DELIVERIES}?instanceID=i-0&limit=200"), None).await;
    let first = page["deliveries"].as_array().unwrap().last().unwrap()["deliveryID"].as_str().unwrap().to_owned();
    let one = format!("{DELIVERIES}/{first}/replay");
    assert_eq!(call(&api, "POST", &one, None).await.0, StatusCode::CONFLICT);
    let (status, body) = call(&api, "POST", &one, Some(json!({"to": to.as_str()}))).await;
    assert_eq!((status, &body["url"]), (StatusCode::ACCEPTED, &json!(new.url())), "{body}");
    let (status, body) = call(&api, "POST", &format!("{DELIVERIES}/replay"), Some(filter(to.as_str()))).await;
    assert_eq!((status, &body["replayed"]), (StatusCode::ACCEPTED, &json!(8)), "{body}");
    room.run_wake_ups(QUIET).await;
    heard_in_order(&new, 3);
    assert_eq!(room.statuses().await, HashMap::from([("delivered".to_owned(), 9)]));
}

//! The fan-out on a real engine and real receivers: what is reported back, what is kept, and what bounds a batch.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![allow(clippy::disallowed_methods, reason = "tests ask the machine for the time")]

use jiff::Timestamp;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::fault_proxy::{Fault, FaultProxy};
use support::harness::{
    HOLD, Harness, PLENTY, QUIET, TIMEOUT, author, by_instance, endpoint, sender, text, workspace_id,
};
use support::receiver::{Behaviour, Receiver};
use tokio::time::Instant;
use webhooks_engine::fanout::{FanoutSettings, Log};
use webhooks_model::audit::Action;
use webhooks_model::audit::{Actor, Entry, Filter};
use webhooks_model::endpoint::{Health, MAX_HELD};
use webhooks_model::event::InstanceKey;
use webhooks_model::signing::{EndpointSecret, SigningSecrets};
use webhooks_store::{AuditStore, DeliveriesStore, EndpointsStore, SecretsStore};
use webhooks_test_support as support;

mod log;
mod misses;
mod reported_back;
mod secret_headers;
mod signing;
mod subscription;
mod uncounted;

#[tokio::test]
async fn an_endpoint_that_hangs_holds_neither_others_nor_the_batch() {
    let mut room = Harness::new().await;
    let healthy = Receiver::healthy().await;
    let hanging = Receiver::new(Behaviour::Hang).await;
    room.configure("default", &[hanging.url("/"), healthy.url("/")]).await;
    room.fanout.settings.hold = PLENTY;

    let records = room.inserts(200);
    let mut answered = None;
    room.acknowledge(&records, PLENTY, |_| answered = Some(healthy.count())).await;
    assert_eq!(answered, Some(200), "all of the others were called before the batch was acknowledged");
    // No more than the first window, and what starts as the first four of it are missed.
    assert!(hanging.count() <= 8 + 4, "{}", hanging.count());
    let statuses = room.statuses().await;
    assert_eq!((statuses["pending"], statuses["delivered"]), (200, 200));
    let tried = room.items().await;
    let tried = tried.iter().filter(|it| text(it, "status") == "pending" && it["attemptCount"].as_n().unwrap() == "1");
    assert_eq!(tried.count(), hanging.count(), "each attempt is kept with its delivery");
}

/// Attempts end after [`TIMEOUT`] only, and the batch is acknowledged before the first of them has.
#[tokio::test]
async fn a_batch_is_acknowledged_while_attempts_are_in_flight_and_these_are_settled() {
    let mut room = Harness::new().await;
    let slow = Receiver::healthy().await;
    slow.turn(Behaviour::slow(4 * HOLD));
    room.configure("default", &[slow.url("/")]).await;
    let records = [room.record("INSERT", "a", "default"), room.record("MODIFY", "a", "default")];
    let (client, url) = (room.client.clone(), slow.url("/"));
    let (handed_over, seen) = tokio::sync::oneshot::channel();
    let batch = room.acknowledge(&records, PLENTY, |reported| {
        assert!(reported.is_empty());
        handed_over.send(slow.count()).unwrap();
    });
    let look = async {
        let called = seen.await.unwrap();
        let items = client.scan().table_name("Deliveries").send().await.unwrap().items.unwrap();
        let record = EndpointsStore::new(client, "Webhooks").get(&workspace_id("default"), &endpoint(&url).id).await;
        (called, items, record.unwrap())
    };
    let (_, (called, items, record)) = tokio::join!(batch, look);
    assert_eq!((called, items.len()), (1, 2), "the second waits behind the first");
    let in_flight: Vec<_> = items.iter().filter(|item| item.contains_key("inFlight")).collect();
    assert_eq!((in_flight.len(), text(in_flight[0], "status")), (1, "pending"));
    assert_eq!(record.held.into_iter().collect::<Vec<_>>(), [InstanceKey::new("a")]);

    assert_eq!(room.statuses().await, HashMap::from([("delivered".to_owned(), 1), ("pending".to_owned(), 1)]));
    room.run_wake_ups(QUIET).await;
    assert_eq!(by_instance(&slow.targets())["a"], ["000001", "000002"]);
    assert_eq!(slow.attempts(), [1, 1], "once each");
    let record = room.endpoint(&slow.url("/")).await;
    assert!(!record.has_queued() && record.wake_at == record.appending_until, "{record:?}");
}

#[tokio::test]
async fn when_one_delivery_of_an_instance_fails_the_later_ones_wait_behind_it() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(500)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = ["INSERT", "MODIFY", "REMOVE"].map(|name| room.record(name, "i", "default"));
    assert!(room.batch(&records, PLENTY).await.is_empty());

    let mut kept = room.items().await;
    kept.sort_by(|a, b| text(a, "sk").cmp(text(b, "sk")));
    let attempts: Vec<_> = kept.iter().map(|item| item["attempts"].as_l().unwrap().len()).collect();
    assert_eq!(attempts, [2, 0, 0]);
    let attempt = kept[0]["attempts"].as_l().unwrap()[0].as_m().unwrap();
    assert_eq!((text(attempt, "reason"), kept[0]["pk"] == kept[2]["pk"]), ("status", true));
    assert_eq!(
        (text(&kept[0], "eventID"), text(&kept[0], "eventType"), text(&kept[0], "instanceID")),
        ("event-1", "created", "i")
    );
}

#[tokio::test]
async fn the_events_of_an_instance_arrive_in_order_while_others_interleave() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    receiver.turn(Behaviour::slow(Duration::from_millis(1)));
    room.configure("default", &[receiver.url("/")]).await;
    room.fanout.settings.hold = PLENTY;
    let records: Vec<_> = (0..300).map(|i| room.record("MODIFY", &format!("i-{}", i % 7), "default")).collect();
    assert!(room.batch(&records, PLENTY).await.is_empty());

    assert_eq!(receiver.count(), 300);
    for (instance, sequence) in by_instance(&receiver.targets()) {
        assert!(sequence.is_sorted(), "{instance}: {sequence:?}");
    }
}

#[tokio::test]
async fn attempts_in_flight_are_bounded_per_endpoint_and_in_total() {
    let mut room = Harness::new().await;
    let (one, two) = (Receiver::healthy().await, Receiver::healthy().await);
    one.turn(Behaviour::slow(Duration::from_millis(5)));
    two.turn(Behaviour::slow(Duration::from_millis(5)));
    room.configure("default", &[one.url("/"), two.url("/")]).await;
    room.fanout.sender = Arc::new(sender(40));
    room.fanout.settings =
        FanoutSettings { hold: PLENTY, max_in_flight_per_endpoint: 16, log: Log::None, ..FanoutSettings::default() };
    let records = room.inserts(200);
    assert!(room.batch(&records, PLENTY).await.is_empty());

    assert_eq!((one.count(), two.count()), (200, 200));
    assert!(one.log().most_open <= 16 && two.log().most_open <= 16, "{}, {}", one.log().most_open, two.log().most_open);
    assert!(one.log().most_open > 8 || two.log().most_open > 8, "the window opens as an endpoint answers");
    assert!(room.items().await.is_empty(), "what was delivered is not kept when it is not to be logged");
}

#[tokio::test]
async fn a_function_that_has_no_time_left_starts_nothing_and_keeps_everything() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(60);
    assert!(room.batch(&records, TIMEOUT + Duration::from_secs(3)).await.is_empty());
    assert_eq!((receiver.count(), room.statuses().await["pending"]), (0, 60));
}

//! The fan-out on a real engine and real receivers: what is reported back, what is kept, and what bounds a batch.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![allow(clippy::disallowed_methods, reason = "tests ask the machine for the time")]

use webhooks_test_support as support;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;
use webhooks_engine::fanout::{FanoutSettings, Log};
use webhooks_model::audit::Action;
use webhooks_model::audit::{Actor, Filter};
use webhooks_model::endpoint::{Health, MAX_HELD};
use webhooks_model::event::InstanceKey;
use webhooks_store::{AuditStore, DeliveriesStore, EndpointsStore, SecretsStore};

use support::fault_proxy::{Fault, FaultProxy};
use support::harness::{
    HOLD, Harness, PLENTY, QUIET, TIMEOUT, author, by_instance, endpoint, sender, text, workspace_id,
};
use support::receiver::{Behaviour, Receiver, Signed};

#[tokio::test]
async fn an_endpoint_that_hangs_holds_neither_others_nor_the_batch() {
    let mut room = Harness::new().await;
    let healthy = Receiver::start(Behaviour::Answer(200)).await;
    let hanging = Receiver::start(Behaviour::Hang).await;
    room.configure("default", &[hanging.url(), healthy.url()]).await;
    room.fanout.settings.hold = PLENTY;
    room.be_patient();

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
    let slow = Receiver::start(Behaviour::Answer(200)).await;
    room.be_patient();
    slow.takes(4 * HOLD);
    room.configure("default", &[slow.url()]).await;
    let records = [room.record("INSERT", "a", "default"), room.record("MODIFY", "a", "default")];
    let (client, url) = (room.client.clone(), slow.url());
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
    assert_eq!(slow.attempts(), ["1", "1"], "once each");
    let record = room.endpoint(&slow.url()).await;
    assert!(!record.has_queued() && record.wake_at == record.appending_until, "{record:?}");
}

#[tokio::test]
async fn one_miss_is_retried_right_away_and_holds_nothing_but_its_instance() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    let missed = AtomicBool::new(false);
    receiver.decides(move |target| {
        let first = target.contains("instanceID=bad&") && !missed.swap(true, Ordering::SeqCst);
        if first { Behaviour::Answer(503) } else { Behaviour::Answer(200) }
    });
    room.configure("default", &[receiver.url()]).await;
    let mut records = room.inserts(5);
    records.push(room.record("INSERT", "bad", "default"));
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 7);
    assert_eq!(receiver.attempts()[6], "2");
    assert_eq!(room.statuses().await, HashMap::from([("delivered".to_owned(), 6)]));
    let record = room.endpoint(&receiver.url()).await;
    assert!(!record.has_queued() && record.health == Health::default(), "{record:?}");
}

#[tokio::test]
async fn events_of_a_held_instance_queue_and_all_others_go_on_directly() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    receiver.decides(|target| Behaviour::Answer(if target.contains("instanceID=bad&") { 500 } else { 200 }));
    room.configure("default", &[receiver.url()]).await;
    let first = [room.record("INSERT", "bad", "default"), room.record("INSERT", "good", "default")];
    assert!(room.batch(&first, PLENTY).await.is_empty());
    let record = room.endpoint(&receiver.url()).await;
    assert!(matches!(record.health, Health::Healthy { .. }) && !record.has_backlog, "{record:?}");
    assert_eq!(record.held.into_iter().collect::<Vec<_>>(), [InstanceKey::new("bad")]);

    receiver.reset_to(Behaviour::Answer(200));
    let later = [room.record("MODIFY", "bad", "default"), room.record("MODIFY", "good", "default")];
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(by_instance(&receiver.targets()).into_keys().collect::<Vec<_>>(), ["good"], "it does not overtake");
    room.run_wake_ups(QUIET).await;
    assert_eq!(by_instance(&receiver.targets())["bad"], ["000001", "000003"]);
    let record = room.endpoint(&receiver.url()).await;
    assert!(!record.has_queued() && record.wake_at == record.appending_until, "{record:?}");
}

#[tokio::test]
async fn more_held_instances_than_the_record_holds_hold_everything() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    receiver.decides(
        |target| if target.contains("instanceID=i-") { Behaviour::Answer(422) } else { Behaviour::Answer(200) },
    );
    room.fanout.health.rejections_to_fail = u32::MAX;
    room.configure("default", &[receiver.url()]).await;
    let mut records = room.inserts(MAX_HELD + 1);
    records.push(room.record("INSERT", "good", "default"));
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let record = room.endpoint(&receiver.url()).await;
    assert!(record.has_backlog && record.held.is_empty(), "{record:?}");
    receiver.reset_to(Behaviour::Answer(200));
    let later = [room.record("MODIFY", "good", "default")];
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 0, "it queues with the rest");
    room.run_wake_ups(QUIET).await;
    assert_eq!(receiver.count(), MAX_HELD + 2);
    assert!(!room.endpoint(&receiver.url()).await.has_queued());
}

#[tokio::test]
async fn five_different_misses_in_a_row_make_an_endpoint_failing_and_it_is_not_called_any_more() {
    let mut room = Harness::new().await;
    let closing = Receiver::start(Behaviour::Close).await;
    room.configure("default", &[closing.url()]).await;
    let records = room.inserts(500);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let in_batch = closing.count();
    assert!((5..=2 * 8).contains(&in_batch), "what was in flight, and a retry of each: {in_batch}");
    let record = room.endpoint(&closing.url()).await;
    assert!(matches!(record.health, Health::Failing { failed_probes: 0, .. }) && record.has_backlog, "{record:?}");

    let records = room.inserts(500);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert_eq!(closing.count(), in_batch, "the next batch goes to the backlog whole");
    assert_eq!(room.statuses().await["pending"], 1000);
}

#[tokio::test]
async fn misses_of_different_batches_count_together_until_one_is_acknowledged() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(503)).await;
    room.configure("default", &[receiver.url()]).await;
    let mut health = Vec::new();
    for number in 0..6 {
        let name = format!("i-{number}");
        let records = [room.record("INSERT", &name, "default")];
        receiver.now(Behaviour::Answer(if number == 0 { 200 } else { 503 }));
        assert!(room.batch(&records, PLENTY).await.is_empty());
        health.push(match room.endpoint(&receiver.url()).await.health {
            Health::Healthy { misses, .. } => Some(misses),
            Health::Failing { .. } | Health::Disabled { .. } => None,
        });
    }
    assert_eq!(health, [Some(0), Some(1), Some(2), Some(3), Some(4), None]);
}

#[tokio::test]
async fn an_endpoint_that_is_regularly_late_is_slow_and_its_drain_delivers() {
    let mut room = Harness::new().await;
    let (slow, fast) = (Receiver::start(Behaviour::Answer(200)).await, Receiver::start(Behaviour::Answer(200)).await);
    room.be_patient();
    slow.takes(2 * HOLD);
    room.configure("default", &[slow.url(), fast.url()]).await;
    for number in 0..4 {
        let records = [room.record("INSERT", &format!("i-{number}"), "default")];
        assert!(room.batch(&records, PLENTY).await.is_empty());
    }
    assert_eq!((slow.count(), fast.count()), (3, 4), "the fourth is left to the drain");
    let record = room.endpoint(&slow.url()).await;
    assert!(record.is_slow() && record.has_backlog && matches!(record.health, Health::Healthy { .. }), "{record:?}");
    assert!(!room.endpoint(&fast.url()).await.is_slow());

    slow.takes(Duration::ZERO);
    let records = (4..40).map(|number| room.record("INSERT", &format!("i-{number}"), "default")).collect::<Vec<_>>();
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.run_wake_ups(QUIET).await;
    assert_eq!(slow.count(), 40);
    let record = room.endpoint(&slow.url()).await;
    assert!(!record.is_slow() && !record.has_queued(), "it is fast again: {record:?}");
}

#[tokio::test]
async fn exactly_the_records_whose_delivery_could_not_be_kept_come_again() {
    let mut room = Harness::new().await;
    let healthy = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("healthy", &[healthy.url()]).await;
    room.configure("broken", &["http://127.0.0.1:1/".to_owned()]).await;
    room.fanout.deliveries = DeliveriesStore::new(room.client.clone(), "NoSuchTable");

    let workspaces = ["healthy", "broken", "healthy", "broken", "unconfigured"];
    let records: Vec<_> = workspaces
        .iter()
        .enumerate()
        .map(|(i, workspace)| room.record("INSERT", &format!("i-{i}"), workspace))
        .collect();
    assert_eq!(room.batch(&records, PLENTY).await, ["1002", "1004"]);
}

#[tokio::test]
async fn when_the_callbacks_cannot_be_read_every_readable_record_comes_again_and_nothing_is_sent() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &[receiver.url()]).await;
    room.fanout.endpoints = EndpointsStore::new(room.client.clone(), "NoSuchTable");
    let mut records = room.inserts(3);
    records[1] = json!({"eventID": "junk"});
    assert_eq!(room.batch(&records, PLENTY).await, ["1001", "1003"]);
    assert_eq!((receiver.count(), room.items().await.len()), (0, 0));
}

#[tokio::test]
async fn when_one_delivery_of_an_instance_fails_the_later_ones_wait_behind_it() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(500)).await;
    room.configure("default", &[receiver.url()]).await;
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
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    receiver.takes(Duration::from_millis(1));
    room.configure("default", &[receiver.url()]).await;
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
    let (one, two) = (Receiver::start(Behaviour::Answer(200)).await, Receiver::start(Behaviour::Answer(200)).await);
    one.takes(Duration::from_millis(5));
    two.takes(Duration::from_millis(5));
    room.configure("default", &[one.url(), two.url()]).await;
    room.fanout.sender = Arc::new(sender(40));
    room.fanout.settings =
        FanoutSettings { hold: PLENTY, max_in_flight_per_endpoint: 16, log: Log::None, ..FanoutSettings::default() };
    let records = room.inserts(200);
    assert!(room.batch(&records, PLENTY).await.is_empty());

    assert_eq!((one.count(), two.count()), (200, 200));
    assert!(one.most_open() <= 16 && two.most_open() <= 16, "{}, {}", one.most_open(), two.most_open());
    assert!(one.most_open() > 8 || two.most_open() > 8, "the window opens as an endpoint answers");
    assert!(room.items().await.is_empty(), "what was delivered is not kept when it is not to be logged");
}

#[tokio::test]
async fn a_function_that_has_no_time_left_starts_nothing_and_keeps_everything() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &[receiver.url()]).await;
    let records = room.inserts(60);
    assert!(room.batch(&records, TIMEOUT + Duration::from_secs(3)).await.is_empty());
    assert_eq!((receiver.count(), room.statuses().await["pending"]), (0, 60));
}

#[tokio::test]
async fn a_batch_that_comes_again_replaces_what_it_kept_before() {
    let mut room = Harness::new().await;
    room.configure("default", &["http://127.0.0.1:1/".to_owned()]).await;
    let records = room.inserts(30);
    for _ in 0..2 {
        assert!(room.batch(&records, PLENTY).await.is_empty());
    }
    assert_eq!(room.items().await.len(), 30);
}

#[tokio::test]
async fn when_an_endpoint_cannot_be_told_of_its_backlog_its_records_come_again() {
    let mut room = Harness::new().await;
    let healthy = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &["http://127.0.0.1:1/".to_owned()]).await;
    room.configure("healthy", &[healthy.url()]).await;
    let records = [room.record("INSERT", "a", "default"), room.record("INSERT", "b", "healthy")];
    let proxy = FaultProxy::start(&room.address).await;
    room.fanout.endpoints = EndpointsStore::new(proxy.client(), "Webhooks");
    proxy.inject("UpdateItem", Fault::InternalError);
    assert_eq!(room.batch(&records, PLENTY).await, ["1001"]);
    proxy.heal();
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert!(room.endpoint("http://127.0.0.1:1/").await.has_queued());
}

#[tokio::test]
async fn a_dynamodb_that_refuses_writes_fails_exactly_what_could_not_be_kept_and_nothing_is_lost_once_it_heals() {
    for how in [Fault::Throttle, Fault::InternalError, Fault::Reset] {
        let mut room = Harness::new().await;
        let healthy = Receiver::start(Behaviour::Answer(200)).await;
        room.configure("default", &["http://127.0.0.1:1/".to_owned()]).await;
        room.configure("healthy", &[healthy.url()]).await;
        let records = [
            room.record("INSERT", "a", "default"),
            room.record("INSERT", "b", "healthy"),
            room.record("INSERT", "c", "default"),
        ];
        let proxy = FaultProxy::start(&room.address).await;
        room.fanout.deliveries = DeliveriesStore::new(proxy.client(), "Deliveries");
        proxy.inject("BatchWriteItem", how);
        assert_eq!(room.batch(&records, PLENTY).await, ["1001", "1003"], "{how:?}");
        assert_eq!((healthy.count(), room.items().await.len()), (1, 0));
        proxy.heal();
        assert!(room.batch(&records, PLENTY).await.is_empty(), "{how:?}");
        assert_eq!(room.statuses().await["pending"], 2);
    }
}

#[tokio::test]
async fn what_a_batch_reports_back_it_attempts_no_more() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(500)).await;
    room.configure("default", &[receiver.url()]).await;
    let records = [room.record("INSERT", "i", "default")];
    let proxy = FaultProxy::start(&room.address).await;
    room.fanout.deliveries = DeliveriesStore::new(proxy.client(), "Deliveries");
    proxy.inject("BatchWriteItem", Fault::InternalError);
    assert_eq!(room.batch(&records, PLENTY).await, ["1001"]);
    assert_eq!(receiver.attempts(), ["1"], "its inline retry would be a second one");
}

#[tokio::test]
async fn a_function_that_dies_before_its_answer_leaves_nothing_waiting_of_which_nobody_knows() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(500)).await;
    room.configure("default", &[receiver.url()]).await;
    let records = [room.record("INSERT", "i", "default")];
    let proxy = FaultProxy::start(&room.address).await;
    room.fanout.deliveries = DeliveriesStore::new(proxy.client(), "Deliveries");
    proxy.inject("BatchWriteItem", Fault::InternalError);
    assert_eq!(room.batch(&records, PLENTY).await, ["1001"]);
    assert!(room.endpoint(&receiver.url()).await.has_queued(), "the flag comes before what it stands for");
    proxy.heal();
    receiver.now(Behaviour::Answer(200));
    assert!(room.batch(&records, PLENTY).await.is_empty(), "the batch comes again");
    room.run_wake_ups(Duration::from_millis(600)).await;
    let statuses = room.statuses().await;
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), [("delivered".to_owned(), 1)], "once, and nothing waits");
}

#[tokio::test]
async fn a_record_that_comes_twice_within_a_batch_is_kept_once() {
    let mut room = Harness::new().await;
    room.configure("default", &["http://127.0.0.1:1/".to_owned()]).await;
    let mut records = room.inserts(2);
    records.push(records[0].clone());
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert_eq!(
        room.statuses().await["pending"],
        2,
        "DynamoDB would have refused a key that comes twice, and all with it"
    );
}

#[tokio::test]
async fn what_dynamodb_leaves_unprocessed_is_written_again_until_it_is_or_time_is_up() {
    let mut room = Harness::new().await;
    room.configure("default", &["http://127.0.0.1:1/".to_owned()]).await;
    let proxy = FaultProxy::start(&room.address).await;
    room.fanout.deliveries = DeliveriesStore::new(proxy.client(), "Deliveries");
    proxy.inject("BatchWriteItem", Fault::Unprocessed);
    let records = room.inserts(60);
    let healed = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        proxy.heal();
    };
    let (reported, ()) = tokio::join!(room.batch(&records, PLENTY), healed);
    assert!(reported.is_empty());
    assert_eq!(room.statuses().await["pending"], 60);

    proxy.inject("BatchWriteItem", Fault::Unprocessed);
    let records = room.inserts(30);
    let begun = Instant::now();
    assert_eq!(room.batch(&records, Duration::from_secs(3)).await.len(), 30, "none of them is kept");
    assert!(begun.elapsed() < Duration::from_secs(3), "and the function answers before its time is up");
}

#[tokio::test]
async fn an_administrators_change_at_the_same_moment_makes_no_record_come_again() {
    let mut room = Harness::new().await;
    room.configure("default", &["http://127.0.0.1:1/".to_owned()]).await;
    let proxy = FaultProxy::start(&room.address).await;
    room.fanout.endpoints = EndpointsStore::new(proxy.client(), "Webhooks");
    proxy.inject("UpdateItem", Fault::InTransaction);
    let records = [room.record("INSERT", "a", "default")];
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert!(room.endpoint("http://127.0.0.1:1/").await.has_queued());
}

#[tokio::test]
async fn the_first_event_makes_the_signing_secret_and_nothing_is_sent_unsigned() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &[receiver.url()]).await;
    let records = [room.record("INSERT", "a", "default")];
    let proxy = FaultProxy::start(&room.address).await;
    room.fanout.secrets = SecretsStore::new(proxy.client(), "Webhooks");
    proxy.inject("TransactWriteItems", Fault::InternalError);
    assert_eq!(room.batch(&records, PLENTY).await, ["1001"], "without a secret the record comes again");
    assert_eq!(receiver.count(), 0);
    proxy.heal();
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let more = room.inserts(3);
    assert!(room.batch(&more, PLENTY).await.is_empty());

    let audit = AuditStore::new(room.client.clone(), "Webhooks");
    let entries = audit.page(&workspace_id("default"), &Filter::default(), None, 10).await.unwrap().entries;
    let made: Vec<_> = entries.iter().filter(|it| it.action == Action::SigningSecretCreated).collect();
    assert_eq!(made.len(), 1, "once");
    assert_eq!(made[0].actor, Actor::service());
}

/// `webhook-signature` of each request, verified against what was sent.
#[tokio::test]
async fn every_request_is_signed_and_a_rotation_counts_from_the_next_batch_on() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &[receiver.url()]).await;
    let (workspace, caller) = (workspace_id("default"), Actor::service());
    let first = room.fanout.secrets.get_or_create(&workspace, author(&caller)).await.unwrap();
    let records = room.inserts(5);
    assert!(room.batch(&records, PLENTY).await.is_empty());

    let now = Timestamp::now();
    let second = room.fanout.secrets.generate().unwrap();
    let rotated = first.secrets.rotated(second, now + Duration::from_secs(60), now).unwrap();
    let action = Action::SigningSecretRotated;
    room.fanout.secrets.replace(&workspace, &first, rotated.clone(), action, author(&caller)).await.unwrap();
    let records = room.inserts(5);
    assert!(room.batch(&records, PLENTY).await.is_empty());

    let signed = receiver.signed();
    assert_eq!(signed.len(), 10);
    for (index, Signed { id, timestamp, target, signature }) in signed.iter().enumerate() {
        let secrets = if index < 5 { &first.secrets } else { &rotated };
        let at = Timestamp::from_second(timestamp.parse().unwrap()).unwrap();
        assert_eq!(secrets.sign(id, at, target).unwrap(), signature, "{index}");
        assert_eq!(signature.split(' ').count(), if index < 5 { 1 } else { 2 });
    }
}

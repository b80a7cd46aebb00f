//! The retry engine on a real engine and real receivers: backoff, order, deferring, giving up, wake-ups.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![allow(clippy::disallowed_methods, reason = "tests ask the machine for the time")]

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use support::fault_proxy::{Fault, FaultProxy};
use support::harness::{At, Harness, PLENTY, QUIET, STEP, TIMEOUT, by_instance, endpoint, text, workspace_id};
use support::patience::PATIENCE;
use support::receiver::{Behaviour, Receiver, answer};
use tokio::time::{Instant, timeout};
use webhooks_engine::wake_up::WakeUp;
use webhooks_model::audit::{Actor, Author};
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::{Health, OnBacklog};
use webhooks_model::event::{Event, EventType, InstanceKey};
use webhooks_store::{Append, AppendStage, DeliveriesStore, DeliveryId, Hold, Lease, SettingsPatch, Turn};
use webhooks_test_support as support;

mod latest;
mod leases;
mod meanwhile;
mod outcomes;
mod wake_ups;

/// Returns the lease of a drain of this URL's endpoint.
fn lease_of(url: &str, owner: &str) -> Lease {
    Lease { workspace: workspace_id("default"), endpoint: endpoint(url).id, owner: owner.to_owned() }
}

#[tokio::test]
async fn an_outage_costs_one_probe_a_step_and_then_all_arrive_in_order() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Close).await;
    room.configure("default", &[receiver.url("/")]).await;
    for round in 0..10 {
        let records: Vec<_> = (0..100)
            .map(|i| room.record(if round == 0 { "INSERT" } else { "MODIFY" }, &format!("i-{i}"), "default"))
            .collect();
        assert!(room.batch(&records, PLENTY).await.is_empty());
    }
    let in_batch = receiver.count();
    assert!((5..=2 * 8).contains(&in_batch), "what was in flight, and a retry of each: {in_batch}");
    let proxy = FaultProxy::start(&room.address).await;
    let direct = room.client.clone();
    room.through(proxy.client());
    for probe in 1..=3 {
        let record = room.endpoint(&receiver.url("/")).await;
        let Health::Failing { probe_at, failed_probes, .. } = record.health else { panic!("{record:?}") };
        assert_eq!(failed_probes, probe - 1);
        // The wake-up may be rounded to a later time.
        room.at(record.wake_at.max(Some(probe_at)).unwrap());
        room.wake(&receiver.url("/")).await;
        let backlog_size = if probe < 2 { 0 } else { 16 };
        assert_eq!(proxy.counted()["Query"], 2 + backlog_size, "the workspace, and one page: one delivery is sent");
        room.wake(&receiver.url("/")).await;
        proxy.counted();
        assert_eq!(receiver.count(), in_batch + probe, "one attempt a step, however often it is woken");
        let record = room.endpoint(&receiver.url("/")).await;
        let id = record.last_failed_delivery.expect("the probed delivery").parse().unwrap();
        let probed = room.retry.deliveries.get(&workspace_id("default"), &id).await.unwrap().expect("it is in the log");
        let last = probed.attempts.last().map(|attempt| attempt.at.as_millisecond());
        assert_eq!(
            last,
            record.last_failure_at.map(|at| at.as_millisecond()),
            "the newest attempt is that of the named delivery"
        );
    }
    room.through(direct);
    room.run_clocks();
    receiver.reset_to(Behaviour::status(200));
    room.run_wake_ups(QUIET).await;

    assert_eq!(receiver.count(), 1000);
    for (instance, sequence) in by_instance(&receiver.targets()) {
        assert!(sequence.len() == 10 && sequence.is_sorted(), "{instance}: {sequence:?}");
    }
    assert_eq!(room.statuses().await["delivered"], 1000);
    let record = room.endpoint(&receiver.url("/")).await;
    assert!(!record.has_queued() && record.health == Health::default(), "{record:?}");
    assert_eq!(record.wake_at, record.appending_until, "it is looked at once more");
}

#[tokio::test]
async fn a_drain_sends_no_more_than_it_can_still_write_down() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    room.set(&receiver.url("/"), SettingsPatch { paused: Some(true), ..SettingsPatch::default() }).await;
    let records = room.inserts(700);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.set(&receiver.url("/"), SettingsPatch { paused: Some(false), ..SettingsPatch::default() }).await;

    let proxy = FaultProxy::start(&room.address).await;
    let direct = room.client.clone();
    room.through(proxy.client());
    proxy.inject("BatchWriteItem", Fault::Unprocessed);
    let wake_up = room.due(&endpoint(&receiver.url("/")).id).await;
    assert!(
        room.retry.wake(&wake_up, Instant::now() + Duration::from_secs(12)).await.is_err(),
        "nothing can be written"
    );
    let unwritten = receiver.count();
    assert!((1..=500).contains(&unwritten), "{unwritten} are sent and not written");

    room.through(direct);
    room.run_wake_ups(QUIET).await;
    room.wake(&receiver.url("/")).await;
    assert_eq!(room.statuses().await["delivered"], 700);
    assert_eq!(receiver.count(), unwritten + 700, "what was not written is sent again");
}

#[tokio::test]
async fn events_that_come_while_a_backlog_waits_queue_behind_it() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Close).await;
    room.configure("default", &[receiver.url("/")]).await;
    let first = [room.record("INSERT", "i", "default")];
    assert!(room.batch(&first, PLENTY).await.is_empty());
    receiver.reset_to(Behaviour::status(200));
    let later = [room.record("MODIFY", "i", "default"), room.record("REMOVE", "i", "default")];
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 0, "they do not overtake");
    room.run_wake_ups(QUIET).await;
    assert_eq!(by_instance(&receiver.targets())["i"], ["000001", "000002", "000003"]);
    assert_eq!(receiver.attempts(), [3, 1, 1]);

    receiver.forget();
    let direct = [room.record("INSERT", "j", "default")];
    assert!(room.batch(&direct, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 1, "with nothing waiting, it is called from the stream again");
}

#[tokio::test]
async fn events_queue_behind_a_backlog_of_an_endpoint_that_is_healthy_too() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(500)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let first = [room.record("INSERT", "i", "default")];
    assert!(room.batch(&first, PLENTY).await.is_empty());
    let record = room.endpoint(&receiver.url("/")).await;
    assert!(matches!(record.health, Health::Healthy { .. }) && record.has_queued(), "{record:?}");
    receiver.reset_to(Behaviour::status(200));
    let later = [room.record("MODIFY", "i", "default")];
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 0, "it does not overtake");
    room.run_wake_ups(QUIET).await;
    assert_eq!(by_instance(&receiver.targets())["i"], ["000001", "000002"]);
}

#[tokio::test]
async fn pausing_keeps_events_and_resuming_delivers_them_in_order() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    let set = async |room: &Harness, paused| {
        room.set(&receiver.url("/"), SettingsPatch { paused: Some(paused), ..SettingsPatch::default() }).await;
    };
    set(&room, true).await;
    for _ in 0..10 {
        let records: Vec<_> = (0..100).map(|i| room.record("MODIFY", &format!("i-{}", i % 10), "default")).collect();
        assert!(room.batch(&records, PLENTY).await.is_empty());
    }
    room.retry.sweep(Timestamp::now()).await.unwrap();
    room.run_wake_ups(QUIET).await;
    assert_eq!((receiver.count(), room.statuses().await["pending"]), (0, 1000));
    assert_eq!(room.endpoint(&receiver.url("/")).await.wake_at, None, "nothing wakes a paused endpoint");

    set(&room, false).await;
    room.wake(&receiver.url("/")).await;
    assert_eq!(receiver.count(), 1000);
    for (instance, sequence) in by_instance(&receiver.targets()) {
        assert!(sequence.len() == 100 && sequence.is_sorted(), "{instance}: {sequence:?}");
    }
}

#[tokio::test]
async fn a_pause_with_an_end_wakes_the_endpoint_at_its_end_and_its_backlog_follows_in_order() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(200)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let until = Timestamp::from_millisecond(Timestamp::now().as_millisecond() + 3_600_000).unwrap();
    let pause = SettingsPatch { paused: Some(true), paused_until: Some(until), ..SettingsPatch::default() };
    room.set(&receiver.url("/"), pause).await;
    for _ in 0..10 {
        let records: Vec<_> = (0..100).map(|i| room.record("MODIFY", &format!("i-{}", i % 10), "default")).collect();
        assert!(room.batch(&records, PLENTY).await.is_empty());
    }
    room.wake(&receiver.url("/")).await;
    assert_eq!((receiver.count(), room.statuses().await["pending"]), (0, 1000));
    assert_eq!(room.endpoint(&receiver.url("/")).await.wake_at, Some(until), "the end of the pause wakes it");
    let mut sent = Vec::new();
    while let Ok((wake_up, _)) = room.sent.try_recv() {
        sent.push(wake_up);
    }
    let last = sent.pop().expect("a wake-up is sent");
    assert_eq!(last.at, until, "the last of {sent:?}");

    room.at(until - jiff::SignedDuration::from_secs(2));
    room.retry.wake(&last, Instant::now() + PLENTY).await.unwrap();
    assert_eq!(receiver.count(), 0, "not before the end");
    room.at(until);
    room.retry.wake(&last, Instant::now() + PATIENCE).await.unwrap();
    assert_eq!((receiver.count(), room.statuses().await.get("pending")), (1000, None));
    for (instance, sequence) in by_instance(&receiver.targets()) {
        assert!(sequence.len() == 100 && sequence.is_sorted(), "{instance}: {sequence:?}");
    }
    let records = [room.record("MODIFY", "i-0", "default")];
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 1001, "the pause is over for later events, too");
}

/// Returns a healthy receiver whose endpoint has a rate, and this number of pending deliveries.
async fn with_rate(per_second: u32, deliveries: usize) -> (Harness, Receiver) {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    let rate = SettingsPatch { max_per_second: Some(Some(per_second)), ..SettingsPatch::default() };
    room.set(&receiver.url("/"), rate).await;
    let records = room.inserts(deliveries);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    (room, receiver)
}

#[tokio::test]
async fn a_rate_is_kept() {
    let (room, receiver) = with_rate(20, 30).await;
    assert_eq!(receiver.count(), 0, "the stream cannot know the rate");
    let begun = Instant::now();
    room.wake(&receiver.url("/")).await;
    assert_eq!(receiver.count(), 30);
    assert!(begun.elapsed() >= Duration::from_millis(29 * 50), "{:?}", begun.elapsed());
}

/// Each write of a record is as much as the delivery itself.
#[tokio::test]
async fn a_drain_stores_one_success_for_many_deliveries_and_the_last_one_in_the_end() {
    let (mut room, receiver) = with_rate(20, 30).await;
    let proxy = FaultProxy::start(&room.address).await;
    room.through(proxy.client());
    let begun = Timestamp::now();
    room.wake(&receiver.url("/")).await;
    let counted = proxy.counted();
    assert!(counted["UpdateItem"] <= 6, "lease, first success, last success, end: {counted:?}");
    let last = room.endpoint(&receiver.url("/")).await.last_success_at.unwrap();
    assert!(last >= begun + Duration::from_millis(29 * 50), "{last} is the last one");
    let half_seconds = usize::try_from(last.duration_since(begun).as_millis()).unwrap() / 500;
    assert!(counted["BatchWriteItem"] <= 2 * (half_seconds + 2), "into the log and out of the backlog: {counted:?}");
}

#[tokio::test]
async fn removing_a_url_fails_its_pending_deliveries_unsent() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Close).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(700);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    receiver.reset_to(Behaviour::status(200));
    room.configure("default", &[]).await;
    room.wake(&receiver.url("/")).await;
    assert_eq!((receiver.count(), room.statuses().await["failed"]), (0, 700));
    assert!(room.items().await.iter().all(|item| text(item, "giveUpReason") == "no-longer-configured"));
    room.run_wake_ups(QUIET).await; // until no batch can have something on its way
    assert!(!room.endpoint(&receiver.url("/")).await.has_queued());
}

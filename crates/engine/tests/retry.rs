//! The retry engine on a real engine and real receivers: backoff, order, setting aside, giving up, wake-ups.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![allow(clippy::disallowed_methods, reason = "tests ask the machine for the time")]

use webhooks_test_support as support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use webhooks_engine::wake_up::WakeUp;
use webhooks_model::audit::{Actor, Author};
use webhooks_model::endpoint::Health;
use webhooks_model::event::{Event, EventType, InstanceKey};
use webhooks_store::{Append, DeliveriesStore, Evidence, Hold, Lease, SettingsPatch, Turn};

use support::fault_proxy::{Fault, FaultProxy};
use support::harness::{At, Harness, PLENTY, QUIET, STEP, TIMEOUT, by_instance, endpoint, text, workspace_id};
use support::receiver::{Behaviour, Receiver};

#[tokio::test]
async fn while_an_endpoint_is_down_it_costs_one_probe_a_step_and_afterwards_everything_arrives_in_order_and_once() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Close).await;
    room.configure("default", &[receiver.url()]).await;
    for round in 0..10 {
        let records: Vec<_> = (0..100)
            .map(|i| room.record(if round == 0 { "INSERT" } else { "MODIFY" }, &format!("i-{i}"), "default"))
            .collect();
        assert!(room.batch(&records, PLENTY).await.is_empty());
    }
    let in_batch = receiver.count();
    assert!((5..=2 * 8).contains(&in_batch), "what was in flight, and a retry of each: {in_batch}");
    for probe in 1..=3 {
        let Health::Failing { probe_at, failed_probes, .. } = room.endpoint(&receiver.url()).await.health else {
            panic!()
        };
        assert_eq!(failed_probes, probe - 1);
        tokio::time::sleep(Duration::try_from(probe_at.duration_since(Timestamp::now())).unwrap_or_default()).await;
        room.wake(&receiver.url()).await;
        room.wake(&receiver.url()).await;
        assert_eq!(receiver.count(), in_batch + probe, "one attempt a step, however often it is woken");
    }
    receiver.reset_to(Behaviour::Answer(200));
    room.run_wake_ups(QUIET).await;

    assert_eq!(receiver.count(), 1000);
    for (instance, sequence) in by_instance(&receiver.targets()) {
        assert!(sequence.len() == 10 && sequence.is_sorted(), "{instance}: {sequence:?}");
    }
    assert_eq!(room.statuses().await["delivered"], 1000);
    let record = room.endpoint(&receiver.url()).await;
    assert!(!record.has_queued() && record.health == Health::default(), "{record:?}");
    assert_eq!(record.wake_at, record.appending_until, "it is looked at once more");
}

#[tokio::test]
async fn a_drain_sends_no_more_than_it_can_still_write_down() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &[receiver.url()]).await;
    room.set(&receiver.url(), SettingsPatch { paused: Some(true), ..SettingsPatch::default() }).await;
    let records = room.inserts(700);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.set(&receiver.url(), SettingsPatch { paused: Some(false), ..SettingsPatch::default() }).await;

    let proxy = FaultProxy::start(&room.address).await;
    let direct = room.client.clone();
    room.through(proxy.client());
    proxy.inject("BatchWriteItem", Fault::Unprocessed);
    let wake_up = room.due(&endpoint(&receiver.url()).id).await;
    assert!(
        room.retry.wake(&wake_up, Instant::now() + Duration::from_secs(12)).await.is_err(),
        "nothing can be written"
    );
    let unwritten = receiver.count();
    assert!((1..=500).contains(&unwritten), "{unwritten} are sent and not written");

    room.through(direct);
    room.run_wake_ups(QUIET).await;
    room.wake(&receiver.url()).await;
    assert_eq!(room.statuses().await["delivered"], 700);
    assert_eq!(receiver.count(), unwritten + 700, "what was not written is sent again");
}

#[tokio::test]
async fn events_that_come_while_a_backlog_waits_queue_behind_it() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Close).await;
    room.configure("default", &[receiver.url()]).await;
    let first = [room.record("INSERT", "i", "default")];
    assert!(room.batch(&first, PLENTY).await.is_empty());
    receiver.reset_to(Behaviour::Answer(200));
    let later = [room.record("MODIFY", "i", "default"), room.record("REMOVE", "i", "default")];
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 0, "they do not overtake");
    room.run_wake_ups(QUIET).await;
    assert_eq!(by_instance(&receiver.targets())["i"], ["000001", "000002", "000003"]);
    assert_eq!(receiver.attempts(), ["3", "1", "1"]);

    receiver.forget();
    let direct = [room.record("INSERT", "j", "default")];
    assert!(room.batch(&direct, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 1, "with nothing waiting, it is called from the stream again");
}

#[tokio::test]
async fn events_queue_behind_a_backlog_of_an_endpoint_that_is_healthy_too() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(500)).await;
    room.configure("default", &[receiver.url()]).await;
    let first = [room.record("INSERT", "i", "default")];
    assert!(room.batch(&first, PLENTY).await.is_empty());
    let record = room.endpoint(&receiver.url()).await;
    assert!(matches!(record.health, Health::Healthy { .. }) && record.has_queued(), "{record:?}");
    receiver.reset_to(Behaviour::Answer(200));
    let later = [room.record("MODIFY", "i", "default")];
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 0, "it does not overtake");
    room.run_wake_ups(QUIET).await;
    assert_eq!(by_instance(&receiver.targets())["i"], ["000001", "000002"]);
}

#[tokio::test]
async fn a_delivery_that_a_working_endpoint_refuses_is_tried_three_times_and_set_aside_and_the_others_stay_fast() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    receiver.decides(|target| Behaviour::Answer(if target.contains("instanceID=bad&") { 422 } else { 200 }));
    room.configure("default", &[receiver.url()]).await;
    let mut records = room.inserts(20);
    records.insert(3, room.record("INSERT", "bad", "default"));
    records.push(room.record("MODIFY", "bad", "default"));
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.wake(&receiver.url()).await;

    let bad = receiver.targets().iter().filter(|target| target.contains("instanceID=bad&")).count();
    assert_eq!(bad, 6, "three tries each, in their place");
    let statuses = room.statuses().await;
    assert_eq!((statuses["delivered"], statuses["pending"]), (20, 2));
    let record = room.endpoint(&receiver.url()).await;
    assert!(matches!(record.health, Health::Healthy { .. }), "it is not failing: {record:?}");
    assert!(!record.has_queued() && record.next_deferred_at.is_some(), "and nothing is held: {record:?}");

    receiver.forget();
    let direct = room.inserts(5);
    assert!(room.batch(&direct, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 5, "others go straight from the stream");

    receiver.now(Behaviour::Answer(200));
    room.run_wake_ups(QUIET).await;
    assert!(!room.statuses().await.contains_key("pending"));
    assert_eq!(receiver.attempts()[5..], ["4", "4"]);
    assert_eq!(room.endpoint(&receiver.url()).await.next_deferred_at, None);
}

#[tokio::test]
async fn a_delivery_that_is_refused_for_long_enough_is_given_up_and_stays_listed() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(404)).await;
    room.retry.settings.schedule.deferred_expiry = Duration::from_millis(1_500);
    room.configure("default", &[receiver.url()]).await;
    let records = [room.record("INSERT", "bad", "default")];
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.run_wake_ups(QUIET).await;
    let items = room.items().await;
    assert_eq!((text(&items[0], "status"), text(&items[0], "giveUpReason")), ("failed", "rejected"));
    let attempts = items[0]["attempts"].as_l().unwrap().len();
    assert!(attempts >= 4 && attempts == receiver.count(), "every attempt is kept: {attempts}");
}

#[tokio::test]
async fn an_endpoint_that_refuses_everything_is_failing() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(500)).await;
    room.configure("default", &[receiver.url()]).await;
    let records = room.inserts(100);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let record = room.endpoint(&receiver.url()).await;
    assert!(matches!(record.health, Health::Failing { .. }), "{record:?}");
    assert!(receiver.count() < 20, "{}", receiver.count());
    receiver.reset_to(Behaviour::Answer(200));
    room.run_wake_ups(QUIET).await;
    assert_eq!((receiver.count(), room.statuses().await["delivered"]), (100, 100));
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::RetryAfter(429, 2)).await;
    room.configure("default", &[receiver.url()]).await;
    let records = room.inserts(1);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let Health::Failing { probe_at, .. } = room.endpoint(&receiver.url()).await.health else { panic!() };
    let wait = probe_at.duration_since(Timestamp::now()).as_secs_f64();
    assert!((1.5..2.1).contains(&wait), "{wait}");
}

#[tokio::test]
async fn gone_disables_the_endpoint_and_its_deliveries_are_given_up_and_listed() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(410)).await;
    room.configure("default", &[receiver.url()]).await;
    let records = room.inserts(30);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.run_wake_ups(QUIET).await;
    assert!(matches!(room.endpoint(&receiver.url()).await.health, Health::Disabled { .. }));
    assert_eq!(room.statuses().await["failed"], 30);
    receiver.forget();
    let records = room.inserts(5);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert_eq!((receiver.count(), room.statuses().await["failed"]), (0, 35));
}

#[tokio::test]
async fn after_nothing_but_failures_for_long_enough_an_endpoint_is_given_up() {
    let mut room = Harness::new().await;
    room.retry.health.disable_after = Duration::from_millis(500);
    room.configure("default", &["http://127.0.0.1:1/".to_owned()]).await;
    let records = room.inserts(40);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.run_wake_ups(QUIET).await;
    assert!(matches!(room.endpoint("http://127.0.0.1:1/").await.health, Health::Disabled { .. }));
    assert_eq!(room.statuses().await["failed"], 40);
}

#[tokio::test]
async fn pausing_keeps_events_and_resuming_delivers_them_in_order() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &[receiver.url()]).await;
    let set = async |room: &Harness, paused| {
        room.set(&receiver.url(), SettingsPatch { paused: Some(paused), ..SettingsPatch::default() }).await;
    };
    set(&room, true).await;
    for _ in 0..10 {
        let records: Vec<_> = (0..100).map(|i| room.record("MODIFY", &format!("i-{}", i % 10), "default")).collect();
        assert!(room.batch(&records, PLENTY).await.is_empty());
    }
    room.retry.sweep(Timestamp::now()).await.unwrap();
    room.run_wake_ups(QUIET).await;
    assert_eq!((receiver.count(), room.statuses().await["pending"]), (0, 1000));
    assert_eq!(room.endpoint(&receiver.url()).await.wake_at, None, "nothing wakes a paused endpoint");

    set(&room, false).await;
    room.wake(&receiver.url()).await;
    assert_eq!(receiver.count(), 1000);
    for (instance, sequence) in by_instance(&receiver.targets()) {
        assert!(sequence.len() == 100 && sequence.is_sorted(), "{instance}: {sequence:?}");
    }
}

#[tokio::test]
async fn a_rate_is_kept() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &[receiver.url()]).await;
    let rate = SettingsPatch { max_per_second: Some(Some(20)), ..SettingsPatch::default() };
    room.set(&receiver.url(), rate).await;
    let records = room.inserts(30);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 0, "the stream cannot know the rate");
    let begun = Instant::now();
    room.wake(&receiver.url()).await;
    assert_eq!(receiver.count(), 30);
    assert!(begun.elapsed() >= Duration::from_millis(29 * 50), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn removing_a_url_ends_its_pending_deliveries_with_a_reason_and_nothing_is_sent_to_it() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Close).await;
    room.configure("default", &[receiver.url()]).await;
    let records = room.inserts(700);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    receiver.reset_to(Behaviour::Answer(200));
    room.configure("default", &[]).await;
    room.wake(&receiver.url()).await;
    assert_eq!((receiver.count(), room.statuses().await["failed"]), (0, 700));
    assert!(room.items().await.iter().all(|item| text(item, "giveUpReason") == "no-longer-configured"));
    assert!(!room.endpoint(&receiver.url()).await.has_queued());
}

#[tokio::test]
async fn wake_ups_that_are_doubled_or_come_at_once_send_nothing_twice() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Close).await;
    room.configure("default", &[receiver.url()]).await;
    let records = room.inserts(200);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    receiver.reset_to(Behaviour::Answer(200));
    tokio::time::sleep(2 * STEP).await;
    let url = receiver.url();
    let wakes = (0..8).map(|_| room.wake(&url));
    futures_util::future::join_all(wakes).await;
    room.run_wake_ups(QUIET).await;
    assert_eq!((receiver.count(), room.statuses().await["delivered"]), (200, 200));
}

#[tokio::test]
async fn a_lost_wake_up_is_made_up_for_by_the_sweep() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Close).await;
    room.configure("default", &[receiver.url()]).await;
    let records = room.inserts(10);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    while room.sent.try_recv().is_ok() {}
    receiver.reset_to(Behaviour::Answer(200));
    tokio::time::sleep(2 * STEP).await;

    assert_eq!(room.retry.sweep(Timestamp::now()).await.unwrap(), 1);
    room.run_wake_ups(QUIET).await;
    assert_eq!(receiver.count(), 10);
    assert_eq!(room.retry.sweep(Timestamp::now()).await.unwrap(), 0, "what has nothing waiting is left alone");
}

#[tokio::test]
async fn a_drain_whose_holder_died_goes_on_when_the_lease_has_ended() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Close).await;
    room.configure("default", &[receiver.url()]).await;
    let records = room.inserts(10);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    receiver.reset_to(Behaviour::Answer(200));
    tokio::time::sleep(2 * STEP).await;
    let dead =
        Lease { workspace: workspace_id("default"), endpoint: endpoint(&receiver.url()).id, owner: "dead".into() };
    let until = Timestamp::now() + Duration::from_millis(700);
    assert!(room.retry.endpoints.lease(&dead, Timestamp::now(), until, None).await.unwrap().is_some());
    room.wake(&receiver.url()).await;
    assert_eq!(receiver.count(), 0, "one worker at a time");
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(room.retry.sweep(Timestamp::now()).await.unwrap(), 1);
    room.run_wake_ups(QUIET).await;
    assert_eq!(receiver.count(), 10);
}

#[tokio::test]
async fn a_drain_hands_over_before_its_own_time_ends() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Close).await;
    room.configure("default", &[receiver.url()]).await;
    let records = room.inserts(300);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    while room.sent.try_recv().is_ok() {}
    receiver.reset_to(Behaviour::Answer(200));
    receiver.takes(Duration::from_millis(300));
    tokio::time::sleep(2 * STEP).await;
    let time = TIMEOUT + Duration::from_secs(4) + Duration::from_millis(1_000);
    let begun = Instant::now();
    room.wake_in(&receiver.url(), time).await;
    assert!(begun.elapsed() < time, "{:?}", begun.elapsed());
    assert!((1..300).contains(&receiver.count()), "{}", receiver.count());
    let (wake_up, delay) = room.sent.try_recv().unwrap();
    assert_eq!((wake_up.endpoint, delay), (endpoint(&receiver.url()).id, Duration::ZERO));
    let statuses = room.statuses().await;
    assert_eq!(statuses["delivered"], receiver.count(), "what was sent is written down");
    assert_eq!(statuses["delivered"] + statuses["pending"], 300);
}

#[tokio::test]
async fn an_append_while_a_drain_is_finishing_is_not_left_behind() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Close).await;
    room.configure("default", &[receiver.url()]).await;
    let records = room.inserts(1);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let lease =
        Lease { workspace: workspace_id("default"), endpoint: endpoint(&receiver.url()).id, owner: "me".into() };
    let until = Timestamp::now() + Duration::from_secs(60);
    let seen = room.retry.endpoints.lease(&lease, Timestamp::now(), until, None).await.unwrap().unwrap();
    let records = room.inserts(1);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert!(
        !room.retry.endpoints.finish(&lease, &BTreeSet::new(), None, seen.appends.total).await.unwrap(),
        "something came in between"
    );
    assert!(room.endpoint(&receiver.url()).await.has_queued());
    let seen = room.retry.endpoints.lease(&lease, Timestamp::now(), until, None).await.unwrap().unwrap();
    assert!(room.retry.endpoints.finish(&lease, &BTreeSet::new(), None, seen.appends.total).await.unwrap());
}

/// A wake-up that comes while a drain is at work finds the lease taken: the drain itself has to look once more.
#[tokio::test]
async fn a_drain_does_not_leave_an_endpoint_of_which_something_was_asked_meanwhile() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Close).await;
    room.configure("default", &[receiver.url()]).await;
    let records = room.inserts(10);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let lease =
        Lease { workspace: workspace_id("default"), endpoint: endpoint(&receiver.url()).id, owner: "me".into() };
    let now = Timestamp::now();
    let (until, probe_at) = (now + Duration::from_secs(60), now + Duration::from_secs(3600));
    let seen = room.retry.endpoints.lease(&lease, now, until, None).await.unwrap().unwrap();
    let (workspace, caller) = (workspace_id("default"), Actor::service());
    room.retry
        .endpoints
        .resume(&workspace, &endpoint(&receiver.url()), Author { actor: &caller, world: &At(now) })
        .await
        .unwrap();
    assert!(!room.retry.endpoints.leave(&lease, probe_at, seen.appends.total).await.unwrap(), "it was resumed");
    let resumed = room.endpoint(&receiver.url()).await;
    assert!(room.retry.endpoints.leave(&lease, probe_at, resumed.appends.total).await.unwrap());
    assert_eq!(room.endpoint(&receiver.url()).await.wake_at.map(|at| at.as_second()), Some(probe_at.as_second()));
}

#[tokio::test]
async fn a_table_that_fails_while_draining_loses_nothing() {
    let mut room = Harness::new().await;
    room.be_patient();
    let receiver = Receiver::start(Behaviour::Close).await;
    room.configure("default", &[receiver.url()]).await;
    let records = room.inserts(50);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    receiver.now(Behaviour::Answer(200));
    tokio::time::sleep(2 * STEP).await;
    let proxy = FaultProxy::start(&room.address).await;
    room.retry.deliveries = DeliveriesStore::new(proxy.client(), "Deliveries");
    proxy.inject("BatchWriteItem", Fault::InternalError);
    let wake_up = room.due(&endpoint(&receiver.url()).id).await;
    assert!(room.retry.wake(&wake_up, Instant::now() + PLENTY).await.is_err());
    assert_eq!(room.statuses().await["pending"], 50, "all still wait");
    proxy.heal();
    room.wake(&receiver.url()).await;
    assert_eq!(room.statuses().await["delivered"], 50);
}

/// As a batch leaves it whose attempt has not ended.
#[tokio::test]
async fn a_drain_that_finds_a_delivery_in_flight_comes_again_when_its_claim_ends() {
    let room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &[receiver.url()]).await;
    let endpoint = endpoint(&receiver.url());
    let event = created("i");
    let claim_ends = Timestamp::from_millisecond(Timestamp::now().as_millisecond() + 60_000).unwrap();
    let instance = InstanceKey::new("i");
    let (hold, partitions) = (Hold::Instances(BTreeSet::from([instance])), BTreeSet::from([instance.partition()]));
    room.append(&endpoint, &hold, &partitions).await;
    room.put_pending(&event, &endpoint, Turn::InFlight(claim_ends)).await;

    room.wake(&receiver.url()).await;
    let record = room.endpoint(&receiver.url()).await;
    assert_eq!((receiver.count(), record.wake_at), (0, Some(claim_ends)));
    assert_eq!(record.held, BTreeSet::from([instance]));

    // A URL that is removed meanwhile changes nothing about that.
    room.configure("default", &["https://elsewhere.example/".to_owned()]).await;
    room.wake(&receiver.url()).await;
    assert_eq!((room.statuses().await["pending"], room.endpoint(&receiver.url()).await.wake_at), (1, Some(claim_ends)));
}

/// A batch counts what it is about to keep, a drain looks meanwhile, and the batch dies once its rows are there.
#[tokio::test]
async fn what_a_dead_batch_has_left_is_found_by_a_last_look() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &[receiver.url()]).await;
    let (event, endpoint) = (created("i"), endpoint(&receiver.url()));
    let instance = InstanceKey::new(&event.instance_id);
    let (hold, partitions) = (&Hold::Instances(BTreeSet::from([instance])), &BTreeSet::from([instance.partition()]));
    let append = Append { hold, partitions, evidence: Evidence::default(), begins: Some(Timestamp::now()) };
    room.retry.endpoints.append(&workspace_id("default"), &endpoint, append).await.unwrap();
    room.wake(&receiver.url()).await;
    let record = room.endpoint(&receiver.url()).await;
    assert!(!record.has_queued() && record.wake_at.is_some(), "{record:?}");
    assert_eq!(record.wake_at, record.appending_until);

    room.put_pending(&event, &endpoint, Turn::Next).await;
    let later = record.appending_until.unwrap() + Duration::from_secs(60);
    assert_eq!(room.retry.sweep(later).await.unwrap(), 1);
    room.retry.world = Arc::new(At(later));
    room.run_wake_ups(QUIET).await;
    assert_eq!((receiver.count(), room.statuses().await["delivered"]), (1, 1));
    assert_eq!(room.endpoint(&receiver.url()).await.wake_at, None, "nothing more can come");
}

#[tokio::test]
async fn wake_ups_for_another_time_are_dropped_and_early_ones_are_sent_on() {
    let mut room = Harness::new().await;
    let receiver = Receiver::start(Behaviour::Answer(200)).await;
    room.configure("default", &[receiver.url()]).await;
    room.set(&receiver.url(), SettingsPatch { paused: Some(true), ..SettingsPatch::default() }).await;
    let records = room.inserts(1);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.set(&receiver.url(), SettingsPatch { paused: Some(false), ..SettingsPatch::default() }).await;
    let (id, now) = (endpoint(&receiver.url()).id, Timestamp::now());
    let lease = Lease { workspace: workspace_id("default"), endpoint: id.clone(), owner: "one".to_owned() };
    room.retry.endpoints.lease(&lease, now, now + Duration::from_secs(5), None).await.unwrap().unwrap();
    let later = Timestamp::from_millisecond(now.as_millisecond() + 3_600_000).unwrap();
    assert!(room.retry.endpoints.release(&lease, later).await.unwrap());
    while room.sent.try_recv().is_ok() {}

    let at = |at| WakeUp { workspace: workspace_id("default"), endpoint: id.clone(), at };
    for early in [now, now + Duration::from_millis(500), Timestamp::UNIX_EPOCH] {
        room.retry.wake(&at(early), Instant::now() + PLENTY).await.unwrap();
    }
    assert!(room.sent.try_recv().is_err(), "no other takes its place");
    room.retry.wake(&at(later), Instant::now() + PLENTY).await.unwrap();
    let (sent_on, delay) = room.sent.try_recv().unwrap();
    assert_eq!(sent_on, at(later));
    assert!((3_500..=3_600).contains(&delay.as_secs()), "{delay:?}");
    assert_eq!(receiver.count(), 0);
    room.retry.world = Arc::new(At(later));
    room.retry.wake(&at(later), Instant::now() + PLENTY).await.unwrap();
    assert_eq!(receiver.count(), 1);
}

fn created(instance: &str) -> Event {
    Event {
        id: "event-1".to_owned(),
        sequence_number: "1".to_owned(),
        event_type: EventType::Created,
        workspace: workspace_id("default"),
        instance_id: instance.to_owned(),
        process_name: "p".to_owned(),
        changed_at: Timestamp::now(),
    }
}

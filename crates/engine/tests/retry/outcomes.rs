//! What an endpoint that rejects, throttles or fails for long comes to.

use super::*;

#[tokio::test]
async fn a_rejected_delivery_is_deferred_and_the_others_stay_fast() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    receiver.decides(|request| Behaviour::status(if request.target().contains("instanceID=bad&") { 422 } else { 200 }));
    room.configure("default", &[receiver.url("/")]).await;
    let mut records = room.inserts(20);
    records.insert(3, room.record("INSERT", "bad", "default"));
    records.push(room.record("MODIFY", "bad", "default"));
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.wake(&receiver.url("/")).await;

    let bad = receiver.targets().iter().filter(|target| target.contains("instanceID=bad&")).count();
    assert_eq!(bad, 6, "three tries each, in their place");
    let statuses = room.statuses().await;
    assert_eq!((statuses["delivered"], statuses["pending"]), (20, 2));
    let record = room.endpoint(&receiver.url("/")).await;
    assert!(matches!(record.health, Health::Healthy { .. }), "it is not failing: {record:?}");
    assert!(!record.has_queued() && record.next_deferred_at.is_some(), "and nothing is held: {record:?}");

    receiver.forget();
    let direct = room.inserts(5);
    assert!(room.batch(&direct, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 5, "others go straight from the stream");

    receiver.turn(Behaviour::status(200));
    room.run_wake_ups(QUIET).await;
    assert!(!room.statuses().await.contains_key("pending"));
    assert_eq!(receiver.attempts()[5..], [4, 4]);
    assert_eq!(room.endpoint(&receiver.url("/")).await.next_deferred_at, None);
}

#[tokio::test]
async fn a_delivery_that_is_refused_for_long_enough_is_given_up_and_stays_listed() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(404)).await;
    room.retry.settings.schedule.deferred_expiry = Duration::from_millis(1_500);
    room.configure("default", &[receiver.url("/")]).await;
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
    let receiver = Receiver::new(Behaviour::status(500)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(100);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let record = room.endpoint(&receiver.url("/")).await;
    assert!(matches!(record.health, Health::Failing { .. }), "{record:?}");
    assert!(receiver.count() < 20, "{}", receiver.count());
    receiver.reset_to(Behaviour::status(200));
    room.run_wake_ups(QUIET).await;
    assert_eq!((receiver.count(), room.statuses().await["delivered"]), (100, 100));
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Answer(answer(429, "retry-after: 2\r\n", ""))).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(1);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let Health::Failing { probe_at, .. } = room.endpoint(&receiver.url("/")).await.health else { panic!() };
    let wait = probe_at.duration_since(Timestamp::now()).as_secs_f64();
    assert!((1.5..2.1).contains(&wait), "{wait}");
}

#[tokio::test]
async fn gone_disables_the_endpoint_and_its_deliveries_are_given_up_and_listed() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(410)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(30);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.run_wake_ups(QUIET).await;
    assert!(matches!(room.endpoint(&receiver.url("/")).await.health, Health::Disabled { .. }));
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

//! What a miss does to its instance, its endpoint and the events behind it.

use super::*;

#[tokio::test]
async fn one_miss_is_retried_right_away_and_holds_nothing_but_its_instance() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    let missed = AtomicBool::new(false);
    receiver.decides(move |request| {
        let first = request.target().contains("instanceID=bad&") && !missed.swap(true, Ordering::SeqCst);
        if first { Behaviour::status(503) } else { Behaviour::status(200) }
    });
    room.configure("default", &[receiver.url("/")]).await;
    let mut records = room.inserts(5);
    records.push(room.record("INSERT", "bad", "default"));
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 7);
    assert_eq!(receiver.attempts()[6], 2);
    assert_eq!(room.statuses().await, HashMap::from([("delivered".to_owned(), 6)]));
    let record = room.endpoint(&receiver.url("/")).await;
    assert!(!record.has_queued() && record.health == Health::default(), "{record:?}");
}

#[tokio::test]
async fn events_of_a_held_instance_queue_and_all_others_go_on_directly() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    receiver.decides(|request| Behaviour::status(if request.target().contains("instanceID=bad&") { 500 } else { 200 }));
    room.configure("default", &[receiver.url("/")]).await;
    let first = [room.record("INSERT", "bad", "default"), room.record("INSERT", "good", "default")];
    assert!(room.batch(&first, PLENTY).await.is_empty());
    let record = room.endpoint(&receiver.url("/")).await;
    assert!(matches!(record.health, Health::Healthy { .. }) && !record.has_backlog, "{record:?}");
    assert_eq!(record.held.into_iter().collect::<Vec<_>>(), [InstanceKey::new("bad")]);

    receiver.reset_to(Behaviour::status(200));
    let later = [room.record("MODIFY", "bad", "default"), room.record("MODIFY", "good", "default")];
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(by_instance(&receiver.targets()).into_keys().collect::<Vec<_>>(), ["good"], "it does not overtake");
    room.run_wake_ups(QUIET).await;
    assert_eq!(by_instance(&receiver.targets())["bad"], ["000001", "000003"]);
    let record = room.endpoint(&receiver.url("/")).await;
    assert!(!record.has_queued() && record.wake_at == record.appending_until, "{record:?}");
}

/// After an append, the sweep looks once more, by a wake-up without a message.
#[tokio::test]
async fn a_delivery_that_fails_while_only_a_look_is_scheduled_does_not_wait_for_the_sweep() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(500)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let first = [room.record("INSERT", "one", "default")];
    assert!(room.batch(&first, PLENTY).await.is_empty());
    receiver.reset_to(Behaviour::status(200));
    room.run_wake_ups(QUIET).await;
    let record = room.endpoint(&receiver.url("/")).await;
    assert!(!record.has_queued() && record.wake_at == record.appending_until, "{record:?}");

    room.at(record.wake_at.unwrap() + Duration::from_secs(1));
    receiver.reset_to(Behaviour::status(500));
    let second = [room.record("INSERT", "two", "default")];
    assert!(room.batch(&second, PLENTY).await.is_empty());
    assert!(room.endpoint(&receiver.url("/")).await.has_queued());
    let (wake_up, _) = tokio::time::timeout(QUIET, room.sent.recv()).await.expect("a message is sent").unwrap();
    assert_eq!(wake_up.endpoint, endpoint(&receiver.url("/")).id);
}

#[tokio::test]
async fn more_held_instances_than_the_record_holds_hold_everything() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    receiver.decides(|request| Behaviour::status(if request.instance().starts_with("i-") { 422 } else { 200 }));
    room.fanout.health.rejections_to_fail = u32::MAX;
    room.configure("default", &[receiver.url("/")]).await;
    let mut records = room.inserts(MAX_HELD + 1);
    records.push(room.record("INSERT", "good", "default"));
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let record = room.endpoint(&receiver.url("/")).await;
    assert!(record.has_backlog && record.held.is_empty(), "{record:?}");
    receiver.reset_to(Behaviour::status(200));
    let later = [room.record("MODIFY", "good", "default")];
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 0, "it queues with the rest");
    // On a busy machine the first event of the good one may be pending, too: its hold had ended.
    let pending = room.statuses().await["pending"];
    assert!((MAX_HELD + 2..=MAX_HELD + 3).contains(&pending), "{pending}");
    room.run_wake_ups(QUIET).await;
    assert_eq!(receiver.count(), pending);
    assert!(!room.endpoint(&receiver.url("/")).await.has_queued());
}

#[tokio::test]
async fn five_misses_in_a_row_make_an_endpoint_failing_and_uncalled() {
    let mut room = Harness::new().await;
    let closing = Receiver::new(Behaviour::Close).await;
    room.configure("default", &[closing.url("/")]).await;
    let records = room.inserts(500);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let in_batch = closing.count();
    assert!((5..=2 * 8).contains(&in_batch), "what was in flight, and a retry of each: {in_batch}");
    let record = room.endpoint(&closing.url("/")).await;
    assert!(matches!(record.health, Health::Failing { failed_probes: 0, .. }) && record.has_backlog, "{record:?}");

    let records = room.inserts(500);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert_eq!(closing.count(), in_batch, "the next batch goes to the backlog whole");
    assert_eq!(room.statuses().await["pending"], 1000);
}

#[tokio::test]
async fn misses_of_different_batches_count_together_until_one_is_acknowledged() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(503)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let mut health = Vec::new();
    for number in 0..6 {
        let name = format!("i-{number}");
        let records = [room.record("INSERT", &name, "default")];
        receiver.turn(Behaviour::status(if number == 0 { 200 } else { 503 }));
        assert!(room.batch(&records, PLENTY).await.is_empty());
        health.push(match room.endpoint(&receiver.url("/")).await.health {
            Health::Healthy { misses, .. } => Some(misses),
            Health::Failing { .. } | Health::Disabled { .. } => None,
        });
    }
    assert_eq!(health, [Some(0), Some(1), Some(2), Some(3), Some(4), None]);
}

#[tokio::test]
async fn an_endpoint_that_is_regularly_late_is_slow_and_its_drain_delivers() {
    let mut room = Harness::new().await;
    let (slow, fast) = (Receiver::healthy().await, Receiver::healthy().await);
    slow.turn(Behaviour::slow(2 * HOLD));
    room.configure("default", &[slow.url("/"), fast.url("/")]).await;
    for number in 0..4 {
        let records = [room.record("INSERT", &format!("i-{number}"), "default")];
        assert!(room.batch(&records, PLENTY).await.is_empty());
    }
    assert_eq!((slow.count(), fast.count()), (3, 4), "the fourth is left to the drain");
    let record = room.endpoint(&slow.url("/")).await;
    assert!(record.is_slow() && record.has_backlog && matches!(record.health, Health::Healthy { .. }), "{record:?}");
    assert!(!room.endpoint(&fast.url("/")).await.is_slow());

    slow.turn(Behaviour::ok());
    let mut sent = 4;
    // On a busy machine a drain may find it late once more.
    for _ in 0..10 {
        let numbers = sent..sent + 36;
        sent = numbers.end;
        let records =
            numbers.map(|number| room.record("INSERT", &format!("i-{number}"), "default")).collect::<Vec<_>>();
        assert!(room.batch(&records, PLENTY).await.is_empty());
        room.run_wake_ups(QUIET).await;
        assert_eq!(slow.count(), sent);
        if !room.endpoint(&slow.url("/")).await.is_slow() {
            break;
        }
    }
    let record = room.endpoint(&slow.url("/")).await;
    assert!(!record.is_slow() && !record.has_queued(), "it is fast again: {record:?}");
}

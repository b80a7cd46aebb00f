//! Wake-ups that are doubled, lost, early or late, and the leases of drains.

use super::*;

#[tokio::test]
async fn wake_ups_that_are_doubled_or_come_at_once_send_nothing_twice() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Close).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(200);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    receiver.reset_to(Behaviour::status(200));
    tokio::time::sleep(2 * STEP).await;
    let url = receiver.url("/");
    let wakes = (0..8).map(|_| room.wake(&url));
    futures_util::future::join_all(wakes).await;
    room.run_wake_ups(QUIET).await;
    assert_eq!((receiver.count(), room.statuses().await["delivered"]), (200, 200));
}

#[tokio::test]
async fn a_lost_wake_up_is_made_up_for_by_the_sweep() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Close).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(10);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    while room.sent.try_recv().is_ok() {}
    receiver.reset_to(Behaviour::status(200));
    tokio::time::sleep(2 * STEP).await;

    assert_eq!(room.retry.sweep(Timestamp::now()).await.unwrap(), 1);
    room.run_wake_ups(QUIET).await;
    assert_eq!(receiver.count(), 10);
    assert_eq!(room.retry.sweep(Timestamp::now()).await.unwrap(), 0, "what has nothing waiting is left alone");
}

#[tokio::test]
async fn a_drain_whose_holder_died_goes_on_when_the_lease_has_ended() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Close).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(10);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    receiver.reset_to(Behaviour::status(200));
    tokio::time::sleep(2 * STEP).await;
    let dead = lease_of(&receiver.url("/"), "dead");
    let until = Timestamp::now() + Duration::from_millis(700);
    assert!(room.retry.endpoints.lease(&dead, Timestamp::now(), until, None).await.unwrap().is_some());
    room.wake(&receiver.url("/")).await;
    assert_eq!(receiver.count(), 0, "one worker at a time");
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(room.retry.sweep(Timestamp::now()).await.unwrap(), 1);
    room.run_wake_ups(QUIET).await;
    assert_eq!(receiver.count(), 10);
}

#[tokio::test]
async fn a_drain_hands_over_before_its_own_time_ends() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Close).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(300);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    while room.sent.try_recv().is_ok() {}
    receiver.reset_to(Behaviour::status(200));
    receiver.turn(Behaviour::slow(Duration::from_millis(300)));
    tokio::time::sleep(2 * STEP).await;
    let time = TIMEOUT + Duration::from_secs(4) + Duration::from_millis(1_000);
    let begun = Instant::now();
    room.wake_in(&receiver.url("/"), time).await;
    assert!(begun.elapsed() < time, "{:?}", begun.elapsed());
    assert!((1..300).contains(&receiver.count()), "{}", receiver.count());
    let (wake_up, delay) = room.sent.try_recv().unwrap();
    assert_eq!((wake_up.endpoint, delay), (endpoint(&receiver.url("/")).id, Duration::ZERO));
    let statuses = room.statuses().await;
    assert_eq!(statuses["delivered"], receiver.count(), "what was sent is written down");
    assert_eq!(statuses["delivered"] + statuses["pending"], 300);
}

#[tokio::test]
async fn wake_ups_for_another_time_are_dropped_and_early_ones_are_sent_on_once() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    room.set(&receiver.url("/"), SettingsPatch { paused: Some(true), ..SettingsPatch::default() }).await;
    let records = room.inserts(1);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.set(&receiver.url("/"), SettingsPatch { paused: Some(false), ..SettingsPatch::default() }).await;
    let (id, now) = (endpoint(&receiver.url("/")).id, Timestamp::now());
    let lease = lease_of(&receiver.url("/"), "one");
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

    let sent_on = async |room: &mut Harness, minutes: u64| {
        room.retry.world = Arc::new(At(now + Duration::from_secs(60 * minutes)));
        room.retry.wake(&at(later), Instant::now() + PLENTY).await.unwrap();
        std::iter::from_fn(|| room.sent.try_recv().ok()).count()
    };
    assert_eq!(sent_on(&mut room, 0).await, 0, "a copy");
    assert_eq!(sent_on(&mut room, 4).await, 0, "a copy that is late");
    assert_eq!(sent_on(&mut room, 15).await, 1, "the next hop");
    assert_eq!(sent_on(&mut room, 15).await, 0, "its copy");
    let another = later + Duration::from_secs(3_600);
    room.retry.wake(&at(another), Instant::now() + PLENTY).await.unwrap();
    assert_eq!(sent_on(&mut room, 30).await, 1, "one for another time has changed nothing");
    room.retry.wake(&at(another), Instant::now() + PLENTY).await.unwrap();
    assert!(room.sent.try_recv().is_err(), "and is not sent on");

    room.retry.world = Arc::new(At(later));
    room.retry.wake(&at(later), Instant::now() + PLENTY).await.unwrap();
    assert_eq!(receiver.count(), 1);
}

#[tokio::test]
async fn a_drain_makes_the_first_key_of_a_workspace_only_when_it_sends() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Close).await;
    let (url, workspace, keys) = (receiver.url("/"), workspace_id("default"), room.retry.secrets.clone());
    room.configure("default", std::slice::from_ref(&url)).await;
    room.set(&url, SettingsPatch { on_backlog: Some(OnBacklog::Latest), ..SettingsPatch::default() }).await;
    room.wake(&url).await;
    assert_eq!(room.endpoint(&url).await.wake_at, None, "the drain has looked");
    assert_eq!(keys.get(&workspace).await.unwrap(), None, "nothing was sent");

    let records = room.inserts(3);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let delete = room.client.delete_item().table_name("Webhooks");
    let value = |text: &str| AttributeValue::S(text.to_owned());
    delete.key("pk", value("default")).key("sk", value("signing-secret")).send().await.unwrap();
    receiver.reset_to(Behaviour::status(200));
    tokio::time::sleep(2 * STEP).await;
    room.run_wake_ups(QUIET).await;
    let (requests, secrets) = (receiver.requests(), room.secrets(&url).await);
    assert_eq!((requests.len(), keys.get(&workspace).await.unwrap().unwrap().version), (3, 1));
    for request in requests {
        let signature = secrets.sign(request.id(), request.signed_at(), request.target());
        assert_eq!(signature, request.header("webhook-signature"));
    }
}

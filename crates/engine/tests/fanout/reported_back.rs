//! Which records a batch reports back, so that they come again.

use super::*;
use webhooks_store::SettingsPatch;

#[tokio::test]
async fn exactly_the_records_whose_delivery_could_not_be_kept_come_again() {
    let mut room = Harness::new().await;
    let healthy = Receiver::healthy().await;
    room.configure("healthy", &[healthy.url("/")]).await;
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
async fn unreadable_callbacks_send_nothing_and_report_every_record() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    room.fanout.endpoints = EndpointsStore::new(room.client.clone(), "NoSuchTable");
    let mut records = room.inserts(3);
    records[1] = json!({"eventID": "junk"});
    assert_eq!(room.batch(&records, PLENTY).await, ["1001", "1003"]);
    assert_eq!((receiver.count(), room.items().await.len()), (0, 0));
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
    let healthy = Receiver::healthy().await;
    room.configure("default", &["http://127.0.0.1:1/".to_owned()]).await;
    room.configure("healthy", &[healthy.url("/")]).await;
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
async fn refused_writes_fail_exactly_what_could_not_be_kept() {
    for how in [Fault::Throttle, Fault::InternalError, Fault::Reset] {
        let mut room = Harness::new().await;
        let healthy = Receiver::healthy().await;
        room.configure("default", &["http://127.0.0.1:1/".to_owned()]).await;
        room.configure("healthy", &[healthy.url("/")]).await;
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

/// An earlier run of the batch may have left it in the backlog, where it would be sent although it is in the log as failed.
#[tokio::test]
async fn a_delivery_that_fails_is_kept_only_if_it_is_not_in_the_backlog() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(410)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let gone = [room.record("INSERT", "gone", "default")];
    assert!(room.batch(&gone, PLENTY).await.is_empty());
    assert!(matches!(room.endpoint(&receiver.url("/")).await.health, Health::Disabled { .. }));
    let proxy = FaultProxy::start(&room.address).await;
    room.fanout.deliveries = DeliveriesStore::new(proxy.client(), "Deliveries");
    let records = room.inserts(30);

    // The last one's key in the backlog, which is removed by the second request, together with four others.
    proxy.inject("BatchWriteItem 0001031#", Fault::InternalError);
    assert_eq!(room.batch(&records, PLENTY).await, ["1027", "1028", "1029", "1030", "1031"]);
    assert_eq!(room.statuses().await["failed"], 25);
    proxy.heal();
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert_eq!((room.statuses().await["failed"], receiver.count()), (30, 1));
}

#[tokio::test]
async fn what_a_batch_reports_back_it_attempts_no_more() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(500)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = [room.record("INSERT", "i", "default")];
    let proxy = FaultProxy::start(&room.address).await;
    room.fanout.deliveries = DeliveriesStore::new(proxy.client(), "Deliveries");
    proxy.inject("BatchWriteItem", Fault::InternalError);
    assert_eq!(room.batch(&records, PLENTY).await, ["1001"]);
    assert_eq!(receiver.attempts(), [1], "its inline retry would be a second one");
}

#[tokio::test]
async fn a_batch_that_dies_leaves_no_delivery_without_a_record() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(500)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = [room.record("INSERT", "i", "default")];
    let proxy = FaultProxy::start(&room.address).await;
    room.fanout.deliveries = DeliveriesStore::new(proxy.client(), "Deliveries");
    proxy.inject("BatchWriteItem", Fault::InternalError);
    assert_eq!(room.batch(&records, PLENTY).await, ["1001"]);
    assert!(room.endpoint(&receiver.url("/")).await.has_queued(), "the flag comes before what it stands for");
    proxy.heal();
    receiver.turn(Behaviour::status(200));
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
async fn what_an_endpoints_record_says_already_is_not_written_before_each_append() {
    let mut room = Harness::new().await;
    let url = "http://127.0.0.1:1/";
    room.configure("default", &[url.to_owned()]).await;
    room.set(url, SettingsPatch { paused: Some(true), ..SettingsPatch::default() }).await;
    let (now, mut added, mut before) = (Timestamp::now(), Vec::new(), 0);
    // The record counts on additions for a minute. What is written later than that has to be recorded again.
    for seconds in [0, 1, 59, 60] {
        room.at(now + Duration::from_secs(seconds));
        let record = room.record("INSERT", &format!("i-{seconds}"), "default");
        assert!(room.batch(&[record], PLENTY).await.is_empty());
        let total = room.endpoint(url).await.appends.total;
        added.push(total - std::mem::replace(&mut before, total));
    }
    assert_eq!(added, [2, 1, 2, 1]);
}

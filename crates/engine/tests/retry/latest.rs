//! Of an instance's updates that wait only the last one is sent, if the endpoint asks for that.

use super::*;
use webhooks_model::delivery::Status;
use webhooks_store::{Budget, LogFilter};

fn latest() -> SettingsPatch {
    SettingsPatch { on_backlog: Some(OnBacklog::Latest), ..SettingsPatch::default() }
}

/// A day's outage in small: ten updates of each of thirty instances while the receiver is down.
#[tokio::test]
async fn after_an_outage_a_receiver_gets_one_call_per_instance_and_the_others_are_listed() {
    let mut room = Harness::new().await;
    let (receiver, every) = (Receiver::new(Behaviour::Close).await, Receiver::new(Behaviour::Close).await);
    let urls = [receiver.url("/"), every.url("/")];
    room.configure("default", &urls).await;
    room.set(&urls[0], latest()).await;
    let mut last = Vec::new();
    for _ in 0..10 {
        let records: Vec<_> = (0..30).map(|i| room.record("MODIFY", &format!("i-{i}"), "default")).collect();
        assert!(room.batch(&records, PLENTY).await.is_empty());
        last = records;
    }
    receiver.reset_to(Behaviour::status(200));
    every.reset_to(Behaviour::status(200));
    room.run_wake_ups(QUIET).await;
    room.wake(&urls[0]).await;

    let of_last = |instance: &str| {
        let record = last.iter().find(|it| it["dynamodb"]["NewImage"]["instanceID"]["S"] == instance).unwrap();
        record["dynamodb"]["NewImage"]["processName"]["S"].as_str().unwrap().to_owned()
    };
    let got = by_instance(&receiver.targets());
    assert_eq!(
        (receiver.count(), got.len()),
        (30, 30),
        "{:?} {:?}",
        room.statuses().await,
        room.endpoint(&urls[0]).await
    );
    for (instance, calls) in &got {
        assert_eq!(*calls, [of_last(instance)], "{instance}: the last one, once");
    }
    assert_eq!(every.count(), 300, "the other endpoint gets every event");
    let statuses = room.statuses().await;
    assert_eq!((statuses["delivered"], statuses["superseded"], statuses.get("pending")), (330, 270, None));
    let record = room.endpoint(&urls[0]).await;
    assert!(!record.has_queued() && record.health == Health::default(), "{record:?}");

    let filter = LogFilter { statuses: vec![Status::Superseded], ..LogFilter::default() };
    let mut budget = Budget { queries: 100, items: 1_000, until: Instant::now() + PLENTY };
    let page = room.retry.deliveries.log(&workspace_id("default"), &filter, None, 500, &mut budget).await.unwrap();
    assert_eq!(page.deliveries.len(), 270, "they are listed");
    assert!(page.deliveries.iter().all(|it| it.endpoint.url.as_str() == urls[0] && it.status == Status::Superseded));
}

#[tokio::test]
async fn created_and_deleted_events_are_always_sent_and_in_order() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    let url = receiver.url("/");
    room.configure("default", std::slice::from_ref(&url)).await;
    room.set(&url, SettingsPatch { paused: Some(true), ..latest() }).await;
    let names = ["INSERT", "MODIFY", "MODIFY", "REMOVE", "INSERT", "MODIFY", "MODIFY"];
    let records: Vec<_> = names.map(|name| room.record(name, "i", "default")).into();
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.set(&url, SettingsPatch { paused: Some(false), ..SettingsPatch::default() }).await;
    room.wake(&url).await;
    assert_eq!(by_instance(&receiver.targets())["i"], ["000001", "000004", "000005", "000007"]);
}

#[tokio::test]
async fn events_that_do_not_wait_are_all_sent() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    let url = receiver.url("/");
    room.configure("default", std::slice::from_ref(&url)).await;
    room.set(&url, latest()).await;
    let records: Vec<_> = (0..5).map(|_| room.record("MODIFY", "i", "default")).collect();
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert_eq!(by_instance(&receiver.targets())["i"].len(), 5);
}

/// The update is of more use than a deletion that fails as one of a URL that is not called for deletions any more.
#[tokio::test]
async fn what_will_not_be_sent_supersedes_nothing() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    let url = receiver.url("/");
    room.configure("default", std::slice::from_ref(&url)).await;
    room.set(&url, SettingsPatch { paused: Some(true), ..latest() }).await;
    let records = [room.record("MODIFY", "i", "default"), room.record("REMOVE", "i", "default")];
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.configure_for("default", &[EventType::Updated], std::slice::from_ref(&url)).await;
    room.set(&url, SettingsPatch { paused: Some(false), ..SettingsPatch::default() }).await;
    room.wake(&url).await;
    assert_eq!(by_instance(&receiver.targets())["i"], ["000001"]);
    let statuses = room.statuses().await;
    assert_eq!((statuses["delivered"], statuses["failed"], statuses.get("superseded")), (1, 1, None));
}

#[tokio::test]
async fn a_lookup_that_fails_sends_the_event() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    let url = receiver.url("/");
    room.configure("default", std::slice::from_ref(&url)).await;
    room.set(&url, SettingsPatch { paused: Some(true), ..latest() }).await;
    let records = [room.record("MODIFY", "i", "default"), room.record("MODIFY", "i", "default")];
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.set(&url, SettingsPatch { paused: Some(false), ..SettingsPatch::default() }).await;
    let proxy = FaultProxy::start(&room.address).await;
    room.through(proxy.client());
    proxy.inject("Query byInstance", Fault::InternalError);
    room.wake(&url).await;
    assert_eq!(by_instance(&receiver.targets())["i"], ["000001", "000002"]);
}

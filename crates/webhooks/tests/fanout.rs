//! The fan-out on a real engine and real receivers: what is reported back, what is kept, and what bounds a batch.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;
use webhooks::callbacks::{Callback, CallbackUrl, Callbacks};
use webhooks::event::EventSettings;
use webhooks::fanout::{Fanout, FanoutSettings};
use webhooks::sender::{Sender, SenderSettings};
use webhooks::store::{CallbacksStore, DeliveriesStore, StoredCallbacks};
use webhooks::workspace::WorkspaceId;

const TIMEOUT: Duration = Duration::from_millis(600);
const START_WINDOW: Duration = Duration::from_millis(300);

/// Answers 200 after `delay`, and remembers what it was asked and how many requests were open at once.
#[derive(Clone, Default)]
struct Receiver {
    targets: Arc<std::sync::Mutex<Vec<String>>>,
    open: Arc<AtomicUsize>,
    most_open: Arc<AtomicUsize>,
}

impl Receiver {
    async fn start(delay: Duration) -> (Self, SocketAddr) {
        let receiver = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = receiver.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let receiver = shared.clone();
                tokio::spawn(async move {
                    let mut request = [0; 65536];
                    while let Ok(n @ 1..) = stream.read(&mut request).await {
                        let line = String::from_utf8_lossy(&request[..n]).split(' ').nth(1).unwrap().to_owned();
                        receiver.targets.lock().unwrap().push(line);
                        let open = receiver.open.fetch_add(1, Ordering::SeqCst) + 1;
                        receiver.most_open.fetch_max(open, Ordering::SeqCst);
                        tokio::time::sleep(delay).await;
                        receiver.open.fetch_sub(1, Ordering::SeqCst);
                        if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        (receiver, address)
    }

    fn count(&self) -> usize {
        self.targets.lock().unwrap().len()
    }
}

fn fanout(client: &Client, webhooks: &str, deliveries: &str, settings: FanoutSettings) -> Fanout {
    Fanout {
        callbacks: CallbacksStore::new(client.clone(), webhooks),
        deliveries: DeliveriesStore::new(client.clone(), deliveries),
        sender: Sender::new(SenderSettings { timeout: TIMEOUT, ..SenderSettings::default() }).unwrap(),
        events: EventSettings::default(),
        settings,
    }
}

fn settings() -> FanoutSettings {
    FanoutSettings { start_window: START_WINDOW, ..FanoutSettings::default() }
}

async fn configure(client: &Client, workspace: &str, created: &[String]) {
    let urls = created.iter().map(|url| CallbackUrl::try_from(url.clone()).unwrap()).collect();
    let callback = Callback { enabled: true, urls };
    let callbacks = Callbacks { created: callback.clone(), updated: callback, ..Callbacks::default() };
    let workspace = WorkspaceId::try_from(workspace.to_owned()).unwrap();
    let store = CallbacksStore::new(client.clone(), "Webhooks");
    store.replace(&workspace, &StoredCallbacks::default(), callbacks).await.unwrap();
}

fn record(sequence: usize, name: &str, instance: &str, workspace: &str) -> Value {
    json!({
        "eventID": format!("event-{sequence}"), "eventName": name,
        "dynamodb": {"ApproximateCreationDateTime": 1_700_000_000, "SequenceNumber": format!("{}", 1000 + sequence),
            "NewImage": {"instanceID": {"S": instance}, "processName": {"S": "p"}, "workspaceID": {"S": workspace}}},
    })
}

fn inserts(count: usize) -> Vec<Value> {
    (0..count).map(|i| record(i, "INSERT", &format!("i-{i}"), "default")).collect()
}

/// The sequence numbers that are reported back.
async fn handle(fanout: &Fanout, records: &[Value], time: Duration) -> Vec<String> {
    let payload = json!({"Records": records}).to_string();
    let response = fanout.handle(&payload, Instant::now() + time).await.unwrap();
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier.unwrap()).collect()
}

async fn pending(client: &Client) -> Vec<HashMap<String, AttributeValue>> {
    client.scan().table_name("Deliveries").into_paginator().items().send().collect::<Result<_, _>>().await.unwrap()
}

fn text<'a>(item: &'a HashMap<String, AttributeValue>, name: &str) -> &'a str {
    item[name].as_s().unwrap()
}

const PLENTY: Duration = Duration::from_secs(30);
const HANGING: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_endpoint_that_hangs_does_not_hold_the_others_nor_the_batch() {
    let client = support::engine().await;
    let (healthy, at) = Receiver::start(Duration::ZERO).await;
    let (hanging, hangs_at) = Receiver::start(HANGING).await;
    configure(&client, "default", &[format!("http://{hangs_at}/"), format!("http://{at}/")]).await;
    let fanout = fanout(&client, "Webhooks", "Deliveries", settings());

    let begun = Instant::now();
    assert!(handle(&fanout, &inserts(200), PLENTY).await.is_empty());
    let took = begun.elapsed();

    assert_eq!(healthy.count(), 200);
    assert!(hanging.count() <= 8, "one that has not answered gets no more than the first window: {}", hanging.count());
    assert!(took < START_WINDOW + TIMEOUT + Duration::from_secs(2), "{took:?}");
    let kept = pending(&client).await;
    assert_eq!(kept.len(), 200);
    let tried = kept.iter().filter(|item| !item["attempts"].as_l().unwrap().is_empty()).count();
    assert_eq!(tried, hanging.count(), "each attempt is kept with its delivery");
    assert!(
        kept.iter().all(|item| text(item, "status") == "pending" && text(item, "url").contains(&hangs_at.to_string()))
    );
}

#[tokio::test]
async fn exactly_the_records_whose_delivery_could_not_be_kept_come_again() {
    let client = support::engine().await;
    let (_healthy, at) = Receiver::start(Duration::ZERO).await;
    configure(&client, "healthy", &[format!("http://{at}/")]).await;
    configure(&client, "broken", &["http://127.0.0.1:1/".to_owned()]).await;
    let fanout = fanout(&client, "Webhooks", "NoSuchTable", settings());

    let workspaces = ["healthy", "broken", "healthy", "broken", "unconfigured"];
    let records: Vec<_> = (0..5).map(|i| record(i, "INSERT", &format!("i-{i}"), workspaces[i])).collect();
    assert_eq!(handle(&fanout, &records, PLENTY).await, ["1001", "1003"]);
}

#[tokio::test]
async fn when_the_callbacks_cannot_be_read_every_readable_record_comes_again_and_nothing_is_sent() {
    let client = support::engine().await;
    let (receiver, at) = Receiver::start(Duration::ZERO).await;
    configure(&client, "default", &[format!("http://{at}/")]).await;
    let fanout = fanout(&client, "NoSuchTable", "Deliveries", settings());
    let mut records = inserts(3);
    records[1] = json!({"eventID": "junk"});
    assert_eq!(handle(&fanout, &records, PLENTY).await, ["1000", "1002"]);
    assert_eq!((receiver.count(), pending(&client).await.len()), (0, 0));
}

#[tokio::test]
async fn when_one_delivery_of_an_instance_fails_the_later_ones_wait_behind_it() {
    let client = support::engine().await;
    configure(&client, "default", &["http://127.0.0.1:1/".to_owned()]).await;
    let fanout = fanout(&client, "Webhooks", "Deliveries", settings());
    let records =
        [record(0, "INSERT", "i", "default"), record(1, "MODIFY", "i", "default"), record(2, "MODIFY", "i", "default")];
    assert!(handle(&fanout, &records, PLENTY).await.is_empty());

    let mut kept = pending(&client).await;
    kept.sort_by(|a, b| text(a, "sk").cmp(text(b, "sk")));
    let attempts: Vec<_> = kept.iter().map(|item| item["attempts"].as_l().unwrap().len()).collect();
    assert_eq!(attempts, [1, 0, 0]);
    let attempt = kept[0]["attempts"].as_l().unwrap()[0].as_m().unwrap();
    assert_eq!((text(attempt, "reason"), kept[0]["pk"] == kept[2]["pk"]), ("connection-refused", true));
    assert_eq!(
        (text(&kept[0], "eventID"), text(&kept[0], "eventType"), text(&kept[0], "instanceID")),
        ("event-0", "created", "i")
    );
}

#[tokio::test]
async fn the_events_of_an_instance_arrive_in_order_while_others_interleave() {
    let client = support::engine().await;
    let (receiver, at) = Receiver::start(Duration::from_millis(1)).await;
    configure(&client, "default", &[format!("http://{at}/")]).await;
    let fanout = fanout(
        &client,
        "Webhooks",
        "Deliveries",
        FanoutSettings { start_window: Duration::from_secs(20), ..settings() },
    );
    let records: Vec<_> = (0..300)
        .map(|i| {
            let mut record = record(i, "MODIFY", &format!("i-{}", i % 7), "default");
            record["dynamodb"]["NewImage"]["processName"]["S"] = json!(format!("{i:04}"));
            record
        })
        .collect();
    assert!(handle(&fanout, &records, PLENTY).await.is_empty());

    let targets = receiver.targets.lock().unwrap().clone();
    assert_eq!(targets.len(), 300);
    for instance in 0..7 {
        let of_instance: Vec<_> =
            targets.iter().filter(|target| target.contains(&format!("instanceID=i-{instance}&"))).collect();
        assert!(of_instance.is_sorted(), "{of_instance:?}");
    }
}

#[tokio::test]
async fn attempts_in_flight_are_bounded_per_endpoint_and_in_total() {
    let client = support::engine().await;
    let (one, at_one) = Receiver::start(Duration::from_millis(5)).await;
    let (two, at_two) = Receiver::start(Duration::from_millis(5)).await;
    configure(&client, "default", &[format!("http://{at_one}/"), format!("http://{at_two}/")]).await;
    let bounds =
        FanoutSettings { start_window: Duration::from_secs(20), max_in_flight: 20, max_in_flight_per_endpoint: 16 };
    assert!(handle(&fanout(&client, "Webhooks", "Deliveries", bounds), &inserts(200), PLENTY).await.is_empty());

    assert_eq!((one.count(), two.count()), (200, 200));
    let (most_one, most_two) = (one.most_open.load(Ordering::SeqCst), two.most_open.load(Ordering::SeqCst));
    assert!(most_one <= 16 && most_two <= 16, "{most_one}, {most_two}");
    assert!(most_one > 8 || most_two > 8, "the window opens as an endpoint answers: {most_one}, {most_two}");
}

#[tokio::test]
async fn a_function_that_has_no_time_left_starts_nothing_and_keeps_everything() {
    let client = support::engine().await;
    let (receiver, at) = Receiver::start(Duration::ZERO).await;
    configure(&client, "default", &[format!("http://{at}/")]).await;
    let fanout = fanout(&client, "Webhooks", "Deliveries", settings());
    let time = TIMEOUT + Duration::from_secs(3);
    assert!(handle(&fanout, &inserts(60), time).await.is_empty());
    assert_eq!((receiver.count(), pending(&client).await.len()), (0, 60));
}

#[tokio::test]
async fn a_batch_that_comes_again_replaces_what_it_kept_before() {
    let client = support::engine().await;
    configure(&client, "default", &["http://127.0.0.1:1/".to_owned()]).await;
    let fanout = fanout(&client, "Webhooks", "Deliveries", settings());
    for _ in 0..2 {
        assert!(handle(&fanout, &inserts(30), PLENTY).await.is_empty());
    }
    assert_eq!(pending(&client).await.len(), 30);
}

//! Measures how long the backlog of a replaced URL takes to its new one, with the time that the deployed retry function has:
//! `make measure-move ROWS=20000`. Until the first delivery arrives at the new URL, its events wait.
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on panics")]
#![allow(clippy::disallowed_methods, reason = "measurements ask the machine for the time")]
#![allow(clippy::print_stdout, reason = "it is a program for the command line")]

use webhooks_test_support as support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;
use webhooks_engine::sender::{Sender, SenderSettings};
use webhooks_model::attempt::Attempts;
use webhooks_model::delivery::{Delivery, Status};
use webhooks_model::endpoint::Endpoint;
use webhooks_model::event::{Event, EventType, PARTITIONS};
use webhooks_store::{DeliveryWrite, Hold, StorageState, Turn};

use support::harness::{Harness, endpoint, workspace_id};
use support::harness_api::{api, call};
use support::receiver::{Receiver, on_this_machine};

/// `Timeout` of the retry function in template.yaml.
const FUNCTION: Duration = Duration::from_secs(60);

/// Events of an instance.
const EACH: usize = 5;

/// Rows that are put into the backlog at a time.
const AT_ONCE: usize = 5_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let rows = std::env::var("ROWS").ok().map_or(20_000, |rows| rows.parse().expect("ROWS is a number"));
    let mut room = Harness::new().await;
    // As deployed: what is left of a drain's time after its last attempt can have ended.
    let sender = SenderSettings { policy: on_this_machine(), ..SenderSettings::default() };
    room.retry.sender = Arc::new(Sender::new(sender).unwrap());
    let (old, new) = ("http://127.0.0.1:1/".to_owned(), Receiver::healthy().await);
    room.configure("default", std::slice::from_ref(&old)).await;
    fill(&room, &endpoint(&old), rows).await;

    let on = |url: &str| json!({"enabled": true, "urls": [url]});
    let body = json!({
        "created": on(&new.url("/")), "updated": on(&new.url("/")), "deleted": on(&new.url("/")),
        "replaces": {new.url("/"): old},
    });
    let (status, body) = call(&api(&room), "PUT", "/v1/workspaces/default/callbacks", Some(body)).await;
    assert!(status.is_success(), "{status} {body}");

    let (begun, mut drains) = (Instant::now(), 0);
    let Harness { retry, sent, .. } = &mut room;
    while new.count() == 0 {
        let (wake_up, delay) = sent.recv().await.expect("a move that is not over is woken again");
        tokio::time::sleep(delay).await;
        drains += usize::from(wake_up.endpoint == endpoint(&new.url("/")).id);
        tokio::select! {
            woken = retry.wake(&wake_up, Instant::now() + FUNCTION) => woken.unwrap(),
            () = until_asked(&new) => {}
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{rows} rows: {seconds:.1} s until the first delivery, {drains} drains, {:.0} rows/s",
        rows as f64 / seconds
    );
}

async fn until_asked(receiver: &Receiver) {
    while receiver.count() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Puts so many pending deliveries into an endpoint's backlog.
async fn fill(room: &Harness, endpoint: &Endpoint, rows: usize) {
    room.append(endpoint, &Hold::Everything, &(0..PARTITIONS).collect::<BTreeSet<_>>()).await;
    let now = Timestamp::now();
    for first in (0..rows).step_by(AT_ONCE) {
        let events: Vec<_> = (first..rows.min(first + AT_ONCE)).map(event).collect();
        let write = |event| {
            let (status, attempts) = (Status::Pending, Attempts::default());
            let delivery = Delivery { event, endpoint, status, attempts, give_up_reason: None };
            DeliveryWrite { delivery, storage: StorageState::Pending(Turn::Next), was: None }
        };
        let writes: Vec<_> = events.iter().map(write).collect();
        for written in room.fanout.deliveries.write(&writes, now, Instant::now() + 10 * FUNCTION).await {
            written.unwrap();
        }
    }
}

fn event(number: usize) -> Event {
    Event {
        id: format!("{number:032x}"),
        sequence_number: format!("{:021}", 1_000_000 + number),
        event_type: EventType::Updated,
        workspace: workspace_id("default"),
        instance_id: format!("instance-{}", number / EACH),
        process_name: "Order".to_owned(),
        changed_at: Timestamp::from_second(1_700_000_000).unwrap(),
    }
}

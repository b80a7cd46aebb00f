//! The KMS key of the tables is disabled for a while: DynamoDB denies every call of both tables.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;
use webhooks_store::StoreError;

use crate::support::fault_proxy::{Fault, FaultProxy};
use crate::support::harness::{At, Harness, PLENTY, QUIET, STEP, by_instance, endpoint, text};
use crate::support::receiver::{Behaviour, Receiver};

const INSTANCES: usize = 20;

/// A batch with one change of each instance.
fn changes(room: &mut Harness, name: &str) -> Vec<Value> {
    (0..INSTANCES).map(|number| room.record(name, &format!("i-{number}"), "default")).collect()
}

/// Sequence numbers, which name the records that are reported back.
fn numbers(records: &[Value]) -> Vec<String> {
    records.iter().map(|record| record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned()).collect()
}

/// An engine whose tables are behind a proxy, an endpoint that works, and one that is down and has a backlog.
async fn with_a_backlog() -> (Harness, FaultProxy, Receiver, Receiver) {
    let mut room = Harness::new().await;
    let (working, down) = (Receiver::healthy().await, Receiver::new(Behaviour::Close).await);
    room.configure("default", &[working.url("/"), down.url("/")]).await;
    let records = changes(&mut room, "INSERT");
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert_eq!((working.count(), room.statuses().await["pending"]), (INSTANCES, INSTANCES));
    while room.sent.try_recv().is_ok() {}
    let proxy = FaultProxy::start(&room.address).await;
    room.through(proxy.client());
    (room, proxy, working, down)
}

/// The error says what an operator does about it, and what DynamoDB has said.
fn says_what_to_do(error: &StoreError) {
    assert!(matches!(error, StoreError::Denied { .. }), "{error}");
    let text = error.to_string();
    for part in ["enable the table's KMS key", "AccessDeniedException", "key/1d5a7a11 is disabled"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Of each instance so many events, the first arrivals in the order in which they were written.
fn in_order(receiver: &Receiver, each: usize) {
    let instances = by_instance(&receiver.targets());
    assert_eq!(instances.len(), INSTANCES);
    for (instance, arrivals) in instances {
        let mut seen = HashSet::new();
        let first: Vec<_> = arrivals.into_iter().filter(|number| seen.insert(number.clone())).collect();
        assert!(first.len() == each && first.is_sorted(), "{instance}: {first:?}");
    }
}

#[tokio::test]
async fn while_the_key_is_disabled_batches_come_again_and_what_is_pending_stays() {
    let (mut room, proxy, working, down) = with_a_backlog().await;
    let wake_up = room.due(&endpoint(&down.url("/")).id).await;
    let before = (room.items().await.len(), working.count(), down.count());

    proxy.refuse_all(Fault::KeyDisabled);
    let batches = [changes(&mut room, "MODIFY"), changes(&mut room, "REMOVE")];
    for _ in 0..3 {
        assert_eq!(room.batch(&batches[0], PLENTY).await, numbers(&batches[0]), "all of it comes again");
    }
    says_what_to_do(&room.retry.wake(&wake_up, Instant::now() + PLENTY).await.unwrap_err());
    says_what_to_do(&room.retry.sweep_overdue().await.unwrap_err());
    assert_eq!(
        (room.items().await.len(), working.count(), down.count()),
        before,
        "nothing is sent and nothing changed"
    );

    proxy.heal();
    down.reset_to(Behaviour::status(200));
    for batch in &batches {
        assert!(room.batch(batch, PLENTY).await.is_empty());
    }
    tokio::time::sleep(2 * STEP).await;
    assert_eq!(room.retry.sweep(Timestamp::now()).await.unwrap(), 1);
    room.run_wake_ups(QUIET).await;
    for receiver in [&working, &down] {
        assert_eq!(receiver.count(), 3 * INSTANCES, "once each");
        in_order(receiver, 3);
    }
    assert_eq!(room.statuses().await, HashMap::from([("delivered".to_owned(), 2 * 3 * INSTANCES)]));
    assert!(!room.endpoint(&down.url("/")).await.has_queued());
}

/// The workspace has been read by then, and what attempts come to cannot be written down.
#[tokio::test]
async fn a_key_that_is_disabled_while_a_batch_is_sent_costs_repetitions_and_loses_nothing() {
    let (mut room, proxy, working, down) = with_a_backlog().await;
    working.forget();
    let disabling = proxy.clone();
    working.decides(move |_| {
        disabling.refuse_all(Fault::KeyDisabled);
        Behaviour::status(200)
    });
    let batch = changes(&mut room, "MODIFY");
    assert_eq!(room.batch(&batch, PLENTY).await, numbers(&batch), "of none both deliveries are made or kept");

    proxy.heal();
    working.turn(Behaviour::status(200));
    down.reset_to(Behaviour::status(200));
    assert!(room.batch(&batch, PLENTY).await.is_empty());
    tokio::time::sleep(2 * STEP).await;
    room.retry.sweep(Timestamp::now()).await.unwrap();
    room.run_wake_ups(QUIET).await;
    assert_eq!(
        (working.count(), down.count()),
        (2 * INSTANCES, 2 * INSTANCES),
        "the batch came twice to the one that works"
    );
    in_order(&working, 1);
    in_order(&down, 2);
    assert_eq!(room.statuses().await, HashMap::from([("delivered".to_owned(), 2 * 2 * INSTANCES)]));
}

/// Neither what was sent nor the end of the lease can be written down.
#[tokio::test]
async fn a_key_disabled_during_a_drain_loses_no_delivery() {
    let (mut room, proxy, _working, down) = with_a_backlog().await;
    down.forget();
    let disabling = proxy.clone();
    down.decides(move |_| {
        disabling.refuse_all(Fault::KeyDisabled);
        Behaviour::status(200)
    });
    tokio::time::sleep(2 * STEP).await;
    let wake_up = room.due(&endpoint(&down.url("/")).id).await;
    says_what_to_do(&room.retry.wake(&wake_up, Instant::now() + PLENTY).await.unwrap_err());
    let sent = down.count();
    assert!(sent > 0, "it had begun");
    let items = room.items().await;
    assert_eq!(items.iter().filter(|item| text(item, "status") == "pending").count(), INSTANCES, "all of it is kept");

    proxy.heal();
    down.turn(Behaviour::status(200));
    let later = Timestamp::now() + 2 * PLENTY; // its lease has ended
    room.retry.world = Arc::new(At(later));
    assert_eq!(room.retry.sweep(later).await.unwrap(), 1);
    room.run_wake_ups(QUIET).await;
    assert_eq!(down.count(), sent + INSTANCES, "only what was in flight is sent twice");
    in_order(&down, 1);
    assert_eq!(room.statuses().await, HashMap::from([("delivered".to_owned(), 2 * INSTANCES)]));
}

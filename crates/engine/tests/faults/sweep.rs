//! The sweep does not happen for an hour, and the wake-up of an endpoint was lost.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::support::harness::{Harness, PLENTY, QUIET, by_instance};
use crate::support::receiver::{Behaviour, Receiver};

const HOUR: Duration = Duration::from_secs(3600);

fn changes(room: &mut Harness, instances: usize, name: &str) -> Vec<Value> {
    (0..instances).map(|number| room.record(name, &format!("i-{number}"), "default")).collect()
}

/// So many instances have one pending delivery, no wake-up is on its way, and an hour has passed. The endpoint works again.
async fn an_hour_later(instances: usize, missed: Behaviour) -> (Harness, Receiver) {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(missed).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = changes(&mut room, instances, "INSERT");
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert_eq!(room.statuses().await["pending"], instances);
    while room.sent.try_recv().is_ok() {}
    receiver.reset_to(Behaviour::status(200));
    room.at(Timestamp::now() + HOUR);
    (room, receiver)
}

/// Endpoints whose wake-up is lost: a failing one, whose everything is held, and a healthy one that holds an instance.
fn lost() -> [(usize, Behaviour); 2] {
    [(10, Behaviour::Close), (1, Behaviour::status(500))]
}

#[tokio::test]
async fn later_events_queue_behind_what_is_pending_and_their_batch_wakes_the_endpoint() {
    for (instances, missed) in lost() {
        let (mut room, receiver) = an_hour_later(instances, missed.clone()).await;
        let records = changes(&mut room, instances, "MODIFY");
        assert!(room.batch(&records, PLENTY).await.is_empty());
        assert_eq!((receiver.count(), room.statuses().await["pending"]), (0, 2 * instances), "{missed:?}");

        room.run_wake_ups(QUIET).await;
        arrived_in_order(&receiver, instances, 2);
        assert_eq!(room.statuses().await["delivered"], 2 * instances, "{missed:?}");
    }
}

#[tokio::test]
async fn what_no_batch_wakes_the_first_sweep_does() {
    for (instances, missed) in lost() {
        let (mut room, receiver) = an_hour_later(instances, missed.clone()).await;
        let records = changes(&mut room, instances, "MODIFY");
        assert!(room.batch(&records, PLENTY).await.is_empty());
        while room.sent.try_recv().is_ok() {}
        assert_eq!((receiver.count(), room.statuses().await["pending"]), (0, 2 * instances), "{missed:?}");

        assert_eq!(room.retry.sweep_overdue().await.unwrap(), 1);
        room.run_wake_ups(QUIET).await;
        arrived_in_order(&receiver, instances, 2);
        assert_eq!(room.statuses().await["delivered"], 2 * instances, "{missed:?}");
    }
}

fn arrived_in_order(receiver: &Receiver, instances: usize, each: usize) {
    assert_eq!(receiver.count(), instances * each, "once each");
    for (instance, arrivals) in by_instance(&receiver.targets()) {
        assert!(arrivals.len() == each && arrivals.is_sorted(), "{instance}: {arrivals:?}");
    }
}

//! Two environments that drain one endpoint, their clocks 5 s apart, each way: what a lease allows for.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use webhooks_engine::wake_up::WakeUp;
use webhooks_model::world::World;
use webhooks_runtime::machine::Machine;

use crate::support::harness::{At, Harness, PLENTY, QUIET, TIMEOUT, by_instance, endpoint, workspace_id};
use crate::support::patience::PATIENCE;
use crate::support::receiver::{Behaviour, Receiver};

const APART: SignedDuration = SignedDuration::from_secs(5);

/// Length of a lease that its drain has not renewed.
const LEASE: Duration = Duration::from_secs(20 + TIMEOUT.as_secs());

/// Time of the first drain, which is longer than its lease.
const LONG: Duration = Duration::from_secs(60);

const EVENTS: usize = 5;

/// A machine whose clock is off by so much.
#[derive(Debug)]
struct Skewed(SignedDuration);

impl World for Skewed {
    fn now(&self) -> Timestamp {
        Machine.now() + self.0
    }

    fn fraction(&self) -> f64 {
        Machine.fraction()
    }

    fn unique_name(&self) -> String {
        Machine.unique_name()
    }
}

/// An endpoint with some pending events of one instance.
async fn with_a_backlog() -> (Harness, Receiver) {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(500)).await;
    room.configure("default", &[receiver.url("/")]).await;
    for number in 0..EVENTS {
        let records = [room.record(if number == 0 { "INSERT" } else { "MODIFY" }, "i", "default")];
        assert!(room.batch(&records, PLENTY).await.is_empty());
    }
    while room.sent.try_recv().is_ok() {}
    receiver.reset_to(Behaviour::status(200));
    (room, receiver)
}

fn wake_up(receiver: &Receiver, at: Timestamp) -> WakeUp {
    WakeUp { workspace: workspace_id("default"), endpoint: endpoint(&receiver.url("/")).id, at }
}

async fn until_asked(receiver: &Receiver) {
    let started = Instant::now();
    while receiver.count() == 0 {
        assert!(started.elapsed() < PATIENCE, "no request came");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn while_one_drains_the_other_sends_nothing() {
    for apart in [APART, -APART] {
        let (mut room, receiver) = with_a_backlog().await;
        receiver.turn(Behaviour::slow(Duration::from_millis(200)));
        room.due(&endpoint(&receiver.url("/")).id).await;
        let other = room.another(Skewed(apart));
        let wake = wake_up(&receiver, Timestamp::now());
        let first = room.retry.wake(&wake, Instant::now() + PLENTY);
        let others = async {
            until_asked(&receiver).await;
            for _ in 0..4 {
                let wake_up = wake_up(&receiver, other.world.now());
                let woken = join_all((0..4).map(|_| other.wake(&wake_up, Instant::now() + PLENTY))).await;
                assert!(woken.into_iter().all(|woken| woken.is_ok()));
            }
            receiver.count()
        };
        let (first, during) = tokio::join!(first, others);
        first.unwrap();
        assert!(during <= EVENTS, "{apart}: {during}");
        room.run_wake_ups(QUIET).await;
        assert_eq!(
            by_instance(&receiver.targets())["i"],
            ["000001", "000002", "000003", "000004", "000005"],
            "{apart}"
        );
        assert_eq!(receiver.log().most_open, 1, "{apart}: one drain at a time");
        assert_eq!(room.statuses().await["delivered"], EVENTS, "{apart}");
    }
}

/// The first one dies with an attempt in flight. The other one may take the lease once it has ended, by whichever clock, and
/// not while the first may be at work: 5 s less.
#[tokio::test]
async fn the_lease_of_one_that_died_is_taken_when_it_has_ended_by_either_clock() {
    for apart in [APART, -APART] {
        let (mut room, receiver) = with_a_backlog().await;
        let wake = room.due(&endpoint(&receiver.url("/")).id).await;
        let begun = wake.at;
        room.retry.world = Arc::new(At(begun));
        receiver.turn(Behaviour::Hang);
        let dies = room.retry.wake(&wake, Instant::now() + LONG);
        tokio::select! {
            ended = dies => panic!("it ended before it died: {ended:?}"),
            () = until_asked(&receiver) => {}
        }
        assert_eq!(by_instance(&receiver.targets())["i"], ["000001"], "{apart}");
        receiver.turn(Behaviour::status(200));

        // What the clock of the other shows so long after the first one began.
        let shows = |after: Duration| begun + after + apart;
        let early = shows(LEASE - Duration::from_secs(6));
        room.another(At(early)).wake(&wake_up(&receiver, early), Instant::now() + PLENTY).await.unwrap();
        assert_eq!(receiver.count(), 1, "{apart}: the first may be at work");

        let free = begun + LEASE + Duration::from_secs(1);
        room.at(free);
        room.retry.wake(&wake_up(&receiver, free), Instant::now() + PLENTY).await.unwrap();
        room.run_wake_ups(QUIET).await;
        let arrivals = &by_instance(&receiver.targets())["i"];
        let expected = ["000001", "000001", "000002", "000003", "000004", "000005"];
        assert_eq!(arrivals, &expected, "{apart}: only what was in flight comes twice");
        assert_eq!(room.statuses().await["delivered"], EVENTS, "{apart}");
    }
}

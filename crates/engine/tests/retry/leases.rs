//! Leases of drains: short, renewed while the drain runs, and lost by one that was frozen.

use std::pin::pin;

use super::*;
use support::clock::{Advanceable, advance};
use webhooks_model::world::World;

/// Length of a lease: 11 s in which attempts may start, an attempt, 4 s for writing and 5 s for clocks.
const LEASE: Duration = Duration::from_secs(20 + TIMEOUT.as_secs());

const SECOND: Duration = Duration::from_secs(1);

/// Returns an endpoint with a rate of one a second and pending deliveries for longer than a lease, and the clock of its
/// drains.
async fn with_clock() -> (Harness, Receiver, Advanceable) {
    let (mut room, receiver) = with_rate(1, 200).await;
    let world = Advanceable::new();
    room.retry.world = Arc::new(world);
    (room, receiver, world)
}

/// Waits until the lease has been renewed in the last seconds. Returns its holder.
async fn renewed(room: &Harness, url: &str) -> String {
    let begun = Instant::now();
    loop {
        let (owner, until) = room.lease_of(url).await.expect("a drain runs");
        let left = until.duration_since(room.retry.world.now());
        assert!(left <= LEASE.try_into().unwrap(), "{left:?}");
        if left > (LEASE - 6 * SECOND).try_into().unwrap() {
            return owner;
        }
        assert!(begun.elapsed() < PATIENCE, "no renewal: {left:?} are left");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn until_sent(receiver: &Receiver, count: usize) {
    timeout(PATIENCE, async {
        while receiver.count() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("a request comes");
}

/// Waits until so many deliveries, and all that were sent, are written as delivered: the drain waits for its next turn,
/// and no attempt of it can end by a clock that is advanced. Returns their number.
async fn until_written(room: &Harness, receiver: &Receiver, count: usize) -> usize {
    let at_rest = async {
        loop {
            let delivered = room.statuses().await.get("delivered").copied().unwrap_or(0);
            if delivered >= count && delivered == receiver.count() {
                return delivered;
            }
        }
    };
    timeout(PATIENCE, at_rest).await.expect("a delivery")
}

#[tokio::test]
async fn a_drain_renews_its_lease_and_keeps_others_out() {
    let (room, receiver, world) = with_clock().await;
    let url = receiver.url("/");
    let other = room.another(world);
    let wake_up = room.due(&endpoint(&url).id).await;
    let drain = room.retry.wake(&wake_up, Instant::now() + 10 * LEASE);
    let meanwhile = async {
        let mut sent = until_written(&room, &receiver, 1).await;
        let owner = renewed(&room, &url).await;
        for _ in 0..LEASE.as_secs() + 10 {
            advance(SECOND).await;
            assert_eq!(renewed(&room, &url).await, owner);
            sent = until_written(&room, &receiver, sent + 1).await;
            let wake_up = WakeUp { at: world.now(), ..wake_up.clone() };
            other.wake(&wake_up, Instant::now() + PLENTY).await.unwrap();
        }
        assert_eq!(renewed(&room, &url).await, owner, "it is still the same drain");
    };
    tokio::select! {
        ended = drain => panic!("it ended: {ended:?}"),
        () = meanwhile => {}
    }
    assert_eq!(receiver.log().most_open, 1, "one drain at a time");
}

#[tokio::test]
async fn a_drain_without_time_for_a_lease_takes_a_shorter_one() {
    let (room, receiver, world) = with_clock().await;
    let url = receiver.url("/");
    let wake_up = room.due(&endpoint(&url).id).await;
    let time = LEASE / 2;
    let latest = world.now() + time + 5 * SECOND;
    let drain = room.retry.wake(&wake_up, Instant::now() + time);
    tokio::select! {
        ended = drain => panic!("it ended: {ended:?}"),
        () = until_sent(&receiver, 1) => {}
    }
    let (_, until) = room.lease_of(&url).await.unwrap();
    assert!(until < latest + SECOND, "{until} is beyond {latest}");
}

#[tokio::test]
async fn a_drain_that_lost_its_lease_starts_nothing_more() {
    let (room, receiver, world) = with_clock().await;
    let url = receiver.url("/");
    let wake_up = room.due(&endpoint(&url).id).await;
    let begun = Instant::now();
    let mut drain = pin!(room.retry.wake(&wake_up, begun + 10 * LEASE));
    tokio::select! {
        ended = &mut drain => panic!("it ended: {ended:?}"),
        _ = until_written(&room, &receiver, 1) => {}
    }
    let most = 1 + usize::try_from(begun.elapsed().as_secs()).unwrap();
    advance(LEASE + SECOND).await;
    let (other, now) = (lease_of(&url, "other"), world.now());
    assert!(room.retry.endpoints.lease(&other, now, now + LEASE, None).await.unwrap().is_some(), "it has ended");
    drain.await.unwrap();
    assert!((1..=most).contains(&receiver.count()), "the other drain sends the next one");
    assert_eq!(room.lease_of(&url).await.unwrap().0, "other");
}

/// A wake-up of a running drain would be dropped, and there would be one for each batch.
#[tokio::test]
async fn an_event_wakes_the_endpoint_of_a_drain_that_died_and_not_of_one_that_runs() {
    let (mut room, receiver) = with_rate(1, 1).await;
    let (lease, now) = (lease_of(&receiver.url("/"), "first"), Timestamp::now());
    let begun = now - 10 * LEASE;
    for (until, wakes) in [(now + LEASE, false), (now - SECOND, true)] {
        assert!(room.retry.endpoints.lease(&lease, begun, until, None).await.unwrap().is_some());
        while room.sent.try_recv().is_ok() {}
        let records = room.inserts(1);
        assert!(room.batch(&records, PLENTY).await.is_empty());
        let sent = room.sent.try_recv().ok().map(|(wake_up, delay)| (wake_up.endpoint, wake_up.at >= now, delay));
        assert_eq!(sent, wakes.then(|| (lease.endpoint.clone(), true, Duration::ZERO)));
    }
}

#[tokio::test]
async fn a_drain_that_cannot_renew_its_lease_starts_nothing_that_might_outlast_it() {
    let (mut room, receiver, _) = with_clock().await;
    let proxy = FaultProxy::start(&room.address).await;
    room.through(proxy.client());
    let wake_up = room.due(&endpoint(&receiver.url("/")).id).await;
    let begun = Instant::now();
    let mut drain = pin!(room.retry.wake(&wake_up, begun + 10 * LEASE));
    tokio::select! {
        ended = &mut drain => panic!("it ended: {ended:?}"),
        () = until_sent(&receiver, 1) => {}
    }
    proxy.inject("UpdateItem leaseUntil", Fault::InternalError);
    let last_start = LEASE - TIMEOUT - 9 * SECOND;
    let mut sent = 0;
    let ended = loop {
        tokio::select! {
            ended = &mut drain => break ended,
            written = until_written(&room, &receiver, sent + 1) => sent = written,
        }
        advance(SECOND).await;
    };
    assert!(ended.is_err(), "it cannot give its lease back either");
    assert!(begun.elapsed() >= last_start, "it ends while it may start: {:?}", begun.elapsed());
    let most = usize::try_from(last_start.as_secs()).unwrap() + 1;
    assert!((2..=most).contains(&receiver.count()), "{} of one a second", receiver.count());
}

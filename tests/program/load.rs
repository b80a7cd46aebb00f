//! Many events at once: everybody gets theirs, within bounds.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::engine::{Engine, on_both_engines};
use crate::receiver::{Behaviour, Receiver, Request, answer};
use crate::system::{System, Writer};

on_both_engines!(many_events_beside_a_hanging_endpoint_all_reach_the_healthy_one);

const MANY: usize = 90; // all in one batch

async fn many_events_beside_a_hanging_endpoint_all_reach_the_healthy_one(engine: Engine) {
    let (healthy, hanging) = (Receiver::healthy().await, Receiver::new(Behaviour::Hang).await);
    // One after another, eight at a time, the hanging one would take 12 timeouts.
    let settings = [("CALLBACK_TIMEOUT_MS", "2000"), ("START_WINDOW_MS", "500"), ("MAX_IN_FLIGHT_PER_ENDPOINT", "8")];
    let bound = Duration::from_millis(2000 + 500);
    let system = System::start_with(engine, &settings).await;
    system.call_back("default", &[hanging.url("/"), healthy.url("/")]).await;
    system.call_back("sentinel", &[healthy.url("/sentinel")]).await;

    let plug = system.plug().await;
    write_many(&system.writer()).await;
    plug.release().await;

    let requests = healthy.arrived(MANY).await;
    let instances: HashSet<_> = requests.iter().map(Request::instance).collect();
    assert_eq!(instances.len(), MANY, "each of them");
    assert!(hanging.log().hangups.is_empty(), "the healthy one was served before the first timeout");

    // It comes in the next batch, when this one has let go of the shard.
    let started = requests[0].at;
    system.writer().put_in("sentinel", "sentinel", "Order").await;
    let next = healthy.heard_of("sentinel").await;
    let held = next.at - started;
    assert!(held < bound * 2, "the batch held its shard for {held:?}, its bound is {bound:?}");

    let pending = system.until_pending(&hanging.url("/"), MANY).await;
    let instances: HashSet<_> = pending.iter().map(|delivery| delivery.instance.as_str()).collect();
    assert_eq!((pending.len(), instances.len()), (MANY, MANY), "each of them stands in the table, once");
    let attempted = pending.iter().filter(|delivery| !delivery.attempts.is_empty()).count();
    assert_eq!(hanging.exactly(attempted).await.len(), attempted, "what was tried is what is on record");
    assert!(attempted < MANY, "what could not start in time was not tried");
    assert_eq!(system.pending(&healthy.url("/")).await.len(), 0);
}

#[tokio::test]
async fn calls_in_flight_are_bounded_per_endpoint_and_in_total() {
    let slow = || Receiver::new(Behaviour::Slow(Duration::from_millis(100), answer(200, "", "")));
    let receivers = [slow().await, slow().await, slow().await];
    let settings = [("MAX_IN_FLIGHT_PER_ENDPOINT", "4"), ("MAX_IN_FLIGHT", "9"), ("START_WINDOW_MS", "10000")];
    let system = System::start_with(Engine::Embedded, &settings).await;
    let urls: Vec<_> = receivers.iter().map(|receiver| receiver.url("/")).collect();
    system.call_back("default", &urls).await;

    let plug = system.plug().await;
    write_many(&system.writer()).await;
    plug.release().await;

    let mut all = Vec::new();
    for receiver in &receivers {
        receiver
            .until("all to be answered", |log| log.requests.iter().filter(|r| r.answered_at.is_some()).count() == MANY)
            .await;
        let requests = receiver.requests();
        let most = most_at_once(&requests);
        assert!(most <= 4, "{most} at once to one endpoint");
        all.extend(requests);
    }
    let most = most_at_once(&all);
    assert!(most <= 9, "{most} at once in all");
    assert!(most >= 5, "and yet side by side, not only {most} at once");
}

async fn write_many(writer: &Writer) {
    join_all((0..MANY).map(|number| async move { writer.put(&format!("i-{number}"), "Order").await })).await;
}

/// How many requests waited for their answer at the same time, at most.
fn most_at_once(requests: &[Request]) -> usize {
    let mut changes: Vec<(Instant, bool)> = Vec::new();
    for request in requests {
        changes.push((request.at, true));
        changes.push((request.answered_at.expect("it was answered"), false));
    }
    changes.sort(); // an end before a beginning at the same time
    let (mut now, mut most) = (0, 0);
    for (_, begins) in changes {
        now = if begins { now + 1 } else { now - 1 };
        most = most.max(now);
    }
    most
}

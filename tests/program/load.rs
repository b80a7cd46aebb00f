//! Many events at once: each endpoint gets its own, within bounds.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::engine::{Engine, on_both_engines};
use crate::receiver::{Behaviour, Log, Receiver, Request};
use crate::system::{System, Writer};

on_both_engines!(many_events_beside_a_hanging_endpoint_all_reach_the_healthy_one);

const MANY: usize = 100;

async fn many_events_beside_a_hanging_endpoint_all_reach_the_healthy_one(engine: Engine) {
    let (healthy, hanging) = (Receiver::healthy().await, Receiver::new(Behaviour::Hang).await);
    let settings = [("CALLBACK_TIMEOUT_MS", "4000"), ("MAX_IN_FLIGHT_PER_ENDPOINT", "1")];
    let system = System::start_with(engine, &settings).await;
    system.call_back("default", &[hanging.url("/"), healthy.url("/")]).await;
    system.call_back("sentinel", &[healthy.url("/sentinel")]).await;

    // One after another, in ten batches at a time (`StreamParallelizationFactor`), the hanging endpoint would take ten
    // timeouts.
    let writer = system.writer();
    write_many(&writer).await;
    // The records behind them are delivered when their batches have released the shard.
    join_all((0..MANY).map(|number| {
        let writer = &writer;
        async move { writer.put_in("sentinel", &format!("i-{number}"), "sentinel").await }
    }))
    .await;

    let requests = healthy.arrived(MANY * 2).await;
    let (created, sentinels): (Vec<_>, Vec<_>) = requests.iter().partition(|request| request.event_type() == "created");
    for requests in [&created, &sentinels] {
        let instances: HashSet<_> = requests.iter().map(|request| request.instance()).collect();
        assert_eq!((requests.len(), instances.len()), (MANY, MANY), "each of them, once");
    }
    let log = hanging.log();
    for tried in &log.requests {
        let beside = created.iter().find(|request| request.id() == tried.id()).expect("each of them");
        let end = log.hangups.iter().find(|hangup| hangup.connection == tried.connection);
        assert!(end.is_none_or(|end| beside.at < end.at), "the healthy one waited for {tried:?}, {end:?}");
    }

    let pending = system.until_pending(&hanging.url("/"), MANY).await;
    let instances: HashSet<_> = pending.iter().map(|delivery| delivery.instance.as_str()).collect();
    assert_eq!((pending.len(), instances.len()), (MANY, MANY), "each of them stands in the table, once");
    system.until_none_pending(&healthy.url("/")).await;
}

#[tokio::test]
async fn a_batchs_calls_in_flight_are_bounded_per_endpoint_and_in_total() {
    let slow = || Receiver::new(Behaviour::slow(Duration::from_millis(50)));
    let receivers = [slow().await, slow().await, slow().await];
    let one_batch_at_a_time = ("STREAM_PARALLELIZATION_FACTOR", "1");
    let settings = [
        ("MAX_IN_FLIGHT_PER_ENDPOINT", "4"),
        ("MAX_IN_FLIGHT_PER_DRAIN", "4"),
        ("MAX_IN_FLIGHT", "9"),
        one_batch_at_a_time,
    ];
    let system = System::start_with(Engine::Embedded, &settings).await;
    let urls: Vec<_> = receivers.iter().map(|receiver| receiver.url("/")).collect();
    system.call_back("default", &urls).await;

    write_many(&system.writer()).await;

    let mut all = Vec::new();
    for receiver in &receivers {
        let answered = |log: &Log| log.requests.iter().filter(|request| request.answered_at.is_some()).count() == MANY;
        let requests = receiver.until("all to be answered", answered).await.requests;
        let most = most_at_once(&requests);
        assert!(most <= 2 * 4, "{most} at once to one endpoint, by a batch and by its drain");
        all.extend(requests);
    }
    let most = most_at_once(&all);
    assert!(most <= 2 * 9, "{most} at once in all, by batches and by drains");
    assert!(most > 4, "and yet side by side, not only {most} at once");
}

async fn write_many(writer: &Writer) {
    join_all((0..MANY).map(|number| async move { writer.put(&format!("i-{number}"), "Order").await })).await;
}

/// Returns the largest number of requests that waited for a response at the same time.
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

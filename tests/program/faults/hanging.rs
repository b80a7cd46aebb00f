//! One of three endpoints hangs during a steady load: the others are not delayed.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::time::interval;

use crate::engine::Engine;
use crate::faults::{Account, Written, check_order, longest_hold, until_taken};
use crate::receiver::{Behaviour, Receiver};
use crate::system::System;

const ROUNDS: usize = 20;
const PER_ROUND: usize = 10;

/// Time of an attempt: a batch that took as long would have been held by the endpoint that hangs. On a busy machine its reads and
/// writes of the tables take seconds.
const TIMEOUT: Duration = Duration::from_secs(10);

#[tokio::test]
async fn an_endpoint_that_hangs_throughout_costs_the_others_nothing() {
    let without = steady_load(false).await;
    let with = steady_load(true).await;
    println!("REPORT | one of three endpoints hangs | without {without} | with {with}");
}

/// Returns throughput and latencies of the healthy endpoints.
async fn steady_load(one_hangs: bool) -> String {
    let healthy = [Receiver::healthy().await, Receiver::healthy().await];
    let hanging = Receiver::new(if one_hangs { Behaviour::Hang } else { Behaviour::ok() }).await;
    // A backoff step so short that the endpoint is probed all the time.
    let timeout = TIMEOUT.as_millis().to_string();
    let settings = [("CALLBACK_TIMEOUT_MS", timeout.as_str()), ("HOLD_MS", "250"), ("BACKOFF_STEPS_S", "0.2")];
    let system = System::start_with(Engine::Embedded, &settings).await;
    let urls = [hanging.url("/"), healthy[0].url("/"), healthy[1].url("/")];
    system.call_back("default", &urls).await;

    let begun = Instant::now();
    let mut written: HashMap<Written, Instant> = HashMap::new();
    let mut tick = interval(Duration::from_millis(300));
    let writer = system.writer();
    for round in 0..ROUNDS {
        tick.tick().await;
        for number in 0..PER_ROUND {
            let event = (format!("i-{number}"), format!("step {round}"));
            writer.put(&event.0, &event.1).await;
            written.insert(event, Instant::now());
        }
    }
    let events = written.keys().cloned().collect();
    let mut latencies = Vec::new();
    for (receiver, url) in healthy.iter().zip(&urls[1..]) {
        until_taken(receiver, written.len()).await;
        let account = Account::of(&events, receiver, &system, url).await;
        assert_eq!((account.delivered, account.pending, account.lost), (events.len(), 0, 0), "{account:?}");
        assert_eq!(account.duplicates, 0);
        check_order(receiver);
        latencies.extend(receiver.look(|log| {
            let since =
                |it: &crate::receiver::Request| it.at.saturating_duration_since(written[&super::of_request(it)]);
            log.requests.iter().map(since).collect::<Vec<_>>()
        }));
    }
    let took = begun.elapsed();
    let hold = longest_hold(&system.program.log());
    assert!(hold < TIMEOUT, "a batch held its part of the stream for {hold:?}");
    let account = Account::of(&events, &hanging, &system, &urls[0]).await;
    assert_eq!(account.lost, 0, "{account:?}");
    if one_hangs {
        super::until_stored(&system, &urls[0], "pending", events.len()).await;
        Account::of(&events, &hanging, &system, &urls[0]).await.report("one of three endpoints hangs", &system);
    }
    system.check_history(&[(&hanging, &urls[0]), (&healthy[0], &urls[1]), (&healthy[1], &urls[2])]).await;

    latencies.sort();
    let at = |share: usize| latencies[(latencies.len() * share / 100).min(latencies.len() - 1)].as_millis();
    let per_second = latencies.len() as f64 / took.as_secs_f64();
    format!("{per_second:.0} a second, p50 {} ms, p99 {} ms, hold {} ms", at(50), at(99), hold.as_millis())
}

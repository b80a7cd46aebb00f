//! Lasting faults: an endpoint is down for long, hangs for ever, or sends `Retry-After`; the program is killed again
//! and again. In each case every event is acknowledged by the receiver or is in the Deliveries table, and an instance's
//! events stay in order.
//!
//! Each test prints its counts as one line: `cargo test … faults -- --nocapture --test-threads 1`.
#![allow(clippy::print_stdout)] // a report is printed

mod answers;
mod hanging;
mod kills;
mod outage;
mod steering;
mod stream;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio::time::sleep;

use crate::deliveries::Delivery;
use crate::patience::PATIENCE;
use crate::receiver::{Receiver, Request};
use crate::system::{System, Writer};

/// Longest time for a backlog of thousands on a busy machine.
const LONG: Duration = PATIENCE.saturating_mul(5);

/// Number of instances that are written at a time: fewer than the connections that the embedded engine accepts.
const WRITERS: usize = 256;

/// An event as its writer knows it: the instance and the value that was written.
type Written = (String, String);

/// Writes the events of this number of instances in parallel, each instance's one after another.
async fn write(writer: &Writer, instances: usize, steps: usize) -> HashSet<Written> {
    write_steps(writer, instances, 0..steps).await
}

/// Writes these steps of the instances.
async fn write_steps(writer: &Writer, instances: usize, steps: Range<usize>) -> HashSet<Written> {
    let lives = (0..instances).map(|number| {
        let steps = steps.clone();
        async move {
            for step in steps {
                writer.put(&format!("i-{number}"), &format!("step {step}")).await;
            }
        }
    });
    futures_util::stream::iter(lives).buffer_unordered(WRITERS).collect::<()>().await;
    let of = |number| steps.clone().map(move |step| (format!("i-{number}"), format!("step {step}")));
    (0..instances).flat_map(of).collect()
}

/// Counts of the events' outcomes.
#[derive(Debug)]
struct Account {
    events: usize,
    /// Distinct events that the receiver acknowledged.
    delivered: usize,
    pending: usize,
    failed: usize,
    /// Events that are neither acknowledged nor in the table.
    lost: usize,
    /// Events that were acknowledged more than once.
    duplicates: usize,
}

impl Account {
    /// Counts the events to one URL: those that its receiver acknowledged, and those in the table.
    async fn of(written: &HashSet<Written>, receiver: &Receiver, system: &System, url: &str) -> Self {
        let stored = system.deliveries_to(url).await;
        let status = |status: &str| -> HashSet<Written> {
            stored.iter().filter(|delivery| delivery.status == status).map(of_delivery).collect()
        };
        let (pending, failed) = (status("pending"), status("failed"));
        // Read after the table, so that an event in flight is seen in one of them.
        let taken: Vec<_> =
            receiver.look(|log| log.requests.iter().filter(|it| it.is_acknowledged()).map(of_request).collect());
        let distinct: HashSet<_> = taken.iter().cloned().collect();
        let safe = |event: &&Written| distinct.contains(*event) || pending.contains(*event) || failed.contains(*event);
        assert!(distinct.is_subset(written), "only what was written: {:?}", distinct.difference(written));
        Self {
            events: written.len(),
            delivered: distinct.len(),
            pending: pending.difference(&distinct).count(),
            failed: failed.len(),
            lost: written.len() - written.iter().filter(safe).count(),
            duplicates: taken.len() - distinct.len(),
        }
    }

    /// Prints one line of counts. The hold is the longest time that a batch blocked its part of the stream.
    fn report(&self, fault: &str, system: &System) {
        let Self { events, delivered, pending, failed, lost, duplicates } = self;
        let hold = longest_hold(&system.program.log());
        println!(
            "FAULT | {fault} | events {events} | delivered {delivered} | pending {pending} | failed {failed} | \
             lost {lost} | duplicates {duplicates} | longest hold {} ms",
            hold.as_millis()
        );
    }
}

fn of_delivery(delivery: &Delivery) -> Written {
    (delivery.instance.clone(), delivery.process.clone())
}

fn of_request(request: &Request) -> Written {
    (request.instance(), request.process())
}

/// Returns the longest duration of a batch in the program's own log.
fn longest_hold(log: &str) -> Duration {
    let batches = log.lines().filter(|line| line.contains(" batch: "));
    let took = batches.filter_map(|line| {
        let digits = line.split("duration_ms=").nth(1)?;
        digits.split(|end: char| !end.is_ascii_digit()).next()?.parse().ok()
    });
    Duration::from_millis(took.max().expect("the program logs each batch and how long it took"))
}

/// Waits until this number of different events were acknowledged.
async fn until_taken(receiver: &Receiver, count: usize) {
    let started = Instant::now();
    loop {
        let taken: usize = receiver.look(|log| log.requests.iter().filter(|request| request.is_acknowledged()).count());
        if taken >= count {
            let distinct: HashSet<_> = receiver
                .look(|log| log.requests.iter().filter(|request| request.is_acknowledged()).map(of_request).collect());
            if distinct.len() >= count {
                return;
            }
        }
        assert!(started.elapsed() < LONG, "{taken} of {count} events within {:?}", started.elapsed());
        sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until this number of events have this status in the table.
async fn until_stored(system: &System, url: &str, status: &str, count: usize) {
    let started = Instant::now();
    loop {
        let stored = system.deliveries_to(url).await;
        let events: HashSet<_> = stored.iter().filter(|delivery| delivery.status == status).map(of_delivery).collect();
        if events.len() == count {
            return;
        }
        assert!(started.elapsed() < LONG, "{} {status}, not {count}, after {:?}", events.len(), started.elapsed());
        sleep(Duration::from_millis(250)).await;
    }
}

/// Checks that every instance's steps first arrived in the order in which they were written.
fn check_order(receiver: &Receiver) {
    let taken: Vec<_> =
        receiver.look(|log| log.requests.iter().filter(|it| it.is_acknowledged()).map(of_request).collect());
    let mut lives: HashMap<String, Vec<String>> = HashMap::new();
    for (instance, step) in taken {
        let life = lives.entry(instance).or_default();
        if !life.contains(&step) {
            life.push(step);
        }
    }
    for (instance, life) in lives {
        let mut sorted = life.clone();
        sorted.sort_by_key(|step| step.split(' ').nth(1).and_then(|number| number.parse::<usize>().ok()));
        assert_eq!(life, sorted, "{instance}");
    }
}

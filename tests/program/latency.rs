//! How long it takes from the write to the instance table to the arrival of the GET, on this machine: a report, no
//! test. The writer's clock travels in the item, as the process name.
//!
//! `LATENCY_EVENTS` (500) items are written at `LATENCY_PER_SECOND` (50) a second.

#![allow(dead_code, unused_imports, unused_macros)] // it uses a part of what the tests share
#![allow(clippy::print_stdout)] // a report is printed

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::engine::Engine;
use crate::receiver::{Receiver, Request};
use crate::system::System;

mod deliveries;
mod engine;
mod program;
mod receiver;
mod system;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(report());
}

async fn report() {
    let events = setting("LATENCY_EVENTS", 500);
    let per_second = setting("LATENCY_PER_SECOND", 50);
    let receiver = Receiver::healthy().await;
    let system = System::start(Engine::Embedded).await;
    system.call_back("default", &[receiver.url("/hook")]).await;
    let writer = system.writer();
    writer.put("warm-up", &micros(SystemTime::now()).to_string()).await;
    receiver.arrived(1).await;

    let mut tick = tokio::time::interval(Duration::from_secs(1) / per_second);
    for number in 0..events {
        tick.tick().await;
        writer.put(&format!("i-{number}"), &micros(SystemTime::now()).to_string()).await;
    }

    let requests = receiver.arrived(events as usize + 1).await;
    let mut latencies: Vec<_> = requests[1..].iter().map(latency).collect();
    latencies.sort();
    let milliseconds = |share: f64| {
        let index = (latencies.len() as f64 * share).ceil() as usize;
        latencies[index.clamp(1, latencies.len()) - 1].as_secs_f64() * 1000.0
    };
    println!(
        "table write to GET: median {:.1} ms, p99 {:.1} ms, most {:.1} ms ({events} events, {per_second} a second, {} connections)",
        milliseconds(0.5),
        milliseconds(0.99),
        milliseconds(1.0),
        receiver.log().connections,
    );
}

/// From before the write began to when the whole request was there.
fn latency(request: &Request) -> Duration {
    let written: u64 = request.process().parse().expect("the writer's clock");
    Duration::from_micros(micros(request.at_clock).saturating_sub(written))
}

fn micros(clock: SystemTime) -> u64 {
    clock.duration_since(UNIX_EPOCH).expect("after 1970").as_micros() as u64
}

fn setting(name: &str, default: u32) -> u32 {
    match std::env::var(name) {
        Ok(value) => value.parse().unwrap_or_else(|_| panic!("{name} is a number, not {value:?}")),
        Err(_) => default,
    }
}

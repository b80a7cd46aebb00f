//! The program ends, in several ways, and starts again: no event is lost, and a repeated one is marked as such.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::sleep;

use crate::engine::{Engine, on_both_engines};
use crate::receiver::{Behaviour, Gate, Log, Receiver, Request, answer};
use crate::system::System;

on_both_engines!(
    a_kill_between_write_and_delivery_loses_nothing,
    a_kill_while_deliveries_are_in_flight_loses_nothing,
    what_is_pending_outlives_a_kill,
    a_stop_lets_a_delivery_in_flight_finish_and_sends_nothing_twice,
    a_stop_while_an_endpoint_hangs_keeps_the_delivery,
);

const MANY: usize = 100;

async fn a_kill_between_write_and_delivery_loses_nothing(engine: Engine) {
    let receiver = Receiver::healthy().await;
    let mut system = System::start(engine).await;
    system.call_back("default", &[receiver.url("/")]).await;

    // At once, and when this many have been delivered.
    for told in [0, 1, MANY, MANY * 3 / 2] {
        let before = receiver.requests().len();
        let writer = system.writer();
        let writes = join_all((0..MANY).map(|number| {
            let writer = &writer;
            async move {
                writer.put(&format!("{told}-{number}"), "Order").await;
                writer.put(&format!("{told}-{number}"), "Order 2").await;
            }
        }));
        writes.await;
        receiver.until("some to be told", |log| log.requests.len() >= before + told).await;
        system.program.kill().await;
        system.start_again().await;

        let all =
            |log: &Log| distinct(&log.requests[before..]).iter().filter(|event| is_of(event, told)).count() == MANY * 2;
        receiver.until("every event", all).await;
    }
    let requests = receiver.requests();
    check_ids(&requests);
    check_order(&requests);
}

/// Returns whether the event is about an instance of this round.
fn is_of((instance, ..): &Event, told: usize) -> bool {
    instance.starts_with(&format!("{told}-"))
}

async fn a_kill_while_deliveries_are_in_flight_loses_nothing(engine: Engine) {
    let gate = Gate::closed();
    let receiver = Receiver::new(Behaviour::held(&gate)).await;
    let mut system = System::start(engine).await;
    system.call_back("default", &[receiver.url("/")]).await;

    let writer = system.writer();
    join_all((0..MANY).map(|number| {
        let writer = &writer;
        async move { writer.put(&format!("i-{number}"), "Order").await }
    }))
    .await;
    let unanswered = receiver.arrived(1).await[0].instance();
    system.program.kill().await;
    receiver.turn(Behaviour::ok());
    let before = receiver.requests().len();
    system.start_again().await;

    let all = |requests: &[Request]| distinct(&requests[before..]).len() == MANY;
    let log = receiver.until("every event, none of which was answered before", |log| all(&log.requests)).await;
    let twice: Vec<_> = log.requests.iter().filter(|request| request.instance() == unanswered).collect();
    assert!(twice.len() >= 2, "it came again");
    check_ids(&log.requests);
}

async fn what_is_pending_outlives_a_kill(engine: Engine) {
    let receiver = Receiver::new(Behaviour::status(500)).await;
    let url = receiver.url("/");
    let mut system = System::start(engine).await;
    system.call_back("default", std::slice::from_ref(&url)).await;
    system.writer().put("i-1", "Order").await;
    let before = system.until_pending(&url, 1).await.remove(0);

    system.program.kill().await;
    system.start_again().await;

    let after = system.until_pending(&url, 1).await;
    assert_eq!(after.iter().map(|delivery| &delivery.event).collect::<HashSet<_>>(), HashSet::from([&before.event]));
}

async fn a_stop_lets_a_delivery_in_flight_finish_and_sends_nothing_twice(engine: Engine) {
    for signal in ["TERM", "INT"] {
        let gate = Gate::closed();
        let receiver = Receiver::new(Behaviour::Held(gate.clone(), answer(200, "", "done"))).await;
        let mut system = System::start(engine).await;
        system.call_back("default", &[receiver.url("/")]).await;
        system.writer().put("i-1", "Order").await;
        receiver.arrived(1).await;

        system.program.signal(signal).await;
        sleep(Duration::from_millis(500)).await; // a program that ended too early would be gone by now
        assert!(system.program.is_running(), "{signal}: it waits for the answer");
        assert!(receiver.log().hangups.is_empty(), "{signal}: it did not hang up");
        gate.open();
        let status = system.program.exited().await;
        assert_eq!(status.code(), Some(0), "{signal}: {status}");

        system.start_again().await;
        system.writer().put("i-2", "Order").await;
        receiver.heard_of("i-2").await;
        let instances: Vec<_> = receiver.exactly(2).await.iter().map(Request::instance).collect();
        assert_eq!(instances, ["i-1", "i-2"], "{signal}");
        assert_eq!(system.pending(&receiver.url("/")).await.len(), 0, "{signal}");
    }
}

async fn a_stop_while_an_endpoint_hangs_keeps_the_delivery(engine: Engine) {
    let receiver = Receiver::new(Behaviour::Hang).await;
    let url = receiver.url("/");
    let mut system = System::start_with(engine, &[("CALLBACK_TIMEOUT_MS", "2000")]).await;
    system.call_back("default", std::slice::from_ref(&url)).await;
    system.writer().put("i-1", "Order").await;
    let seen = receiver.arrived(1).await.remove(0);

    system.program.signal("TERM").await;
    let status = system.program.exited().await;
    assert_eq!(status.code(), Some(0), "{status}");
    assert_eq!(receiver.requests().len(), 1, "it waits for the attempt in flight, and begins no other one");

    system.start_again().await;
    let pending = system.until_pending(&url, 1).await;
    assert_eq!(pending.len(), 1, "{pending:#?}");
    assert_eq!(pending[0].event, seen.id());
}

#[tokio::test]
async fn what_is_written_while_the_program_is_down_is_told_when_it_is_back() {
    let receiver = Receiver::healthy().await;
    let mut system = System::start(Engine::Ministack).await; // the embedded engine is down as well
    system.call_back("default", &[receiver.url("/")]).await;
    let writer = system.writer();
    writer.put("i-1", "Order").await;
    receiver.arrived(1).await;

    system.program.signal("TERM").await;
    system.program.exited().await;
    writer.put("i-1", "Order 2").await;
    writer.put("i-2", "Order").await;
    writer.delete("i-1").await;
    system.start_again().await;

    let requests = receiver.exactly(4).await;
    let life: Vec<_> = requests.iter().filter(|request| request.instance() == "i-1").map(Request::event_type).collect();
    assert_eq!(life, ["created", "updated", "deleted"]);
}

/// An event's attributes, apart from its id, by which its receiver tells it from others.
type Event = (String, String, String);

fn event(request: &Request) -> Event {
    (request.instance(), request.event_type(), request.process())
}

fn distinct(requests: &[Request]) -> HashSet<Event> {
    requests.iter().map(event).collect()
}

/// Checks that an event has one id in all its requests, and that no other event has it.
fn check_ids(requests: &[Request]) {
    let mut ids: HashMap<Event, HashSet<&str>> = HashMap::new();
    for request in requests {
        ids.entry(event(request)).or_default().insert(request.id());
    }
    for (event, ids) in &ids {
        assert_eq!(ids.len(), 1, "{event:?} came with {ids:?}");
    }
    let all: HashSet<_> = ids.values().flatten().collect();
    assert_eq!(all.len(), ids.len(), "one id, one event");
}

/// Checks that the first arrivals of an instance's events are in order.
fn check_order(requests: &[Request]) {
    let mut firsts: HashMap<String, Vec<String>> = HashMap::new();
    for request in requests {
        let seen = firsts.entry(request.instance()).or_default();
        if !seen.contains(&request.event_type()) {
            seen.push(request.event_type());
        }
    }
    for (instance, seen) in firsts {
        assert_eq!(seen, ["created", "updated"], "{instance}");
    }
}

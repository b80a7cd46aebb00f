//! The events of one instance reach an endpoint in order.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;

use crate::engine::{Engine, on_both_engines};
use crate::receiver::{Behaviour, Receiver, Request};
use crate::system::{System, Writer};

on_both_engines!(
    the_events_of_one_instance_come_in_order_while_many_interleave,
    behind_a_rejected_delivery_those_of_its_instance_wait,
    behind_a_missed_delivery_those_of_its_instance_wait,
);

const INSTANCES: usize = 8;
const UPDATES: usize = 50;

async fn the_events_of_one_instance_come_in_order_while_many_interleave(engine: Engine) {
    let fast = Receiver::healthy().await;
    // a receiver of varying delay: parallel requests would overtake each other
    let uneven = Receiver::deciding(|request| {
        let delay = request.process().bytes().map(u64::from).sum::<u64>() * 7 % 10;
        Behaviour::slow(Duration::from_millis(delay))
    })
    .await;
    let system = System::start(engine).await;
    system.call_back("default", &[fast.url("/"), uneven.url("/")]).await;

    join_all((0..INSTANCES).map(|number| live_a_life(system.writer(), format!("i-{number}")))).await;

    let per_instance = UPDATES + 2;
    for receiver in [&fast, &uneven] {
        let requests = receiver.exactly(INSTANCES * per_instance).await;
        for number in 0..INSTANCES {
            let instance = format!("i-{number}");
            let life: Vec<_> = requests.iter().filter(|request| request.instance() == instance).map(what).collect();
            let mut expected = vec![("created".to_owned(), "step 0".to_owned())];
            expected.extend((1..=UPDATES).map(|step| ("updated".to_owned(), format!("step {step}"))));
            expected.push(("deleted".to_owned(), format!("step {UPDATES}")));
            assert_eq!(life, expected, "{instance}");
        }
        let ids: HashMap<_, _> = requests.iter().map(|request| (request.id(), request)).collect();
        assert_eq!(ids.len(), requests.len(), "each event has an id of its own");
        let last_to_begin = requests.iter().rposition(|request| request.event_type() == "created");
        let first_to_end = requests.iter().position(|request| request.event_type() == "deleted");
        assert!(last_to_begin < first_to_end, "no instance waits for another one's end");
    }
}

/// Creates an instance, updates it many times, and deletes it.
async fn live_a_life(writer: Writer, instance: String) {
    for step in 0..=UPDATES {
        writer.put(&instance, &format!("step {step}")).await;
    }
    writer.delete(&instance).await;
}

fn what(request: &Request) -> (String, String) {
    (request.event_type(), request.process())
}

/// It is attempted three times, two of them inline retries, and deferred after that.
async fn behind_a_rejected_delivery_those_of_its_instance_wait(engine: Engine) {
    let choosy = Receiver::deciding(|request| match request.process().as_str() {
        "a 1" => Behaviour::status(422),
        _ => Behaviour::ok(),
    })
    .await;
    let beside = Receiver::healthy().await;
    let (url, beside_url) = (choosy.url("/"), beside.url("/"));
    let system = System::start_with(engine, &[("RETRY_DELAY_MS", "1500")]).await;
    system.call_back("default", &[url.clone(), beside_url.clone()]).await;

    let writer = system.writer();
    let hold = system.hold("a").await;
    for step in 0..4 {
        writer.put("a", &format!("a {step}")).await;
        writer.put("b", &format!("b {step}")).await;
    }
    writer.delete("a").await;
    hold.release().await;

    // The other instance, and the other endpoint, are not affected.
    let requests = beside.exactly(9).await;
    assert_eq!(processes(&requests, "a"), ["a 0", "a 1", "a 2", "a 3", "a 3"]);
    let requests = choosy.exactly(11).await;
    assert_eq!(processes(&requests, "b"), ["b 0", "b 1", "b 2", "b 3"]);
    let expected = ["a 0", "a 1", "a 1", "a 1", "a 2", "a 3", "a 3"];
    assert_eq!(processes(&requests, "a"), expected, "nothing overtakes what is tried in its place");
    let of_a1 = requests.iter().filter(|request| request.process() == "a 1");
    assert_eq!(of_a1.map(|request| request.header("webhook-attempt")).collect::<Vec<_>>(), ["1", "2", "3"]);
    let overtakes = requests.iter().position(|request| request.process() == "b 3").expect("it came");
    let second = requests.iter().rposition(|request| request.process() == "a 1").expect("it came");
    assert!(overtakes < second, "the other instance does not wait for it");

    let pending = system.until_only_pending(&url, 1).await;
    let aside: Vec<_> = pending.iter().map(|delivery| (delivery.process.as_str(), delivery.attempts.len())).collect();
    assert_eq!(aside, [("a 1", 3)]);
    // By the program's own clock, which no load can speed up.
    let at: Vec<_> = pending[0].attempts.iter().map(|it| it.at.parse::<jiff::Timestamp>().expect("a time")).collect();
    assert!(at[2].duration_since(at[1]) >= jiff::SignedDuration::from_millis(1400), "a pause is between them: {at:?}");
    assert_eq!(system.pending(&beside_url).await.len(), 0);
}

/// It is retried on its own schedule: at once, after a second, and then after the first backoff step.
async fn behind_a_missed_delivery_those_of_its_instance_wait(engine: Engine) {
    let choosy = Receiver::deciding(|request| match request.process().as_str() {
        "a 1" => Behaviour::Close,
        _ => Behaviour::ok(),
    })
    .await;
    let url = choosy.url("/");
    let system = System::start(engine).await;
    system.call_back("default", std::slice::from_ref(&url)).await;

    let writer = system.writer();
    let hold = system.hold("a").await;
    for step in 0..4 {
        writer.put("a", &format!("a {step}")).await;
    }
    writer.delete("a").await;
    hold.release().await;

    system.until_any_delivery(&url, |it| it.attempts.len() == 3).await;
    let mut pending = system.until_pending(&url, 4).await;
    // The first attempt uses the connection of the request before, and then a new one.
    let requests = choosy.exactly(5).await;
    assert_eq!(processes(&requests, "a"), ["a 0", "a 1", "a 1", "a 1", "a 1"], "nothing overtakes it");
    pending.sort_by_key(|delivery| (delivery.process.clone(), delivery.event_type == "deleted"));
    let pending: Vec<_> = pending
        .iter()
        .map(|delivery| (delivery.event_type.as_str(), delivery.process.as_str(), delivery.attempts.len()))
        .collect();
    assert_eq!(pending, [("updated", "a 1", 3), ("updated", "a 2", 0), ("updated", "a 3", 0), ("deleted", "a 3", 0)]);
}

fn processes(requests: &[Request], instance: &str) -> Vec<String> {
    requests.iter().filter(|request| request.instance() == instance).map(Request::process).collect()
}

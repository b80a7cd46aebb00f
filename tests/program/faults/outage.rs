//! An endpoint is down during many events, and recovers.

use crate::engine::{Engine, on_both_engines};
use crate::faults::{Account, check_order, until_stored, until_taken, write};
use crate::receiver::{Behaviour, Receiver, Refusing};
use crate::system::System;

on_both_engines!(what_comes_while_an_endpoint_is_down_reaches_it_in_order_and_once);

const INSTANCES: usize = 2_000;
const STEPS: usize = 5;

/// Attempts until the endpoint is failing. Of one batch: its first window, the attempts that start as the first four of
/// it fail, and an inline retry of each of these. Times the batches until the failure is recorded: ten at a time, which
/// do not know of each other's failures, and on a busy machine the next ones begin before that. It is a small part of
/// 10,000 events.
const FIRST_WINDOWS: usize = (8 + 4 + 4) * 30;

/// With 10,000 events on the embedded engine.
async fn what_comes_while_an_endpoint_is_down_reaches_it_in_order_and_once(engine: Engine) {
    let instances = if engine == Engine::Embedded { INSTANCES } else { 100 };
    let receiver = Receiver::new(Behaviour::Close).await;
    let url = receiver.url("/");
    let system = System::start_with(engine, &[("BACKOFF_STEPS_S", "0.5,1,2")]).await;
    system.call_back("default", std::slice::from_ref(&url)).await;

    let written = write(&system.writer(), instances, STEPS).await;
    until_stored(&system, &url, "pending", written.len()).await;
    let failing = system.until_endpoint(&url, |endpoint| endpoint["health"]["failedProbes"].as_u64() >= Some(3)).await;
    let attempts = receiver.look(|log| log.requests.len());
    // One may have begun since.
    let steps = failing["health"]["failedProbes"].as_u64().expect("a number") as usize + 1;
    assert!(attempts <= FIRST_WINDOWS + steps, "{attempts} attempts in {steps} steps");

    receiver.turn(Behaviour::ok());
    until_taken(&receiver, written.len()).await;
    system.until_endpoint(&url, |endpoint| endpoint["backlog"]["pending"] == 0).await;

    let account = Account::of(&written, &receiver, &system, &url).await;
    account.report(&format!("endpoint closes for a while, {attempts} attempts, {steps} steps ({engine:?})"), &system);
    assert_eq!((account.delivered, account.pending, account.lost, account.duplicates), (written.len(), 0, 0, 0));
    check_order(&receiver);
    let healthy = system.endpoint(&url).await;
    assert_eq!(healthy["health"]["state"], "healthy", "{healthy}");
    system.check_history(&[(&receiver, &url)]).await;
}

#[tokio::test]
async fn events_without_a_listener_wait_and_cost_one_probe_a_step() {
    let refusing = Refusing::new();
    let url = refusing.url("/");
    let system = System::start_with(Engine::Embedded, &[("BACKOFF_STEPS_S", "0.5,1,2")]).await;
    system.call_back("default", std::slice::from_ref(&url)).await;

    let written = write(&system.writer(), 100, 2).await;
    until_stored(&system, &url, "pending", written.len()).await;
    let failing = system.until_endpoint(&url, |endpoint| endpoint["health"]["failedProbes"].as_u64() >= Some(3)).await;

    let pending = system.pending(&url).await;
    let attempts: usize = pending.iter().map(|delivery| delivery.attempts.len()).sum();
    let steps = failing["health"]["failedProbes"].as_u64().expect("a number") as usize + 1;
    assert!(attempts <= FIRST_WINDOWS + steps, "{attempts} attempts in {steps} steps");
    assert!(pending.iter().flat_map(|it| &it.attempts).all(|it| it.reason.as_deref() == Some("connection-refused")));
    assert_eq!(failing["backlog"]["pending"], written.len(), "{failing}");
    system.check_history(&[]).await;
}

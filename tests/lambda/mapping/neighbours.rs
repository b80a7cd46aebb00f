//! What a workspace sees when all receivers of another one in its batch are hostile.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::hostile::{self, Hostile, Hostility};
use crate::lambda::batch;
use crate::receiver::{Behaviour, Receiver, answer};
use crate::stage::Stage;

/// Events of the workspace that is watched. They are about one instance: each is sent when the one before is acknowledged.
const EVENTS: usize = 5;

/// As a receiver that is some way off.
const ANSWER_AFTER: Duration = Duration::from_millis(30);

/// What has not arrived by then is left to the retry function, which is not there.
const LOOKED_AT: Duration = Duration::from_secs(12);

/// Milliseconds from the call of the function until each of the events arrived, beside so many URLs of another workspace.
async fn arrivals(hostility: Hostility, urls: usize) -> Vec<u128> {
    let (stage, hostile) = (Stage::set().await, Hostile::start(hostility));
    let receiver = Receiver::new(Behaviour::Slow(ANSWER_AFTER, answer(200, "", "thanks"))).await;
    stage.call_back("victim", &receiver).await;
    stage.call_back_urls("hostile", hostile.urls(urls)).await;
    let function = stage.fanout(&[("PRIVATE_CA", hostile::certificate()), ("HOLD_MS", "2000")]);
    let victim = "victim".to_owned();
    function.answer(&batch(std::slice::from_ref(&victim))).await; // a connection is open, and the environment warm
    let mut workspaces = vec!["hostile".to_owned()];
    workspaces.extend(std::iter::repeat_n(victim, EVENTS));
    let begun = Instant::now();
    let call = batch(&workspaces);
    tokio::select! {
        _ = async { tokio::join!(function.answer(&call), std::future::pending::<()>()) } => {}
        _ = timeout(LOOKED_AT, receiver.arrived(1 + EVENTS)) => {}
    }
    receiver.requests().iter().skip(1).map(|request| request.at.duration_since(begun).as_millis()).collect()
}

/// Prints percentiles of the time until an event of another workspace arrives; `FANOUT_BOOTSTRAP` may be a script that gives the
/// function a part of a core: `cargo test --workspace --test lambda measure_neighbours -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "measures"]
async fn measure_neighbours() {
    const RUNS: usize = 4;
    let only = std::env::var("HOSTILITY").unwrap_or_default();
    for hostility in Hostility::ALL.into_iter().filter(|it| only.split(' ').any(|name| name == format!("{it:?}"))) {
        for urls in [0, 1, 10, 150] {
            let mut all = Vec::new();
            for _ in 0..RUNS {
                all.extend(arrivals(hostility, urls).await);
            }
            all.sort_unstable();
            let percentile = |part: usize| all[(all.len() * part / 100).min(all.len() - 1)];
            let sent = RUNS * EVENTS;
            println!(
                "{hostility:?} x {urls}: {} of {sent}, p50 {} ms, p99 {} ms",
                all.len(),
                percentile(50),
                percentile(99)
            );
        }
    }
}

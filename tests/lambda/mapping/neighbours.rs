//! What a workspace sees when all receivers of another one in its batch are hostile.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::hostile::{self, Hostile, Hostility};
use crate::lambda::batch;
use crate::receiver::{Behaviour, Receiver, answer};
use crate::stage::Stage;

/// Events of the workspace that is watched. They are about one instance: each is sent when the one before is acknowledged.
pub(crate) const EVENTS: usize = 5;

/// As a receiver that is some way off.
const ANSWER_AFTER: Duration = Duration::from_millis(30);

/// What has not arrived by then is left to the retry function, which is not there.
const LOOKED_AT: Duration = Duration::from_secs(12);

/// Milliseconds from the call of the function until each of the events arrived, beside so many URLs of another workspace.
pub(crate) async fn arrivals(hostility: Hostility, urls: usize) -> Vec<u128> {
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

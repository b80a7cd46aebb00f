//! The effect on a workspace when all receivers of another one in its batch are hostile.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::hostile::{self, Hostile, Hostility};
use crate::lambda::batch;
use crate::receiver::{Behaviour, Receiver, answer};
use crate::stage::Stage;

/// Number of events of the observed workspace. They are about one instance: each is sent when the one before is
/// acknowledged.
pub(crate) const EVENTS: usize = 5;

/// Delay of a response, as from a distant receiver.
const ANSWER_AFTER: Duration = Duration::from_millis(30);

/// Time after which the rest is left to the retry function, which is not there.
const LOOKED_AT: Duration = Duration::from_secs(12);

/// Returns the milliseconds from the call of the function until each event arrived, beside this number of URLs of
/// another workspace.
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

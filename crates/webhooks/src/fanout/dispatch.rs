//! Makes the attempts of a batch: all endpoints at once, each with a window of its own that opens as it answers.

use std::collections::VecDeque;

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::FanoutSettings;
use super::plan::EndpointPlan;
use crate::delivery::{Attempt, Delivery, Endpoint, Failure, Reason, Status};
use crate::event::Event;
use crate::request;
use crate::sender::Sender;

/// Attempts at a time to an endpoint that has not yet answered in this batch. Each success opens the window by one, so a
/// working endpoint soon has its full share, and one that hangs never holds more than these.
const FIRST_WINDOW: usize = 8;

/// What came of a batch.
#[derive(Debug, Default)]
pub(super) struct Outcome<'a> {
    /// How many were answered with 2xx.
    pub(super) delivered: usize,
    /// All others, with the attempt that was made, if any.
    pub(super) undelivered: Vec<Delivery<'a>>,
}

/// Attempts begin until `start_until`; the last ones end at most one timeout later.
pub(super) async fn dispatch<'a>(
    plan: &'a [EndpointPlan],
    events: &'a [Event],
    sender: &Sender,
    settings: &FanoutSettings,
    start_until: Instant,
) -> Outcome<'a> {
    let total = Semaphore::new(settings.max_in_flight);
    let starts = Starts { sender, total: &total, until: start_until };
    let endpoints = plan.iter().map(|plan| endpoint(plan, events, &starts, settings.max_in_flight_per_endpoint));
    let mut whole = Outcome::default();
    for outcome in join_all(endpoints).await {
        whole.delivered += outcome.delivered;
        whole.undelivered.extend(outcome.undelivered);
    }
    whole
}

/// What every attempt of the batch shares.
struct Starts<'a> {
    sender: &'a Sender,
    total: &'a Semaphore,
    until: Instant,
}

impl Starts<'_> {
    /// One attempt, or `None` when it could not begin in time.
    async fn attempt(&self, endpoint: &Endpoint, event: &Event) -> Option<Attempt> {
        let Ok(Ok(_permit)) = timeout_at(self.until, self.total.acquire()).await else { return None };
        let now = Timestamp::now();
        match request::build(&endpoint.url, event, 1, now) {
            Ok(request) => Some(self.sender.attempt(request).await),
            Err(error) => Some(Attempt::unsendable(now, &error)),
        }
    }
}

async fn endpoint<'a>(
    plan: &'a EndpointPlan,
    events: &'a [Event],
    starts: &Starts<'_>,
    max_in_flight: usize,
) -> Outcome<'a> {
    let pending = |index: usize, attempts| Delivery {
        event: &events[index],
        endpoint: &plan.endpoint,
        status: Status::Pending,
        attempts,
    };
    let mut outcome = Outcome::default();
    let mut window = FIRST_WINDOW.min(max_in_flight);
    // A lane is what remains of one instance's events. The rest of it waits while its first is in flight, and stays
    // behind it when that fails.
    let mut ready: VecDeque<&'a [usize]> = plan.lanes.iter().map(Vec::as_slice).collect();
    let mut in_flight = FuturesUnordered::new();
    loop {
        while in_flight.len() < window && Instant::now() < starts.until {
            let Some(lane) = ready.pop_front() else { break };
            let Some((&first, rest)) = lane.split_first() else { continue };
            in_flight.push(async move { (first, rest, starts.attempt(&plan.endpoint, &events[first]).await) });
        }
        let Some((first, rest, attempt)) = in_flight.next().await else { break };
        match attempt {
            Some(attempt) if attempt.succeeded() => {
                outcome.delivered += 1;
                window = (window + 1).min(max_in_flight);
                ready.push_front(rest);
            }
            attempt => {
                outcome.undelivered.push(pending(first, attempt.into_iter().collect()));
                outcome.undelivered.extend(rest.iter().map(|&index| pending(index, Vec::new())));
            }
        }
    }
    let not_started = ready.into_iter().flatten();
    outcome.undelivered.extend(not_started.map(|&index| pending(index, Vec::new())));
    outcome
}

impl Attempt {
    /// The request could not even be made.
    fn unsendable(at: Timestamp, error: &http::Error) -> Self {
        let failure = Failure { reason: Reason::Other, detail: format!("no request could be made: {error}") };
        Self { at, status: None, latency: std::time::Duration::ZERO, failure: Some(failure), body: String::new() }
    }
}

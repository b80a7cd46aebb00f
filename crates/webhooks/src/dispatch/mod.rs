//! Makes attempts: all endpoints at once, each with a window of its own that opens as it answers, and closes for good when
//! it turns out to be failing.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use crate::delivery::{Attempt, Failure, Reason};
use crate::endpoint::{Endpoint, Health, HealthSettings, Verdict};
use crate::event::Event;
use crate::request;
use crate::sender::Sender;
use crate::signing::SigningSecrets;

/// Attempts at a time to an endpoint that has not yet answered in this batch. Each success opens the window by one, so a
/// working endpoint soon has its full share, and one that hangs never holds more than these.
const FIRST_WINDOW: usize = 8;

/// An event that an endpoint is to be told.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// What happened.
    pub event: &'a Event,
    /// Attempts that were made before.
    pub made: usize,
}

/// What one endpoint is to be told.
#[derive(Debug)]
pub struct Target<'a> {
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// How it fares. One that is failing gets a single probe first.
    pub health: Health,
    /// The most attempts a second.
    pub max_per_second: Option<u32>,
    /// What signs its requests.
    pub secrets: &'a SigningSecrets,
    /// The events of one instance each, in order. Lanes are independent of each other.
    pub lanes: Vec<Vec<Job<'a>>>,
}

/// What bounds the attempts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// At a time, to one endpoint. How many in total is the sender's own bound.
    pub in_flight_per_endpoint: usize,
    /// None begins after this; the last ones end at most one timeout later.
    pub start_until: Instant,
    /// How often a delivery that is refused is tried in its place, attempts made before included.
    pub tries_in_place: usize,
    /// Between two of these tries; `None` makes one try and leaves the others to somebody else.
    pub pause_in_place: Option<Duration>,
}

/// What came of one job.
#[derive(Debug)]
pub struct Done<'a> {
    /// What happened.
    pub event: &'a Event,
    /// The attempts made now, oldest first.
    pub attempts: Vec<Attempt>,
    /// How it ended.
    pub end: End,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The endpoint took the event.
    Taken,
    /// The endpoint works, and refused this one as often as it is tried in its place.
    Refused,
    /// It still waits.
    Waits,
}

/// What came of one endpoint's jobs.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// Every job, in no order.
    pub done: Vec<Done<'a>>,
    /// How the endpoint fares now.
    pub health: Health,
    /// When it last took an event.
    pub last_success: Option<Timestamp>,
    /// When it last did not.
    pub last_failure: Option<Timestamp>,
}

/// Tells every endpoint what it is to be told, as far as limits and endpoints allow. The outcomes stand in the order of the
/// targets.
pub async fn dispatch<'a>(
    targets: Vec<Target<'a>>,
    sender: &Sender,
    health: &HealthSettings,
    limits: &Limits,
) -> Vec<Outcome<'a>> {
    let shared = Shared { sender, health, limits };
    join_all(targets.into_iter().map(|target| Calls::new(target, &shared).run())).await
}

/// What every attempt shares.
struct Shared<'s> {
    sender: &'s Sender,
    health: &'s HealthSettings,
    limits: &'s Limits,
}

impl Shared<'_> {
    /// One attempt, or `None` when it could not begin in time.
    async fn attempt(
        &self,
        endpoint: &Endpoint,
        secrets: &SigningSecrets,
        event: &Event,
        number: usize,
    ) -> Option<Attempt> {
        let _slot = self.sender.slot(self.limits.start_until).await?;
        let now = Timestamp::now();
        match request::build(&endpoint.url, event, number, now, secrets) {
            Ok(request) => Some(self.sender.attempt(request).await),
            Err(error) => Some(Attempt::unsendable(now, &error)),
        }
    }
}

/// What remains of one instance's events. The rest of it waits while its first is in flight, and stays behind it when that
/// is not taken.
struct Lane<'a> {
    jobs: VecDeque<Job<'a>>,
    /// The attempts made now for the first of them.
    attempts: Vec<Attempt>,
}

/// The calls to one endpoint.
struct Calls<'a, 's> {
    endpoint: &'a Endpoint,
    secrets: &'a SigningSecrets,
    shared: &'s Shared<'s>,
    ready: VecDeque<Lane<'a>>,
    window: usize,
    /// Between two starts, and when the next one may be.
    interval: Duration,
    next_start: Instant,
    /// No more starts: the endpoint is failing, or disabled.
    stopped: bool,
    outcome: Outcome<'a>,
}

impl<'a, 's> Calls<'a, 's> {
    fn new(target: Target<'a>, shared: &'s Shared<'s>) -> Self {
        let lane = |jobs: Vec<Job<'a>>| Lane { jobs: jobs.into(), attempts: Vec::new() };
        let probing = !matches!(target.health, Health::Healthy { .. });
        Self {
            endpoint: target.endpoint,
            secrets: target.secrets,
            shared,
            ready: target.lanes.into_iter().filter(|jobs| !jobs.is_empty()).map(lane).collect(),
            window: if probing { 1 } else { FIRST_WINDOW.min(shared.limits.in_flight_per_endpoint) },
            interval: target.max_per_second.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate.max(1)),
            next_start: Instant::now(),
            stopped: false,
            outcome: Outcome { done: Vec::new(), health: target.health, last_success: None, last_failure: None },
        }
    }

    async fn run(mut self) -> Outcome<'a> {
        let (endpoint, secrets, shared) = (self.endpoint, self.secrets, self.shared);
        let attempt = |lane: Lane<'a>| async move {
            let Some(job) = lane.jobs.front().copied() else { return (lane, None) };
            let attempt = shared.attempt(endpoint, secrets, job.event, job.made + lane.attempts.len() + 1).await;
            (lane, attempt)
        };
        let mut in_flight = FuturesUnordered::new();
        // Lanes whose first event was refused, in the order in which they are tried again: all rest equally long.
        let mut resting: VecDeque<(Instant, Lane<'a>)> = VecDeque::new();
        loop {
            while resting.front().is_some_and(|(until, _)| *until <= Instant::now()) {
                self.ready.extend(resting.pop_front().map(|(_, lane)| lane));
            }
            while self.may_start(in_flight.len()) && Instant::now() >= self.next_start {
                let Some(lane) = self.ready.pop_front() else { break };
                self.next_start = self.next_start.max(Instant::now()) + self.interval;
                in_flight.push(attempt(lane));
            }
            let paced = (!self.ready.is_empty() && self.may_start(in_flight.len())).then_some(self.next_start);
            let rested = resting.front().map(|(until, _)| *until).filter(|_| self.may_start(0));
            let start = paced.into_iter().chain(rested).min();
            tokio::select! {
                Some((lane, attempt)) = in_flight.next() => {
                    if let Some((pause, lane)) = self.settle(lane, attempt) {
                        resting.push_back((Instant::now() + pause, lane));
                    }
                }
                () = sleep_until(start.unwrap_or(self.next_start).min(shared.limits.start_until)), if start.is_some() => {}
                else => break,
            }
        }
        let left: Vec<_> = self.ready.drain(..).chain(resting.into_iter().map(|(_, lane)| lane)).collect();
        left.into_iter().for_each(|lane| self.wait(lane));
        self.outcome
    }

    fn may_start(&self, in_flight: usize) -> bool {
        !self.stopped && in_flight < self.window && Instant::now() < self.shared.limits.start_until
    }

    /// Takes note of an attempt. Answers the lane when its first event is to be tried again, and after which pause.
    fn settle(&mut self, mut lane: Lane<'a>, attempt: Option<Attempt>) -> Option<(Duration, Lane<'a>)> {
        let Some(attempt) = attempt else {
            self.wait(lane);
            return None;
        };
        let verdict = Verdict::from(&attempt);
        self.learn(verdict, attempt.at);
        // Nearly always it is the only one, and there may be 50,000 lanes.
        lane.attempts.reserve_exact(1);
        lane.attempts.push(attempt);
        let made = lane.jobs.front().map_or(0, |job| job.made) + lane.attempts.len();
        let limits = self.shared.limits;
        match (verdict, limits.pause_in_place) {
            (Verdict::Taken, _) => self.end(lane, End::Taken),
            (Verdict::Refused, Some(_)) if made >= limits.tries_in_place => self.end(lane, End::Refused),
            (Verdict::Refused, Some(pause)) if !self.stopped => return Some((pause, lane)),
            _ => self.wait(lane),
        }
        None
    }

    fn learn(&mut self, verdict: Verdict, at: Timestamp) {
        let now = Timestamp::now();
        let outcome = &mut self.outcome;
        if verdict == Verdict::Taken {
            outcome.last_success = Some(at);
        } else {
            outcome.last_failure = Some(at);
        }
        // What was in flight when the endpoint turned out to be failing is no further step.
        if self.stopped && verdict != Verdict::Gone {
            return;
        }
        outcome.health = outcome.health.after(verdict, now, fastrand::f64(), self.shared.health).0;
        match outcome.health {
            Health::Healthy { .. } if verdict == Verdict::Taken => {
                let first = FIRST_WINDOW.min(self.shared.limits.in_flight_per_endpoint);
                self.window = (self.window + 1).max(first).min(self.shared.limits.in_flight_per_endpoint);
            }
            Health::Healthy { .. } => {}
            Health::Failing { .. } | Health::Disabled { .. } => self.stopped = true,
        }
    }

    /// The lane's first event is over; the rest may go on.
    fn end(&mut self, mut lane: Lane<'a>, end: End) {
        if let Some(job) = lane.jobs.pop_front() {
            self.outcome.done.push(Done { event: job.event, attempts: std::mem::take(&mut lane.attempts), end });
        }
        if !lane.jobs.is_empty() {
            self.ready.push_front(lane);
        }
    }

    /// The lane goes no further now.
    fn wait(&mut self, lane: Lane<'a>) {
        let mut attempts = Some(lane.attempts);
        let waits = lane.jobs.into_iter().map(|job| Done {
            event: job.event,
            attempts: attempts.take().unwrap_or_default(),
            end: End::Waits,
        });
        self.outcome.done.extend(waits);
    }
}

impl Attempt {
    /// The request could not even be made.
    fn unsendable(at: Timestamp, error: &http::Error) -> Self {
        let failure = Failure { reason: Reason::Other, detail: format!("no request could be made: {error}") };
        Self {
            at,
            status: None,
            latency: Duration::ZERO,
            failure: Some(failure),
            retry_after: None,
            body: String::new(),
        }
    }
}

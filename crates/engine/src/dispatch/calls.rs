//! Scheduling of the calls to one endpoint. Pure: time and the outcomes of attempts are arguments.
//!
//! The deliveries of an instance queue behind each other; queues are independent of each other.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use foldhash::{HashMap, HashMapExt as _};
use jiff::Timestamp;
use tokio::time::Instant;

use super::window::Window;
use webhooks_model::endpoint::{AttemptOutcome, Health, HealthSettings, Try};
use webhooks_model::event::InstanceKey;
use webhooks_runtime::invariant::Invariant;

/// Index of a delivery, assigned by the caller.
pub type DeliveryNo = usize;

/// A queue of deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Queue {
    /// The deliveries of an instance.
    Instance(InstanceKey),
    /// A single deferred delivery.
    Deferred(DeliveryNo),
}

/// The calls to one endpoint.
#[derive(Debug)]
pub struct Calls {
    health: Health,
    window: Window,
    /// Minimum time between two starts.
    interval: Duration,
    next_start: Instant,
    in_flight: usize,
    queues: HashMap<Queue, VecDeque<DeliveryNo>>,
    ready: VecDeque<Queue>,
    /// Queues whose first delivery is waiting for its retry.
    resting: BTreeMap<(Instant, Queue), ()>,
    /// Whether no more attempts start, because the endpoint has become failing or disabled.
    stopped: bool,
}

impl Calls {
    /// Creates the calls to an endpoint of this health, within `window`, at most `max_per_second`.
    ///
    /// A failing endpoint receives a single probe first.
    pub fn new(health: Health, window: Window, max_per_second: Option<u32>, now: Instant) -> Self {
        Self {
            health,
            window,
            interval: max_per_second.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate.max(1)),
            next_start: now,
            in_flight: 0,
            queues: HashMap::new(),
            ready: VecDeque::new(),
            resting: BTreeMap::new(),
            stopped: false,
        }
    }

    /// Makes room for this many queues more.
    pub fn reserve(&mut self, queues: usize) {
        self.queues.reserve(queues);
        self.ready.reserve(queues);
    }

    /// Returns the endpoint's health, updated by the attempts.
    pub fn health(&self) -> Health {
        self.health
    }

    /// Returns the window.
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// Returns the number of attempts in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Returns whether the endpoint has become failing or disabled.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    /// Returns whether a queue exists.
    pub fn has(&self, queue: Queue) -> bool {
        self.queues.contains_key(&queue)
    }

    /// Returns the first delivery of a queue.
    pub fn first(&self, queue: Queue) -> Option<DeliveryNo> {
        self.queues.get(&queue)?.front().copied()
    }

    /// Returns all queues, in whatever state.
    pub fn queues(&self) -> impl Iterator<Item = Queue> {
        self.queues.keys().copied()
    }

    /// Appends a delivery to a queue.
    pub fn push(&mut self, queue: Queue, delivery: DeliveryNo) {
        let deliveries = self.queues.entry(queue).or_default();
        deliveries.push_back(delivery);
        if deliveries.len() == 1 {
            self.ready.push_back(queue);
        }
    }

    /// Creates a queue whose first delivery is attempted at `until`.
    pub fn push_resting(&mut self, queue: Queue, delivery: DeliveryNo, until: Instant) {
        self.queues.entry(queue).or_default().push_back(delivery);
        self.rest(queue, until);
    }

    /// Moves the ready queue with the lowest `rank` to the front, to be called next.
    pub fn prefer(&mut self, rank: impl Fn(DeliveryNo) -> usize) {
        let first = |queue: &Queue| self.queues[queue].front().copied().map_or(usize::MAX, &rank);
        let best = (0..self.ready.len()).min_by_key(|index| first(&self.ready[*index]));
        if let Some(queue) = best.and_then(|index| self.ready.remove(index)) {
            self.ready.push_front(queue);
        }
    }

    /// Starts the next attempt, if one may start now.
    pub fn start(&mut self, now: Instant) -> Option<(Queue, DeliveryNo)> {
        while let Some((&(at, queue), ())) = self.resting.first_key_value()
            && at <= now
        {
            self.resting.pop_first();
            self.ready.push_back(queue);
        }
        if !self.may_start(now) || now < self.next_start {
            return None;
        }
        let queue = self.ready.pop_front()?;
        let delivery = self.queues.get(&queue)?.front().copied()?;
        self.next_start = self.next_start.max(now) + self.interval;
        self.in_flight += 1;
        let detail = || format!("{} in flight", self.in_flight);
        Invariant::OneProbe.check(!self.is_failing() || self.in_flight == 1, detail);
        Invariant::WindowBounds.check(self.in_flight <= self.window.limit(now), detail);
        Some((queue, delivery))
    }

    fn may_start(&self, now: Instant) -> bool {
        !self.stopped && self.in_flight < self.limit(now)
    }

    fn is_failing(&self) -> bool {
        matches!(self.health, Health::Failing { .. })
    }

    /// Returns the maximum number of attempts in flight.
    fn limit(&self, now: Instant) -> usize {
        if self.is_failing() { 1 } else { self.window.limit(now) }
    }

    /// Returns the next time at which an attempt may start without any other event.
    pub fn next_start(&self, now: Instant) -> Option<Instant> {
        if self.stopped {
            return None;
        }
        let paced = (!self.ready.is_empty() && self.may_start(now)).then_some(self.next_start);
        let rested = self.resting.first_key_value().map(|((at, _), ())| *at);
        paced.into_iter().chain(rested).min()
    }

    /// Returns the number of queues whose first delivery may start.
    pub fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Handles the end of an attempt; `None` if nothing was sent, which gives back its part of the rate.
    pub fn landed(
        &mut self,
        outcome: Option<(AttemptOutcome, Try, Duration)>,
        now: (Instant, Timestamp),
        jitter: f64,
        settings: &HealthSettings,
    ) {
        self.in_flight -= 1;
        let Some((outcome, which, latency)) = outcome else {
            self.next_start = self.next_start.checked_sub(self.interval).unwrap_or(now.0);
            return;
        };
        match outcome {
            AttemptOutcome::Acknowledged | AttemptOutcome::Rejected | AttemptOutcome::Gone => {
                self.window.answered(latency, now.0);
            }
            AttemptOutcome::Missed => self.window.missed(now.0),
            AttemptOutcome::Throttled(_) => self.window.throttled(now.0),
        }
        // Attempts that were in flight when the endpoint became failing do not add a backoff step.
        if self.stopped && !matches!(outcome, AttemptOutcome::Gone) {
            return;
        }
        self.health = self.health.on_attempt(outcome, which, now.1, jitter, settings);
        self.stopped = !matches!(self.health, Health::Healthy { .. });
    }

    /// Removes the first delivery of a queue, and continues with the next one.
    pub fn complete(&mut self, queue: Queue) {
        let Some(deliveries) = self.queues.get_mut(&queue) else { return };
        deliveries.pop_front();
        if deliveries.is_empty() {
            self.queues.remove(&queue);
        } else {
            self.ready.push_front(queue);
        }
    }

    /// Pauses a queue until the retry of its first delivery.
    pub fn rest(&mut self, queue: Queue, until: Instant) {
        self.resting.insert((until, queue), ());
    }

    /// Removes a queue, and returns its remaining deliveries.
    pub fn remove(&mut self, queue: Queue) -> VecDeque<DeliveryNo> {
        self.ready.retain(|ready| *ready != queue);
        self.resting.retain(|(_, resting), ()| *resting != queue);
        self.queues.remove(&queue).unwrap_or_default()
    }

    /// Removes and returns all deliveries of these queues that are not started: the ready ones, and those behind a
    /// delivery in flight or waiting for its retry.
    ///
    /// If the endpoint has become failing, deliveries waiting for their retry are removed, too.
    pub fn take_unstarted(&mut self, of: impl Fn(Queue) -> bool) -> Vec<DeliveryNo> {
        let mut taken = Vec::new();
        let (mut gone, ready): (Vec<Queue>, Vec<Queue>) =
            std::mem::take(&mut self.ready).into_iter().partition(|queue| of(*queue));
        self.ready = ready.into();
        if self.stopped {
            gone.extend(self.resting.keys().map(|(_, queue)| *queue).filter(|queue| of(*queue)));
            self.resting.retain(|(_, queue), ()| !of(*queue));
        }
        for queue in gone {
            taken.extend(self.queues.remove(&queue).unwrap_or_default());
        }
        for deliveries in self.queues.iter_mut().filter(|(queue, _)| of(**queue)).map(|(_, deliveries)| deliveries) {
            taken.extend(deliveries.drain(1..));
        }
        taken
    }

    /// Returns a queue to the ready ones after an attempt that never started.
    pub fn return_to_turn(&mut self, queue: Queue) {
        self.ready.push_front(queue);
    }

    /// Replaces the endpoint's health.
    pub fn set_health(&mut self, health: Health) {
        self.health = health;
        self.stopped = !matches!(health, Health::Healthy { .. });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::INITIAL_WINDOW;

    const QUICK: Duration = Duration::from_millis(5);

    fn queue(instance: &str) -> Queue {
        Queue::Instance(InstanceKey::new(instance))
    }

    /// Creates the calls to a healthy endpoint with these deliveries of these instances.
    fn calls(deliveries: &[&str], now: Instant) -> Calls {
        let mut calls = Calls::new(Health::default(), Window::new(INITIAL_WINDOW, 64), None, now);
        deliveries.iter().enumerate().for_each(|(no, instance)| calls.push(queue(instance), no));
        calls
    }

    fn started(calls: &mut Calls, now: Instant) -> Vec<DeliveryNo> {
        std::iter::from_fn(|| calls.start(now).map(|(_, no)| no)).collect()
    }

    fn land(calls: &mut Calls, outcome: AttemptOutcome, now: Instant) {
        let clock = (now, Timestamp::UNIX_EPOCH);
        calls.landed(Some((outcome, Try::First, QUICK)), clock, 0.0, &HealthSettings::default());
    }

    #[tokio::test(start_paused = true)]
    async fn one_delivery_of_an_instance_is_in_flight_at_a_time() {
        let now = Instant::now();
        let mut calls = calls(&["a", "b", "a"], now);
        assert_eq!(started(&mut calls, now), [0, 1]);
        land(&mut calls, AttemptOutcome::Acknowledged, now);
        calls.complete(queue("a"));
        assert_eq!(started(&mut calls, now), [2]);
        calls.complete(queue("a"));
        calls.complete(queue("b"));
        assert_eq!(calls.queues().count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_delivery_that_rests_holds_its_instance_and_no_other() {
        let now = Instant::now();
        let mut calls = calls(&["a", "a"], now);
        assert_eq!(started(&mut calls, now), [0]);
        land(&mut calls, AttemptOutcome::Missed, now);
        calls.rest(queue("a"), now + QUICK);
        calls.push(queue("b"), 2);
        assert_eq!(started(&mut calls, now), [2]);
        assert_eq!(calls.next_start(now), Some(now + QUICK));
        assert_eq!(started(&mut calls, now + QUICK), [0], "the same one again");
    }

    #[tokio::test(start_paused = true)]
    async fn five_misses_stop_the_calls_and_what_rests_is_given_back() {
        let now = Instant::now();
        let names: Vec<String> = (0..9).map(|n| n.to_string()).collect();
        let mut calls = calls(&names.iter().map(String::as_str).collect::<Vec<_>>(), now);
        assert_eq!(started(&mut calls, now).len(), INITIAL_WINDOW);
        for name in &names[..4] {
            land(&mut calls, AttemptOutcome::Missed, now);
            calls.rest(queue(name), now);
        }
        assert!(!calls.stopped());
        land(&mut calls, AttemptOutcome::Missed, now);
        calls.remove(queue("4"));
        assert!(calls.stopped() && matches!(calls.health(), Health::Failing { .. }));
        assert_eq!((started(&mut calls, now), calls.next_start(now)), (vec![], None));
        let mut given_back = calls.take_unstarted(|_| true);
        given_back.sort_unstable();
        assert_eq!(given_back, [0, 1, 2, 3, 8], "those in flight are not");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failing_endpoint_gets_one_probe_and_then_what_it_bears() {
        let now = Instant::now();
        let (health, window) =
            (Health::failing(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH), Window::new(INITIAL_WINDOW, 64));
        let mut calls = Calls::new(health, window, None, now);
        ["a", "b", "c"].iter().enumerate().for_each(|(no, name)| calls.push(queue(name), no));
        calls.prefer(|no| 10 - no);
        assert_eq!(started(&mut calls, now), [2], "the one that is preferred");
        land(&mut calls, AttemptOutcome::Acknowledged, now);
        assert_eq!(started(&mut calls, now), [0, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_sent_takes_nothing_of_the_rate() {
        let now = Instant::now();
        let mut calls = Calls::new(Health::default(), Window::new(INITIAL_WINDOW, 64), Some(20), now);
        ["a", "a", "a"].iter().enumerate().for_each(|(no, name)| calls.push(queue(name), no));
        for superseded in [0, 1] {
            assert_eq!(started(&mut calls, now), [superseded]);
            calls.landed(None, (now, Timestamp::UNIX_EPOCH), 0.0, &HealthSettings::default());
            calls.complete(queue("a"));
        }
        assert_eq!(started(&mut calls, now), [2]);
        land(&mut calls, AttemptOutcome::Acknowledged, now);
        calls.push(queue("b"), 3);
        assert_eq!(started(&mut calls, now), [] as [usize; 0], "one that was sent does");
        assert_eq!(started(&mut calls, now + Duration::from_millis(50)), [3]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_spaces_the_starts() {
        let now = Instant::now();
        let mut calls = Calls::new(Health::default(), Window::new(INITIAL_WINDOW, 64), Some(20), now);
        ["a", "b"].iter().enumerate().for_each(|(no, name)| calls.push(queue(name), no));
        assert_eq!(started(&mut calls, now), [0]);
        let next = calls.next_start(now).unwrap();
        assert_eq!(next - now, Duration::from_millis(50));
        assert_eq!(started(&mut calls, next), [1]);
    }
}

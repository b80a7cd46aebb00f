//! An endpoint's share of a batch: direct calls, appended deliveries, and the outcomes of attempts. Pure.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use foldhash::HashSet;
use jiff::Timestamp;
use tokio::time::Instant;

use super::memory::Known;
use super::plan::EndpointPlan;
use crate::dispatch::{Calls, DeliveryNo, Moment, NextStep, Queue, RetrySchedule};
use webhooks_model::attempt::{Attempt, Attempts};
use webhooks_model::credentials::Credentials;
use webhooks_model::delivery::{Delivery, GiveUpReason, Status};
use webhooks_model::endpoint::{AttemptOutcome, DeliveryPath, Health, HealthSettings, MAX_HELD, Try};
use webhooks_model::event::{Event, InstanceKey};
use webhooks_model::signing::WorkspaceKeys;
use webhooks_store::{DeliveryWrite, Evidence, Hold, StorageState, Turn};

/// An endpoint's share of a batch.
pub(super) struct EndpointBatch<'a> {
    pub(super) plan: &'a EndpointPlan<'a>,
    /// The credentials of the endpoint; `None` if nothing is called.
    pub(super) credentials: Option<Arc<Credentials>>,
    pub(super) calls: Calls,
    pub(super) deliveries: Vec<BatchDelivery<'a>>,
    /// Maximum wait of the batch for a response.
    patience: Duration,
    latest_start: Instant,
    evidence: Evidence,
    pub(super) last_success_at: Option<Timestamp>,
    /// Whether the endpoint responded within the hold.
    pub(super) answered_in_time: bool,
    /// Number of attempts that were in flight at the handover.
    pub(super) overdue: usize,
    /// End of this environment's claim on the handed-over deliveries.
    claimed_until: Option<Timestamp>,
}

/// A delivery of one event to the endpoint.
pub(super) struct BatchDelivery<'a> {
    pub(super) event: &'a Event,
    instance: InstanceKey,
    /// Attempts of this batch.
    pub(super) attempts: Attempts,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not started, in flight, or waiting for its retry.
    Open,
    Delivered,
    Pending(Turn),
    Failed(GiveUpReason),
    /// Neither attempted nor stored: the batch repeats it, and another environment delivers it.
    GivenBack,
}

/// The writes of an endpoint's share that are required before the batch is acknowledged.
pub(super) struct Keep<'a> {
    pub(super) plan: &'a EndpointPlan<'a>,
    pub(super) writes: Vec<DeliveryWrite<'a>>,
    /// Deliveries that queue from now on, if something is pending.
    pub(super) hold: Option<Hold>,
    pub(super) partitions: BTreeSet<u8>,
    pub(super) evidence: Evidence,
    /// The endpoint's health if the batch has changed it; otherwise healthy.
    pub(super) health: Health,
    pub(super) wake: Wake,
}

/// Time of the endpoint's next drain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// By this time.
    By(Timestamp),
    /// At the scheduled wake-up.
    Anyway,
}

/// Result of a delivery that was in flight at the handover.
pub(super) struct Settled<'a> {
    pub(super) write: DeliveryWrite<'a>,
    pub(super) instance: InstanceKey,
    /// Whether this batch has put other deliveries of its instance behind it.
    pub(super) followed: bool,
}

/// Limits of a batch, and settings of retries.
pub(super) struct Rules<'s> {
    pub(super) schedule: &'s RetrySchedule,
    pub(super) health: &'s HealthSettings,
    pub(super) timeout: Duration,
    /// Latest start of an attempt.
    pub(super) last_start: Instant,
    pub(super) hold: Duration,
    /// End of the hold.
    pub(super) hold_until: Instant,
    /// Deadline of all writes.
    pub(super) write_until: Instant,
}

/// Margin by which a time that others read outlasts what it is for: clocks differ, and writes take a while.
pub(super) const MARGIN: Duration = Duration::from_secs(3);

impl<'a> EndpointBatch<'a> {
    pub(super) fn new(
        plan: &'a EndpointPlan<'a>,
        keys: Option<&WorkspaceKeys>,
        (known, hold): (Known, Duration),
        (now, wall_clock): (Instant, Timestamp),
    ) -> Self {
        let record = &plan.record;
        let path = if keys.is_some() { record.delivery_path() } else { DeliveryPath::Backlog };
        let keys = keys.filter(|_| path == DeliveryPath::Direct);
        let credentials = keys.map(|keys| Arc::new(record.credentials(&plan.endpoint.id, keys, wall_clock)));
        let mut calls = Calls::new(record.health, known.window, None, now);
        if path == DeliveryPath::Direct {
            calls.reserve(plan.events.len());
        }
        let mut deliveries = Vec::with_capacity(plan.events.len());
        for (instance, event) in plan.events.iter().copied() {
            let state = match path {
                DeliveryPath::Direct if !record.held.contains(&instance) => {
                    calls.push(Queue::Instance(instance), deliveries.len());
                    State::Open
                }
                DeliveryPath::Direct | DeliveryPath::Backlog => State::Pending(Turn::Next),
                DeliveryPath::Fail => State::Failed(GiveUpReason::EndpointDisabled),
            };
            deliveries.push(BatchDelivery { event, instance, attempts: Attempts::default(), state });
        }
        Self {
            plan,
            credentials,
            calls,
            deliveries,
            patience: known.patience(hold),
            latest_start: now,
            evidence: Evidence::default(),
            last_success_at: None,
            answered_in_time: false,
            overdue: 0,
            claimed_until: None,
        }
    }

    /// Returns whether there is nothing to call: it can be stored at once.
    pub(super) fn is_appended_only(&self) -> bool {
        self.calls.queues().next().is_none()
    }

    /// Starts the next attempt, if one may start now. Returns the delivery and the attempt's number.
    pub(super) fn start(&mut self, now: Instant) -> Option<(DeliveryNo, usize)> {
        let (_, delivery) = self.calls.start(now)?;
        self.latest_start = now;
        Some((delivery, self.deliveries[delivery].attempts.count() + 1))
    }

    /// Returns the time until which the batch waits for attempts in flight; `None` if there are none.
    pub(super) fn waits_until(&self) -> Option<Instant> {
        (self.calls.in_flight() > 0).then(|| self.latest_start + self.patience)
    }

    /// Handles the end of an attempt; `None` if it never started for lack of a slot.
    pub(super) fn landed(
        &mut self,
        no: DeliveryNo,
        attempt: Option<Attempt>,
        rules: &Rules<'_>,
        now: Instant,
        moment: Moment,
    ) {
        let delivery = &mut self.deliveries[no];
        let queue = Queue::Instance(delivery.instance);
        let which = if delivery.attempts.is_empty() { Try::First } else { Try::Again };
        let outcome = attempt.as_ref().map(|it| (AttemptOutcome::from(it), which, it.latency));
        self.calls.landed(outcome, (now, moment.now), moment.jitter, rules.health);
        let Some(attempt) = attempt else { return self.leave(queue, Turn::Next) };
        let outcome = AttemptOutcome::from(&attempt);
        self.answered_in_time |= attempt.status.is_some() && attempt.latency <= rules.hold;
        self.learn(outcome, which, attempt.at);
        let delivery = &mut self.deliveries[no];
        if delivery.state == State::GivenBack {
            return;
        }
        delivery.attempts.push(attempt);
        match rules.schedule.next_step(&delivery.attempts, false, rules.health, moment) {
            NextStep::Delivered => {
                delivery.state = State::Delivered;
                self.calls.complete(queue);
            }
            NextStep::Retry(_) if self.calls.stopped() => self.leave(queue, Turn::Next),
            NextStep::Retry(pause) if self.may_retry(no, pause, rules, now, moment.now) => {
                self.calls.rest(queue, now + pause);
            }
            NextStep::Retry(pause) => self.leave(queue, Turn::At(moment.now + pause)),
            NextStep::Defer(_) | NextStep::Fail(_) | NextStep::AwaitEndpoint { .. } => self.leave(queue, Turn::Next),
        }
    }

    /// Returns whether this environment retries a missed delivery inline.
    ///
    /// It does so once, only if the miss was known within the hold, and only if the retry ends before the claim does.
    fn may_retry(&self, no: DeliveryNo, pause: Duration, rules: &Rules<'_>, now: Instant, clock: Timestamp) -> bool {
        let attempts = &self.deliveries[no].attempts;
        let quickly = |it: &Attempt| AttemptOutcome::from(it) != AttemptOutcome::Rejected && it.latency <= rules.hold;
        let missed = attempts.last().is_some_and(quickly);
        let ends = clock + pause + rules.timeout;
        missed
            && attempts.count() == 1
            && now + pause <= rules.last_start
            && self.claimed_until.is_none_or(|until| ends <= until)
    }

    fn learn(&mut self, outcome: AttemptOutcome, which: Try, at: Timestamp) {
        let first = u32::from(which == Try::First);
        if outcome == AttemptOutcome::Acknowledged {
            self.last_success_at = Some(at);
            self.evidence =
                Evidence { acknowledged: true, last_failure_at: self.evidence.last_failure_at, ..Evidence::default() };
            return;
        }
        self.evidence.last_failure_at = Some(at);
        match outcome {
            AttemptOutcome::Rejected => self.evidence.rejections += first,
            _ => self.evidence.misses += first,
        }
    }

    /// Leaves a queue to the drain: its first delivery is pending, and those behind it, too.
    fn leave(&mut self, queue: Queue, turn: Turn) {
        for (index, no) in self.calls.remove(queue).into_iter().enumerate() {
            self.deliveries[no].state = State::Pending(if index == 0 { turn } else { Turn::Next });
        }
    }

    /// Returns the endpoint's health if this batch has changed it; otherwise healthy.
    ///
    /// A drain may have found the endpoint healthy since the record was read, so that a value that was only read is not
    /// written back.
    pub(super) fn shown_health(&self) -> Health {
        let health = self.calls.health();
        if health == self.plan.record.health { Health::default() } else { health }
    }

    /// Returns whether this environment still has to make a delivery.
    pub(super) fn is_open(&self, no: DeliveryNo) -> bool {
        self.deliveries[no].state == State::Open
    }

    /// Leaves deliveries that are not started to the drain, and returns them.
    ///
    /// If the endpoint has become failing, those that wait for their retry are left, too.
    fn leave_unstarted(&mut self) -> Vec<DeliveryNo> {
        let left = self.calls.take_unstarted(|_| true);
        left.iter().for_each(|no| self.deliveries[*no].state = State::Pending(Turn::Next));
        left
    }

    /// Removes and returns the deliveries waiting for an inline retry, if the endpoint has become failing.
    pub(super) fn take_unretried(&mut self) -> Vec<DeliveryNo> {
        if self.calls.stopped() { self.leave_unstarted() } else { Vec::new() }
    }

    /// Gives back deliveries that could not be stored. Results of their attempts in flight are ignored.
    pub(super) fn give_back(&mut self, events: &[&Event]) {
        // The stream may repeat an event within a batch.
        let is_lost = |it: &&mut BatchDelivery<'_>| events.iter().any(|event| event.id == it.event.id);
        for delivery in self.deliveries.iter_mut().filter(is_lost).filter(|it| !it.is_delivered()) {
            delivery.state = State::GivenBack;
            self.calls.remove(Queue::Instance(delivery.instance));
        }
    }

    /// Returns the outcomes of attempts since the last call.
    pub(super) fn take_evidence(&mut self) -> Evidence {
        std::mem::take(&mut self.evidence)
    }

    /// Hands over: deliveries in flight or waiting for an inline retry stay with this environment, and all other
    /// pending ones go to the drain. Returns the writes for both.
    pub(super) fn hand_over(&mut self, rules: &Rules<'_>, now: Timestamp) -> Keep<'a> {
        self.leave_unstarted();
        self.overdue = self.calls.in_flight();
        let claimed_until = now + rules.schedule.inline_retry_delay * 2 + rules.timeout + MARGIN;
        self.claimed_until = Some(claimed_until);

        let record = &self.plan.record;
        let (mut writes, mut instances, mut partitions) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        let mut waiting: HashSet<InstanceKey> = record.held.iter().copied().collect();
        let mut wake = Wake::Anyway;
        for delivery in &self.deliveries {
            let turn = match delivery.state {
                State::Delivered | State::GivenBack => continue,
                State::Failed(why) => {
                    writes.push(delivery.write(self.plan, Status::Failed, Some(why), StorageState::Completed, None));
                    continue;
                }
                State::Open => Turn::InFlight(claimed_until),
                State::Pending(turn) => turn,
            };
            let behind_another = !waiting.insert(delivery.instance) && turn == Turn::Next;
            if !behind_another || record.delivery_path() == DeliveryPath::Backlog {
                wake = wake.earlier(turn.not_before().unwrap_or(now));
            }
            instances.insert(delivery.instance);
            partitions.insert(delivery.instance.partition());
            writes.push(delivery.write(self.plan, Status::Pending, None, StorageState::Pending(turn), None));
        }
        let hold = (!instances.is_empty()).then(|| {
            let all = record.held.union(&instances).count() > MAX_HELD;
            let direct = record.delivery_path() == DeliveryPath::Direct && !self.calls.stopped();
            if direct && !all { Hold::Instances(instances) } else { Hold::Everything }
        });
        let (evidence, health) = (self.take_evidence(), self.shown_health());
        Keep { plan: self.plan, writes, hold, partitions, evidence, health, wake }
    }

    /// Returns the log entries of deliveries that were acknowledged before the handover.
    pub(super) fn delivered(&mut self) -> Vec<DeliveryWrite<'a>> {
        let plan = self.plan;
        let delivered = self.deliveries.iter_mut().filter(|it| it.state == State::Delivered);
        delivered.map(|it| it.take_write(plan, Status::Delivered, StorageState::Completed, None)).collect()
    }

    /// Returns the results of handed-over deliveries among those that `ended`.
    pub(super) fn settled(&mut self, ended: &[DeliveryNo], kept_when_delivered: StorageState) -> Vec<Settled<'a>> {
        let plan = self.plan;
        let mut settled = Vec::new();
        for no in ended {
            let delivery = &mut self.deliveries[*no];
            let was = Some(StorageState::Pending(Turn::Next));
            let write = match delivery.state {
                State::Delivered => delivery.take_write(plan, Status::Delivered, kept_when_delivered, was),
                State::Pending(turn) => delivery.take_write(plan, Status::Pending, StorageState::Pending(turn), was),
                State::Open | State::Failed(_) | State::GivenBack => continue,
            };
            let behind = self.deliveries[no + 1..].iter().any(|it| it.instance == self.deliveries[*no].instance);
            settled.push(Settled { write, instance: self.deliveries[*no].instance, followed: behind });
        }
        settled
    }
}

impl<'a> BatchDelivery<'a> {
    pub(super) fn is_delivered(&self) -> bool {
        self.state == State::Delivered
    }

    fn write(
        &self,
        plan: &'a EndpointPlan<'a>,
        status: Status,
        give_up_reason: Option<GiveUpReason>,
        storage: StorageState,
        was: Option<StorageState>,
    ) -> DeliveryWrite<'a> {
        let attempts = self.attempts.clone();
        let delivery = Delivery { event: self.event, endpoint: &plan.endpoint, status, attempts, give_up_reason };
        DeliveryWrite { delivery, storage, was }
    }

    /// Takes the write without copying the attempts.
    fn take_write(
        &mut self,
        plan: &'a EndpointPlan<'a>,
        status: Status,
        storage: StorageState,
        was: Option<StorageState>,
    ) -> DeliveryWrite<'a> {
        let attempts = std::mem::take(&mut self.attempts);
        let delivery = Delivery { event: self.event, endpoint: &plan.endpoint, status, attempts, give_up_reason: None };
        DeliveryWrite { delivery, storage, was }
    }
}

impl Wake {
    fn earlier(self, at: Timestamp) -> Self {
        match self {
            Self::By(by) => Self::By(by.min(at)),
            Self::Anyway => Self::By(at),
        }
    }
}

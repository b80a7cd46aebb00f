//! A drain's view of an endpoint's backlog: deliveries read, in flight, waiting for a retry and completed. Pure.

mod reading;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use foldhash::{HashMap, HashMapExt as _};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::dispatch::{Calls, DeliveryNo, INITIAL_WINDOW, Moment, NextStep, Queue, RetrySchedule, Window};
use webhooks_model::attempt::{Attempt, Attempts};
use webhooks_model::callbacks::Callbacks;
use webhooks_model::delivery::{GiveUpReason, Status};
use webhooks_model::endpoint::{AttemptOutcome, EndpointRecord, Health, HealthSettings, Try};
use webhooks_model::event::{InstanceKey, PARTITIONS};
use webhooks_store::{DeliveryId, StorageState, StoredDelivery, Turn};

pub(super) use walk::Position;
use walk::Walk;

/// Maximum pause of a retry that the drain waits for.
const KEPT_FOR: Duration = Duration::from_secs(2);

/// Number of responses in a row within half of the hold after which an endpoint is no longer slow.
const IN_TIME_TO_BE_FAST: u32 = 20;

/// A pending write of a delivery.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) delivery: Arc<StoredDelivery>,
    /// All attempts, including earlier ones.
    pub(super) attempts: Attempts,
    pub(super) status: Status,
    pub(super) give_up_reason: Option<GiveUpReason>,
    pub(super) storage: StorageState,
}

/// A delivery that is moving.
#[derive(Clone, Copy, Debug)]
struct Completed {
    was: StorageState,
    is: StorageState,
    /// Whether the move is written.
    written: bool,
}

/// A delivery that this drain has attempted and retries.
struct Retried {
    delivery: Arc<StoredDelivery>,
    /// Earliest time of its next attempt.
    due: Timestamp,
}

/// End of a delivery that was started.
#[derive(Debug)]
pub(super) enum Landed {
    /// There was no slot for it in time.
    NotStarted,
    /// Nothing was sent: a later event of the instance is pending, too.
    Superseded,
    /// It was attempted.
    Attempted(Attempt),
}

impl Landed {
    fn attempt(&self) -> Option<&Attempt> {
        if let Self::Attempted(attempt) = self { Some(attempt) } else { None }
    }
}

/// Settings that decide about retries.
#[derive(Clone, Copy)]
pub(super) struct Rules<'s> {
    pub(super) schedule: &'s RetrySchedule,
    pub(super) health: &'s HealthSettings,
    pub(super) hold: Duration,
    /// [`StorageState`] of a delivery after its acknowledgement.
    pub(super) delivered: StorageState,
}

/// A drain's view of a backlog.
pub(super) struct View {
    /// The endpoint's record as last read, updated by this drain's attempts.
    pub(super) record: EndpointRecord,
    pub(super) calls: Calls,
    rows: HashMap<DeliveryNo, Arc<StoredDelivery>>,
    next_no: DeliveryNo,
    partitions: [Walk; PARTITIONS as usize],
    /// Instances whose first pending delivery has a schedule of its own, and its time.
    parked: HashMap<InstanceKey, Timestamp>,
    /// Retried deliveries. They take precedence over rows that were read before the retry was written.
    retried: HashMap<DeliveryId, Retried>,
    /// Completed and deferred deliveries whose old rows may still be read.
    completed: HashMap<DeliveryId, Completed>,
    /// Superseded deliveries until they are written. The next one of the instance starts only then: if this drain died
    /// in between, the next drain would send them after it.
    superseded: HashMap<DeliveryId, (DeliveryNo, Queue)>,
    /// Instances with deliveries that have failed without an attempt, and the last one of them, until it is written. The next
    /// ones are read again only then, for the same reason.
    failing: HashMap<InstanceKey, DeliveryId>,
    /// Instances to release once the last of their deliveries is written.
    drained: BTreeMap<InstanceKey, DeliveryId>,
    pub(super) to_write: Vec<Row>,
    in_time: u32,
    pub(super) last_activity: Instant,
    pub(super) deferred_changed: bool,
    /// Whether the endpoint was failing when this drain started.
    began_failing: bool,
    /// Whether this drain must not do anything more.
    pub(super) halted: bool,
    /// Whether the start of the backlog has been read, and has no delivery that must not be sent any more.
    has_looked: bool,
}

impl View {
    pub(super) fn new(record: EndpointRecord, max_in_flight: usize, now: Instant) -> Self {
        let began_failing = matches!(record.health, Health::Failing { .. });
        let first = record.window.and_then(|window| usize::try_from(window).ok()).unwrap_or(INITIAL_WINDOW);
        let window = Window::new(first.max(INITIAL_WINDOW), max_in_flight);
        let window = if record.is_slow() { window.ramping(now) } else { window };
        Self {
            calls: Calls::new(record.health, window, record.settings.max_per_second, now),
            record,
            rows: HashMap::new(),
            next_no: 0,
            partitions: Default::default(),
            parked: HashMap::new(),
            retried: HashMap::new(),
            completed: HashMap::new(),
            superseded: HashMap::new(),
            failing: HashMap::new(),
            drained: BTreeMap::new(),
            to_write: Vec::new(),
            in_time: 0,
            last_activity: now,
            deferred_changed: false,
            has_looked: false,
            halted: false,
            began_failing,
        }
    }

    /// Drops all deliveries that are not started, to read them again: the configuration has changed, or the endpoint is
    /// failing.
    pub(super) fn start_over(&mut self) {
        for no in self.calls.take_unstarted(|_| true) {
            self.rows.remove(&no);
        }
        self.partitions = Default::default();
        self.has_looked = false;
    }

    /// Ends this drain as soon as the results of attempts in flight are written.
    pub(super) fn halt(&mut self) {
        self.start_over();
        self.halted = true;
    }

    /// Starts the next attempt, if one may start now.
    pub(super) fn start(&mut self, now: Instant) -> Option<(DeliveryNo, Arc<StoredDelivery>)> {
        if matches!(self.calls.health(), Health::Failing { .. }) {
            let rows = &self.rows;
            self.calls.prefer(|no| rows.get(&no).map_or(usize::MAX, |row| row.attempts.count()));
        }
        let (_, no) = self.calls.start(now)?;
        self.last_activity = now;
        Some((no, Arc::clone(self.rows.get(&no)?)))
    }

    /// Handles the end of a started delivery.
    pub(super) fn landed(
        &mut self,
        no: DeliveryNo,
        landed: Landed,
        rules: Rules<'_>,
        (now, clock, jitter): (Instant, Timestamp, f64),
    ) {
        let Some(row) = self.rows.get(&no).map(Arc::clone) else { return };
        let instance = InstanceKey::new(&row.event.instance_id);
        let deferred = matches!(row.storage, StorageState::Deferred(_));
        let queue = if deferred { Queue::Deferred(no) } else { Queue::Instance(instance) };
        let which = if row.attempts.is_empty() { Try::First } else { Try::Again };
        let outcome = landed.attempt().map(|it| (AttemptOutcome::from(it), which, it.latency));
        self.calls.landed(outcome, (now, clock), jitter, rules.health);
        self.last_activity = now;
        let attempt = match landed {
            Landed::NotStarted => return self.calls.return_to_turn(queue),
            Landed::Superseded => return self.supersede(no, queue, row, rules.delivered),
            Landed::Attempted(attempt) => attempt,
        };

        self.learn(&row.id, &attempt, rules.hold);
        let mut attempts = row.attempts.clone();
        attempts.push(attempt);
        let moment = Moment { now: clock, jitter, last_success_at: self.record.last_success_at };
        let row = |status, give_up_reason, storage| Row {
            delivery: Arc::clone(&row),
            attempts: attempts.clone(),
            status,
            give_up_reason,
            storage,
        };
        let written = match rules.schedule.next_step(&attempts, deferred, rules.health, moment) {
            NextStep::Delivered => Some(row(Status::Delivered, None, rules.delivered)),
            NextStep::Fail(why) => Some(row(Status::Failed, Some(why), StorageState::Completed)),
            NextStep::Defer(pause) => Some(row(Status::Pending, None, StorageState::Deferred(clock + pause))),
            NextStep::Retry(pause) => {
                let turn = if self.calls.stopped() { Turn::Next } else { Turn::At(clock + pause) };
                self.retry(no, queue, row(Status::Pending, None, StorageState::Pending(turn)), pause, (now, clock));
                None
            }
            NextStep::AwaitEndpoint { since } => {
                // One that is failing is probed at its own steps, and is disabled in the end.
                if matches!(self.calls.health(), Health::Healthy { .. }) {
                    self.calls.set_health(Health::failing(since, clock + rules.health.delay(0, jitter)));
                }
                let row = row(Status::Pending, None, StorageState::Pending(Turn::Next));
                self.retry(no, queue, row, Duration::MAX, (now, clock));
                None
            }
        };
        if let Some(written) = written {
            let id = written.delivery.id.clone();
            self.write(queue, written);
            self.complete(no, queue, &id);
        }
        self.show(self.calls.health());
    }

    /// Replaces the endpoint's health.
    pub(super) fn set_health(&mut self, health: Health) {
        self.calls.set_health(health);
        self.show(health);
    }

    /// Shows the endpoint's health in the record. What is loaded of an endpoint that becomes disabled is read again, and fails
    /// then: it would wait for attempts otherwise, until the drain's time is up.
    fn show(&mut self, health: Health) {
        let is_disabled = |it: Health| matches!(it, Health::Disabled { .. });
        let before = std::mem::replace(&mut self.record.health, health);
        if is_disabled(health) && !is_disabled(before) {
            self.start_over();
        }
    }

    /// Has a delivery written whose outcome is known.
    fn write(&mut self, queue: Queue, row: Row) {
        let deferred = matches!(queue, Queue::Deferred(_));
        self.deferred_changed |= deferred || matches!(row.storage, StorageState::Deferred(_));
        self.retried.remove(&row.delivery.id);
        let completed = Completed { was: row.delivery.storage, is: row.storage, written: false };
        self.completed.insert(row.delivery.id.clone(), completed);
        self.to_write.push(row);
    }

    /// Has a delivery written as superseded. Until then it stays the first of its queue.
    fn supersede(&mut self, no: DeliveryNo, queue: Queue, delivery: Arc<StoredDelivery>, storage: StorageState) {
        self.superseded.insert(delivery.id.clone(), (no, queue));
        let attempts = delivery.attempts.clone();
        self.write(queue, Row { delivery, attempts, status: Status::Superseded, give_up_reason: None, storage });
    }

    /// Continues with the next delivery of a queue.
    fn complete(&mut self, no: DeliveryNo, queue: Queue, id: &DeliveryId) {
        self.rows.remove(&no);
        self.calls.complete(queue);
        if let Queue::Instance(instance) = queue
            && !self.calls.has(queue)
        {
            self.drained.insert(instance, id.clone());
        }
    }

    /// Schedules a retry, by this drain if it is soon.
    fn retry(&mut self, no: DeliveryNo, queue: Queue, row: Row, pause: Duration, (now, clock): (Instant, Timestamp)) {
        let mut updated = StoredDelivery::clone(&row.delivery);
        (updated.attempts, updated.storage) = (row.attempts.clone(), row.storage);
        self.to_write.push(row);
        let (due, delivery) = (updated.storage.due().unwrap_or(clock), Arc::new(updated));
        if matches!(queue, Queue::Instance(_)) {
            self.retried.insert(delivery.id.clone(), Retried { delivery: Arc::clone(&delivery), due });
        }
        if pause <= KEPT_FOR && !self.calls.stopped() {
            self.rows.insert(no, delivery);
            self.calls.rest(queue, now + pause);
            return;
        }
        if let Queue::Instance(instance) = queue {
            self.parked.insert(instance, due);
        }
        for no in self.calls.remove(queue) {
            self.rows.remove(&no);
        }
    }

    fn learn(&mut self, of: &DeliveryId, attempt: &Attempt, hold: Duration) {
        match AttemptOutcome::from(attempt) {
            AttemptOutcome::Acknowledged => self.record.last_success_at = Some(attempt.at),
            _ => {
                self.record.last_failure_at = Some(attempt.at);
                self.record.last_failed_delivery = Some(of.to_string());
            }
        }
        let in_time = attempt.status.is_some() && attempt.latency <= hold / 2;
        self.in_time = if in_time { self.in_time + 1 } else { 0 };
        if self.in_time >= IN_TIME_TO_BE_FAST {
            self.record.late = 0;
        }
    }

    /// Returns the instances to release while the drain continues: none of their deliveries is pending, in the table
    /// either.
    pub(super) fn take_drained(&mut self) -> BTreeSet<InstanceKey> {
        if self.record.has_backlog || !self.has_read_all() {
            return BTreeSet::new();
        }
        let is_written = |id: &DeliveryId| self.completed.get(id).is_none_or(|it| it.written);
        let (drained, unwritten) =
            std::mem::take(&mut self.drained).into_iter().partition(|(_, last)| is_written(last));
        self.drained = unwritten;
        let drained: BTreeMap<InstanceKey, DeliveryId> = drained;
        let waits = |it: &InstanceKey| self.calls.has(Queue::Instance(*it)) || self.parked.contains_key(it);
        let may_go = |it: &InstanceKey| self.record.held.contains(it) && !waits(it);
        drained.into_keys().filter(may_go).collect()
    }

    /// Returns whether deliveries wait for others to be written.
    pub(super) fn waits_for_writes(&self) -> bool {
        !self.superseded.is_empty() || !self.failing.is_empty()
    }

    /// Handles completed writes.
    pub(super) fn written(&mut self, moves: &[(DeliveryId, StorageState)]) {
        for (id, storage) in moves {
            if let Some(completed) = self.completed.get_mut(id).filter(|it| it.is == *storage) {
                completed.written = true;
            }
            if let Some((no, queue)) = self.superseded.remove(id) {
                self.complete(no, queue, id);
            }
        }
        let completed = &self.completed;
        self.failing.retain(|_, last| completed.get(last).is_some_and(|it| !it.written));
    }

    /// Returns whether this drain has nothing left to do now.
    pub(super) fn is_drained(&self) -> bool {
        self.calls.queues().next().is_none() && self.to_write.is_empty()
    }

    /// Returns the instances whose first pending delivery has a schedule of its own, and the earliest of these times.
    pub(super) fn held(&self) -> (BTreeSet<InstanceKey>, Option<Timestamp>) {
        (self.parked.keys().copied().collect(), self.parked.values().min().copied())
    }

    /// Returns the age of the oldest known pending delivery.
    pub(super) fn age(&self, now: Timestamp) -> Duration {
        let known = self.rows.values().map(|row| row.event.changed_at).filter(|at| *at != Timestamp::UNIX_EPOCH);
        let oldest = known.min();
        oldest.and_then(|at| Duration::try_from(now.duration_since(at)).ok()).unwrap_or_default()
    }
}

/// Returns whether two places of a delivery are the same row. Times are stored in milliseconds.
fn is_same_row(one: StorageState, other: StorageState) -> bool {
    match (one, other) {
        (StorageState::Pending(_), StorageState::Pending(_)) => true,
        (StorageState::Deferred(one), StorageState::Deferred(other)) => one.as_millisecond() == other.as_millisecond(),
        _ => one == other,
    }
}

/// Returns whether a delivery's URL is called for its event type.
pub(super) fn is_configured(delivery: &StoredDelivery, callbacks: &Callbacks) -> bool {
    callbacks.urls_for(delivery.event.event_type).contains(&delivery.endpoint.url)
}

#[cfg(test)]
mod tests;

//! Drains one endpoint, as the only one to do so: reads what is pending, attempts it, and writes down what that came to, all
//! at the same time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::Retry;
use super::exit::{Exit, State, exit, may_start};
use super::hand_on::Source;
use super::role::Role;
use super::view::{Row, Rules, View, is_configured};
use crate::dispatch::attempt;
use crate::fanout::Log;
use crate::notice;
use webhooks_model::delivery::{Delivery, Status};
use webhooks_model::endpoint::{EndpointRecord, Health};
use webhooks_model::signing::SigningSecrets;
use webhooks_runtime::invariant::Invariant;
use webhooks_runtime::metrics::{Metric, Summary};
use webhooks_store::{
    DeliveryId, DeliveryWrite, Lease, PendingPage, Place, StoreError, StoredCallbacks, StoredDelivery,
};

/// Deliveries of a partition in one page.
const PAGE: i32 = 40;

/// Of each partition so many pending deliveries are counted for the metric.
const MOST_COUNTED: i32 = 1_000;

/// How often a drain asks whether something was appended, while it has nothing to read.
const POLL: Duration = Duration::from_millis(100);

/// How often it reads what is configured.
const READ_CONFIGURATION: Duration = Duration::from_secs(1);

/// A drain of an endpoint to which everything goes through it stays awake for so long after the last event.
const LINGER: Duration = Duration::from_secs(5);

/// What a drain works with, beside what it knows of the backlog.
pub(super) struct Drain<'r> {
    retry: &'r Retry,
    lease: &'r Lease,
    view: View,
    /// The record as it is stored, as far as this drain writes it.
    saved: EndpointRecord,
    callbacks: StoredCallbacks,
    secrets: Arc<SigningSecrets>,
    last_start: Instant,
    deadline: Instant,
    polled: Instant,
    configured: Instant,
}

/// What was read or written while attempts went on.
enum Done {
    Read(Vec<(u8, PendingPage)>),
    /// What was written, where to, and how many of these DynamoDB does not take.
    Written(Vec<(DeliveryId, Place)>, usize),
}

impl<'r> Drain<'r> {
    /// The drain of an endpoint with this record, by what is configured.
    pub(super) fn new(
        retry: &'r Retry,
        source: Source<'r>,
        record: EndpointRecord,
        (callbacks, secrets): (StoredCallbacks, Arc<SigningSecrets>),
    ) -> Self {
        let (Source { lease, until: last_start, deadline }, begun) = (source, Instant::now());
        Self {
            retry,
            lease,
            saved: record.clone(),
            view: View::new(record, retry.settings.max_in_flight, begun),
            callbacks,
            secrets,
            last_start,
            deadline,
            polled: begun,
            configured: begun,
        }
    }

    pub(super) async fn run(mut self, summary: &mut Summary) -> Result<(), StoreError> {
        let (retry, lease) = (self.retry, self.lease);
        let delivered = if retry.settings.log == Log::None { Place::Nowhere } else { Place::Completed };
        let rules =
            Rules { schedule: &retry.settings.schedule, health: &retry.health, hold: retry.settings.hold, delivered };
        let mut flights = FuturesUnordered::new();
        let (mut reading, mut writing) = (None, None);
        let mut measured = false;
        self.announce().await?;
        self.read_deferred().await?;
        loop {
            let now = Instant::now();
            let state = State {
                now: self.retry.world.now(),
                time_is_up: now >= self.last_start,
                busy: !flights.is_empty() || writing.is_some() || !self.view.to_write.is_empty(),
                reading: reading.is_some(),
                has_looked: self.view.has_looked(now),
                has_read_all: self.view.has_read_all(),
                drained: self.view.is_drained(),
                configured: self.callbacks.callbacks.have(&lease.endpoint),
                halted: self.view.halted,
                lingers: self.view.record.is_drained() && now < self.view.last_activity + LINGER,
            };
            match exit(&self.view.record, &state) {
                Some(Exit::Settle) => {}
                Some(exit) => {
                    if self.leave(exit, summary).await? {
                        return Ok(());
                    }
                    if !retry.endpoints.is_held(lease).await? {
                        // Given back by a call of which the answer was lost: another one cannot have it yet.
                        tracing::warn!(endpoint_id = %lease.endpoint, "a drain has lost its lease");
                        return Ok(());
                    }
                    // Something was appended, or an administrator has changed something: both are looked at.
                    self.poll(true).await?;
                    continue;
                }
                None => {
                    let may_start = may_start(&self.view.record, &state);
                    while let Some((no, delivery)) = may_start.then(|| self.view.start(now)).flatten() {
                        let (sender, secrets) = (&retry.sender, Arc::clone(&self.secrets));
                        let last_start = self.last_start;
                        flights.push(async move {
                            let number = delivery.attempts.count() + 1;
                            let event = (&delivery.event, number);
                            (no, attempt(&**sender, &delivery.endpoint, &secrets, event, last_start).await)
                        });
                    }
                    if reading.is_none() {
                        let pages = self.view.pages_to_read(now);
                        reading = (!pages.is_empty()).then(|| Box::pin(read(retry, lease, pages)));
                    }
                    if reading.is_none() && self.view.has_read_all() && now >= self.polled + POLL
                        || now >= self.configured + READ_CONFIGURATION
                    {
                        self.poll(false).await?;
                        continue;
                    }
                }
            }
            if writing.is_none() && (!self.view.to_write.is_empty() || self.view.record.health != self.saved.health) {
                let rows = std::mem::take(&mut self.view.to_write);
                count(&rows, summary);
                let was = self.saved.clone();
                // The record says when the next deferred one is due before there is one: this drain may die at any moment.
                self.saved.next_deferred_at = first_deferred(&rows).into_iter().chain(was.next_deferred_at).min();
                let is = EndpointRecord { next_deferred_at: self.saved.next_deferred_at, ..self.view.record.clone() };
                (self.saved.health, self.saved.late) = (is.health, is.late);
                (self.saved.last_success, self.saved.last_failure) = (is.last_success, is.last_failure);
                writing = Some(Box::pin(write(retry, lease, rows, was, is, self.deadline)));
            }
            let next = [self.polled + POLL, self.configured + READ_CONFIGURATION, self.last_start];
            let next = next.into_iter().chain(self.view.calls.next_start(now)).filter(|at| *at > now).min();
            let done = tokio::select! {
                biased; // what is read and written comes first: attempts may end without a pause between them
                Some(read) = some(&mut reading) => { reading = None; Done::Read(read?) }
                Some(written) = some(&mut writing) => { writing = None; let (moves, invalid) = written?; Done::Written(moves, invalid) }
                Some((no, attempt)) = flights.next() => {
                    if let Some(attempt) = &attempt {
                        summary.latency(Metric::AttemptLatency, attempt.latency);
                    }
                    self.view.landed(no, attempt, rules, (Instant::now(), self.retry.world.now(), self.retry.world.fraction()));
                    continue;
                }
                () = until(next) => continue,
            };
            match done {
                Done::Read(pages) => {
                    let deliveries: Vec<_> = pages.iter().flat_map(|(_, page)| &page.deliveries).collect();
                    if self.has_configuration_changed(&deliveries).await? {
                        continue;
                    }
                    for page in pages {
                        summary.add(Metric::DamagedItems, page.1.damaged);
                        self.view.load(page, &self.callbacks.callbacks, (Instant::now(), self.retry.world.now()));
                    }
                    if !std::mem::replace(&mut measured, true) {
                        summary.gauge(Metric::BacklogAge, self.view.age(self.retry.world.now()).as_secs());
                    }
                }
                Done::Written(moves, invalid) => {
                    summary.add(Metric::DamagedItems, invalid);
                    self.view.written(&moves);
                    self.let_go().await?;
                    self.announce().await?;
                }
            }
        }
    }

    /// Reads whether something was appended, and, less often or when it has to be `thorough`, what is configured.
    async fn poll(&mut self, thorough: bool) -> Result<(), StoreError> {
        let (retry, lease, now) = (self.retry, self.lease, Instant::now());
        let record = if thorough || now >= self.configured + READ_CONFIGURATION {
            self.read_configuration().await?
        } else {
            retry.endpoints.get(&lease.workspace, &lease.endpoint).await?
        };
        self.polled = now;
        let view = &mut self.view;
        if record.appends != view.record.appends {
            view.last_activity = now;
        }
        // What an administrator sets while this drain is at work counts from now on; what it has learnt itself stays.
        let resumed = record.health != self.saved.health && matches!(record.health, Health::Failing { step: 0, .. });
        if resumed && view.record.health == self.saved.health {
            view.calls.set_health(record.health);
            (view.record.health, self.saved.health) = (record.health, record.health);
        }
        (view.record.settings, view.record.has_backlog) = (record.settings, record.has_backlog);
        (view.record.held, view.record.appends) = (record.held, record.appends);
        view.record.appending_until = record.appending_until;
        self.read_deferred().await
    }

    /// Reads what is configured, and starts over if that has changed. Returns the endpoint's record as it is then.
    async fn read_configuration(&mut self) -> Result<EndpointRecord, StoreError> {
        let lease = self.lease;
        let mut state = self.retry.endpoints.workspace(&lease.workspace).await?;
        let record = state.endpoints.remove(&lease.endpoint).unwrap_or_default();
        self.configured = Instant::now();
        if Role::of(&lease.endpoint, &record, &state) != Role::Drain {
            // Something has changed that is for the next drain to see to, from its beginning.
            self.view.halt();
            return Ok(record);
        }
        if state.callbacks.revision != self.callbacks.revision {
            self.view.start_over();
            self.callbacks = state.callbacks;
        }
        if let Some(stored) = state.secrets {
            self.secrets = Arc::new(stored.secrets);
        }
        Ok(record)
    }

    /// Reads what is configured once more if, by what is known of it, some of these deliveries are not to be sent: their URL may
    /// have been added since. Returns whether it has changed.
    async fn has_configuration_changed(&mut self, deliveries: &[&StoredDelivery]) -> Result<bool, StoreError> {
        if deliveries.iter().all(|delivery| is_configured(delivery, &self.callbacks.callbacks)) {
            return Ok(false);
        }
        let before = self.callbacks.revision.clone();
        self.read_configuration().await?;
        Ok(self.view.halted || self.callbacks.revision != before)
    }

    /// Reads deferred deliveries that are due; all of them where they are not to be sent any more.
    async fn read_deferred(&mut self) -> Result<(), StoreError> {
        let (retry, lease, now) = (self.retry, self.lease, self.retry.world.now());
        if self.view.halted {
            return Ok(());
        }
        let disabled = matches!(self.view.record.health, Health::Disabled { .. });
        let removed = !self.callbacks.callbacks.have(&lease.endpoint);
        let until = if disabled || removed { Timestamp::MAX } else { now };
        if self.view.record.next_deferred_at.is_none_or(|due| due > until) {
            return Ok(());
        }
        let due = retry.deliveries.deferred(&lease.workspace, &lease.endpoint, until, PAGE).await?;
        self.has_configuration_changed(&due.iter().collect::<Vec<_>>()).await?;
        if self.view.halted {
            return Ok(());
        }
        self.view.load_deferred(due, &self.callbacks.callbacks);
        self.view.record.next_deferred_at = None;
        Ok(())
    }

    /// Lets instances go of which nothing is pending any more, while others still are.
    async fn let_go(&mut self) -> Result<(), StoreError> {
        let drained = self.view.take_drained();
        if !drained.is_empty() {
            self.retry.endpoints.drained(self.lease, &drained, self.view.record.appends.total).await?;
        }
        Ok(())
    }

    /// Gives the lease back, and has the endpoint woken when that is due. Returns false when there is more to do.
    async fn leave(&mut self, exit: Exit, summary: &mut Summary) -> Result<bool, StoreError> {
        let (retry, lease) = (self.retry, self.lease);
        if self.view.deferred_changed {
            let firsts = retry.deliveries.deferred(&lease.workspace, &lease.endpoint, Timestamp::MAX, 1).await?;
            self.view.record.next_deferred_at = firsts.iter().filter_map(|delivery| delivery.place.due()).min();
            self.view.deferred_changed = false;
        }
        if self.view.record.is_drained() {
            self.view.record.window = u32::try_from(self.view.calls.window().limit(Instant::now())).ok();
        }
        retry.endpoints.save(lease, &self.saved, &self.view.record).await?;
        self.saved = self.view.record.clone();
        let next_deferred = self.view.record.next_deferred_at;
        match exit {
            Exit::Settle => Ok(false),
            Exit::Finish => {
                let (held, first) = self.view.held();
                // What put something into the backlog may have died after it was counted, and before it was there.
                let look_at = self.view.record.appending_until.filter(|at| *at > retry.world.now());
                let is_empty = held.is_empty() && next_deferred.is_none();
                if is_empty && look_at.is_none() && !self.callbacks.callbacks.have(&lease.endpoint) {
                    return retry.endpoints.forget(lease, self.view.record.appends.total).await;
                }
                summary.gauge(Metric::Backlog, held.len() as u64);
                let due = first.into_iter().chain(next_deferred).min();
                Invariant::PendingIsWoken
                    .check(held.is_empty() || due.is_some(), || format!("endpoint {}", lease.endpoint));
                let wake_at = due.into_iter().chain(look_at).min();
                let finished = retry.endpoints.finish(lease, &held, wake_at, self.view.record.appends.total).await?;
                if finished && let Some(at) = due {
                    self.wake_at(at).await; // a look is left to the sweep
                }
                Ok(finished)
            }
            Exit::Paused => retry.endpoints.release_paused(lease).await,
            Exit::At(at) => {
                let pending = retry.deliveries.waiting(&lease.workspace, &lease.endpoint, MOST_COUNTED).await?;
                summary.gauge(Metric::Backlog, pending.count as u64);
                let left = retry.endpoints.leave(lease, at, self.view.record.appends.total).await?;
                if left {
                    self.wake_at(at).await;
                }
                Ok(left)
            }
        }
    }

    async fn wake_at(&self, at: Timestamp) {
        self.retry.send_wake_up(self.lease, &self.lease.endpoint, at).await;
    }

    /// Publishes the endpoint's health, when that is not what was last published.
    async fn announce(&mut self) -> Result<(), StoreError> {
        let health = self.saved.health;
        let announced = notice::to_announce(health);
        if announced == self.saved.announced {
            return Ok(());
        }
        let (retry, lease) = (self.retry, self.lease);
        match retry.notices.publish(&lease.workspace, &lease.endpoint, health).await {
            Ok(()) => {
                let is = EndpointRecord { announced, ..self.saved.clone() };
                retry.endpoints.save(lease, &self.saved, &is).await?;
                (self.saved.announced, self.view.record.announced) = (announced, announced);
            }
            Err(error) => {
                tracing::error!(endpoint_id = %lease.endpoint, %error, "an announcement is left to the next wake-up");
            }
        }
        Ok(())
    }
}

/// What a future under way comes to; `None` when there is none.
async fn some<F: Future + Unpin>(future: &mut Option<F>) -> Option<F::Output> {
    match future {
        Some(future) => Some(future.await),
        None => None,
    }
}

/// Returns at that time; never when there is none.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn read(
    retry: &Retry,
    lease: &Lease,
    pages: Vec<(u8, Option<String>)>,
) -> Result<Vec<(u8, PendingPage)>, StoreError> {
    let pages = pages.into_iter().map(|(partition, after)| async move {
        let page = retry.deliveries.pending(&lease.workspace, &lease.endpoint, partition, after, PAGE).await?;
        Ok((partition, page))
    });
    try_join_all(pages).await
}

/// The time at which the first of those is due that are to be deferred.
fn first_deferred(rows: &[Row]) -> Option<Timestamp> {
    let deferred = rows.iter().filter(|row| matches!(row.place, Place::Deferred(_)));
    deferred.filter_map(|row| row.place.due()).min()
}

/// Writes down what became of deliveries, then of the endpoint; but first when the next deferred one is due.
async fn write(
    retry: &Retry,
    lease: &Lease,
    rows: Vec<Row>,
    was: EndpointRecord,
    is: EndpointRecord,
    deadline: Instant,
) -> Result<(Vec<(DeliveryId, Place)>, usize), StoreError> {
    let writes: Vec<_> = rows
        .iter()
        .map(|row| {
            let (event, endpoint) = (&row.delivery.event, &row.delivery.endpoint);
            let (status, attempts, given_up) = (row.status, row.attempts.clone(), row.given_up);
            let delivery = Delivery { event, endpoint, status, attempts, given_up };
            DeliveryWrite { delivery, place: row.place, was: Some(row.delivery.place) }
        })
        .collect();
    let next_deferred = EndpointRecord { next_deferred_at: is.next_deferred_at, ..was.clone() };
    retry.endpoints.save(lease, &was, &next_deferred).await?;
    let mut invalid = 0;
    for written in retry.deliveries.write(&writes, retry.world.now(), deadline).await {
        match written {
            Err(error @ StoreError::Invalid { .. }) => {
                invalid += 1;
                tracing::error!(endpoint_id = %lease.endpoint, %error, "the item of a delivery would be damaged: its outcome is not in the log");
            }
            written => written?,
        }
    }
    let is_held = retry.endpoints.save(lease, &next_deferred, &is).await?;
    let in_time = Instant::now() < deadline;
    Invariant::LeaseExclusive.check(is_held || !in_time, || format!("endpoint {}", lease.endpoint));
    Ok((rows.iter().map(|row| (row.delivery.id.clone(), row.place)).collect(), invalid))
}

fn count(rows: &[Row], summary: &mut Summary) {
    let of = |status| rows.iter().filter(|row| row.status == status).count();
    summary.add(Metric::Delivered, of(Status::Delivered));
    summary.add(Metric::GivenUp, of(Status::Failed));
}

//! Drains one endpoint's backlog under a lease: reads, attempts and writes concurrently.

mod configuration;
mod ending;
mod io;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::collect::Collected;
use super::exit::{Exit, State, exit, may_start, probe};
use super::held::HeldLease;
use super::view::{Landed, Position, Row, Rules, View};
use super::{Retry, RetrySettings};
use crate::dispatch::{DeliveryNo, attempt};
use crate::fanout::Log;
use io::Written;
use webhooks_model::credentials::Credentials;
use webhooks_model::endpoint::{EndpointRecord, Health};
use webhooks_model::event::EventType;
use webhooks_runtime::metrics::{Metric, Summary};
use webhooks_store::{PendingPage, StorageState, StoreError, StoredCallbacks, StoredDelivery, StoredKeys};

/// Interval of checks for appends, while the drain has nothing to read.
const POLL: Duration = Duration::from_millis(100);

/// Interval of reading the configuration.
const READ_CONFIGURATION: Duration = Duration::from_secs(1);

/// Time after the last event for which the drain of an endpoint without direct calls keeps running.
const LINGER: Duration = Duration::from_secs(5);

/// Largest number of deliveries that are attempted and not written yet. Beyond it no attempt begins: when the time is up, a slow
/// table can still take so many. What cannot be written is sent again.
const MAX_UNWRITTEN: usize = 500;

/// A running drain: everything but its view of the backlog.
pub(super) struct Drain<'r> {
    retry: &'r Retry,
    held: HeldLease<'r>,
    began: Timestamp,
    view: View,
    /// The stored record, as far as this drain writes it.
    saved: EndpointRecord,
    callbacks: StoredCallbacks,
    /// The credentials of the endpoint; `None` until the workspace has a key.
    credentials: Option<Arc<Credentials>>,
    polled: Instant,
    configured: Instant,
    collected: Collected,
    /// Number of deliveries that are being written.
    in_write: usize,
    /// Health that the table may still have while the record is being written.
    overwritten: Option<Health>,
    /// Whether the summary has the age of the backlog.
    measured: bool,
}

impl<'r> Drain<'r> {
    /// Creates the drain of an endpoint with this record and configuration.
    pub(super) fn new(
        retry: &'r Retry,
        held: HeldLease<'r>,
        record: EndpointRecord,
        (callbacks, keys): (StoredCallbacks, Option<StoredKeys>),
    ) -> Self {
        let (lease, begun) = (held.lease, Instant::now());
        let began = retry.world.now();
        let credentials = keys.map(|it| Arc::new(record.credentials(&lease.endpoint, &it.keys, began)));
        Self {
            retry,
            held,
            began,
            saved: record.clone(),
            view: View::new(record, retry.settings.max_in_flight, begun),
            callbacks,
            credentials,
            polled: begun,
            configured: begun,
            collected: Collected::default(),
            in_write: 0,
            overwritten: None,
            measured: false,
        }
    }

    /// Drains the endpoint until nothing more can be done, or the time is up.
    pub(super) async fn run(mut self, summary: &mut Summary) -> Result<(), StoreError> {
        let (retry, lease) = (self.retry, self.held.lease);
        let rules = self.rules();
        let mut flights = FuturesUnordered::new();
        let (mut reading, mut writing) = (None, None);
        self.announce().await?;
        self.read_deferred().await?;
        while self.held.renew(retry).await {
            let now = Instant::now();
            let busy = !flights.is_empty() || writing.is_some();
            let state = self.state(now, busy, reading.is_some());
            let may_start = may_start(&self.view.record, &state);
            match exit(&self.view.record, &state) {
                Some(Exit::Settle) => {}
                Some(exit) => match self.end(exit, summary).await? {
                    ControlFlow::Break(()) => return Ok(()),
                    ControlFlow::Continue(()) => continue,
                },
                None => {
                    while may_start && self.has_room(flights.len()) {
                        let Some((no, delivery)) = self.view.start(now) else { break };
                        let credentials = self.credentials().await?;
                        flights.push(self.flight(no, delivery, credentials));
                    }
                    if reading.is_none() {
                        let pages = self.view.pages_to_read(now, probe(&self.view.record, &state));
                        reading = (!pages.is_empty()).then(|| Box::pin(io::read(retry, lease, pages)));
                    }
                    if self.is_poll_due(now, reading.is_some()) {
                        self.poll(false).await?;
                        continue;
                    }
                }
            }
            let write_at = self.write_at(now, may_start).filter(|_| writing.is_none());
            if write_at.is_some_and(|at| at <= now) {
                let (rows, was, is) = self.take_writes(summary);
                writing = Some(Box::pin(io::write(retry, lease, rows, was, is, self.held.term.write_until())));
            }
            tokio::select! {
                biased; // reads and writes first, because attempts may end without a pause between them
                Some(read) = some(&mut reading) => { reading = None; self.on_read(read?, summary).await?; }
                Some(written) = some(&mut writing) => { writing = None; self.on_written(&written?, summary).await?; }
                Some((no, landed)) = flights.next() => {
                    if let Landed::Attempted(attempt) = &landed {
                        summary.latency(Metric::AttemptLatency, attempt.latency);
                    }
                    self.view.landed(no, landed, rules, (Instant::now(), retry.world.now(), retry.world.fraction()));
                }
                () = until(self.next_timer(now).into_iter().chain(write_at.filter(|at| *at > now)).min()) => {}
            }
        }
        Ok(()) // its lease is lost: what is in flight or unwritten is now another drain's
    }

    fn rules(&self) -> Rules<'r> {
        let RetrySettings { schedule, hold, log, .. } = &self.retry.settings;
        let delivered = if *log == Log::None { StorageState::Discarded } else { StorageState::Completed };
        Rules { schedule, health: &self.retry.health, hold: *hold, delivered }
    }

    /// Returns the state that decides the next step. `busy` says whether attempts or writes are in progress.
    fn state(&self, now: Instant, busy: bool, reading: bool) -> State {
        State {
            now: self.retry.world.now(),
            began: self.began,
            time_is_up: self.retry.is_time_up(now, self.held.term.last_start()),
            busy: busy || !self.view.to_write.is_empty(),
            reading,
            has_looked: self.view.has_looked(now),
            has_read_all: self.view.has_read_all(),
            drained: self.view.is_drained(),
            configured: self.callbacks.callbacks.have(&self.held.lease.endpoint),
            halted: self.view.halted,
            stopped: self.view.calls.stopped(),
            lingers: self.view.record.is_drained() && now < self.view.last_activity + LINGER,
        }
    }

    /// Returns `true` if one more attempt may begin, by what is in flight or not written yet.
    fn has_room(&self, in_flight: usize) -> bool {
        in_flight + self.view.to_write.len() + self.in_write < MAX_UNWRITTEN
    }

    /// Returns when the results so far are to be written; `None` without any. Those of an endpoint that is called by its drain
    /// alone may wait for others: no direct call waits for them.
    fn write_at(&mut self, now: Instant, may_start: bool) -> Option<Instant> {
        let may_wait = may_start && self.view.record.is_drained() && !self.view.waits_for_writes();
        let due = self.collected.due(self.view.to_write.len(), may_wait, now);
        if self.view.record.health == self.saved.health { due } else { Some(now) }
    }

    /// Attempts a delivery, unless a later one supersedes it.
    fn flight(
        &self,
        no: DeliveryNo,
        delivery: Arc<StoredDelivery>,
        credentials: Arc<Credentials>,
    ) -> impl Future<Output = (DeliveryNo, Landed)> + use<'r> {
        let (retry, last_start) = (self.retry, self.held.term.last_start());
        let superseding = self.superseding(&delivery);
        async move {
            if let Some(event_types) = superseding
                && io::is_superseded(retry, &delivery, &event_types).await
            {
                return (no, Landed::Superseded);
            }
            if Instant::now() >= last_start {
                return (no, Landed::NotStarted);
            }
            let event = (&delivery.event, delivery.attempts.count() + 1);
            let attempt = attempt(&*retry.sender, &delivery.endpoint, &credentials, event, last_start).await;
            (no, attempt.map_or(Landed::NotStarted, Landed::Attempted))
        }
    }

    /// Returns the types of events that supersede a delivery: those that its URL is called for. `None` if it is sent in
    /// any case.
    fn superseding(&self, delivery: &StoredDelivery) -> Option<Vec<EventType>> {
        let may_be = self.view.record.settings.on_backlog.supersedes(delivery.event.event_type);
        let callbacks = &self.callbacks.callbacks;
        let is_called = |it: &EventType| callbacks.urls_for(*it).contains(&delivery.endpoint.url);
        may_be.then(|| EventType::ALL.into_iter().filter(is_called).collect())
    }

    /// Returns the next time at which something may be due.
    fn next_timer(&self, now: Instant) -> Option<Instant> {
        let term = self.held.term;
        let timers = [self.polled + POLL, self.configured + READ_CONFIGURATION, term.last_start()];
        timers.into_iter().chain(term.renew_at()).chain(self.view.calls.next_start(now)).filter(|at| *at > now).min()
    }

    /// Takes the pending writes: deliveries, and the stored and the new record.
    fn take_writes(&mut self, summary: &mut Summary) -> (Vec<Row>, EndpointRecord, EndpointRecord) {
        let rows = std::mem::take(&mut self.view.to_write);
        self.collected.taken();
        self.in_write = rows.len();
        io::count(&rows, summary);
        let was = self.saved.clone();
        self.overwritten = Some(was.health);
        // The record has the time of the next deferred delivery before that is stored: this drain may die at any
        // moment.
        self.saved.next_deferred_at = io::first_deferred(&rows).into_iter().chain(was.next_deferred_at).min();
        self.view.record.unpublished_failures += io::rejected(&rows);
        let mut is = EndpointRecord { next_deferred_at: self.saved.next_deferred_at, ..self.view.record.clone() };
        is.last_success_at = is.last_success_at.filter(|at| was.stores_success(*at)).or(was.last_success_at);
        self.saved.unpublished_failures = is.unpublished_failures;
        (self.saved.health, self.saved.late) = (is.health, is.late);
        (self.saved.last_success_at, self.saved.last_failure_at) = (is.last_success_at, is.last_failure_at);
        self.saved.last_failed_delivery.clone_from(&is.last_failed_delivery);
        (rows, was, is)
    }

    async fn on_read(&mut self, pages: Vec<(Position, PendingPage)>, summary: &mut Summary) -> Result<(), StoreError> {
        let deliveries: Vec<_> = pages.iter().flat_map(|(_, page)| &page.deliveries).collect();
        if self.has_configuration_changed(&deliveries).await? {
            return Ok(());
        }
        for page in pages {
            summary.add(Metric::DamagedItems, page.1.damaged);
            self.view.load(page, &self.callbacks.callbacks, (Instant::now(), self.retry.world.now()));
        }
        if !std::mem::replace(&mut self.measured, true) {
            summary.gauge(Metric::BacklogAge, self.view.age(self.retry.world.now()).as_secs());
        }
        Ok(())
    }

    async fn on_written(&mut self, written: &Written, summary: &mut Summary) -> Result<(), StoreError> {
        self.in_write = 0;
        self.overwritten = None;
        summary.add(Metric::DamagedItems, written.invalid);
        self.view.written(&written.moves);
        self.let_go().await?;
        self.announce().await
    }
}

/// Returns the result of a future in progress; `None` if there is none.
async fn some<F: Future + Unpin>(future: &mut Option<F>) -> Option<F::Output> {
    match future {
        Some(future) => Some(future.await),
        None => None,
    }
}

/// Waits until that time; forever if there is none.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

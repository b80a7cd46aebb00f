//! The fan-out: parses a stream batch, calls the configured endpoints, and stores everything that was not delivered
//! within the hold.

mod after;
mod batch;
mod flight;
mod keep;
mod memory;
mod plan;
mod record;

use std::sync::Arc;
use std::time::Duration;

use foldhash::HashMap;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use crate::dispatch::{RetrySchedule, Via};
use crate::sender::{Beside, Sender};
use crate::wake_up::WakeUps;
use batch::{EndpointBatch, Rules};
use flight::Flights;
use keep::Kept;
use plan::EndpointPlan;
use webhooks_model::audit::{Actor, Author};
use webhooks_model::endpoint::HealthSettings;
use webhooks_model::event::{EventSettings, EventType, InvalidBatch, Record, StreamBatch, StreamEvent};
use webhooks_model::workspace::WorkspaceId;
use webhooks_model::world::World;
use webhooks_runtime::invariant::Invariant;
use webhooks_runtime::metrics::{Metric, Metrics, Summary};
use webhooks_store::{DeliveriesStore, EndpointsStore, SecretsStore, StoreError, WorkspaceState};

pub use memory::Memory;

/// Time reserved for writing results after the last attempt has ended.
const WRITE_RESERVE: Duration = Duration::from_secs(4);

/// Time reserved for the response after that.
const RESPONSE_RESERVE: Duration = Duration::from_millis(500);

/// Number of workspaces or endpoints that are read or written concurrently.
const CONCURRENT: usize = 16;

/// Settings of the fan-out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FanoutSettings {
    /// `HOLD_MS` (default 250): maximum time, apart from writes, for which a batch holds its part of the stream,
    /// whatever receivers do.
    pub hold: Duration,
    /// Settings of retries.
    pub schedule: RetrySchedule,
    /// `MAX_IN_FLIGHT_PER_ENDPOINT` (default 128): maximum number of concurrent attempts to one endpoint.
    pub max_in_flight_per_endpoint: usize,
    /// `LOG_DELIVERIES` (default `all`): which completed deliveries are logged.
    pub log: Log,
}

/// Log policy of completed deliveries. Pending ones are always stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Log {
    /// All deliveries.
    #[default]
    All,
    /// Failed deliveries, and those that were not acknowledged at the first attempt.
    Failures,
    /// Failed deliveries.
    None,
}

impl Default for FanoutSettings {
    fn default() -> Self {
        Self {
            hold: Duration::from_millis(250),
            schedule: RetrySchedule::default(),
            max_in_flight_per_endpoint: 128,
            log: Log::default(),
        }
    }
}

/// The fan-out of one environment. Its connections and clients are reused by all batches.
#[derive(Debug)]
pub struct Fanout {
    /// Store of the callbacks and endpoints.
    pub endpoints: EndpointsStore,
    /// Store of the keys of signing secrets.
    pub secrets: SecretsStore,
    /// Store of the deliveries.
    pub deliveries: DeliveriesStore,
    /// Queue of the wake-ups.
    pub wake_ups: WakeUps,
    /// Sender of the attempts.
    pub sender: Arc<Sender>,
    /// Settings of events.
    pub events: EventSettings,
    /// Metrics sink of batches.
    pub metrics: Metrics,
    /// Settings of endpoint health.
    pub health: HealthSettings,
    /// Settings of batches.
    pub settings: FanoutSettings,
    /// Knowledge about endpoints.
    pub memory: Memory,
    /// Source of time and randomness.
    pub world: Arc<dyn World>,
}

/// The states of the workspaces of one batch, and the endpoints to call.
struct Planned<'a> {
    /// Time at which the batch came.
    came: Instant,
    /// Sequence numbers of the events whose workspace could not be read.
    unread: Vec<String>,
    states: &'a HashMap<WorkspaceId, WorkspaceState>,
    plans: &'a [EndpointPlan<'a>],
}

impl Fanout {
    /// Processes one batch.
    ///
    /// As soon as every delivery is made or stored, which takes at most the hold and the writes, `respond` gets the
    /// sequence numbers of the records to retry. Attempts in flight then continue, and this returns after they are
    /// settled, by `deadline` at the latest: the end of the function's time.
    ///
    /// `respond` gets [`InvalidBatch`] if the whole payload is not a stream batch.
    pub async fn handle(
        &self,
        payload: &[u8],
        deadline: Instant,
        respond: impl FnOnce(Result<Vec<String>, InvalidBatch>),
    ) {
        let came = Instant::now();
        let batch = match StreamBatch::parse(payload) {
            Ok(batch) => batch,
            Err(error) => return respond(Err(error)),
        };
        let mut summary = Summary::default();
        let events = read(&batch, &self.events, &mut summary);
        summary.count(Metric::Events, events.len());
        let states = self.states_of(&events).await;
        report_damage(&states, &mut summary);
        let plans = plan::plan(&events, &states, self.world.now());
        let unread = events.iter().map(|it| &it.event).filter(|event| !states.contains_key(&event.workspace));
        let unread = unread.map(|event| event.sequence_number.clone()).collect();
        let planned = Planned { came, unread, states: &states, plans: &plans };
        self.fan_out(planned, deadline, summary, |failures| respond(Ok(failures))).await;
    }

    /// Calls the endpoints, stores what is not delivered within the hold, acknowledges, and completes the attempts in
    /// flight.
    async fn fan_out<'a>(
        &'a self,
        Planned { came, unread, states, plans }: Planned<'a>,
        deadline: Instant,
        mut summary: Summary,
        acknowledge: impl FnOnce(Vec<String>),
    ) {
        let begun = Instant::now();
        let hold = self.settings.hold;
        let write_until = deadline.checked_sub(RESPONSE_RESERVE).unwrap_or(deadline);
        let last_start = deadline.checked_sub(self.sender.timeout() + WRITE_RESERVE).unwrap_or(begun);
        let rules = Rules {
            schedule: &self.settings.schedule,
            health: &self.health,
            timeout: self.sender.timeout(),
            last_start,
            hold,
            hold_until: (begun + hold).min(last_start),
            write_until,
        };

        let now = self.world.now();
        let share = |plan: &'a EndpointPlan<'a>| {
            let keys = states.get(plan.workspace).and_then(|state| state.keys.as_ref());
            let known = self.memory.of(plan.workspace, &plan.endpoint.id, self.settings.max_in_flight_per_endpoint);
            EndpointBatch::new(plan, keys.map(|stored| &stored.keys), (known, hold), (begun, now))
        };
        let (appended, mut called): (Vec<_>, Vec<_>) =
            plans.iter().map(share).partition(EndpointBatch::is_appended_only);
        let appends = appended.into_iter().map(|mut batch| batch.hand_over(&rules, now)).collect();

        let is_one_workspace = plans.windows(2).all(|pair| pair[0].workspace == pair[1].workspace);
        let beside = if is_one_workspace { Beside::ItsOwn } else { Beside::Others };
        let mut flights = Flights::new(Via { sender: &self.sender, beside }, &*self.world);
        let call = self.call(&mut called, &mut flights, &rules);
        let (appended, ()) = tokio::join!(self.keep(appends, write_until), call);

        let now = self.world.now();
        let keeps: Vec<_> = called.iter_mut().map(|batch| batch.hand_over(&rules, now)).collect();
        for batch in &called {
            self.memory.learn(batch.plan.workspace, &batch.plan.endpoint.id, *batch.calls.window(), batch.overdue);
        }
        let mut landed = Vec::new();
        let kept = flights.while_flying(&mut landed, self.keep(keeps, write_until)).await;

        account_for(plans, &called, appended.iter().chain(&kept));
        summarise(&called, appended.iter().chain(&kept), &mut summary);
        let failures = sequence_numbers(appended.iter().chain(&kept), unread);
        summary.count(Metric::BatchItemFailures, failures.len());
        acknowledge(failures);
        let held = came.elapsed();
        yield_now().await; // so that the response is sent before metrics and log are built
        self.metrics.write(&mut summary, "batch", held, self.world.now());
        self.finish(&mut called, &mut flights, landed, &kept, &rules).await;
        for batch in called.iter().filter(|batch| batch.overdue > 0) {
            self.memory.settled(batch.plan.workspace, &batch.plan.endpoint.id, *batch.calls.window(), batch.overdue);
        }
    }

    /// Makes attempts until the batch has nothing to wait for in flight, at most until the end of the hold.
    async fn call<'a>(&self, batches: &mut [EndpointBatch<'a>], flights: &mut Flights<'a>, rules: &Rules<'_>) {
        let hold_until = rules.hold_until;
        loop {
            if Instant::now() < hold_until {
                flights.start(batches, hold_until);
            }
            let waits_until = batches.iter().filter_map(EndpointBatch::waits_until).max();
            let Some(until) = waits_until.map(|until| until.min(hold_until)).filter(|until| *until > Instant::now())
            else {
                return;
            };
            tokio::select! {
                biased;
                () = flights.land_some(batches, rules) => {}
                () = sleep_until(until) => {}
            }
        }
    }

    /// Reads each workspace by one strongly consistent query. Workspaces that cannot be read are left out.
    async fn states_of(&self, events: &[StreamEvent<'_>]) -> HashMap<WorkspaceId, WorkspaceState> {
        let mut workspaces: Vec<&WorkspaceId> = events.iter().map(|it| &it.event.workspace).collect();
        workspaces.sort_unstable();
        workspaces.dedup();
        let read = |workspace: WorkspaceId| async move {
            match self.state_of(&workspace).await {
                Ok(state) => Some((workspace, state)),
                Err(error) => {
                    tracing::error!(%workspace, %error, "the callbacks could not be read, or the first key not be made");
                    None
                }
            }
        };
        stream::iter(workspaces.into_iter().cloned())
            .map(read)
            .buffer_unordered(CONCURRENT)
            .filter_map(std::future::ready)
            .collect()
            .await
    }

    /// Returns the state of a workspace. If it has anything to call, a key is created: nothing is sent unsigned.
    async fn state_of(&self, workspace: &WorkspaceId) -> Result<WorkspaceState, StoreError> {
        let mut state = self.endpoints.workspace(workspace).await?;
        let callbacks = &state.callbacks.callbacks;
        let calls = EventType::ALL.into_iter().any(|event_type| !callbacks.urls_for(event_type).is_empty());
        if calls && state.keys.is_none() && state.damaged_keys.is_none() {
            state.keys = Some(
                self.secrets.get_or_create(workspace, Author { actor: &Actor::service(), world: &*self.world }).await?,
            );
        }
        Ok(state)
    }
}

/// Checks the invariant that each delivery is made, stored, or given back.
fn account_for<'k, 'a: 'k>(
    plans: &[EndpointPlan<'a>],
    called: &[EndpointBatch<'a>],
    kept: impl Iterator<Item = &'k Kept<'a>>,
) {
    let planned: usize = plans.iter().map(|plan| plan.events.len()).sum();
    let made = called.iter().flat_map(|batch| &batch.deliveries).filter(|it| it.is_delivered()).count();
    let kept: usize = kept.map(|it| it.pending + it.failed + it.invalid + it.lost.len()).sum();
    let detail = || format!("{planned} deliveries, {made} made, {kept} kept or reported");
    Invariant::EventsAccountedFor.check(planned == made + kept, detail);
}

/// Logs an error for each unreadable item. It delays only its own deliveries, and the batch continues.
fn report_damage(states: &HashMap<WorkspaceId, WorkspaceState>, summary: &mut Summary) {
    for (workspace, state) in states {
        for damage in state.damage() {
            tracing::error!(%workspace, damage, "a damaged item: what it is about is kept as pending until it is corrected");
            summary.add(Metric::DamagedItems, 1);
        }
    }
}

/// Returns the sequence numbers of the records to retry, in the order of the stream.
fn sequence_numbers<'k, 'a: 'k>(kept: impl Iterator<Item = &'k Kept<'a>>, unread: Vec<String>) -> Vec<String> {
    let lost = kept.flat_map(|kept| &kept.lost).map(|event| event.sequence_number.clone());
    let mut numbers: Vec<_> = lost.chain(unread).collect();
    numbers.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    numbers.dedup();
    numbers
}

fn summarise<'k, 'a: 'k>(
    called: &[EndpointBatch<'a>],
    kept: impl Iterator<Item = &'k Kept<'a>>,
    summary: &mut Summary,
) {
    let deliveries = || called.iter().flat_map(|batch| &batch.deliveries);
    for delivery in deliveries() {
        if let Some(first) = delivery.attempts.first() {
            if delivery.event.changed_at != Timestamp::UNIX_EPOCH {
                let since_change = Duration::try_from(first.at.duration_since(delivery.event.changed_at));
                summary.latency(Metric::TimeToFirstAttempt, since_change.unwrap_or_default());
            }
            summary.latency(Metric::AttemptLatency, first.latency);
        }
    }
    summary.count(Metric::Delivered, deliveries().filter(|it| it.is_delivered()).count());
    summary.count(Metric::HandedOver, called.iter().map(|batch| batch.overdue).sum());
    let mut all = Kept::default();
    kept.for_each(|it| {
        all.pending += it.pending;
        all.failed += it.failed;
        all.invalid += it.invalid;
    });
    summary.count(Metric::Backlogged, all.pending);
    summary.count(Metric::DeliveriesFailed, all.failed);
    summary.add(Metric::DamagedItems, all.invalid);
}

fn read<'a>(batch: &StreamBatch<'a>, settings: &EventSettings, summary: &mut Summary) -> Vec<StreamEvent<'a>> {
    let mut events = Vec::with_capacity(batch.len());
    let (mut unreadable, mut expired) = (0, 0);
    for record in batch.records(settings) {
        match record {
            Record::Event(event) => events.push(event),
            Record::Expired => expired += 1,
            Record::Unreadable(error) => {
                unreadable += 1;
                tracing::error!(%error, "a record was skipped");
            }
        }
    }
    summary.count(Metric::Records, batch.len());
    summary.count(Metric::ExpiredRecords, expired);
    summary.count(Metric::InvalidRecords, unreadable);
    events
}

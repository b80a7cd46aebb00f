//! From a stream batch to callback requests: read the events, look up whom to tell, tell them at once, and keep what could
//! not be told.

mod account;
mod plan;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::{StreamExt, stream};

use crate::access::Caller;
use crate::dispatch::{Job, Limits, Target, dispatch};
use crate::endpoint::{HealthSettings, Route};
use crate::event::{Batch, Event, EventSettings, EventType, NotABatch, Record};
use crate::metrics::{Metrics, Summary};
use crate::sender::Sender;
use crate::signing::SigningSecrets;
use crate::store::{DeliveriesStore, EndpointsStore, SecretsStore, StoreError, WorkspaceState};
use crate::wake_up::WakeUps;
use crate::workspace::WorkspaceId;
use plan::EndpointPlan;

/// What is left of the function's time, after the last attempt can have ended, for writing what was not delivered.
const WRITE_RESERVE: Duration = Duration::from_secs(4);

/// What is left after that for the answer.
const ANSWER_RESERVE: Duration = Duration::from_millis(500);

/// Workspaces, or endpoints, that are read or written at a time.
const CONCURRENT: usize = 16;

/// How a batch is worked off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FanoutSettings {
    /// `START_WINDOW_MS` (default 2,000): attempts begin within this time; what has not begun by then goes to the
    /// backlog. With the callback timeout it bounds how long a batch holds its shard.
    pub start_window: Duration,
    /// `MAX_IN_FLIGHT_PER_ENDPOINT` (default 64): attempts at a time to one endpoint.
    pub max_in_flight_per_endpoint: usize,
    /// `LOG_DELIVERIES` (default `all`): what is kept of deliveries that are over.
    pub log: Log,
}

/// What is kept of deliveries that are over. What waits is always kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Log {
    /// Everything.
    #[default]
    All,
    /// What was given up, and what was not delivered at once.
    Failures,
    /// What was given up.
    None,
}

impl Default for FanoutSettings {
    fn default() -> Self {
        Self { start_window: Duration::from_secs(2), max_in_flight_per_endpoint: 64, log: Log::default() }
    }
}

/// The fan-out of one environment; its connections and clients serve many batches.
#[derive(Debug)]
pub struct Fanout {
    /// Where callbacks and endpoints are.
    pub endpoints: EndpointsStore,
    /// Where the first signing secret is kept.
    pub secrets: SecretsStore,
    /// Where deliveries are kept.
    pub deliveries: DeliveriesStore,
    /// Who is told that something waits.
    pub wake_ups: WakeUps,
    /// What makes the attempts.
    pub sender: Arc<Sender>,
    /// How records become events.
    pub events: EventSettings,
    /// Who is told what each batch came to.
    pub metrics: Metrics,
    /// When an endpoint is failing.
    pub health: HealthSettings,
    /// How batches are worked off.
    pub settings: FanoutSettings,
}

impl Fanout {
    /// Works off one batch and answers which records have to come again. By `deadline`, the end of the function's
    /// time, every delivery is accounted for.
    ///
    /// # Errors
    /// When the payload as a whole is no stream batch.
    pub async fn handle(
        &self,
        payload: &str,
        deadline: tokio::time::Instant,
    ) -> Result<DynamoDbEventResponse, NotABatch> {
        let begun = Instant::now();
        let batch = Batch::parse(payload)?;
        let mut summary = Summary::default();
        let events = read(&batch, &self.events, &mut summary);
        summary.count("Events", events.len());

        let failures = self.fan_out(&events, deadline, &mut summary).await;
        summary.count("ReportedRecords", failures.len());
        self.metrics.write(&summary, "batch", begun.elapsed());
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures = failures.into_iter().map(failure).collect();
        Ok(response)
    }

    /// Answers the sequence numbers of the events that are neither delivered nor kept.
    async fn fan_out(&self, events: &[Event], deadline: tokio::time::Instant, summary: &mut Summary) -> Vec<String> {
        let states = self.states_of(events).await;
        let plans = plan::plan(events, &states);
        let (mut direct, mut others, mut targets) = (Vec::new(), Vec::new(), Vec::new());
        for plan in &plans {
            let secrets = states.get(plan.workspace).and_then(|state| state.secrets.as_ref());
            match (plan.record.route(), secrets) {
                (Route::Direct, Some(stored)) => {
                    targets.push(target(plan, events, &stored.secrets));
                    direct.push(plan);
                }
                _ => others.push(plan),
            }
        }

        let last_start = deadline.checked_sub(self.sender.timeout() + WRITE_RESERVE).unwrap_or(deadline);
        let limits = Limits {
            in_flight_per_endpoint: self.settings.max_in_flight_per_endpoint,
            start_until: last_start.min(tokio::time::Instant::now() + self.settings.start_window),
            tries_in_place: 1,
            pause_in_place: None,
        };
        let outcomes = dispatch(targets, &self.sender, &self.health, &limits).await;

        let write_until = deadline.checked_sub(ANSWER_RESERVE).unwrap_or(deadline);
        let called = direct.into_iter().zip(outcomes);
        let mut failed = self.account(called.collect(), others, events, write_until, summary).await;
        failed.extend(events.iter().filter(|event| !states.contains_key(&event.workspace)));

        let mut sequence_numbers: Vec<_> = failed.into_iter().map(|event| event.sequence_number.clone()).collect();
        sequence_numbers.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        sequence_numbers.dedup();
        sequence_numbers
    }

    /// One strongly consistent read per workspace. A workspace that could not be read is not in the answer.
    async fn states_of(&self, events: &[Event]) -> HashMap<WorkspaceId, WorkspaceState> {
        let mut workspaces: Vec<&WorkspaceId> = events.iter().map(|event| &event.workspace).collect();
        workspaces.sort_unstable();
        workspaces.dedup();
        let read = |workspace: WorkspaceId| async move {
            match self.state_of(&workspace).await {
                Ok(state) => Some((workspace, state)),
                Err(error) => {
                    tracing::error!(%workspace, %error, "the callbacks could not be read, or the first secret not be made");
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

    /// What is known of a workspace, with a signing secret if it calls anybody: nothing is sent unsigned.
    async fn state_of(&self, workspace: &WorkspaceId) -> Result<WorkspaceState, StoreError> {
        let mut state = self.endpoints.workspace(workspace).await?;
        let callbacks = &state.callbacks.callbacks;
        let calls = EventType::ALL.into_iter().any(|event_type| !callbacks.urls_for(event_type).is_empty());
        if calls && state.secrets.is_none() {
            state.secrets = Some(self.secrets.get_or_make(workspace, &Caller::service()).await?);
        }
        Ok(state)
    }
}

fn target<'a>(plan: &'a EndpointPlan<'_>, events: &'a [Event], secrets: &'a SigningSecrets) -> Target<'a> {
    let job = |&index: &usize| Job { event: &events[index], made: 0 };
    Target {
        endpoint: &plan.endpoint,
        health: plan.record.health,
        max_per_second: None,
        secrets,
        lanes: plan.lanes.iter().map(|lane| lane.iter().map(job).collect()).collect(),
    }
}

fn failure(sequence_number: String) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = Some(sequence_number);
    failure
}

fn read(batch: &Batch<'_>, settings: &EventSettings, summary: &mut Summary) -> Vec<Event> {
    let mut events = Vec::with_capacity(batch.len());
    let mut unreadable = 0;
    for record in batch.records(settings) {
        match record {
            Record::Event(event) => events.push(event),
            Record::Expired => {}
            Record::Unreadable(error) => {
                unreadable += 1;
                tracing::error!(%error, "a record was passed over");
            }
        }
    }
    summary.count("UnreadableRecords", unreadable);
    events
}

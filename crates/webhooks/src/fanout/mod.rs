//! From a stream batch to callback requests: read the events, look up whom to tell, tell them at once, and keep what
//! could not be told.

mod dispatch;
mod plan;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::callbacks::Callbacks;
use crate::event::{Batch, Event, EventSettings, NotABatch, Record};
use crate::sender::Sender;
use crate::store::{CallbacksStore, DeliveriesStore, StoreError};
use crate::workspace::WorkspaceId;

/// What is left of the function's time, after the last attempt can have ended, for writing what was not delivered.
const WRITE_RESERVE: Duration = Duration::from_secs(4);

/// What is left after that for the answer.
const ANSWER_RESERVE: Duration = Duration::from_millis(500);

/// Workspaces whose callbacks are read at a time.
const CONCURRENT_READS: usize = 16;

/// How a batch is worked off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FanoutSettings {
    /// `START_WINDOW_MS` (default 2,000): attempts begin within this time; what has not begun by then goes to the
    /// backlog. With the callback timeout it bounds how long a batch holds its shard.
    pub start_window: Duration,
    /// `MAX_IN_FLIGHT` (default 512): attempts at a time. A Lambda environment has 1,024 descriptors (AWS quota), and an
    /// attempt needs one, two for a moment.
    pub max_in_flight: usize,
    /// `MAX_IN_FLIGHT_PER_ENDPOINT` (default 64): attempts at a time to one endpoint.
    pub max_in_flight_per_endpoint: usize,
}

impl Default for FanoutSettings {
    fn default() -> Self {
        Self { start_window: Duration::from_secs(2), max_in_flight: 512, max_in_flight_per_endpoint: 64 }
    }
}

/// The fan-out of one environment; its connections and clients serve many batches.
#[derive(Debug)]
pub struct Fanout {
    /// Where the callbacks are read.
    pub callbacks: CallbacksStore,
    /// Where undelivered deliveries are kept.
    pub deliveries: DeliveriesStore,
    /// What makes the attempts.
    pub sender: Sender,
    /// How records become events.
    pub events: EventSettings,
    /// How batches are worked off.
    pub settings: FanoutSettings,
}

/// What became of a batch; logged once for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchReport {
    /// Records received.
    pub records: usize,
    /// Records that can never be told: logged one by one, and passed over.
    pub unreadable: usize,
    /// Expiries by TTL, where they are not told.
    pub expired: usize,
    /// Deliveries answered with 2xx.
    pub delivered: usize,
    /// Deliveries now waiting in the Deliveries table.
    pub pending: usize,
    /// Records reported back, because they are neither delivered nor kept.
    pub failed_records: usize,
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
        let mut report = BatchReport { records: batch.len(), ..BatchReport::default() };
        let events = read(&batch, &self.events, &mut report);

        let failures = self.fan_out(&events, deadline, &mut report).await;
        report.failed_records = failures.len();
        tracing::info!(
            records = report.records,
            unreadable = report.unreadable,
            expired = report.expired,
            delivered = report.delivered,
            pending = report.pending,
            failed_records = report.failed_records,
            duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            "batch"
        );
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures = failures.into_iter().map(failure).collect();
        Ok(response)
    }

    /// Answers the sequence numbers of the events that are neither delivered nor kept.
    async fn fan_out(&self, events: &[Event], deadline: tokio::time::Instant, report: &mut BatchReport) -> Vec<String> {
        let callbacks = self.callbacks_of(events).await;
        let plan = plan::plan(events, &callbacks);

        let last_start = deadline.checked_sub(self.sender.timeout() + WRITE_RESERVE).unwrap_or(deadline);
        let start_until = last_start.min(tokio::time::Instant::now() + self.settings.start_window);
        let outcome = dispatch::dispatch(&plan, events, &self.sender, &self.settings, start_until).await;
        report.delivered = outcome.delivered;

        let write_until = deadline.checked_sub(ANSWER_RESERVE).unwrap_or(deadline);
        let written = self.deliveries.write(&outcome.undelivered, Timestamp::now(), write_until).await;
        report.pending = written.iter().filter(|written| written.is_ok()).count();

        let mut unsafe_events: Vec<&Event> =
            events.iter().filter(|event| !callbacks.contains_key(&event.workspace)).collect();
        for (delivery, written) in outcome.undelivered.iter().zip(written) {
            if let Err(error) = written {
                tracing::error!(event_id = delivery.event.id, endpoint_id = %delivery.endpoint.id, %error, "a delivery could not be kept");
                unsafe_events.push(delivery.event);
            }
        }
        let mut sequence_numbers: Vec<_> =
            unsafe_events.into_iter().map(|event| event.sequence_number.clone()).collect();
        sequence_numbers.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        sequence_numbers.dedup();
        sequence_numbers
    }

    /// One strongly consistent read per workspace. A workspace that could not be read is not in the answer.
    async fn callbacks_of(&self, events: &[Event]) -> HashMap<WorkspaceId, Callbacks> {
        let mut workspaces: Vec<&WorkspaceId> = events.iter().map(|event| &event.workspace).collect();
        workspaces.sort_unstable();
        workspaces.dedup();
        let read = |workspace: WorkspaceId| async move {
            let read: Result<_, StoreError> = self.callbacks.get(&workspace).await;
            match read {
                Ok(stored) => Some((workspace, stored.callbacks)),
                Err(error) => {
                    tracing::error!(workspace = %workspace, %error, "the callbacks could not be read");
                    None
                }
            }
        };
        stream::iter(workspaces.into_iter().cloned())
            .map(read)
            .buffer_unordered(CONCURRENT_READS)
            .filter_map(std::future::ready)
            .collect()
            .await
    }
}

fn failure(sequence_number: String) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = Some(sequence_number);
    failure
}

fn read(batch: &Batch<'_>, settings: &EventSettings, report: &mut BatchReport) -> Vec<Event> {
    let mut events = Vec::with_capacity(batch.len());
    for record in batch.records(settings) {
        match record {
            Record::Event(event) => events.push(event),
            Record::Expired => report.expired += 1,
            Record::Unreadable(error) => {
                report.unreadable += 1;
                tracing::error!(%error, "a record was passed over");
            }
        }
    }
    events
}

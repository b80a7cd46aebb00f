//! The worker of a shard: it sends batches to the function, as many at a time as the settings allow.

use super::{
    batch::{Waiting, event},
    checkpoints::CheckpointError,
    decision::{Condition, Rest, decide, retry_delay, too_old},
    destination::{Destination, DestinationError, Discarded},
    invoke::Invoke,
    progress::Progress,
    queue::Outlet,
    record::Record,
    response::{InvocationResult, evaluate},
    settings::Settings,
    shard::ShardError,
};
use jiff::Timestamp;
use std::{collections::VecDeque, sync::Arc};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// A worker, and the parts of the mapping that it uses.
pub(super) struct Worker<I> {
    pub(super) settings: Arc<Settings>,
    pub(super) function: Arc<I>,
    pub(super) progress: Arc<Progress>,
    pub(super) destination: Arc<Destination>,
    pub(super) stop: CancellationToken,
}

/// Error that ends a worker: its progress could not be recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum WorkerError {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Destination(#[from] DestinationError),
}

/// A batch and its attempts so far.
struct Batch {
    records: Vec<Record>,
    /// Number of attempts that count against `MaximumRetryAttempts`.
    failed_attempts: u32,
    /// Number of all attempts.
    invocations: u32,
    /// Number of failed attempts in a row, counted from the last partial success.
    failures: u32,
    /// Whether the last attempt ended in a function error.
    function_error: bool,
}

impl<I: Invoke> Worker<I> {
    /// Processes the records that arrive until there are no more, or until `stop`: the attempts in progress are completed
    /// then, and a batch that waits for a retry is left to the next run.
    pub(super) async fn run(self: Arc<Self>, mut arriving: Outlet) -> Result<(), ShardError> {
        let Settings { parallelization_factor, batch_size, batching_window, .. } = *self.settings;
        let mut waiting = Waiting::new(batch_size, batching_window);
        let mut running = JoinSet::new(); // dropping it ends all of them, between two of their calls
        let mut more = true;
        loop {
            let stopped = self.stop.is_cancelled();
            while !stopped && running.len() < parallelization_factor {
                let Some(records) = waiting.begin(Instant::now(), more) else { break };
                arriving.taken(records.len());
                let worker = Arc::clone(&self);
                let items: Vec<_> = records.iter().map(|record| record.item).collect();
                running.spawn(async move { worker.process(records).await.map(|()| items) });
            }
            if running.is_empty() && (stopped || (!more && waiting.is_empty())) {
                return Ok(());
            }
            let expires = waiting.expires().filter(|_| running.len() < parallelization_factor);
            tokio::select! {
                Some(ended) = running.join_next() => waiting.ended(&ended??),
                page = arriving.page(), if more => match page {
                    Some(records) => waiting.add(records),
                    None => more = false,
                },
                () = sleep_until(expires.unwrap_or_else(Instant::now)), if expires.is_some() => {}
                () = self.stop.cancelled(), if !stopped => {}
            }
            while let Some(records) = arriving.page_at_hand() {
                waiting.add(records);
            }
        }
    }

    async fn process(&self, records: Vec<Record>) -> Result<(), WorkerError> {
        let batch = Batch { records, failed_attempts: 0, invocations: 0, failures: 0, function_error: false };
        let mut pending = VecDeque::from([batch]);
        while let Some(batch) = pending.pop_front() {
            let Some(batch) = self.discard_old(batch).await? else { continue };
            if self.stop.is_cancelled() {
                return Ok(());
            }
            for batch in self.attempt(batch).await?.into_iter().rev() {
                pending.push_front(batch);
            }
            if let Some(next) = pending.front().filter(|next| next.failures > 0) {
                let delay = sleep(retry_delay(&self.settings, next.failures));
                self.stop.run_until_cancelled(delay).await;
            }
        }
        Ok(())
    }

    /// Discards the records that are too old to be sent; returns the batch of the others, if there are any.
    async fn discard_old(&self, mut batch: Batch) -> Result<Option<Batch>, WorkerError> {
        let created = batch.records.iter().map(|record| record.created);
        let fresh = batch.records.split_off(too_old(&self.settings, created, Timestamp::now()));
        if !batch.records.is_empty() {
            self.give_up(&batch, Condition::RecordAgeExceeded).await?;
        }
        batch.records = fresh;
        Ok((!batch.records.is_empty()).then_some(batch))
    }

    /// Sends a batch once; returns the batches to be sent next in its place.
    async fn attempt(&self, mut batch: Batch) -> Result<Vec<Batch>, WorkerError> {
        let answer = self.function.invoke(event(&batch.records)).await;
        let numbers: Vec<&str> = batch.records.iter().map(|record| record.sequence_number.as_str()).collect();
        let verdict = evaluate(&numbers, &answer, self.settings.report_batch_item_failures);
        if verdict != InvocationResult::Success {
            let error = answer.as_ref().err().map(tracing::field::display);
            let shard = self.progress.shard();
            tracing::warn!(
                shard,
                records = numbers.len(),
                attempts = batch.invocations + 1,
                ?verdict,
                error,
                "batch failed"
            );
        }
        batch.invocations += u32::from(verdict != InvocationResult::NotInvoked);
        batch.function_error = answer.is_err();

        let decision = decide(&self.settings, batch.records.len(), batch.failed_attempts, &verdict);
        let rest = batch.records.split_off(decision.done);
        self.progress.done(batch.records.iter().map(|record| record.ordinal)).await?;
        batch.failures = if decision.done > 0 { 1 } else { batch.failures.saturating_add(1) };
        batch.records = rest;
        match decision.rest {
            Rest::Nothing => Ok(vec![]),
            Rest::Retry { failed_attempts } => Ok(vec![Batch { failed_attempts, ..batch }]),
            Rest::Split { first } => {
                let second = batch.records.split_off(first);
                let half = |records| Batch { records, failures: 0, ..batch };
                Ok(vec![half(batch.records), half(second)])
            }
            Rest::GiveUp => {
                self.give_up(&batch, Condition::RetryAttemptsExhausted).await?;
                Ok(vec![])
            }
        }
    }

    /// Writes the document to the destination, then moves the checkpoint: a crash in between may discard the batch
    /// twice, but never loses it.
    async fn give_up(&self, batch: &Batch, condition: Condition) -> Result<(), WorkerError> {
        let discarded = Discarded {
            condition,
            records: &batch.records,
            invocations: batch.invocations,
            function_error: batch.function_error,
            function_arn: &self.settings.function_arn,
            stream: self.progress.stream(),
            shard: self.progress.shard(),
        };
        self.destination.send(&discarded).await?;
        Ok(self.progress.done(batch.records.iter().map(|record| record.ordinal)).await?)
    }
}

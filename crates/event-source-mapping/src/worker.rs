//! One worker of a shard: its batches go to the function one after the other.

use super::{
    batch::{Batches, event},
    checkpoints::CheckpointError,
    decision::{Condition, Rest, decide, retry_delay, too_old},
    destination::{Destination, DestinationError, Discarded},
    invoke::Invoke,
    progress::Progress,
    record::Record,
    response::{InvocationResult, evaluate},
    settings::Settings,
};
use jiff::Timestamp;
use std::{collections::VecDeque, sync::Arc};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Everything a worker works with.
pub(super) struct Worker<I> {
    pub(super) settings: Arc<Settings>,
    pub(super) function: Arc<I>,
    pub(super) progress: Arc<Progress>,
    pub(super) destination: Arc<Destination>,
    pub(super) stop: CancellationToken,
}

/// Why a worker cannot go on: what it has done could not be recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum WorkerError {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Destination(#[from] DestinationError),
}

/// A batch with its history.
struct Batch {
    records: Vec<Record>,
    /// Attempts that count against `MaximumRetryAttempts`.
    failed_attempts: u32,
    /// All attempts.
    invocations: u32,
    /// Attempts without any success since the last one with some.
    failures: u32,
    /// Whether the last one ended in an error of the function.
    function_error: bool,
}

impl<I: Invoke> Worker<I> {
    /// Processes batches until there are no more, or until it is time to stop; a batch that is running then is
    /// completed, one that waits to be sent again is not.
    pub(super) async fn run(self, mut batches: Batches) -> Result<(), WorkerError> {
        while let Some(records) = batches.next(&self.stop).await {
            self.process(records).await?;
        }
        Ok(())
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

    /// What is left of a batch without the records that are too old to be sent.
    async fn discard_old(&self, mut batch: Batch) -> Result<Option<Batch>, WorkerError> {
        let created = batch.records.iter().map(|record| record.created);
        let fresh = batch.records.split_off(too_old(&self.settings, created, Timestamp::now()));
        if !batch.records.is_empty() {
            self.give_up(&batch, Condition::RecordAgeExceeded).await?;
        }
        batch.records = fresh;
        Ok((!batch.records.is_empty()).then_some(batch))
    }

    /// Sends a batch once; answers what is to be sent next in its place.
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

    /// First the word to the destination, then the checkpoint: in between the batch may be given up twice, never lost.
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

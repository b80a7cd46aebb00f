//! Reads one shard in order, into the queue of its batches.

use super::{
    checkpoints::{CheckpointError, Position},
    progress::Progress,
    queue::Inlet,
    record::Record,
    shard::{End, ShardError},
    stream::{From, Page, ReadError, Stream},
};
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(10);

pub(super) struct Reader {
    stream: Stream,
    progress: Arc<Progress>,
    queue: Inlet,
    /// Position at which the next iterator begins.
    from: From,
    /// Time before which records are skipped.
    since: Option<Timestamp>,
}

impl Reader {
    /// Creates a reader that continues at the checkpoint.
    pub(super) fn new(stream: Stream, checkpoint: Option<Position>, progress: Arc<Progress>, queue: Inlet) -> Self {
        let (from, since) = match checkpoint {
            Some(Position::After(number)) => (From::After(number), None),
            Some(Position::Since(since)) => (From::Oldest, Some(since)),
            Some(Position::End) | None => (From::Oldest, None),
        };
        Self { stream, progress, queue, from, since }
    }

    /// Reads to the end of the shard, or until `stop`. Retries with growing delays while the engine is unavailable.
    pub(super) async fn run(mut self, stop: CancellationToken) -> Result<End, ShardError> {
        let mut iterator = None;
        let mut last_record = Instant::now();
        let mut retry = FIRST_RETRY;
        while !stop.is_cancelled() {
            let page = match self.page(iterator.take()).await {
                Ok(page) => page,
                Err(ReadError::Unavailable(error)) => {
                    let retry_in_ms = retry.as_millis();
                    tracing::warn!(shard = self.progress.shard(), error, retry_in_ms, "the stream cannot be read");
                    stop.run_until_cancelled(sleep(retry)).await;
                    retry = (retry * 2).min(LAST_RETRY);
                    continue;
                }
                Err(ReadError::Expired) => {
                    tracing::debug!(shard = self.progress.shard(), "the iterator has expired; taking another");
                    continue;
                }
                Err(ReadError::Trimmed) => {
                    let shard = self.progress.shard();
                    tracing::warn!(shard, from = ?self.from, "records were trimmed unread; going on with the oldest left");
                    self.from = From::Oldest;
                    continue;
                }
                Err(ReadError::Gone) => return Ok(End::Gone),
                Err(ReadError::Malformed(error)) => return Err(error.into()),
            };
            retry = FIRST_RETRY;
            iterator = page.next;
            let records = page.records.len();
            if records > 0 {
                last_record = Instant::now();
                self.hand_out(page.records).await?;
            }
            if iterator.is_none() {
                return Ok(End::Closed);
            }
            if !self.stream.may_have_more(records) {
                stop.run_until_cancelled(self.stream.wait(last_record.elapsed())).await;
            }
        }
        Ok(End::Stopped)
    }

    async fn page(&self, iterator: Option<String>) -> Result<Page, ReadError> {
        let iterator = match iterator {
            Some(iterator) => iterator,
            None => self.stream.iterator(self.progress.shard(), &self.from).await?,
        };
        self.stream.page(&iterator).await
    }

    /// Puts the records into the queue, and waits while that is full. A page is handed out as a whole: of a part, what has been
    /// done would be after a checkpoint that waits for what was never put there, and would be read again.
    async fn hand_out(&mut self, mut records: Vec<Record>) -> Result<(), CheckpointError> {
        self.progress.read(&mut records).await;
        if let Some(last) = records.last() {
            self.from = From::After(last.sequence_number.clone());
        }
        let since = self.since.map(|since| since.as_second());
        let is_due =
            |record: &Record| !record.changes_nothing && since.is_none_or(|since| record.created.as_second() >= since);
        let (due, passed_over): (Vec<_>, Vec<_>) = records.into_iter().partition(is_due);
        if !passed_over.is_empty() {
            self.progress.done(passed_over.iter().map(|record| record.ordinal)).await?;
        }
        if !due.is_empty() {
            self.queue.put(due).await;
        }
        Ok(())
    }
}

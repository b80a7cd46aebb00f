//! The calls to DynamoDB Streams, and the classification of their errors for a reader.

use super::{
    identity::LowerCaseIdentity,
    pace::pause,
    record::{Malformed, Record},
};
use aws_config::SdkConfig;
use aws_sdk_dynamodbstreams::{
    Client,
    config::Builder,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    types::{ShardIteratorType, StreamStatus},
};
use std::{error::Error, fmt::Debug, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};

/// Most records that a call to `GetRecords` returns.
const PAGE: usize = 1_000;

/// Longest time to wait for a notification of a write before the stream is polled anyway.
const MAX_SILENCE: Duration = Duration::from_secs(1);

/// Shortest time from a page to the next one after a notification: so often a stream with many writes is read, and not after each of
/// them.
const MIN_PAUSE: Duration = Duration::from_millis(2);

/// One stream of one table.
#[derive(Debug, Clone)]
pub struct Stream {
    client: Client,
    arn: String,
    writes: Option<watch::Receiver<()>>,
}

/// A part of a stream: its records are in order, and it ends when the table's partitions are divided again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shard {
    pub(super) id: String,
    /// The shard that this one continues.
    pub(super) parent: Option<String>,
}

/// Result of one call to `GetRecords`.
pub(super) struct Page {
    pub(super) records: Vec<Record>,
    /// Iterator for the next page; `None` at the end of a shard.
    pub(super) next: Option<String>,
}

/// Position at which an iterator begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum From {
    Oldest,
    /// After the latest record.
    Latest,
    After(String),
}

/// Error of reading a stream, by [the reader's reaction to it][errors].
///
/// [errors]: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The iterator is older than 15 minutes.
    #[error("the shard iterator has expired")]
    Expired,
    /// The record at the position is older than 24 hours, and no longer kept.
    #[error("the position in the stream is older than what the stream still holds")]
    Trimmed,
    /// The table, its stream or the shard was deleted.
    #[error("there is no such stream or shard")]
    Gone,
    /// A record lacks a required member.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The engine is unavailable or the error is unknown: a retry may succeed.
    #[error("{0}")]
    Unavailable(String),
}

impl Stream {
    /// Creates a reader of the stream with this ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, arn: impl Into<String>) -> Self {
        let config = Builder::from(config).interceptor(LowerCaseIdentity).build();
        Self { client: Client::from_conf(config), arn: arn.into(), writes: None }
    }

    /// Returns the same stream, polled when `writes` changes instead of by the polling interval. It must be of an engine whose
    /// pages end with the last record or after 1,000, not after a number of bytes.
    #[must_use]
    pub fn woken_by(self, writes: watch::Receiver<()>) -> Self {
        Self { writes: Some(writes), ..self }
    }

    /// Returns whether there may be more records after a page of so many without another write. A stream that is polled is
    /// asked until a page is empty.
    pub(super) fn may_have_more(&self, records: usize) -> bool {
        match self.writes {
            Some(_) => records >= PAGE,
            None => records > 0,
        }
    }

    /// Waits until new records are possible; `quiet` is the time since the last record.
    pub(super) async fn wait(&mut self, quiet: Duration) {
        match &mut self.writes {
            None => sleep(pause(quiet)).await,
            Some(writes) => {
                let soonest = Instant::now() + MIN_PAUSE;
                match timeout(MAX_SILENCE, writes.changed()).await {
                    Ok(Ok(())) => {
                        sleep_until(soonest).await;
                        writes.mark_unchanged();
                    }
                    Ok(Err(_)) => self.writes = None,
                    Err(_) => {}
                }
            }
        }
    }

    pub(super) fn arn(&self) -> &str {
        &self.arn
    }

    /// Returns all shards that the stream still has.
    pub(super) async fn shards(&self) -> Result<Vec<Shard>, ReadError> {
        let mut shards = Vec::new();
        let mut after = None;
        loop {
            let request = self.client.describe_stream().stream_arn(&self.arn).set_exclusive_start_shard_id(after);
            let description = request.send().await.map_err(classify)?.stream_description;
            let Some(description) = description else { return Err(ReadError::Gone) };
            shards.extend(
                description
                    .shards
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|shard| Some(Shard { id: shard.shard_id?, parent: shard.parent_shard_id })),
            );
            after = description.last_evaluated_shard_id;
            if after.is_none() {
                return Ok(shards);
            }
        }
    }

    /// Returns whether the stream still receives records. A stream that was disabled keeps its records for 24 hours and
    /// receives no others.
    ///
    /// # Errors
    /// [`ReadError::Gone`] if there is no such stream, [`ReadError::Unavailable`] if the engine does not respond.
    pub async fn is_enabled(&self) -> Result<bool, ReadError> {
        let description =
            self.client.describe_stream().stream_arn(&self.arn).limit(1).send().await.map_err(classify)?;
        let status = description.stream_description.and_then(|description| description.stream_status);
        Ok(matches!(status, Some(StreamStatus::Enabled | StreamStatus::Enabling)))
    }

    pub(super) async fn iterator(&self, shard: &str, from: &From) -> Result<String, ReadError> {
        let request = self.client.get_shard_iterator().stream_arn(&self.arn).shard_id(shard);
        let request = match from {
            From::Oldest => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
            From::Latest => request.shard_iterator_type(ShardIteratorType::Latest),
            From::After(number) => {
                request.shard_iterator_type(ShardIteratorType::AfterSequenceNumber).sequence_number(number)
            }
        };
        request.send().await.map_err(classify)?.shard_iterator.ok_or(ReadError::Gone)
    }

    /// Returns at most [`PAGE`] records or 1 MB, whichever comes first.
    pub(super) async fn page(&self, iterator: &str) -> Result<Page, ReadError> {
        let page = self.client.get_records().shard_iterator(iterator).send().await.map_err(classify)?;
        let records = page.records().iter().map(|record| Record::new(record, &self.arn)).collect::<Result<_, _>>()?;
        Ok(Page { records, next: page.next_shard_iterator })
    }
}

/// Classifies an error by the protocol's error code, which the three calls share.
fn classify<E, R>(error: SdkError<E, R>) -> ReadError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: Debug + 'static,
{
    match error.code() {
        Some("ExpiredIteratorException") => ReadError::Expired,
        Some("TrimmedDataAccessException") => ReadError::Trimmed,
        Some("ResourceNotFoundException") => ReadError::Gone,
        _ => ReadError::Unavailable(DisplayErrorContext(error).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_SILENCE, MIN_PAUSE, Stream};
    use aws_config::{BehaviorVersion, SdkConfig};
    use std::time::Duration;
    use tokio::{
        sync::watch,
        time::{Instant, sleep},
    };

    #[test]
    fn who_is_told_of_writes_does_not_ask_again_after_a_page_that_is_not_full() {
        let config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
        let polled = Stream::new(&config, "arn");
        assert_eq!([0, 1, 1_000].map(|records| polled.may_have_more(records)), [false, true, true]);
        let woken = polled.woken_by(watch::channel(()).1);
        assert_eq!([0, 1, 999, 1_000].map(|records| woken.may_have_more(records)), [false, false, false, true]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_wakes_a_reader_and_without_one_it_looks_again_later() {
        let config =
            SdkConfig::builder().behavior_version(BehaviorVersion::latest()).endpoint_url("http://127.0.0.1:1").build();
        let (writes, woken) = watch::channel(());
        let mut stream = Stream::new(&config, "arn").woken_by(woken);
        let waited = async |stream: &mut Stream| {
            let started = Instant::now();
            stream.wait(Duration::ZERO).await;
            started.elapsed()
        };
        writes.send_replace(());
        assert_eq!(waited(&mut stream).await, MIN_PAUSE, "right after a page");
        assert_eq!(waited(&mut stream).await, MAX_SILENCE);
        let (waited, ()) = tokio::join!(waited(&mut stream), async {
            sleep(2 * MIN_PAUSE).await;
            writes.send_replace(());
        });
        assert_eq!(waited, 2 * MIN_PAUSE, "at once");
    }
}

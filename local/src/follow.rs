//! Keeps a mapping on the stream of a table, also when the table is deleted and created again, or its stream is
//! disabled and enabled: then the table has another stream, with another ARN.

use crate::tables;
use anyhow::Context as _;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use event_source_mapping::{
    Checkpoints, Continuation, Destination, Ended, EventSourceMapping, Invoke, ReadError, Settings, Stream, Succession,
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

/// Interval between two looks for a deleted table.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A function that follows a table.
pub(crate) struct Follower<I> {
    pub(crate) table: String,
    pub(crate) client: Client,
    pub(crate) config: SdkConfig,
    /// Receiver that changes after a write, if the engine can signal it.
    pub(crate) writes: Option<watch::Receiver<()>>,
    pub(crate) function: I,
    pub(crate) settings: Settings,
    pub(crate) checkpoints: Arc<Checkpoints>,
    /// File for the batches that the mapping discards.
    pub(crate) failures: PathBuf,
}

impl<I: Invoke + Clone> Follower<I> {
    /// Follows the stream `arn`, and its successors, until `stop`.
    pub(crate) async fn run(self, mut arn: String, stop: CancellationToken) -> anyhow::Result<()> {
        loop {
            let succession = Succession::before(&stop);
            let mapping = EventSourceMapping::new(
                self.open(&arn),
                self.function.clone(),
                self.settings.clone(),
                Arc::clone(&self.checkpoints),
                Destination::new(self.failures.clone()),
            )?;
            let mut running = Box::pin(mapping.run_until(stop.clone(), succession.clone()));
            let next = tokio::select! {
                ended = &mut running => match ended? {
                    Ended::Stopped => return Ok(()),
                    Ended::StreamGone | Ended::Superseded => None,
                },
                next = self.successor(&arn) => {
                    succession.announce(next.continuation);
                    running.await?;
                    Some(next)
                }
            };
            let next = match next {
                Some(next) => next,
                None => {
                    tracing::warn!(table = self.table, "the table or its stream was deleted; waiting for it");
                    match stop.run_until_cancelled(self.next(&arn)).await {
                        Some(next) => next,
                        None => return Ok(()),
                    }
                }
            };
            if stop.is_cancelled() {
                return Ok(());
            }
            self.checkpoints.move_to(&arn, &next.arn, next.continuation).await?;
            arn = next.arn;
        }
    }

    fn open(&self, arn: &str) -> Stream {
        let stream = Stream::new(&self.config, arn);
        match &self.writes {
            Some(writes) => stream.woken_by(writes.clone()),
            None => stream,
        }
    }

    /// Waits until the table has a stream other than `arn`.
    async fn successor(&self, arn: &str) -> Next {
        let mut was_on = true;
        loop {
            sleep(LOOK_EVERY).await;
            // The mapping logs it when the engine does not respond.
            let Ok(found) = tables::stream(&self.client, &self.table).await else { continue };
            if found.is_none() && was_on {
                tracing::warn!(
                    table = self.table,
                    "the table has no stream: changes that are made now are in none, and no endpoint is notified of them; turn it \
                     on (UpdateTable, StreamSpecification, NEW_AND_OLD_IMAGES)"
                );
            }
            was_on = found.is_some();
            if let Some(next) = found.filter(|found| found != arn) {
                match self.open(arn).is_enabled().await {
                    Err(ReadError::Unavailable(_)) => continue,
                    enabled => {
                        let continuation = continuation(&enabled);
                        tracing::warn!(
                            table = self.table,
                            stream = next,
                            "the table has another stream; going on with it"
                        );
                        return Next { arn: next, continuation };
                    }
                }
            }
        }
    }

    /// Waits until the table has a stream, after the one with this ARN has ended.
    async fn next(&self, arn: &str) -> Next {
        loop {
            sleep(LOOK_EVERY).await;
            match tables::stream(&self.client, &self.table).await {
                Ok(Some(next)) => {
                    tracing::info!(table = self.table, "the table is there again");
                    let continuation = continuation(&self.open(arn).is_enabled().await);
                    return Next { arn: next, continuation };
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(table = self.table, "the table cannot be looked for: {error:#}"),
            }
        }
    }

    /// Returns the stream to begin with: the one with a checkpoint, which may not have been read to its end, or the
    /// table's.
    pub(crate) async fn stream(&self) -> anyhow::Result<String> {
        let stream = tables::stream(&self.client, &self.table).await?;
        let latest = stream
            .with_context(|| format!("table {} has no stream: turn one on, with NEW_AND_OLD_IMAGES", self.table))?;
        Ok(self.checkpoints.unfinished(&latest).unwrap_or(latest))
    }
}

/// The stream that replaces another one.
struct Next {
    arn: String,
    continuation: Continuation,
}

/// Returns how the table's new stream continues the earlier one, by whether that one is still enabled: in the embedded engine its ARN
/// leads to the new stream, too, as a table has one shard for all its streams and never uses a sequence number twice.
fn continuation(earlier_is_enabled: &Result<bool, ReadError>) -> Continuation {
    match earlier_is_enabled {
        Ok(true) => Continuation::SameShards,
        Ok(false) | Err(_) => Continuation::OwnShards,
    }
}

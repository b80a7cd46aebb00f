//! Keeps a mapping on the stream of a table, also when the table is deleted and created again, or its stream is turned off and
//! on: then the table has another stream, with another ARN.

use crate::tables;
use anyhow::Context as _;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use event_source_mapping::{
    Checkpoints, Destination, Ended, EventSourceMapping, Invoke, ReadError, Settings, Stream, Succession,
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

/// How often to look whether a deleted table is there again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A function that is to follow a table.
pub(crate) struct Follower<I> {
    pub(crate) table: String,
    pub(crate) client: Client,
    pub(crate) config: SdkConfig,
    /// Changes when something was written, where that can be known.
    pub(crate) writes: Option<watch::Receiver<()>>,
    pub(crate) function: I,
    pub(crate) settings: Settings,
    pub(crate) checkpoints: Arc<Checkpoints>,
    /// Where batches go that are given up.
    pub(crate) failures: PathBuf,
}

impl<I: Invoke + Clone> Follower<I> {
    /// Follows the stream `arn`, and those that come after it, until `stop`.
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
                    let how = if next.same_shards { &succession.same_shards } else { &succession.other_shards };
                    how.cancel();
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
            self.checkpoints.go_over(&arn, &next.arn, next.same_shards).await?;
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

    /// Waits until the table has another stream than `arn`.
    async fn successor(&self, arn: &str) -> Next {
        let mut was_on = true;
        loop {
            sleep(LOOK_EVERY).await;
            // The mapping says so when the engine does not answer.
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
                        tracing::warn!(
                            table = self.table,
                            stream = next,
                            "the table has another stream; going on with it"
                        );
                        return Next { arn: next, same_shards: matches!(enabled, Ok(true)) };
                    }
                }
            }
        }
    }

    /// Waits until the table has a stream, the one with this ARN having ended.
    async fn next(&self, arn: &str) -> Next {
        loop {
            sleep(LOOK_EVERY).await;
            match tables::stream(&self.client, &self.table).await {
                Ok(Some(next)) => {
                    tracing::info!(table = self.table, "the table is there again");
                    let same_shards = matches!(self.open(arn).is_enabled().await, Ok(true));
                    return Next { arn: next, same_shards };
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(table = self.table, "the table cannot be looked for: {error:#}"),
            }
        }
    }

    /// The stream to begin with: the one that was left, which may not have been read to its end, or the table's.
    pub(crate) async fn stream(&self) -> anyhow::Result<String> {
        let stream = tables::stream(&self.client, &self.table).await?;
        let latest = stream
            .with_context(|| format!("table {} has no stream: turn one on, with NEW_AND_OLD_IMAGES", self.table))?;
        Ok(self.checkpoints.left(&latest).unwrap_or(latest))
    }
}

/// The stream that takes the place of another one.
struct Next {
    arn: String,
    /// Whether the earlier ARN leads to it, too: the embedded engine has one shard for all streams of a table, and never numbers a
    /// record as it has numbered another one. On AWS each stream has shards of its own.
    same_shards: bool,
}

//! Keeps a mapping on the stream of a table, also when the table is deleted and created again.

use crate::tables;
use anyhow::Context as _;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use event_source_mapping::{Checkpoints, Destination, Ended, EventSourceMapping, Invoke, Settings, Stream};
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
            let mapping = EventSourceMapping::new(
                self.open(&arn),
                self.function.clone(),
                self.settings.clone(),
                Arc::clone(&self.checkpoints),
                Destination::new(self.failures.clone()),
            )?;
            match mapping.run(stop.clone()).await? {
                Ended::Stopped => return Ok(()),
                Ended::StreamGone => {
                    tracing::warn!(table = self.table, "the table or its stream was deleted; waiting for it")
                }
            }
            match stop.run_until_cancelled(self.next()).await {
                Some(next) => arn = next,
                None => return Ok(()),
            }
        }
    }

    fn open(&self, arn: &str) -> Stream {
        let stream = Stream::new(&self.config, arn);
        match &self.writes {
            Some(writes) => stream.woken_by(writes.clone()),
            None => stream,
        }
    }

    /// Waits until the table has a stream.
    async fn next(&self) -> String {
        loop {
            sleep(LOOK_EVERY).await;
            match tables::stream(&self.client, &self.table).await {
                Ok(Some(arn)) => {
                    tracing::info!(table = self.table, "the table is there again");
                    return arn;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(table = self.table, "the table cannot be looked for: {error:#}"),
            }
        }
    }

    /// The stream to begin with.
    pub(crate) async fn stream(&self) -> anyhow::Result<String> {
        let stream = tables::stream(&self.client, &self.table).await?;
        stream.with_context(|| format!("table {} has no stream: turn one on, with NEW_AND_OLD_IMAGES", self.table))
    }
}

#![doc = include_str!("../README.md")]

mod batch;
mod checkpoints;
mod decision;
mod destination;
mod identity;
mod invoke;
mod latest;
mod lineage;
mod pace;
mod progress;
mod queue;
mod reader;
mod record;
mod response;
mod settings;
mod shard;
mod stream;
mod worker;

pub use checkpoints::{CheckpointError, Checkpoints};
pub use destination::{Destination, DestinationError};
pub use invoke::{Invoke, InvokeError};
pub use latest::Latest;
pub use record::Malformed;
pub use settings::{Settings, SettingsError, StartingPosition};
pub use stream::{ReadError, Stream};

use checkpoints::Position;
use jiff::Timestamp;
use shard::{Context, End, ShardError, process};
use std::{collections::HashSet, sync::Arc, time::Duration};
use stream::Shard;
use tokio::{
    task::{JoinError, JoinSet},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// Interval between two looks for new shards. When a shard ends, its children are looked up at once.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Delay after a shard was not found: the list of shards may be out of date for a moment.
const GONE: Duration = Duration::from_millis(500);

/// An event source mapping of a stream to a function.
pub struct EventSourceMapping<I> {
    context: Arc<Context<I>>,
}

/// Relation of a stream to the one of the same table that it replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuation {
    /// It continues the same shards, as in the embedded engine: the mapping reads no more, and completes what it has read.
    SameShards,
    /// It has its own shards, as on AWS: the mapping reads those of the old stream to their end.
    OwnShards,
}

/// Signals that another stream of the table replaces the one that the mapping reads.
#[derive(Debug, Clone)]
pub struct Succession {
    same_shards: CancellationToken,
    own_shards: CancellationToken,
}

impl Succession {
    /// Creates signals that are not set. `stop` ends the mapping as well.
    pub fn before(stop: &CancellationToken) -> Self {
        Self { same_shards: stop.child_token(), own_shards: CancellationToken::new() }
    }

    /// Tells the mapping that its stream is replaced.
    pub fn announce(&self, how: Continuation) {
        match how {
            Continuation::SameShards => self.same_shards.cancel(),
            Continuation::OwnShards => self.own_shards.cancel(),
        }
    }
}

/// Cause of the end of a mapping that has not failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// `stop` was cancelled. The batches in progress are completed and checkpointed.
    Stopped,
    /// The stream no longer exists.
    StreamGone,
    /// Another stream replaces this one, and every record to be read here is processed.
    Superseded,
}

/// Error that ends a mapping.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// A setting is outside Lambda's bounds.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Progress cannot be recorded.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A shard cannot be processed.
    #[error("{0}")]
    Shard(String),
}

impl From<ShardError> for MappingError {
    fn from(error: ShardError) -> Self {
        Self::Shard(error.to_string())
    }
}

impl From<JoinError> for MappingError {
    fn from(error: JoinError) -> Self {
        Self::Shard(error.to_string())
    }
}

impl<I: Invoke> EventSourceMapping<I> {
    /// Creates a mapping that is not running yet.
    ///
    /// # Errors
    /// [`SettingsError`] for settings that Lambda would not accept.
    pub fn new(
        stream: Stream,
        function: I,
        settings: Settings,
        checkpoints: Arc<Checkpoints>,
        destination: Destination,
    ) -> Result<Self, SettingsError> {
        settings.check()?;
        let context = Context {
            stream,
            settings: Arc::new(settings),
            function: Arc::new(function),
            checkpoints,
            destination: Arc::new(destination),
        };
        Ok(Self { context: Arc::new(context) })
    }

    /// Processes the stream until `stop`.
    ///
    /// # Errors
    /// [`MappingError::Checkpoint`] or [`MappingError::Shard`] if progress or a discarded batch cannot be recorded.
    /// Errors of the stream are retried.
    pub async fn run(self, stop: CancellationToken) -> Result<Ended, MappingError> {
        let succession = Succession::before(&stop);
        self.run_until(stop, succession).await
    }

    /// Processes the stream until `stop`, or until `next` says that another stream replaces it.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn run_until(self, stop: CancellationToken, next: Succession) -> Result<Ended, MappingError> {
        let mut shards = JoinSet::new();
        let mut running = HashSet::new();
        let mut is_last = false;
        let ended = loop {
            match self.context.stream.shards().await {
                Ok(found) => {
                    self.start(&found, &mut running, &mut shards, (&stop, &next)).await?;
                    if is_last && running.is_empty() {
                        break Ended::Superseded;
                    }
                }
                Err(ReadError::Gone) => break Ended::StreamGone,
                Err(error) => tracing::warn!(%error, "the shards of the stream cannot be read"),
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => break Ended::Stopped,
                () = next.same_shards.cancelled() => break Ended::Superseded,
                () = next.own_shards.cancelled(), if !is_last => is_last = true,
                () = sleep(LOOK_EVERY) => {}
                Some(ended) = shards.join_next() => {
                    let (shard, end) = ended??;
                    tracing::debug!(shard, ?end, "shard ended");
                    running.remove(&shard);
                    if end == End::Gone {
                        stop.run_until_cancelled(sleep(GONE)).await;
                    }
                }
            }
        };
        // Each shard completes the records that it read before the stream disappeared or `stop` was cancelled.
        while let Some(ended) = shards.join_next().await {
            ended??;
        }
        Ok(ended)
    }

    /// Starts every shard that can be read now.
    async fn start(
        &self,
        found: &[Shard],
        running: &mut HashSet<String>,
        tasks: &mut JoinSet<Result<(String, End), ShardError>>,
        (stop, next): (&CancellationToken, &Succession),
    ) -> Result<(), CheckpointError> {
        let Context { stream, checkpoints, settings, .. } = &*self.context;
        if !checkpoints.contains_stream(stream.arn()) && settings.starting_position == StartingPosition::Latest {
            for shard in found {
                checkpoints.save(stream.arn(), &shard.id, Position::Since(Timestamp::now())).await?;
            }
        }
        checkpoints.retain_shards(stream.arn(), &found.iter().map(|shard| shard.id.as_str()).collect()).await?;
        for shard in lineage::startable(found, &checkpoints.finished(stream.arn()), running) {
            tracing::debug!(shard = shard.id, "shard started");
            running.insert(shard.id.clone());
            let (context, leave) = (Arc::clone(&self.context), next.same_shards.clone());
            tasks.spawn(process(context, shard.id.clone(), stop.clone(), leave));
        }
        Ok(())
    }
}

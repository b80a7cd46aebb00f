//! One shard: a reader, and the worker that processes the records it reads.

use super::{
    checkpoints::{CheckpointError, Checkpoints, Position},
    destination::Destination,
    invoke::Invoke,
    progress::Progress,
    queue::queue,
    reader::Reader,
    record::Malformed,
    settings::Settings,
    stream::Stream,
    worker::{Worker, WorkerError},
};
use std::sync::Arc;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// Shared parts for processing the shards of a stream.
pub(super) struct Context<I> {
    pub(super) stream: Stream,
    pub(super) settings: Arc<Settings>,
    pub(super) function: Arc<I>,
    pub(super) checkpoints: Arc<Checkpoints>,
    pub(super) destination: Arc<Destination>,
}

/// Cause of the end of a shard's processing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Every record is processed, and the shard has no more.
    Closed,
    /// The shard no longer exists.
    Gone,
    /// `stop` was cancelled.
    Stopped,
}

/// Error that ends the processing of a shard.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShardError {
    #[error(transparent)]
    Worker(#[from] WorkerError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("the processing of a batch broke off: {0}")]
    Panicked(#[from] JoinError),
}

/// Processes a shard until it ends, or until `stop`. After `leave`, which `stop` implies, it reads no more and
/// completes the records that it has read. An error of either ends both.
pub(super) async fn process<I: Invoke>(
    context: Arc<Context<I>>,
    shard: String,
    stop: CancellationToken,
    leave: CancellationToken,
) -> Result<(String, End), ShardError> {
    let progress = Arc::new(Progress::new(context.stream.arn(), &shard, Arc::clone(&context.checkpoints)));
    let stop = stop.child_token();
    let mut tasks: JoinSet<Result<Option<End>, ShardError>> = JoinSet::new();
    let (inlet, outlet) = queue();
    let worker = Arc::new(Worker {
        settings: Arc::clone(&context.settings),
        function: Arc::clone(&context.function),
        progress: Arc::clone(&progress),
        destination: Arc::clone(&context.destination),
        stop: stop.clone(),
    });
    tasks.spawn(async move { worker.run(outlet).await.map(|()| None) });
    let checkpoint = context.checkpoints.position(context.stream.arn(), &shard);
    let reader = Reader::new(context.stream.clone(), checkpoint, progress, inlet);
    tasks.spawn(async move { reader.run(leave).await.map(Some) });

    // On a return with an error the remaining tasks are dropped with their set, between two of their calls.
    let mut end = End::Stopped;
    while let Some(task) = tasks.join_next().await {
        end = task??.unwrap_or(end);
    }
    if end == End::Closed && !stop.is_cancelled() {
        context.checkpoints.save(context.stream.arn(), &shard, Position::End).await?;
    }
    Ok((shard, end))
}

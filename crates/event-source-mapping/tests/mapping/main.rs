//! The event source mapping against a stream with deliberate faults.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod fake;
mod function;
use event_source_mapping::{
    Checkpoints, Continuation, Destination, Ended, EventSourceMapping, InvokeError, MappingError, ReadError, Settings,
    StartingPosition, Stream, Succession,
};
use fake::{ARN, FakeStream, now};
use function::Function;
use patience::PATIENCE;
use serde_json::{Value, json};
use std::{fs, path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use webhooks_test_support::patience;

mod failed_batches;
mod latest;
mod shards;

/// Surroundings of a mapping that outlive it.
struct Place {
    stream: FakeStream,
    folder: TempDir,
}

/// A mapping that is running.
struct Running {
    stop: CancellationToken,
    next: Succession,
    task: JoinHandle<Result<Ended, MappingError>>,
}

impl Place {
    fn new(shards: &[(&str, Option<&str>)]) -> Self {
        Self { stream: FakeStream::with_shards(shards), folder: tempfile::tempdir().unwrap() }
    }

    /// Inserts one item into the shard `a`, with each of these sequence numbers.
    fn insert(&self, numbers: &[&str]) {
        numbers.iter().for_each(|number| self.stream.insert("a", number, "item"));
    }

    fn failures(&self) -> PathBuf {
        self.folder.path().join("failures.jsonl")
    }

    /// Returns the documents of the discarded batches.
    fn discarded(&self) -> Vec<Value> {
        let lines = fs::read_to_string(self.failures()).unwrap_or_default();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn checkpoint(&self) -> Option<String> {
        let consumed = Checkpoints::open(&self.folder.path().join("checkpoints")).unwrap().consumed();
        consumed.into_iter().next().map(|(table, number)| {
            assert_eq!(table, "Instances");
            number
        })
    }

    async fn checkpointed(&self, number: &str) {
        let started = Instant::now();
        while self.checkpoint().as_deref() != Some(number) {
            assert!(started.elapsed() < PATIENCE, "the checkpoint is {:?}", self.checkpoint());
            sleep(Duration::from_millis(2)).await;
        }
    }

    async fn start(&self, function: &Function, settings: Settings) -> Running {
        self.start_with(function, settings, Destination::new(self.failures())).await
    }

    async fn start_with(&self, function: &Function, settings: Settings, destination: Destination) -> Running {
        let stream = Stream::new(&self.stream.serve().await, ARN);
        let checkpoints = Checkpoints::open(&self.folder.path().join("checkpoints")).unwrap();
        let mapping =
            EventSourceMapping::new(stream, function.clone(), settings, Arc::new(checkpoints), destination).unwrap();
        let stop = CancellationToken::new();
        let next = Succession::before(&stop);
        Running { task: tokio::spawn(mapping.run_until(stop.clone(), next.clone())), stop, next }
    }
}

impl Running {
    async fn stop(self) {
        self.stop.cancel();
        assert_eq!(self.ended().await.unwrap(), Ended::Stopped);
    }

    async fn ended(self) -> Result<Ended, MappingError> {
        timeout(PATIENCE, self.task).await.expect("it ends").unwrap()
    }

    /// Ends the mapping as `kill -9` would, between any two steps.
    async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// Duration that no test waits for.
const FOR_EVER: Duration = PATIENCE.saturating_mul(10);

fn settings() -> Settings {
    Settings { shortest_retry_delay: Duration::from_millis(5), ..Settings::default() }
}

#[tokio::test]
async fn what_was_not_acknowledged_before_a_kill_comes_again() {
    let place = Place::new(&[("a", None)]);
    place.stream.insert("a", "1", "item");
    let slow = Function::that_succeeds().taking(FOR_EVER);
    let running = place.start(&slow, settings()).await;
    slow.begun(1).await;
    running.kill().await;
    let function = Function::that_succeeds();
    let running = place.start(&function, settings()).await;
    function.begun(1).await;
    assert_eq!(function.batches(), ["1"]);
    running.stop().await;
}

#[tokio::test]
async fn a_batch_that_is_running_is_completed_and_checkpointed_when_it_is_time_to_stop() {
    let place = Place::new(&[("a", None)]);
    place.stream.insert("a", "1", "item");
    let slow = Function::that_succeeds().held();
    let running = place.start(&slow, settings()).await;
    slow.begun(1).await;
    place.stream.insert("a", "2", "item");
    running.stop.cancel();
    slow.release();
    running.stop().await;
    assert_eq!(place.checkpoint().as_deref(), Some("1"));
    assert_eq!(slow.batches(), ["1"]);
}

#[tokio::test]
async fn a_batch_that_waits_to_be_sent_again_does_not_keep_it_from_stopping() {
    let place = Place::new(&[("a", None)]);
    place.stream.insert("a", "1", "item");
    let function = Function::that_fails_with("1");
    let patient = Settings { shortest_retry_delay: FOR_EVER, longest_retry_delay: FOR_EVER, ..Settings::default() };
    let running = place.start(&function, patient).await;
    function.begun(1).await;
    running.stop().await;
    assert_eq!(place.checkpoint(), None);
    assert!(place.discarded().is_empty());
}

#[tokio::test]
async fn with_parallelization_items_are_processed_at_the_same_time_and_each_in_order() {
    let place = Place::new(&[("a", None)]);
    for number in 0..210 {
        place.stream.insert("a", &format!("{number:03}"), &format!("item {}", number % 7));
    }
    let function = Function::that_succeeds().taking(Duration::from_millis(20));
    let parallel = Settings { parallelization_factor: 10, batch_size: 2, ..settings() };
    let running = place.start(&function, parallel).await;
    place.checkpointed("209").await;
    assert_eq!(function.items_twice(), Vec::<serde_json::Value>::new(), "an item is in one batch at a time");
    let most = function.most_at_once();
    assert!((2..=10).contains(&most), "{most} batches at a time");
    for item in 0..7 {
        let key = format!("item {item}");
        let numbers: Vec<_> = function
            .records()
            .into_iter()
            .filter(|record| record.json["dynamodb"]["Keys"]["id"]["S"] == key)
            .map(|record| record.number)
            .collect();
        assert_eq!(numbers.len(), 30, "{key}");
        assert!(numbers.is_sorted(), "{key}: {numbers:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn the_checkpoint_waits_for_the_slowest_item() {
    let place = Place::new(&[("a", None)]);
    for number in 0..50 {
        place.stream.insert("a", &format!("{number:02}"), &format!("item {number}"));
    }
    let function = Function::that_fails_with("00");
    let parallel = Settings { parallelization_factor: 10, batch_size: 1, ..settings() };
    let running = place.start(&function, parallel).await;
    function.begun(30).await;
    assert_eq!(place.checkpoint(), None);
    running.stop().await;
}

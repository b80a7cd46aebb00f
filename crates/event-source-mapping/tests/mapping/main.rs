//! The event source mapping against a stream with deliberate faults.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod fake;
mod function;
use webhooks_test_support::patience;

use event_source_mapping::{
    Checkpoints, Destination, Ended, EventSourceMapping, InvokeError, MappingError, Settings, StartingPosition, Stream,
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

/// Surroundings of a mapping that outlive it.
struct Place {
    stream: FakeStream,
    folder: TempDir,
}

/// A mapping that is running.
struct Running {
    stop: CancellationToken,
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
        Running { task: tokio::spawn(mapping.run(stop.clone())), stop }
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

fn reporting() -> Settings {
    Settings { report_batch_item_failures: true, ..settings() }
}

fn report(number: &str) -> Result<String, InvokeError> {
    Ok(json!({"batchItemFailures": [{"itemIdentifier": number}]}).to_string())
}

#[tokio::test]
async fn children_are_read_when_their_parents_are_done() {
    let place = Place::new(&[("child", Some("parent")), ("parent", None), ("grandchild", Some("child"))]);
    for (shard, number) in [("grandchild", "3"), ("child", "2"), ("parent", "1")] {
        place.stream.insert(shard, number, "item");
    }
    let function = Function::that_succeeds().taking(Duration::from_millis(50));
    let running = place.start(&function, settings()).await;
    function.begun(1).await;
    place.stream.close("parent");
    function.begun(2).await;
    place.stream.close("child");
    function.begun(3).await;
    assert_eq!(function.batches(), ["1", "2", "3"]);
    running.stop().await;
}

#[tokio::test]
async fn a_shard_that_was_read_to_its_end_is_not_read_again_after_a_restart() {
    let place = Place::new(&[("a", None), ("b", Some("a"))]);
    place.stream.insert("a", "1", "item");
    place.stream.close("a");
    place.stream.insert("b", "2", "item");
    let function = Function::that_succeeds();
    let running = place.start(&function, settings()).await;
    place.checkpointed("2").await;
    running.stop().await;
    place.stream.insert("b", "3", "item");
    let running = place.start(&function, settings()).await;
    function.begun(3).await;
    assert_eq!(function.batches(), ["1", "2", "3"]);
    running.stop().await;
}

#[tokio::test]
async fn an_iterator_that_has_expired_is_replaced_and_nothing_is_lost_or_repeated() {
    let place = Place::new(&[("a", None)]);
    place.stream.insert("a", "1", "item");
    let function = Function::that_succeeds();
    let running = place.start(&function, settings()).await;
    function.begun(1).await;
    place.stream.fail_next("GetRecords", "ExpiredIteratorException");
    place.stream.insert("a", "2", "item");
    function.begun(2).await;
    assert_eq!(function.batches(), ["1", "2"]);
    assert_eq!(place.stream.iterators(), 2);
    running.stop().await;
}

#[tokio::test]
async fn when_records_were_trimmed_unread_the_oldest_left_is_next() {
    let place = Place::new(&[("a", None)]);
    place.stream.insert("a", "1", "item");
    let function = Function::that_succeeds();
    let running = place.start(&function, settings()).await;
    place.checkpointed("1").await;
    running.stop().await;
    place.stream.insert("a", "2", "item");
    place.stream.insert("a", "3", "item");
    place.stream.trim("a", 2);
    let running = place.start(&function, settings()).await;
    function.begun(2).await;
    assert_eq!(function.batches(), ["1", "3"]);
    running.stop().await;
}

#[tokio::test]
async fn an_engine_that_fails_for_a_while_is_asked_again() {
    let place = Place::new(&[("a", None)]);
    for operation in ["DescribeStream", "GetShardIterator", "GetRecords", "GetRecords"] {
        place.stream.fail_next(operation, "InternalServerError");
        place.stream.fail_next(operation, "LimitExceededException");
    }
    place.stream.insert("a", "1", "item");
    let function = Function::that_succeeds();
    let running = place.start(&function, settings()).await;
    function.begun(1).await;
    running.stop().await;
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
async fn a_failing_batch_is_sent_again_as_often_as_allowed_and_then_given_up_whole() {
    let place = Place::new(&[("a", None)]);
    place.insert(&["1", "2", "3"]);
    let function = Function::that_fails_with("2");
    let limited = Settings { maximum_retry_attempts: Some(2), ..settings() };
    let running = place.start(&function, limited).await;
    place.checkpointed("3").await;
    assert_eq!(function.batches(), ["1 2 3"; 3]);
    let [discarded] = &place.discarded()[..] else { panic!("one line") };
    assert_eq!(discarded["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(discarded["requestContext"]["approximateInvokeCount"], 3);
    assert_eq!(discarded["DDBStreamBatchInfo"]["startSequenceNumber"], "1");
    assert_eq!(discarded["DDBStreamBatchInfo"]["endSequenceNumber"], "3");
    let payload: Value = serde_json::from_str(discarded["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload["Records"][1], function.records()[1].json);
    place.stream.insert("a", "4", "item");
    place.checkpointed("4").await;
    running.stop().await;
}

#[tokio::test]
async fn a_bad_record_is_isolated_by_bisecting_and_the_others_are_processed_in_order() {
    let place = Place::new(&[("a", None)]);
    place.insert(&["1", "2", "3", "4"]);
    let function = Function::that_fails_with("2");
    let bisecting = Settings { bisect_batch_on_function_error: true, maximum_retry_attempts: Some(0), ..settings() };
    let running = place.start(&function, bisecting).await;
    place.checkpointed("4").await;
    assert_eq!(function.batches(), ["1 2 3 4", "1 2", "1", "2", "3 4"]);
    assert_eq!(place.discarded().len(), 1);
    assert_eq!(place.discarded()[0]["DDBStreamBatchInfo"]["startSequenceNumber"], "2");
    running.stop().await;
}

#[tokio::test]
async fn a_partial_failure_is_checkpointed_and_only_the_rest_is_sent_again() {
    let place = Place::new(&[("a", None)]);
    place.insert(&["1", "2", "3"]);
    let function = Function::new(|numbers| match numbers.len() {
        3 => report("2"),
        _ => Ok(String::new()),
    });
    let running = place.start(&function, reporting()).await;
    place.checkpointed("3").await;
    assert_eq!(function.batches(), ["1 2 3", "2 3"]);
    running.stop().await;
}

#[tokio::test]
async fn what_a_partial_failure_has_done_is_not_done_again_after_a_kill() {
    let place = Place::new(&[("a", None)]);
    place.insert(&["1", "2", "3"]);
    let running = place.start(&Function::new(|_| report("2")), reporting()).await;
    place.checkpointed("1").await;
    running.kill().await;
    let function = Function::that_succeeds();
    let running = place.start(&function, reporting()).await;
    function.begun(1).await;
    assert_eq!(function.batches(), ["2 3"]);
    running.stop().await;
}

#[tokio::test]
async fn a_function_that_cannot_be_invoked_costs_no_attempt() {
    let place = Place::new(&[("a", None)]);
    place.stream.insert("a", "1", "item");
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let function = Function::new(move |_| match calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0..3 => Err(InvokeError::NotInvoked("throttled".to_owned())),
        _ => Ok("{}".to_owned()),
    });
    let running = place.start(&function, Settings { maximum_retry_attempts: Some(0), ..settings() }).await;
    place.checkpointed("1").await;
    assert_eq!(function.batches(), ["1"; 4]);
    assert!(place.discarded().is_empty());
    running.stop().await;
}

#[tokio::test]
async fn records_beyond_the_maximum_age_are_given_up_unsent_and_younger_ones_are_sent() {
    let place = Place::new(&[("a", None)]);
    let keys = || json!({"Keys": {"id": {"S": "item"}}});
    place.stream.add("a", "1", "INSERT", keys(), now() - 7200);
    place.stream.add("a", "2", "INSERT", keys(), now());
    let function = Function::that_succeeds();
    let aging = Settings { maximum_record_age: Some(Duration::from_secs(3600)), ..settings() };
    let running = place.start(&function, aging).await;
    place.checkpointed("2").await;
    assert_eq!(function.batches(), ["2"]);
    assert_eq!(place.discarded()[0]["requestContext"]["condition"], "RecordAgeExceeded");
    assert_eq!(place.discarded()[0]["DDBStreamBatchInfo"]["endSequenceNumber"], "1");
    running.stop().await;
}

#[tokio::test]
async fn a_batch_that_cannot_be_recorded_as_given_up_is_not_passed_over() {
    let place = Place::new(&[("a", None)]);
    place.stream.insert("a", "1", "item");
    let nowhere = Destination::new(place.folder.path().join("missing/failures.jsonl"));
    let limited = Settings { maximum_retry_attempts: Some(0), ..settings() };
    let running = place.start_with(&Function::that_fails_with("1"), limited, nowhere).await;
    let error = running.ended().await.unwrap_err().to_string();
    assert!(error.contains("a failed batch cannot be written to"), "{error}");
    assert_eq!(place.checkpoint(), None);
}

#[tokio::test]
async fn with_parallelization_items_are_processed_at_the_same_time_and_each_in_order() {
    let place = Place::new(&[("a", None)]);
    for number in 0..200 {
        place.stream.insert("a", &format!("{number:03}"), &format!("item {}", number % 20));
    }
    let function = Function::that_succeeds().taking(Duration::from_millis(20));
    let parallel = Settings { parallelization_factor: 10, batch_size: 2, ..settings() };
    let running = place.start(&function, parallel).await;
    place.checkpointed("199").await;
    let most = function.most_at_once();
    assert!((2..=10).contains(&most), "{most} batches at a time");
    for item in 0..20 {
        let key = format!("item {item}");
        let numbers: Vec<_> = function
            .records()
            .into_iter()
            .filter(|record| record.json["dynamodb"]["Keys"]["id"]["S"] == key)
            .map(|record| record.number)
            .collect();
        assert_eq!(numbers.len(), 10, "{key}");
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

#[tokio::test]
async fn latest_begins_with_what_is_written_from_now_on() {
    let place = Place::new(&[("a", None)]);
    let keys = || json!({"Keys": {"id": {"S": "item"}}});
    place.stream.add("a", "1", "INSERT", keys(), now() - 10);
    let function = Function::that_succeeds();
    let latest = || Settings { starting_position: StartingPosition::Latest, ..settings() };
    let running = place.start(&function, latest()).await;
    place.checkpointed("1").await;
    running.stop().await;
    place.stream.add("a", "2", "INSERT", keys(), now());
    let running = place.start(&function, latest()).await;
    function.begun(1).await;
    assert_eq!(function.batches(), ["2"]);
    running.stop().await;
}

/// DynamoDB has no records of such writes; some engines do.
#[tokio::test]
async fn a_write_that_changed_nothing_is_passed_over_and_checkpointed() {
    let place = Place::new(&[("a", None)]);
    let image = json!({"id": {"S": "item"}, "tags": {"SS": ["x", "y"]}});
    let unchanged = json!({"Keys": {"id": {"S": "item"}}, "OldImage": image, "NewImage": image});
    place.stream.add("a", "1", "MODIFY", unchanged, now());
    let function = Function::that_succeeds();
    let running = place.start(&function, settings()).await;
    place.checkpointed("1").await;
    assert!(function.batches().is_empty());
    running.stop().await;
}

#[tokio::test]
async fn a_stream_that_is_deleted_ends_the_mapping_when_what_was_read_is_done() {
    let place = Place::new(&[("a", None)]);
    place.stream.insert("a", "1", "item");
    let function = Function::that_succeeds().taking(Duration::from_millis(200));
    let running = place.start(&function, settings()).await;
    function.begun(1).await;
    place.stream.delete();
    assert_eq!(running.ended().await.unwrap(), Ended::StreamGone);
    assert_eq!(place.checkpoint().as_deref(), Some("1"));
}

#[tokio::test]
async fn a_record_that_is_none_is_an_error_and_not_passed_over() {
    let place = Place::new(&[("a", None)]);
    place.stream.add("a", "1", "INSERT", json!({}), now());
    let running = place.start(&Function::that_succeeds(), settings()).await;
    let error = running.ended().await.unwrap_err().to_string();
    assert!(error.contains("gave a record without keys"), "{error}");
}

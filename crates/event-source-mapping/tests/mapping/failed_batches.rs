//! Batches that fail: sent again, bisected, discarded.

use super::*;

fn reporting() -> Settings {
    Settings { report_batch_item_failures: true, ..settings() }
}

fn report(number: &str) -> Result<String, InvokeError> {
    Ok(json!({"batchItemFailures": [{"itemIdentifier": number}]}).to_string())
}

#[tokio::test]
async fn a_failing_batch_is_sent_again_and_then_discarded_whole() {
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

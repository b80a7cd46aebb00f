//! Shards, iterators and the end of a stream.

use super::*;

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

/// The queue holds 10,000 records: the reader waits for room when the next stream comes.
#[tokio::test]
async fn what_was_read_before_another_stream_continues_the_shards_is_all_processed() {
    const WAITING: usize = 11_000;
    let place = Place::new(&[("a", None)]);
    place.stream.insert("a", "0", "slow");
    let function = Function::that_succeeds().held();
    let parallel = Settings { parallelization_factor: 2, ..settings() };
    let running = place.start(&function, parallel).await;
    function.begun(1).await;
    for number in 1..=WAITING {
        place.stream.insert("a", &number.to_string(), "slow");
    }
    for number in 1..=WAITING {
        place.stream.insert("a", &(WAITING + number).to_string(), &format!("item {number}"));
    }
    let started = Instant::now();
    while place.stream.read() <= 2 * WAITING {
        assert!(started.elapsed() < PATIENCE, "{} were read", place.stream.read());
        sleep(Duration::from_millis(2)).await;
    }
    running.next.announce(Continuation::SameShards);
    function.release();
    assert_eq!(running.ended().await.unwrap(), Ended::Superseded);
    let mut numbers: Vec<usize> = function.records().into_iter().map(|record| record.number.parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, Vec::from_iter(0..=2 * WAITING));
    assert_eq!(place.checkpoint(), Some((2 * WAITING).to_string()));
}

#[tokio::test]
async fn a_record_that_is_none_is_an_error_and_not_passed_over() {
    let place = Place::new(&[("a", None)]);
    place.stream.add("a", "1", "INSERT", json!({}), now());
    let running = place.start(&Function::that_succeeds(), settings()).await;
    let error = running.ended().await.unwrap_err().to_string();
    assert!(error.contains("gave a record without keys"), "{error}");
}

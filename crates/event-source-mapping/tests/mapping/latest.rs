//! The latest records of a stream, without a mapping.

use super::*;

/// Returns the keys of the last `most` records other than those of `skipped`, and whether the stream was read back.
async fn latest(stream: &FakeStream, most: usize, time: Duration) -> (Vec<String>, bool) {
    let key = |record: &str| {
        let record: Value = serde_json::from_str(record).unwrap();
        let key = record["dynamodb"]["Keys"]["id"]["S"].as_str().unwrap();
        (key != "skipped").then(|| key.to_owned())
    };
    let stream = Stream::new(&stream.serve().await, ARN);
    let latest = stream.latest(most, Instant::now() + time, key).await.unwrap();
    (latest.records, latest.complete)
}

#[tokio::test]
async fn records_of_all_shards_are_sorted_by_their_times_and_those_that_do_not_count_are_left_out() {
    let stream = FakeStream::with_shards(&[("a", None), ("b", None)]);
    let now = now();
    for (shard, number, key, ago) in [
        ("a", "1", "1st", 9),
        ("a", "2", "skipped", 7),
        ("a", "3", "3rd", 3),
        ("b", "1", "2nd", 5),
        ("b", "2", "4th", 1),
    ] {
        stream.insert_at(shard, number, key, now - ago);
    }
    assert_eq!(latest(&stream, 10, PATIENCE).await, (["1st", "2nd", "3rd", "4th"].map(str::to_owned).into(), true));
    assert_eq!(latest(&stream, 3, PATIENCE).await, (["2nd", "3rd", "4th"].map(str::to_owned).into(), true));
}

#[tokio::test]
async fn a_write_that_changed_nothing_does_not_count() {
    let stream = FakeStream::with_shards(&[("a", None)]);
    stream.insert("a", "1", "item");
    let unchanged =
        json!({"Keys": {"id": {"S": "item"}}, "OldImage": {"n": {"N": "1"}}, "NewImage": {"n": {"N": "1"}}});
    stream.add("a", "2", "MODIFY", unchanged, now());
    assert_eq!(latest(&stream, 10, PATIENCE).await, (vec!["item".to_owned()], true));
}

#[tokio::test]
async fn what_a_shard_continues_is_read_only_if_it_may_have_some_of_the_last_records() {
    let stream = FakeStream::with_shards(&[("a1", None), ("a2", Some("a1")), ("b1", None), ("b2", Some("b1"))]);
    let now = now();
    for (shard, number, key, ago) in [
        ("a1", "1", "too old", 90),
        ("a2", "2", "1st", 50),
        ("a2", "3", "2nd", 40),
        ("b1", "4", "3rd", 30),
        ("b2", "5", "4th", 10),
    ] {
        stream.insert_at(shard, number, key, now - ago);
    }
    ["a1", "b1"].iter().for_each(|closed| stream.close(closed));
    assert_eq!(latest(&stream, 3, PATIENCE).await, (["2nd", "3rd", "4th"].map(str::to_owned).into(), true));
    assert_eq!(stream.iterators(), 2 * 3, "of a2, b2 and b1, two each");
    let all = ["too old", "1st", "2nd", "3rd", "4th"].map(str::to_owned);
    assert_eq!(latest(&stream, 9, PATIENCE).await, (all.into(), true));
}

#[tokio::test]
async fn of_a_table_that_changes_too_often_the_records_that_come_meanwhile_are_the_latest() {
    let stream = FakeStream::with_shards(&[("a", None), ("b", None)]);
    stream.insert("a", "0", "before");
    stream.insert("b", "0", "before");
    stream.keep_busy("a");
    let (records, complete) = latest(&stream, 5, Duration::from_millis(200)).await;
    assert_eq!((records, complete), (vec!["busy".to_owned(); 5], false));
}

#[tokio::test]
async fn a_shard_that_is_gone_since_the_shards_were_listed_has_no_records() {
    let stream = FakeStream::with_shards(&[("a", None)]);
    stream.insert("a", "1", "item");
    stream.fail_next("GetShardIterator", "ResourceNotFoundException");
    assert_eq!(latest(&stream, 5, PATIENCE).await, (vec![], true));
    assert_eq!(latest(&stream, 5, PATIENCE).await, (vec!["item".to_owned()], true));
}

#[tokio::test]
async fn a_trimmed_position_is_replaced_and_a_stream_that_is_gone_is_an_error() {
    let stream = FakeStream::with_shards(&[("a", None)]);
    stream.insert("a", "1", "item");
    stream.fail_next("GetRecords", "TrimmedDataAccessException");
    stream.fail_next("GetRecords", "ExpiredIteratorException");
    assert_eq!(latest(&stream, 5, PATIENCE).await, (vec!["item".to_owned()], true));
    stream.delete();
    let gone = Stream::new(&stream.serve().await, ARN);
    let error = gone.latest(5, Instant::now() + PATIENCE, |_| Some(())).await.unwrap_err();
    assert!(matches!(error, ReadError::Gone), "{error}");
}

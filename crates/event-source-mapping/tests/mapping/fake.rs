//! A DynamoDB stream with the events that no engine on one machine produces: shards split, iterators expire, calls
//! fail.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

use crate::patience::{stalls, timeouts};

pub(crate) const ARN: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/Instances/stream/2026-01-01T00:00:00.000";

/// Handle of a stream that is served until the test ends.
#[derive(Clone, Default)]
pub(crate) struct FakeStream {
    state: Arc<Mutex<FakeState>>,
}

#[derive(Default)]
struct FakeState {
    shards: Vec<FakeShard>,
    /// Errors that the next calls of an operation return.
    errors: VecDeque<(&'static str, &'static str)>,
    gone: bool,
    iterators: usize,
    /// Number of records that were read.
    read: usize,
}

struct FakeShard {
    id: String,
    parent: Option<String>,
    records: Vec<Value>,
    /// Number of records at the front that are trimmed.
    trimmed: usize,
    closed: bool,
    /// Whether a record is added at each reading, so that no reader reaches the end.
    busy: bool,
}

impl FakeStream {
    /// Creates a stream with these shards and their parents.
    pub(crate) fn with_shards(shards: &[(&str, Option<&str>)]) -> Self {
        let fake = Self::default();
        for (id, parent) in shards {
            fake.add_shard(id, *parent);
        }
        fake
    }

    pub(crate) fn add_shard(&self, id: &str, parent: Option<&str>) {
        self.state.lock().unwrap().shards.push(FakeShard {
            id: id.to_owned(),
            parent: parent.map(str::to_owned),
            records: Vec::new(),
            trimmed: 0,
            closed: false,
            busy: false,
        });
    }

    /// Adds an insertion of the item `key`.
    pub(crate) fn insert(&self, shard: &str, sequence_number: &str, key: &str) {
        self.insert_at(shard, sequence_number, key, now());
    }

    /// Adds an insertion of the item `key`; `second` is its time, in seconds since the Unix epoch.
    pub(crate) fn insert_at(&self, shard: &str, sequence_number: &str, key: &str, second: i64) {
        let record = record(sequence_number, "INSERT", inserted(key), second);
        self.with(shard, |shard| shard.records.push(record));
    }

    /// Adds a record of any kind; `second` is its time, in seconds since the Unix epoch.
    pub(crate) fn add(&self, shard: &str, sequence_number: &str, event: &str, change: Value, second: i64) {
        let record = record(sequence_number, event, change, second);
        self.with(shard, |shard| shard.records.push(record));
    }

    pub(crate) fn close(&self, shard: &str) {
        self.with(shard, |shard| shard.closed = true);
    }

    /// Lets the table change more often than it is read.
    pub(crate) fn keep_busy(&self, shard: &str) {
        self.with(shard, |shard| shard.busy = true);
    }

    pub(crate) fn trim(&self, shard: &str, records: usize) {
        self.with(shard, |shard| shard.trimmed = records);
    }

    /// Makes the next call of `operation` return this error.
    pub(crate) fn fail_next(&self, operation: &'static str, error: &'static str) {
        self.state.lock().unwrap().errors.push_back((operation, error));
    }

    pub(crate) fn delete(&self) {
        self.state.lock().unwrap().gone = true;
    }

    /// Returns the number of iterators that were requested.
    pub(crate) fn iterators(&self) -> usize {
        self.state.lock().unwrap().iterators
    }

    /// Returns the number of records that were read, each time counted.
    pub(crate) fn read(&self) -> usize {
        self.state.lock().unwrap().read
    }

    fn with(&self, id: &str, change: impl FnOnce(&mut FakeShard)) {
        let mut state = self.state.lock().unwrap();
        change(state.shards.iter_mut().find(|shard| shard.id == id).expect("a shard that was added"));
    }

    /// Serves the stream; returns the configuration of its clients.
    pub(crate) async fn serve(&self) -> SdkConfig {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        aws_config::defaults(BehaviorVersion::latest())
            .http_client(webhooks_runtime::aws::http_client())
            .timeout_config(timeouts())
            .stalled_stream_protection(stalls())
            .endpoint_url(endpoint)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .load()
            .await
    }
}

fn inserted(key: &str) -> Value {
    json!({"Keys": {"id": {"S": key}}, "NewImage": {"id": {"S": key}}})
}

fn record(sequence_number: &str, event: &str, mut change: Value, second: i64) -> Value {
    change["SequenceNumber"] = sequence_number.into();
    change["ApproximateCreationDateTime"] = second.into();
    change["SizeBytes"] = 10.into();
    change["StreamViewType"] = "NEW_AND_OLD_IMAGES".into();
    json!({
        "eventID": format!("event-{sequence_number}"),
        "eventName": event,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": change,
    })
}

/// Returns the current time, in seconds since the Unix epoch.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

async fn answer(State(fake): State<FakeStream>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let target = headers["x-amz-target"].to_str().unwrap();
    let operation = target.strip_prefix("DynamoDBStreams_20120810.").unwrap();
    let request: Value = serde_json::from_slice(&body).unwrap();
    let mut state = fake.state.lock().unwrap();
    let answered = match state.errors.iter().position(|(failing, _)| *failing == operation) {
        Some(place) => Err(state.errors.remove(place).unwrap().1),
        None if state.gone => Err("ResourceNotFoundException"),
        None => match operation {
            "DescribeStream" => Ok(describe(&state, &request)),
            "GetShardIterator" => iterator(&mut state, &request),
            "GetRecords" => page(&mut state, &request),
            other => panic!("{other} was not expected"),
        },
    };
    match answered {
        Ok(answer) => (StatusCode::OK, answer.to_string()),
        Err("InternalServerError") => {
            (StatusCode::INTERNAL_SERVER_ERROR, json!({"__type": "InternalServerError"}).to_string())
        }
        Err(error) => (StatusCode::BAD_REQUEST, json!({"__type": error, "message": "on purpose"}).to_string()),
    }
}

/// Describes one shard a page, so that every test uses paging.
fn describe(state: &FakeState, request: &Value) -> Value {
    let after = request["ExclusiveStartShardId"].as_str();
    let next = after.map_or(0, |after| state.shards.iter().position(|shard| shard.id == after).unwrap() + 1);
    let page = state.shards.get(next).map(|shard| {
        json!({"ShardId": shard.id, "ParentShardId": shard.parent, "SequenceNumberRange": {"StartingSequenceNumber": "0"}})
    });
    let last = state.shards.get(next).filter(|_| next + 1 < state.shards.len()).map(|shard| &shard.id);
    json!({"StreamDescription": {
        "StreamArn": ARN,
        "StreamStatus": "ENABLED",
        "Shards": page.into_iter().collect::<Vec<_>>(),
        "LastEvaluatedShardId": last,
    }})
}

fn iterator(state: &mut FakeState, request: &Value) -> Result<Value, &'static str> {
    state.iterators += 1;
    let id = request["ShardId"].as_str().unwrap();
    let shard = state.shards.iter().find(|shard| shard.id == id).ok_or("ResourceNotFoundException")?;
    let position = match request["ShardIteratorType"].as_str().unwrap() {
        "TRIM_HORIZON" => shard.trimmed,
        "LATEST" => shard.records.len(),
        "AFTER_SEQUENCE_NUMBER" => {
            let number = &request["SequenceNumber"];
            let is_named = |record: &Value| record["dynamodb"]["SequenceNumber"] == *number;
            let place = shard.records.iter().position(is_named).expect("a sequence number of the shard");
            if place < shard.trimmed {
                return Err("TrimmedDataAccessException");
            }
            place + 1
        }
        other => panic!("{other} was not expected"),
    };
    Ok(json!({"ShardIterator": format!("{id}/{position}")}))
}

fn page(state: &mut FakeState, request: &Value) -> Result<Value, &'static str> {
    let (id, position) = request["ShardIterator"].as_str().unwrap().split_once('/').unwrap();
    let shard = state.shards.iter_mut().find(|shard| shard.id == id).ok_or("ResourceNotFoundException")?;
    if shard.busy {
        let number = shard.records.len().to_string();
        shard.records.push(record(&number, "INSERT", inserted("busy"), now()));
    }
    let records = &shard.records[position.parse::<usize>().unwrap()..];
    let next = (!shard.closed).then(|| format!("{id}/{}", shard.records.len()));
    state.read += records.len();
    Ok(json!({"Records": records, "NextShardIterator": next}))
}

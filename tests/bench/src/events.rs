//! Events of invocations: batches of a DynamoDB stream, messages of a queue, requests to the API.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use bytes::Bytes;
use serde_json::{Value, json};
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::endpoint::Endpoint;

use crate::receiver::now_us;

/// Next sequence number; none is used twice in a run.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Builds the record of one created instance. Its process is named by the time of the change, so that a receiver can
/// compute the delay.
pub(crate) fn record(workspace: &str, changed_us: u64) -> Value {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let instance = format!("6f0c2a1e-3d4b-4c5d-8e9f-{number:012x}");
    json!({
        "eventID": format!("{number:032x}"),
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": changed_us / 1_000_000,
            "Keys": {"instanceID": {"S": instance}},
            "NewImage": {
                "instanceID": {"S": instance},
                "processName": {"S": changed_us.to_string()},
                "workspaceID": {"S": workspace},
                "status": {"S": "running"},
                "startedBy": {"S": "ada@example.com"},
                "step": {"N": "3"},
                "variables": {"M": {"orderID": {"S": "A-1042"}, "amount": {"N": "129.9"}, "urgent": {"BOOL": false}}},
            },
            "SequenceNumber": format!("{number:021}"),
            "SizeBytes": 312,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/Instances/stream/2026-01-31T12:00:00.000",
    })
}

/// Builds a batch of these records.
pub(crate) fn payload(records: &[Value]) -> Bytes {
    json!({ "Records": records }).to_string().into()
}

/// Builds a batch of this number of records that have just been written.
pub(crate) fn batch(workspace: &str, records: usize) -> Bytes {
    let now = now_us();
    payload(&(0..records).map(|_| record(workspace, now)).collect::<Vec<_>>())
}

/// Builds the message of a queue that wakes an endpoint.
pub(crate) fn wake_up(workspace: &str, url: &str) -> Result<Bytes> {
    let url = CallbackUrl::try_from(url.to_owned()).ok().context("a URL")?;
    let body = json!({"workspaceID": workspace, "endpointID": Endpoint::from(url).id}).to_string();
    let record = json!({
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "handle",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1769860800000", "SenderId": "bench", "ApproximateFirstReceiveTimestamp": "1769860800001"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:wake-ups",
        "awsRegion": "us-east-1",
    });
    Ok(json!({"Records": [record]}).to_string().into())
}

/// Builds a GET as API Gateway forwards it.
pub(crate) fn get(path: &str) -> Result<Bytes> {
    const LIKE: &str = "tests/lambda/events/api-put-callbacks.json";
    let mut event: Value = serde_json::from_slice(&std::fs::read(LIKE).context(LIKE)?)?;
    event["rawPath"] = path.into();
    event["requestContext"]["http"]["path"] = path.into();
    event["requestContext"]["http"]["method"] = "GET".into();
    event["body"] = Value::Null;
    Ok(event.to_string().into())
}

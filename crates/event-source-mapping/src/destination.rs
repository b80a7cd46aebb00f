//! The on-failure destination, which receives discarded batches.

use super::{batch::event, decision::Condition, record::Record};
use jiff::Timestamp;
use serde::Serialize;
use std::{io, path::PathBuf};
use tokio::{fs::File, io::AsyncWriteExt as _, sync::Mutex};
use uuid::Uuid;

/// On-failure destination of a mapping.
///
/// A discarded batch is one line of JSON, [the document that Lambda writes to an S3 bucket][document]: the batch's
/// position in the stream, which is trimmed there after 24 hours, and the whole event, from which it can be processed
/// again.
///
/// [document]: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
#[derive(Debug)]
pub struct Destination {
    file: PathBuf,
    /// Lock held while a line is written, so that lines of two batches do not mix.
    writing: Mutex<()>,
}

/// Failure to write the document of a discarded batch. The batch is not skipped in this case.
#[derive(Debug, thiserror::Error)]
#[error("a failed batch cannot be written to {path} ({reason}): make room, and the file writable")]
pub struct DestinationError {
    path: PathBuf,
    reason: io::Error,
}

/// A batch that is discarded.
pub(super) struct Discarded<'a> {
    pub(super) condition: Condition,
    pub(super) records: &'a [Record],
    /// Number of invocations with this batch.
    pub(super) invocations: u32,
    /// Whether the last invocation ended in a function error, as opposed to a report of failed items.
    pub(super) function_error: bool,
    pub(super) function_arn: &'a str,
    pub(super) stream: &'a str,
    pub(super) shard: &'a str,
}

impl Destination {
    /// Creates a destination that appends lines to `file`.
    #[must_use]
    pub fn new(file: PathBuf) -> Self {
        Self { file, writing: Mutex::default() }
    }

    pub(super) async fn send(&self, discarded: &Discarded<'_>) -> Result<(), DestinationError> {
        let document = document(discarded, Uuid::new_v4(), Timestamp::now());
        let mut line = serde_json::to_vec(&document).expect("strings and numbers are always JSON");
        line.push(b'\n');
        self.append(&line).await.map_err(|reason| DestinationError { path: self.file.clone(), reason })?;
        tracing::error!(
            condition = discarded.condition.as_str(),
            records = discarded.records.len(),
            shard = discarded.shard,
            invocations = discarded.invocations,
            file = %self.file.display(),
            "batch given up; it is kept in the file"
        );
        Ok(())
    }

    async fn append(&self, line: &[u8]) -> io::Result<()> {
        let _alone = self.writing.lock().await;
        let mut file = File::options().create(true).append(true).open(&self.file).await?;
        file.write_all(line).await?;
        file.sync_data().await
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    request_context: RequestContext<'a>,
    /// Absent if the batch was never sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    response_context: Option<ResponseContext>,
    version: &'static str,
    timestamp: String,
    #[serde(rename = "DDBStreamBatchInfo")]
    batch: BatchInfo<'a>,
    payload: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    request_id: String,
    function_arn: &'a str,
    condition: &'static str,
    approximate_invoke_count: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResponseContext {
    status_code: u16,
    executed_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_error: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchInfo<'a> {
    shard_id: &'a str,
    start_sequence_number: Option<&'a str>,
    end_sequence_number: Option<&'a str>,
    approximate_arrival_of_first_record: Option<String>,
    approximate_arrival_of_last_record: Option<String>,
    batch_size: usize,
    stream_arn: &'a str,
}

fn document<'a>(discarded: &Discarded<'a>, request_id: Uuid, now: Timestamp) -> Document<'a> {
    let (first, last) = (discarded.records.first(), discarded.records.last());
    Document {
        request_context: RequestContext {
            request_id: request_id.to_string(),
            function_arn: discarded.function_arn,
            condition: discarded.condition.as_str(),
            approximate_invoke_count: discarded.invocations,
        },
        response_context: (discarded.invocations > 0).then_some(ResponseContext {
            status_code: 200,
            executed_version: "$LATEST",
            function_error: discarded.function_error.then_some("Unhandled"),
        }),
        version: "1.0",
        timestamp: format!("{now:.3}"),
        batch: BatchInfo {
            shard_id: discarded.shard,
            start_sequence_number: first.map(|record| record.sequence_number.as_str()),
            end_sequence_number: last.map(|record| record.sequence_number.as_str()),
            approximate_arrival_of_first_record: first.map(|record| record.created.to_string()),
            approximate_arrival_of_last_record: last.map(|record| record.created.to_string()),
            batch_size: discarded.records.len(),
            stream_arn: discarded.stream,
        },
        payload: event(discarded.records),
    }
}

#[cfg(test)]
mod tests {
    use super::{Condition, Discarded, document};
    use crate::record::Record;
    use jiff::Timestamp;
    use serde_json::json;
    use uuid::Uuid;

    fn record(sequence_number: &str, second: i64) -> Record {
        Record::example(sequence_number, second, "{}")
    }

    /// The example of "Process DynamoDB records with Lambda", with two records and a payload.
    #[test]
    fn the_document_is_the_one_that_lambda_writes() {
        let records = [record("800000000003126276362", 1_573_690_399), record("800000000003126276363", 1_573_690_400)];
        let discarded = Discarded {
            condition: Condition::RetryAttemptsExhausted,
            records: &records,
            invocations: 1,
            function_error: true,
            function_arn: "arn:aws:lambda:us-east-2:123456789012:function:myfunction",
            stream: "arn:aws:dynamodb:us-east-2:123456789012:table/mytable/stream/2019-11-14T00:04:06.388",
            shard: "shardId-00000001573689847184-864758bb",
        };
        let now = Timestamp::from_millisecond(1_573_690_429_717).unwrap();
        assert_eq!(
            serde_json::to_value(document(&discarded, Uuid::nil(), now)).unwrap(),
            json!({
                "requestContext": {
                    "requestId": "00000000-0000-0000-0000-000000000000",
                    "functionArn": "arn:aws:lambda:us-east-2:123456789012:function:myfunction",
                    "condition": "RetryAttemptsExhausted",
                    "approximateInvokeCount": 1
                },
                "responseContext": {
                    "statusCode": 200,
                    "executedVersion": "$LATEST",
                    "functionError": "Unhandled"
                },
                "version": "1.0",
                "timestamp": "2019-11-14T00:13:49.717Z",
                "DDBStreamBatchInfo": {
                    "shardId": "shardId-00000001573689847184-864758bb",
                    "startSequenceNumber": "800000000003126276362",
                    "endSequenceNumber": "800000000003126276363",
                    "approximateArrivalOfFirstRecord": "2019-11-14T00:13:19Z",
                    "approximateArrivalOfLastRecord": "2019-11-14T00:13:20Z",
                    "batchSize": 2,
                    "streamArn": "arn:aws:dynamodb:us-east-2:123456789012:table/mytable/stream/2019-11-14T00:04:06.388"
                },
                "payload": "{\"Records\":[{},{}]}"
            })
        );
    }

    #[test]
    fn a_batch_that_was_never_sent_has_no_response() {
        let discarded = Discarded {
            condition: Condition::RecordAgeExceeded,
            records: &[record("1", 0)],
            invocations: 0,
            function_error: false,
            function_arn: "f",
            stream: "s",
            shard: "s",
        };
        let document = serde_json::to_value(document(&discarded, Uuid::nil(), Timestamp::UNIX_EPOCH)).unwrap();
        assert_eq!(document["requestContext"]["condition"], "RecordAgeExceeded");
        assert!(document.get("responseContext").is_none());
    }
}

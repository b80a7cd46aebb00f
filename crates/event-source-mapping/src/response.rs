//! What a function's answer says of the batch it was sent.
//!
//! The rules are those of [partial batch responses][rules], and each has a test below that quotes it.
//!
//! [rules]: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html

use super::invoke::InvokeError;
use serde_json::Value;

/// How an invocation ended for its batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Every record is done.
    Success,
    /// The records before this one are done, this one and all behind it are not.
    FailedFrom(usize),
    /// Nothing is done.
    Failed,
    /// The function did not run.
    NotInvoked,
}

/// Judges the answer to a batch of records with these sequence numbers.
pub(super) fn judge(
    sequence_numbers: &[&str],
    answer: &Result<String, InvokeError>,
    reports_item_failures: bool,
) -> Verdict {
    match answer {
        Err(InvokeError::NotInvoked(_)) => Verdict::NotInvoked,
        Err(InvokeError::Function(_)) => Verdict::Failed,
        Ok(_) if !reports_item_failures => Verdict::Success,
        Ok(response) => judge_report(sequence_numbers, response),
    }
}

/// Reads `{"batchItemFailures": [{"itemIdentifier": "…"}]}`. Whatever else an answer is, it vouches for nothing.
fn judge_report(sequence_numbers: &[&str], response: &str) -> Verdict {
    let report = match serde_json::from_str(response) {
        Ok(Value::Object(report)) => report,
        Ok(Value::Null) => return Verdict::Success,
        Err(_) if response.trim().is_empty() => return Verdict::Success,
        _ => return Verdict::Failed,
    };
    let failures = match report.get("batchItemFailures") {
        Some(Value::Array(failures)) => failures.as_slice(),
        Some(Value::Null) | None => &[],
        Some(_) => return Verdict::Failed,
    };
    let position = |failure: &Value| {
        let item = failure.get("itemIdentifier")?.as_str()?;
        sequence_numbers.iter().position(|number| *number == item)
    };
    // Sequence numbers grow along a shard, so the lowest is the first in the batch.
    match failures.iter().map(position).collect::<Option<Vec<_>>>() {
        Some(positions) => positions.into_iter().min().map_or(Verdict::Success, Verdict::FailedFrom),
        None => Verdict::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge};
    use crate::InvokeError;

    const BATCH: [&str; 4] = ["100", "200", "300", "400"];

    fn verdict(response: &str) -> Verdict {
        judge(&BATCH, &Ok(response.to_owned()), true)
    }

    #[test]
    fn success_if_you_return_an_empty_batch_item_failure_list() {
        assert_eq!(verdict(r#"{"batchItemFailures":[]}"#), Verdict::Success);
    }

    #[test]
    fn success_if_you_return_a_null_batch_item_failure_list() {
        assert_eq!(verdict(r#"{"batchItemFailures":null}"#), Verdict::Success);
    }

    #[test]
    fn success_if_you_return_an_empty_event_response() {
        assert_eq!(verdict("{}"), Verdict::Success);
        assert_eq!(verdict(""), Verdict::Success);
    }

    #[test]
    fn success_if_you_return_a_null_event_response() {
        assert_eq!(verdict("null"), Verdict::Success);
    }

    #[test]
    fn failure_if_you_return_an_empty_string_item_identifier() {
        assert_eq!(verdict(r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#), Verdict::Failed);
    }

    #[test]
    fn failure_if_you_return_a_null_item_identifier() {
        assert_eq!(verdict(r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#), Verdict::Failed);
    }

    #[test]
    fn failure_if_you_return_an_item_identifier_with_a_bad_key_name() {
        assert_eq!(verdict(r#"{"batchItemFailures":[{"item":"200"}]}"#), Verdict::Failed);
    }

    #[test]
    fn failure_if_an_item_identifier_is_not_in_the_batch() {
        let unknown = r#"{"batchItemFailures":[{"itemIdentifier":"200"},{"itemIdentifier":"999"}]}"#;
        assert_eq!(verdict(unknown), Verdict::Failed);
    }

    #[test]
    fn failure_if_the_response_is_none() {
        for response in ["[]", "7", "{", r#"{"batchItemFailures":"200"}"#, r#"{"batchItemFailures":["200"]}"#] {
            assert_eq!(verdict(response), Verdict::Failed, "{response}");
        }
    }

    /// "If the batchItemFailures array contains multiple items, Lambda uses the record with the lowest sequence number
    /// as the checkpoint. Lambda then retries all records starting from that checkpoint."
    #[test]
    fn the_lowest_sequence_number_is_the_checkpoint_in_whatever_order_they_are_reported() {
        let several = r#"{"batchItemFailures":[{"itemIdentifier":"400"},{"itemIdentifier":"200"}]}"#;
        assert_eq!(verdict(several), Verdict::FailedFrom(1));
    }

    /// "Even when your function code returns partial batch failure responses, these responses will not be processed by
    /// Lambda unless the ReportBatchItemFailures feature is explicitly turned on."
    #[test]
    fn a_report_that_was_not_asked_for_is_not_read() {
        let report = Ok(r#"{"batchItemFailures":[{"itemIdentifier":"200"}]}"#.to_owned());
        assert_eq!(judge(&BATCH, &report, false), Verdict::Success);
    }

    #[test]
    fn an_error_of_the_function_is_told_from_a_function_that_did_not_run() {
        let failed = Err(InvokeError::Function("panicked".into()));
        assert_eq!(judge(&BATCH, &failed, true), Verdict::Failed);
        let throttled = Err(InvokeError::NotInvoked("throttled".into()));
        assert_eq!(judge(&BATCH, &throttled, true), Verdict::NotInvoked);
    }
}

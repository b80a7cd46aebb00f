//! Evaluates a function's response to a batch.
//!
//! The rules are those of [partial batch responses][rules], and each has a test below that quotes it.
//!
//! [rules]: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html

use super::invoke::InvokeError;
use serde_json::Value;

/// Result of an invocation for its batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum InvocationResult {
    /// Every record is processed.
    Success,
    /// The records before this index are processed, this one and all after it are not.
    FailedFrom(usize),
    /// No record is processed.
    Failed,
    /// The function did not run.
    NotInvoked,
}

/// Evaluates the response to a batch of records with these sequence numbers.
pub(super) fn evaluate(
    sequence_numbers: &[&str],
    answer: &Result<String, InvokeError>,
    reports_item_failures: bool,
) -> InvocationResult {
    match answer {
        Err(InvokeError::NotInvoked(_)) => InvocationResult::NotInvoked,
        Err(InvokeError::Function(_)) => InvocationResult::Failed,
        Ok(_) if !reports_item_failures => InvocationResult::Success,
        Ok(response) => judge_report(sequence_numbers, response),
    }
}

/// Reads `{"batchItemFailures": [{"itemIdentifier": "…"}]}`. With any other response the batch counts as failed.
fn judge_report(sequence_numbers: &[&str], response: &str) -> InvocationResult {
    let report = match serde_json::from_str(response) {
        Ok(Value::Object(report)) => report,
        Ok(Value::Null) => return InvocationResult::Success,
        Err(_) if response.trim().is_empty() => return InvocationResult::Success,
        _ => return InvocationResult::Failed,
    };
    let failures = match report.get("batchItemFailures") {
        Some(Value::Array(failures)) => failures.as_slice(),
        Some(Value::Null) | None => &[],
        Some(_) => return InvocationResult::Failed,
    };
    let position = |failure: &Value| {
        let item = failure.get("itemIdentifier")?.as_str()?;
        sequence_numbers.iter().position(|number| *number == item)
    };
    // Sequence numbers grow along a shard, so the lowest is the first in the batch.
    match failures.iter().map(position).collect::<Option<Vec<_>>>() {
        Some(positions) => positions.into_iter().min().map_or(InvocationResult::Success, InvocationResult::FailedFrom),
        None => InvocationResult::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::{InvocationResult, evaluate};
    use crate::InvokeError;

    const BATCH: [&str; 4] = ["100", "200", "300", "400"];

    fn verdict(response: &str) -> InvocationResult {
        evaluate(&BATCH, &Ok(response.to_owned()), true)
    }

    #[test]
    fn success_if_you_return_an_empty_batch_item_failure_list() {
        assert_eq!(verdict(r#"{"batchItemFailures":[]}"#), InvocationResult::Success);
    }

    #[test]
    fn success_if_you_return_a_null_batch_item_failure_list() {
        assert_eq!(verdict(r#"{"batchItemFailures":null}"#), InvocationResult::Success);
    }

    #[test]
    fn success_if_you_return_an_empty_event_response() {
        assert_eq!(verdict("{}"), InvocationResult::Success);
        assert_eq!(verdict(""), InvocationResult::Success);
    }

    #[test]
    fn success_if_you_return_a_null_event_response() {
        assert_eq!(verdict("null"), InvocationResult::Success);
    }

    #[test]
    fn failure_if_you_return_an_empty_string_item_identifier() {
        assert_eq!(verdict(r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#), InvocationResult::Failed);
    }

    #[test]
    fn failure_if_you_return_a_null_item_identifier() {
        assert_eq!(verdict(r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#), InvocationResult::Failed);
    }

    #[test]
    fn failure_if_you_return_an_item_identifier_with_a_bad_key_name() {
        assert_eq!(verdict(r#"{"batchItemFailures":[{"item":"200"}]}"#), InvocationResult::Failed);
    }

    #[test]
    fn failure_if_an_item_identifier_is_not_in_the_batch() {
        let unknown = r#"{"batchItemFailures":[{"itemIdentifier":"200"},{"itemIdentifier":"999"}]}"#;
        assert_eq!(verdict(unknown), InvocationResult::Failed);
    }

    #[test]
    fn failure_if_the_response_is_none() {
        for response in ["[]", "7", "{", r#"{"batchItemFailures":"200"}"#, r#"{"batchItemFailures":["200"]}"#] {
            assert_eq!(verdict(response), InvocationResult::Failed, "{response}");
        }
    }

    /// "If the batchItemFailures array contains multiple items, Lambda uses the record with the lowest sequence number
    /// as the checkpoint. Lambda then retries all records starting from that checkpoint."
    #[test]
    fn the_lowest_sequence_number_is_the_checkpoint_in_whatever_order_they_are_reported() {
        let several = r#"{"batchItemFailures":[{"itemIdentifier":"400"},{"itemIdentifier":"200"}]}"#;
        assert_eq!(verdict(several), InvocationResult::FailedFrom(1));
    }

    /// "Even when your function code returns partial batch failure responses, these responses will not be processed by
    /// Lambda unless the `ReportBatchItemFailures` feature is explicitly turned on."
    #[test]
    fn a_report_that_was_not_asked_for_is_not_read() {
        let report = Ok(r#"{"batchItemFailures":[{"itemIdentifier":"200"}]}"#.to_owned());
        assert_eq!(evaluate(&BATCH, &report, false), InvocationResult::Success);
    }

    #[test]
    fn an_error_of_the_function_is_told_from_a_function_that_did_not_run() {
        let failed = Err(InvokeError::Function("panicked".into()));
        assert_eq!(evaluate(&BATCH, &failed, true), InvocationResult::Failed);
        let throttled = Err(InvokeError::NotInvoked("throttled".into()));
        assert_eq!(evaluate(&BATCH, &throttled, true), InvocationResult::NotInvoked);
    }
}

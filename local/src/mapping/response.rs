//! What a function's answer says of the batch it was sent.
//!
//! The rules are those of [partial batch responses][rules], and each has a test below that quotes it.
//!
//! [rules]: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html

use super::invoke::InvokeError;
use serde::Deserialize;

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

/// The response of a function that reports which items failed.
#[derive(Default, Deserialize)]
struct Report {
    #[serde(default, rename = "batchItemFailures")]
    failures: Option<Vec<Failure>>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default, rename = "itemIdentifier")]
    item: Option<String>,
}

fn judge_report(sequence_numbers: &[&str], response: &str) -> Verdict {
    if response.trim().is_empty() {
        return Verdict::Success;
    }
    let Ok(report) = serde_json::from_str::<Option<Report>>(response) else { return Verdict::Failed };
    let failures = report.unwrap_or_default().failures.unwrap_or_default();
    // Sequence numbers grow along a shard, so the lowest is the first in the batch.
    let position = |failure: &Failure| {
        let item = failure.item.as_deref()?;
        sequence_numbers.iter().position(|number| *number == item)
    };
    let positions: Option<Vec<usize>> = failures.iter().map(position).collect();
    match positions.map(|positions| positions.into_iter().min()) {
        Some(None) => Verdict::Success,
        Some(Some(first)) => Verdict::FailedFrom(first),
        None => Verdict::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge};
    use crate::mapping::InvokeError;

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
        for response in ["[]", "7", r#"{"batchItemFailures":"200"}"#, "{"] {
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

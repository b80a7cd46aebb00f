//! Decides on a batch after an invocation: the error handling that Lambda documents, as one function.
//!
//! [Retries, record age and bisecting](https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html),
//! [partial responses](https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html).

use super::{response::InvocationResult, settings::Settings};
use jiff::Timestamp;
use std::time::Duration;

/// Decision on a batch after an invocation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decision {
    /// Number of processed records at the front: the checkpoint moves behind them.
    pub(super) done: usize,
    /// Treatment of the remaining records.
    pub(super) rest: Rest,
}

/// Treatment of records that are not processed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// No records remain.
    Nothing,
    /// The records are sent again, after this number of failed attempts.
    Retry { failed_attempts: u32 },
    /// The records are sent again as two batches: the first of `first` records, then, after that one is finished, the
    /// others.
    Split { first: usize },
    /// The records are discarded, and a document goes to the on-failure destination.
    GiveUp,
}

/// Condition under which records were discarded, by the names of the on-failure destination's document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    RetryAttemptsExhausted,
    RecordAgeExceeded,
}

impl Condition {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::RetryAttemptsExhausted => "RetryAttemptsExhausted",
            Self::RecordAgeExceeded => "RecordAgeExceeded",
        }
    }
}

/// Decides on a batch of `size` records that was sent again after `failed_attempts`.
pub(super) fn decide(settings: &Settings, size: usize, failed_attempts: u32, verdict: &InvocationResult) -> Decision {
    let bisects = settings.bisect_batch_on_function_error;
    let again = || match settings.maximum_retry_attempts {
        Some(maximum) if failed_attempts >= maximum => Rest::GiveUp,
        _ => Rest::Retry { failed_attempts: failed_attempts.saturating_add(1) },
    };
    match *verdict {
        InvocationResult::Success => Decision { done: size, rest: Rest::Nothing },
        InvocationResult::NotInvoked => Decision { done: 0, rest: Rest::Retry { failed_attempts } },
        InvocationResult::FailedFrom(first) if first > 0 && bisects => {
            Decision { done: first, rest: Rest::Retry { failed_attempts } }
        }
        // No record before the first one could be split off: the batch has failed as a whole.
        InvocationResult::Failed | InvocationResult::FailedFrom(0) if bisects && size > 1 => {
            Decision { done: 0, rest: Rest::Split { first: size.div_ceil(2) } }
        }
        InvocationResult::Failed => Decision { done: 0, rest: again() },
        InvocationResult::FailedFrom(first) => Decision { done: first, rest: again() },
    }
}

/// Counts the records at the front that are too old to be sent. `created` has their times, oldest first.
pub(super) fn too_old(settings: &Settings, created: impl Iterator<Item = Timestamp>, now: Timestamp) -> usize {
    let Some(maximum) = settings.maximum_record_age else { return 0 };
    created.take_while(|created| now.duration_since(*created).unsigned_abs() > maximum && *created < now).count()
}

/// Returns the delay before the next attempt after this number of failures in a row.
pub(super) fn retry_delay(settings: &Settings, failures: u32) -> Duration {
    let doubled = settings.shortest_retry_delay.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
    doubled.min(settings.longest_retry_delay)
}

#[cfg(test)]
mod tests {
    use super::{Decision, Rest, decide, retry_delay, too_old};
    use crate::{response::InvocationResult, settings::Settings};
    use jiff::Timestamp;
    use std::time::Duration;

    fn settings(maximum_retry_attempts: Option<u32>, bisect: bool) -> Settings {
        Settings { maximum_retry_attempts, bisect_batch_on_function_error: bisect, ..Settings::default() }
    }

    #[test]
    fn a_batch_is_done_when_all_of_it_is() {
        let done = Decision { done: 5, rest: Rest::Nothing };
        assert_eq!(decide(&settings(None, true), 5, 3, &InvocationResult::Success), done);
    }

    /// "If the function is invoked but returns an error, Lambda retries until the records expire, exceed the maximum
    /// age, or reach the configured retry quota."
    #[test]
    fn a_failed_batch_is_sent_again_until_the_quota_is_reached() {
        let two = settings(Some(2), false);
        let failed = |attempts| decide(&two, 5, attempts, &InvocationResult::Failed).rest;
        assert_eq!(failed(0), Rest::Retry { failed_attempts: 1 });
        assert_eq!(failed(1), Rest::Retry { failed_attempts: 2 });
        assert_eq!(failed(2), Rest::GiveUp);
    }

    #[test]
    fn without_a_quota_a_failed_batch_is_sent_again_for_ever() {
        let failed = decide(&settings(None, false), 5, u32::MAX, &InvocationResult::Failed);
        assert_eq!(failed, Decision { done: 0, rest: Rest::Retry { failed_attempts: u32::MAX } });
    }

    /// "If a Lambda event source mapping is unable to invoke the function due to throttling or other issues, it retries
    /// until the records expire or exceed the maximum age."
    #[test]
    fn what_could_not_be_invoked_costs_no_attempt_and_splits_nothing() {
        let throttled = decide(&settings(Some(0), true), 5, 0, &InvocationResult::NotInvoked);
        assert_eq!(throttled, Decision { done: 0, rest: Rest::Retry { failed_attempts: 0 } });
    }

    /// "`BisectBatchOnFunctionError`, which splits a failed batch into two smaller batches, isolating bad records."
    #[test]
    fn a_failed_batch_is_bisected() {
        let failed = |size| decide(&settings(Some(3), true), size, 0, &InvocationResult::Failed).rest;
        assert_eq!(failed(5), Rest::Split { first: 3 });
        assert_eq!(failed(2), Rest::Split { first: 1 });
        assert_eq!(failed(1), Rest::Retry { failed_attempts: 1 });
    }

    /// "Splitting batches doesn't consume the retry quota."
    #[test]
    fn a_batch_is_split_even_when_no_retry_is_left() {
        let failed = |size| decide(&settings(Some(0), true), size, 0, &InvocationResult::Failed).rest;
        assert_eq!(failed(2), Rest::Split { first: 1 });
        assert_eq!(failed(1), Rest::GiveUp);
    }

    /// "Lambda then retries all records starting from that checkpoint." and "Lambda retries failures based on your
    /// retry strategy."
    #[test]
    fn a_partial_failure_checkpoints_and_costs_an_attempt() {
        let partial = |attempts| decide(&settings(Some(1), false), 5, attempts, &InvocationResult::FailedFrom(2));
        assert_eq!(partial(0), Decision { done: 2, rest: Rest::Retry { failed_attempts: 1 } });
        assert_eq!(partial(1), Decision { done: 2, rest: Rest::GiveUp });
    }

    /// "When a partial batch success response is received and both `BisectBatchOnFunctionError` and
    /// `ReportBatchItemFailures` are turned on, the batch is bisected at the returned sequence number and Lambda retries
    /// only the remaining records."
    #[test]
    fn with_both_turned_on_the_batch_is_bisected_at_the_returned_sequence_number() {
        let partial = decide(&settings(Some(0), true), 5, 0, &InvocationResult::FailedFrom(2));
        assert_eq!(partial, Decision { done: 2, rest: Rest::Retry { failed_attempts: 0 } });
    }

    /// At the first record there is nothing to split off; the batch is bisected in the middle, as after any failure.
    #[test]
    fn a_batch_that_failed_from_its_first_record_is_split_in_the_middle() {
        let bisecting = settings(Some(0), true);
        assert_eq!(decide(&bisecting, 4, 0, &InvocationResult::FailedFrom(0)).rest, Rest::Split { first: 2 });
        assert_eq!(decide(&bisecting, 1, 0, &InvocationResult::FailedFrom(0)).rest, Rest::GiveUp);
    }

    #[test]
    fn only_records_beyond_the_maximum_age_are_too_old() {
        let now = Timestamp::from_second(1_000).unwrap();
        let created = || [800, 939, 940, 1_000].map(|second| Timestamp::from_second(second).unwrap()).into_iter();
        let mut settings = settings(None, false);
        assert_eq!(too_old(&settings, created(), now), 0);
        settings.maximum_record_age = Some(Duration::from_secs(60));
        assert_eq!(too_old(&settings, created(), now), 2);
    }

    #[test]
    fn a_clock_behind_the_records_makes_none_too_old() {
        let now = Timestamp::from_second(1_000).unwrap();
        let settings = Settings { maximum_record_age: Some(Duration::from_secs(60)), ..Settings::default() };
        let future = [Timestamp::from_second(5_000).unwrap()].into_iter();
        assert_eq!(too_old(&settings, future, now), 0);
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let delays = [1, 2, 3, 100].map(|failures| retry_delay(&Settings::default(), failures).as_millis());
        assert_eq!(delays, [100, 200, 400, 30_000]);
    }
}

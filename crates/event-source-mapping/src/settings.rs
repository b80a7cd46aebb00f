//! The settings of an event source mapping, with Lambda's names and bounds.

use std::time::Duration;

/// Settings of a mapping of a DynamoDB stream.
///
/// Names, defaults and bounds are those of Lambda's [parameters for DynamoDB streams][parameters]. A tumbling window,
/// which makes a function an aggregator with a state, is not supported, and neither are filter criteria.
///
/// [parameters]: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
#[derive(Debug, Clone)]
pub struct Settings {
    /// `BatchSize`: the largest number of records in an invocation; 1 to 10,000.
    pub batch_size: usize,
    /// `MaximumBatchingWindowInSeconds`: the longest time to gather records for a batch that is not full; at most 300
    /// s.
    pub batching_window: Duration,
    /// `ParallelizationFactor`: the number of batches of one shard that are processed at a time; 1 to 10.
    pub parallelization_factor: usize,
    /// `StartingPosition`: the position at which reading of a stream without a checkpoint starts.
    pub starting_position: StartingPosition,
    /// `MaximumRecordAgeInSeconds`: the age after which records are discarded; 60 s to 7 days, `None` for no limit.
    pub maximum_record_age: Option<Duration>,
    /// `MaximumRetryAttempts`: the number of times that a failed batch is sent again; at most 10,000, `None` for no
    /// limit.
    pub maximum_retry_attempts: Option<u32>,
    /// `BisectBatchOnFunctionError`: whether a failed batch is split in two before it is sent again.
    pub bisect_batch_on_function_error: bool,
    /// `ReportBatchItemFailures` among the `FunctionResponseTypes`: whether the function's response names the failed
    /// records.
    pub report_batch_item_failures: bool,
    /// ARN of the function in the documents of discarded batches.
    pub function_arn: String,
    /// Delay before the first retry; it doubles up to [`Self::longest_retry_delay`]. Lambda's delays are not
    /// documented.
    pub shortest_retry_delay: Duration,
    /// Longest delay between two retries.
    pub longest_retry_delay: Duration,
}

/// Position at which reading of a stream without a checkpoint starts.
///
/// Shards that appear later are always read from their beginning, because they continue shards that were read to the
/// end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartingPosition {
    /// The oldest record that the stream still holds.
    TrimHorizon,
    /// The first record that is written from now on.
    Latest,
}

/// A setting that Lambda would not accept.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} is {given}, and must be {bounds}")]
pub struct SettingsError {
    setting: &'static str,
    given: String,
    bounds: &'static str,
}

impl Default for Settings {
    /// Returns Lambda's defaults.
    fn default() -> Self {
        Self {
            batch_size: 100,
            batching_window: Duration::ZERO,
            parallelization_factor: 1,
            starting_position: StartingPosition::TrimHorizon,
            maximum_record_age: None,
            maximum_retry_attempts: None,
            bisect_batch_on_function_error: false,
            report_batch_item_failures: false,
            function_arn: "arn:aws:lambda:local:000000000000:function:fanout".to_owned(),
            shortest_retry_delay: Duration::from_millis(100),
            longest_retry_delay: Duration::from_secs(30),
        }
    }
}

impl Settings {
    /// Checks the settings against the bounds of `CreateEventSourceMapping`.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let invalid = |setting, given, bounds| Err(SettingsError { setting, given, bounds });
        if !(1..=10_000).contains(&self.batch_size) {
            return invalid("BatchSize", self.batch_size.to_string(), "1 to 10,000");
        }
        if self.batching_window > Duration::from_secs(300) {
            let given = self.batching_window.as_secs().to_string();
            return invalid("MaximumBatchingWindowInSeconds", given, "at most 300");
        }
        if !(1..=10).contains(&self.parallelization_factor) {
            return invalid("ParallelizationFactor", self.parallelization_factor.to_string(), "1 to 10");
        }
        if self.maximum_retry_attempts.is_some_and(|attempts| attempts > 10_000) {
            let given = self.maximum_retry_attempts.unwrap_or_default().to_string();
            return invalid("MaximumRetryAttempts", given, "at most 10,000");
        }
        match self.maximum_record_age.map(|age| age.as_secs()) {
            Some(age) if !(60..=604_800).contains(&age) => {
                invalid("MaximumRecordAgeInSeconds", age.to_string(), "60 to 604,800")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use std::time::Duration;

    #[test]
    fn settings_that_lambda_rejects_are_rejected_by_name() {
        let error_text = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.check().unwrap_err().to_string()
        };
        assert_eq!(error_text(|it| it.batch_size = 0), "BatchSize is 0, and must be 1 to 10,000");
        assert_eq!(error_text(|it| it.parallelization_factor = 11), "ParallelizationFactor is 11, and must be 1 to 10");
        let short = error_text(|it| it.maximum_record_age = Some(Duration::from_secs(59)));
        assert_eq!(short, "MaximumRecordAgeInSeconds is 59, and must be 60 to 604,800");
        let long = error_text(|it| it.batching_window = Duration::from_secs(301));
        assert_eq!(long, "MaximumBatchingWindowInSeconds is 301, and must be at most 300");
        let many = error_text(|it| it.maximum_retry_attempts = Some(10_001));
        assert_eq!(many, "MaximumRetryAttempts is 10001, and must be at most 10,000");
    }

    #[test]
    fn the_defaults_are_accepted() {
        assert_eq!(Settings::default().check(), Ok(()));
    }
}

//! The mapping of the instance stream to the fan-out function, as the template defines it.

use super::Properties;
use event_source_mapping::{Settings, StartingPosition};
use serde::Deserialize;
use std::time::Duration;

/// The properties of an [`AWS::Lambda::EventSourceMapping`] of a DynamoDB stream.
///
/// [`AWS::Lambda::EventSourceMapping`]: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MappingDefinition {
    starting_position: Start,
    batch_size: Option<usize>,
    maximum_batching_window_in_seconds: Option<u64>,
    parallelization_factor: Option<usize>,
    /// Number of retries; -1 for no limit.
    maximum_retry_attempts: Option<i64>,
    /// Age of a record in seconds; -1 for no limit.
    maximum_record_age_in_seconds: Option<i64>,
    #[serde(default)]
    bisect_batch_on_function_error: bool,
    #[serde(default)]
    function_response_types: Vec<ResponseType>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Start {
    TrimHorizon,
    Latest,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
enum ResponseType {
    ReportBatchItemFailures,
}

/// The properties of an [`AWS::Serverless::Function`].
///
/// [`AWS::Serverless::Function`]: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionDefinition {
    timeout: u64,
}

impl Properties for MappingDefinition {
    const TYPE: &'static str = "AWS::Lambda::EventSourceMapping";
}

impl Properties for FunctionDefinition {
    const TYPE: &'static str = "AWS::Serverless::Function";
}

impl FunctionDefinition {
    /// Returns the function's timeout for one invocation.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

impl From<MappingDefinition> for Settings {
    fn from(defined: MappingDefinition) -> Self {
        let default = Self::default();
        Self {
            batch_size: defined.batch_size.unwrap_or(default.batch_size),
            batching_window: Duration::from_secs(defined.maximum_batching_window_in_seconds.unwrap_or_default()),
            parallelization_factor: defined.parallelization_factor.unwrap_or(default.parallelization_factor),
            starting_position: match defined.starting_position {
                Start::TrimHorizon => StartingPosition::TrimHorizon,
                Start::Latest => StartingPosition::Latest,
            },
            maximum_record_age: limit(defined.maximum_record_age_in_seconds).map(Duration::from_secs),
            maximum_retry_attempts: limit(defined.maximum_retry_attempts),
            bisect_batch_on_function_error: defined.bisect_batch_on_function_error,
            report_batch_item_failures: defined
                .function_response_types
                .contains(&ResponseType::ReportBatchItemFailures),
            ..default
        }
    }
}

/// Converts a number; `None` if there is no limit.
fn limit<T: TryFrom<i64>>(number: Option<i64>) -> Option<T> {
    T::try_from(number?).ok()
}

#[cfg(test)]
mod tests {
    use super::MappingDefinition;
    use crate::template::Template;
    use event_source_mapping::{Settings, StartingPosition};

    fn settings(properties: &str) -> Settings {
        let template =
            format!("Resources: {{M: {{Type: 'AWS::Lambda::EventSourceMapping', Properties: {{{properties}}}}}}}");
        let mapping: MappingDefinition = Template::parse(&template, |_| None).unwrap().resource("M").unwrap();
        mapping.into()
    }

    #[test]
    fn a_mapping_is_read_with_all_its_settings() {
        let settings = settings(
            "StartingPosition: LATEST, BatchSize: 7, MaximumBatchingWindowInSeconds: 3, ParallelizationFactor: 2, \
             MaximumRetryAttempts: 5, MaximumRecordAgeInSeconds: 60, BisectBatchOnFunctionError: true, \
             FunctionResponseTypes: [ReportBatchItemFailures]",
        );
        assert_eq!(settings.starting_position, StartingPosition::Latest);
        assert_eq!((settings.batch_size, settings.parallelization_factor), (7, 2));
        assert_eq!(settings.batching_window.as_secs(), 3);
        assert_eq!(settings.maximum_retry_attempts, Some(5));
        assert_eq!(settings.maximum_record_age.unwrap().as_secs(), 60);
        assert!(settings.bisect_batch_on_function_error && settings.report_batch_item_failures);
    }

    #[test]
    fn what_is_not_set_is_as_lambda_has_it() {
        let settings = settings("StartingPosition: TRIM_HORIZON, MaximumRetryAttempts: -1");
        assert_eq!((settings.batch_size, settings.parallelization_factor), (100, 1));
        assert_eq!((settings.maximum_retry_attempts, settings.maximum_record_age), (None, None));
        assert!(!settings.bisect_batch_on_function_error && !settings.report_batch_item_failures);
    }

    #[test]
    fn the_deployed_mapping_retries_a_batch_until_it_is_too_old() {
        let template = Template::parse(crate::template::DEPLOYED, |_| None).unwrap();
        let settings: Settings = template.resource::<MappingDefinition>("InstanceStreamMapping").unwrap().into();
        assert_eq!(settings.maximum_retry_attempts, None);
        assert_eq!(settings.maximum_record_age.unwrap().as_secs(), 23 * 60 * 60);
    }
}

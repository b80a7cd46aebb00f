//! The stream of the instance table, for a look at its latest events.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use event_source_mapping::{Latest, ReadError, Stream};
use tokio::time::Instant;

use super::{Problem, ProblemType};
use webhooks_model::event::{EventSettings, Record, StreamEvent};
use webhooks_runtime::env::{FromEnv as _, InvalidSetting, required_var};

/// Longest time for reading the stream back.
const READ_BACK: Duration = Duration::from_secs(6);

/// The stream of the instance table.
#[derive(Clone, Debug)]
pub struct InstanceStream {
    /// Configuration of its client.
    pub config: SdkConfig,
    /// The stream.
    pub place: StreamPlace,
    /// Settings of the conversion from instance items to events.
    pub events: Arc<EventSettings>,
}

impl InstanceStream {
    /// Returns the stream that `INSTANCE_STREAM_ARN` names, with the settings of events from the environment.
    ///
    /// # Errors
    /// [`InvalidSetting`] if a variable is missing or invalid.
    pub fn from_env(config: SdkConfig) -> Result<Self, InvalidSetting> {
        let place = StreamPlace::Arn(required_var("INSTANCE_STREAM_ARN")?);
        Ok(Self { config, place, events: Arc::new(EventSettings::from_env()?) })
    }
}

/// Which stream it is.
#[derive(Clone, Debug)]
pub enum StreamPlace {
    /// The one with this ARN.
    Arn(String),
    /// The one that this table has at the moment.
    OfTable {
        /// Client of the table.
        client: Client,
        /// Name of the table.
        table: String,
    },
}

impl InstanceStream {
    /// Returns what `make` makes of the last `most` events for which it makes something, the latest last.
    ///
    /// # Errors
    /// [`ProblemType::StreamUnavailable`] if there is no stream, or it cannot be read.
    pub(super) async fn latest<T: Send + 'static>(
        &self,
        most: usize,
        make: impl Fn(StreamEvent<'_>) -> Option<T> + Send + Sync + 'static,
    ) -> Result<Latest<T>, Problem> {
        let stream = Stream::new(&self.config, self.arn().await?);
        let settings = Arc::clone(&self.events);
        let make = move |record: &str| match Record::parse(record, &settings) {
            Record::Event(event) => make(event),
            Record::Expired | Record::Unreadable(_) => None,
        };
        let read = stream.latest(most, Instant::now() + READ_BACK, make).await;
        read.map_err(|error| match error {
            ReadError::Gone => none(),
            error => unavailable(&error.to_string()),
        })
    }

    async fn arn(&self) -> Result<String, Problem> {
        let (client, table) = match &self.place {
            StreamPlace::Arn(arn) => return Ok(arn.clone()),
            StreamPlace::OfTable { client, table } => (client, table),
        };
        let described = client.describe_table().table_name(table).send().await.map_err(|error| {
            let is_missing = error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception());
            if is_missing { none() } else { unavailable(&DisplayErrorContext(error).to_string()) }
        })?;
        described.table.and_then(|table| table.latest_stream_arn).ok_or_else(none)
    }
}

fn none() -> Problem {
    let detail = "the instance table has no stream, or another one than configured: turn it on (UpdateTable, \
        StreamSpecification, NEW_AND_OLD_IMAGES), and configure its ARN (InstanceStreamArn) if it is deployed";
    Problem::new(ProblemType::StreamUnavailable, detail)
}

fn unavailable(error: &str) -> Problem {
    tracing::error!(error, "the instance table's stream cannot be read");
    Problem::new(ProblemType::StreamUnavailable, "the instance table's stream did not respond; try again")
}

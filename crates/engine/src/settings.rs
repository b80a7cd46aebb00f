//! The engine from environment variables.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use webhooks_model::address::OutboundPolicy;
use webhooks_model::endpoint::HealthSettings;
use webhooks_model::event::EventSettings;
use webhooks_runtime::aws;
use webhooks_runtime::env::{FromEnv, InvalidSetting, bounded_var_or, milliseconds_var_or, required_var, var_or};
use webhooks_runtime::machine::Machine;
use webhooks_runtime::metrics::Metrics;
use webhooks_store::{DeliveriesStore, EndpointsStore, SecretsStore, Tables};

use crate::dispatch::RetrySchedule;
use crate::endpoint_events::{Destination, EndpointEvents};
use crate::fanout::{Fanout, FanoutSettings, Log, Memory};
use crate::retry::{Retry, RetrySettings};
use crate::sender::{InvalidNameServers, Lookup, Sender, SenderSettings, certificates};
use crate::wake_up::WakeUps;

/// Reason why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A setting is invalid.
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
    /// The TLS client cannot be created.
    #[error("the TLS client cannot be made: {0}")]
    Tls(#[from] rustls::Error),
}

impl Fanout {
    /// Creates the fan-out from the environment, on this client's tables.
    ///
    /// # Errors
    /// [`InvalidSetting`] if a variable is invalid.
    pub fn from_env(client: &Client, wake_ups: WakeUps, sender: Arc<Sender>) -> Result<Self, SetupError> {
        let tables = Tables::from_env()?;
        Ok(Self {
            endpoints: EndpointsStore::from_env(client.clone(), &*tables.webhooks)?,
            secrets: SecretsStore::from_env(client.clone(), tables.webhooks)?,
            deliveries: DeliveriesStore::from_env(client.clone(), tables.deliveries)?,
            wake_ups,
            sender,
            events: EventSettings::from_env()?,
            metrics: Metrics::from_env()?,
            health: HealthSettings::from_env()?,
            settings: FanoutSettings::from_env()?,
            memory: Memory::default(),
            world: Arc::new(Machine),
        })
    }
}

impl Retry {
    /// Creates the retry engine from the environment, on this client's tables.
    ///
    /// # Errors
    /// [`InvalidSetting`] if a variable is invalid.
    pub fn from_env(
        client: &Client,
        wake_ups: WakeUps,
        sender: Arc<Sender>,
        endpoint_events: EndpointEvents,
    ) -> Result<Self, SetupError> {
        let tables = Tables::from_env()?;
        Ok(Self {
            endpoints: EndpointsStore::from_env(client.clone(), &*tables.webhooks)?,
            secrets: SecretsStore::from_env(client.clone(), tables.webhooks)?,
            deliveries: DeliveriesStore::from_env(client.clone(), tables.deliveries)?,
            wake_ups,
            endpoint_events,
            sender,
            metrics: Metrics::from_env()?,
            health: HealthSettings::from_env()?,
            settings: RetrySettings::from_env()?,
            world: Arc::new(Machine),
        })
    }
}

impl WakeUps {
    /// Creates the queue of wake-ups from `WAKEUP_QUEUE_URL`.
    ///
    /// # Errors
    /// [`InvalidSetting`] if it is missing.
    pub fn from_env(config: &SdkConfig) -> Result<Self, InvalidSetting> {
        let url = required_var("WAKEUP_QUEUE_URL")?;
        Ok(Self::Queue { client: aws::lazy(config, aws_sdk_sqs::Client::new), url })
    }
}

impl EndpointEvents {
    /// Creates the publisher on the account's default bus, for the deployment `DEPLOYMENT_NAME` with the console at
    /// `CONSOLE_URL`.
    ///
    /// # Errors
    /// [`InvalidSetting`] if one of them is missing or invalid.
    pub fn from_env(config: &SdkConfig) -> Result<Self, InvalidSetting> {
        let deployment = required_var("DEPLOYMENT_NAME")?;
        let console = required_var("CONSOLE_URL")?;
        let console = console.parse().map_err(|error: url::ParseError| InvalidSetting {
            variable: "CONSOLE_URL",
            value: console.clone(),
            reason: error.to_string(),
        })?;
        let client = aws::lazy(config, aws_sdk_eventbridge::Client::new);
        Ok(Self { console, destination: Destination::Bus { client, deployment } })
    }
}

impl Sender {
    /// Creates the sender from the environment. All attempts of a process share it, because it limits their number.
    ///
    /// # Errors
    /// [`SetupError`] if a variable is invalid or the TLS client cannot be created.
    pub fn from_env() -> Result<Arc<Self>, SetupError> {
        Ok(Arc::new(Self::new(SenderSettings::from_env()?)?))
    }
}

/// Settings from `CALLBACK_TIMEOUT_MS`, `MAX_IN_FLIGHT`, `PRIVATE_CA`, `NAME_SERVERS` and those of
/// [`OutboundPolicy::from_env`]; in a function also from `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, which Lambda sets.
impl FromEnv for SenderSettings {
    fn from_env() -> Result<Self, InvalidSetting> {
        let default = Self::default();
        let timeout = milliseconds_var_or("CALLBACK_TIMEOUT_MS", default.timeout, Duration::from_secs(60))?;
        let max_in_flight = max_in_flight(default.max_in_flight)?;
        let one_batch_at_a_time = std::env::var_os(MEMORY).is_some();
        let extra_roots = certificates(&var_or("PRIVATE_CA", String::new())?).map_err(|error| InvalidSetting {
            variable: "PRIVATE_CA",
            value: "…".to_owned(), // redacted: it may be a private key by mistake
            reason: error.to_string(),
        })?;
        let lookup = Lookup::from_env()?;
        Ok(Self {
            timeout,
            max_in_flight,
            extra_roots,
            policy: OutboundPolicy::from_env()?,
            one_batch_at_a_time,
            lookup,
        })
    }
}

/// Name servers from `NAME_SERVERS`: IP addresses with or without a port, separated by commas; the system's by default.
impl FromEnv for Lookup {
    fn from_env() -> Result<Self, InvalidSetting> {
        const VARIABLE: &str = "NAME_SERVERS";
        let value = var_or(VARIABLE, String::new())?;
        if value.is_empty() {
            return Ok(Self::System);
        }
        let invalid = |error: InvalidNameServers| InvalidSetting {
            variable: VARIABLE,
            value: value.clone(),
            reason: error.to_string(),
        };
        value.parse().map(Self::NameServers).map_err(invalid)
    }
}

/// Memory of the function in MiB, set by Lambda only.
const MEMORY: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";

/// Reads the limit. A configured one applies even if the function's memory is too small for it, which is logged.
fn max_in_flight(default: usize) -> Result<usize, InvalidSetting> {
    let memory_mib: usize = var_or(MEMORY, 0)?;
    let room = if memory_mib == 0 { default } else { SenderSettings::max_in_flight_within(memory_mib) };
    let max_in_flight = bounded_var_or("MAX_IN_FLIGHT", room, 1, 900)?;
    if max_in_flight > room {
        tracing::warn!(
            max_in_flight,
            room,
            memory_mib,
            "MAX_IN_FLIGHT is more than the memory has room for: hostile receivers can use up the memory. Lower it, or remove it, \
             or give the function more memory"
        );
    }
    Ok(max_in_flight)
}

/// Settings from `HOLD_MS`, `MAX_IN_FLIGHT_PER_ENDPOINT`, `LOG_DELIVERIES` and those of [`RetrySchedule::from_env`].
impl FromEnv for FanoutSettings {
    fn from_env() -> Result<Self, InvalidSetting> {
        let default = Self::default();
        let max_in_flight = default.max_in_flight_per_endpoint;
        Ok(Self {
            hold: hold_from_env(default.hold)?,
            schedule: RetrySchedule::from_env()?,
            max_in_flight_per_endpoint: bounded_var_or("MAX_IN_FLIGHT_PER_ENDPOINT", max_in_flight, 1, 900)?,
            log: Log::from_env()?,
        })
    }
}

/// Settings from `MAX_IN_FLIGHT_PER_DRAIN`, `HOLD_MS`, `LOG_DELIVERIES` and those of [`RetrySchedule::from_env`].
impl FromEnv for RetrySettings {
    fn from_env() -> Result<Self, InvalidSetting> {
        let default = Self::default();
        Ok(Self {
            schedule: RetrySchedule::from_env()?,
            max_in_flight: bounded_var_or("MAX_IN_FLIGHT_PER_DRAIN", default.max_in_flight, 1, 900)?,
            hold: hold_from_env(default.hold)?,
            log: Log::from_env()?,
            ..default
        })
    }
}

/// Reads the hold, at most two seconds: an attempt has ten, and a batch that holds its part of the stream delays every
/// receiver.
fn hold_from_env(default: Duration) -> Result<Duration, InvalidSetting> {
    milliseconds_var_or("HOLD_MS", default, Duration::from_secs(2))
}

/// Settings from `INLINE_RETRY_MS`, `RETRY_DELAY_MS` and `DEFERRED_EXPIRY_S`.
impl FromEnv for RetrySchedule {
    fn from_env() -> Result<Self, InvalidSetting> {
        let default = Self::default();
        let deferred_expiry =
            bounded_var_or("DEFERRED_EXPIRY_S", default.deferred_expiry.as_secs(), 1, 30 * 24 * 60 * 60)?;
        Ok(Self {
            inline_retry_delay: milliseconds_var_or(
                "INLINE_RETRY_MS",
                default.inline_retry_delay,
                Duration::from_secs(10),
            )?,
            retry_delay: milliseconds_var_or("RETRY_DELAY_MS", default.retry_delay, Duration::from_secs(10))?,
            inline_attempts: default.inline_attempts,
            deferred_expiry: Duration::from_secs(deferred_expiry),
        })
    }
}

impl FromEnv for Log {
    fn from_env() -> Result<Self, InvalidSetting> {
        let value = var_or("LOG_DELIVERIES", "all".to_owned())?;
        match &*value {
            "all" => Ok(Self::All),
            "failures" => Ok(Self::Failures),
            "none" => Ok(Self::None),
            _ => Err(InvalidSetting {
                variable: "LOG_DELIVERIES",
                value,
                reason: "it must be all, failures or none".to_owned(),
            }),
        }
    }
}

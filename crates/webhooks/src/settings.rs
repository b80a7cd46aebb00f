//! Settings from environment variables, the same for the Lambda functions and the local program.
//!
//! Each setting's field names its variable and its default; each error names the variable.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;

use crate::access::{AccessSettings, InvalidName};
use crate::address::{Guard, Networks, Ports};
use crate::api::ApiState;
use crate::dispatch::RetrySchedule;
use crate::endpoint::HealthSettings;
use crate::event::EventSettings;
use crate::fanout::{Fanout, FanoutSettings, Log, Memory};
use crate::metrics::Metrics;
use crate::notice::Notices;
use crate::retry::{Retry, RetrySettings};
use crate::sender::{InvalidNameServers, Lookup, Sender, SenderSettings, certificates};
use crate::store::{
    AuditStore, BulkReplaysStore, CallbacksStore, DeliveriesStore, EndpointsStore, SecretsStore, Tables, TestCallsStore,
};
use crate::wake_up::WakeUps;
use crate::world::Machine;

/// A variable is set to something that it cannot be.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {variable} is {value:?}: {reason}")]
pub struct InvalidSetting {
    variable: &'static str,
    value: String,
    reason: String,
}

/// Why the program cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A setting is wrong.
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
    /// The TLS client cannot be made.
    #[error("the TLS client cannot be made: {0}")]
    Tls(#[from] rustls::Error),
}

impl Fanout {
    /// The fan-out that the environment describes, on this client's tables.
    ///
    /// # Errors
    /// When a variable is wrong.
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
    /// The retry engine that the environment describes, on this client's tables.
    ///
    /// # Errors
    /// When a variable is wrong.
    pub fn from_env(
        client: &Client,
        wake_ups: WakeUps,
        sender: Arc<Sender>,
        notices: Notices,
    ) -> Result<Self, SetupError> {
        let tables = Tables::from_env()?;
        Ok(Self {
            endpoints: EndpointsStore::from_env(client.clone(), &*tables.webhooks)?,
            secrets: SecretsStore::from_env(client.clone(), tables.webhooks)?,
            deliveries: DeliveriesStore::from_env(client.clone(), tables.deliveries)?,
            wake_ups,
            notices,
            sender,
            metrics: Metrics::from_env()?,
            health: HealthSettings::from_env()?,
            settings: RetrySettings::from_env()?,
            world: Arc::new(Machine),
        })
    }
}

impl DeliveriesStore {
    /// Deliveries in the given table; completed ones are kept for `LOG_RETENTION_DAYS` (1 to 365, default 30).
    ///
    /// # Errors
    /// When the variable is wrong.
    pub fn from_env(client: Client, table: impl Into<String>) -> Result<Self, InvalidSetting> {
        let days: u64 = read_within("LOG_RETENTION_DAYS", 30, 1, 365)?;
        Ok(Self::new(client, table).retaining(Duration::from_secs(24 * 60 * 60 * days)))
    }
}

impl CallbacksStore {
    /// Callbacks in the given table; entries in the audit are kept for `AUDIT_RETENTION_DAYS`.
    ///
    /// # Errors
    /// When the variable is wrong.
    pub fn from_env(client: Client, table: impl Into<String>) -> Result<Self, InvalidSetting> {
        Ok(Self::new(client, table).keeping_audit_for(audit_retention()?))
    }
}

impl EndpointsStore {
    /// Endpoints in the given table; entries in the audit are kept for `AUDIT_RETENTION_DAYS`.
    ///
    /// # Errors
    /// When the variable is wrong.
    pub fn from_env(client: Client, table: impl Into<String>) -> Result<Self, InvalidSetting> {
        Ok(Self::new(client, table).keeping_audit_for(audit_retention()?))
    }
}

impl SecretsStore {
    /// Secrets in the given table; entries in the audit are kept for `AUDIT_RETENTION_DAYS`.
    ///
    /// # Errors
    /// When the variable is wrong.
    pub fn from_env(client: Client, table: impl Into<String>) -> Result<Self, InvalidSetting> {
        Ok(Self::new(client, table).keeping_audit_for(audit_retention()?))
    }
}

/// `AUDIT_RETENTION_DAYS` (1 to 3,653, default 365).
fn audit_retention() -> Result<Duration, InvalidSetting> {
    let days: u64 = read_within("AUDIT_RETENTION_DAYS", 365, 1, 3_653)?;
    Ok(Duration::from_secs(24 * 60 * 60 * days))
}

impl WakeUps {
    /// The queue that `WAKEUP_QUEUE_URL` names.
    ///
    /// # Errors
    /// When it names none.
    pub fn from_env(config: &SdkConfig) -> Result<Self, InvalidSetting> {
        let url = required("WAKEUP_QUEUE_URL")?;
        Ok(Self::Queue { client: aws_sdk_sqs::Client::new(config), url })
    }
}

impl Metrics {
    /// CloudWatch, for the deployment that `DEPLOYMENT_NAME` names; the log, when it names none.
    ///
    /// # Errors
    /// Never at present.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        let deployment = read("DEPLOYMENT_NAME", String::new())?;
        Ok(if deployment.is_empty() { Self::Log } else { Self::CloudWatch { deployment } })
    }
}

impl Notices {
    /// The account's default bus, for the deployment that `DEPLOYMENT_NAME` names.
    ///
    /// # Errors
    /// When it names none.
    pub fn from_env(config: &SdkConfig) -> Result<Self, InvalidSetting> {
        let deployment = required("DEPLOYMENT_NAME")?;
        Ok(Self::Bus { client: aws_sdk_eventbridge::Client::new(config), deployment })
    }
}

fn required(variable: &'static str) -> Result<String, InvalidSetting> {
    let value = read(variable, String::new())?;
    if value.is_empty() {
        return Err(InvalidSetting { variable, value, reason: "it has to be set".to_owned() });
    }
    Ok(value)
}

impl ApiState {
    /// The API's state that the environment describes, on this client's tables.
    ///
    /// # Errors
    /// When a variable is wrong.
    pub fn from_env(client: &Client, wake_ups: WakeUps, sender: Arc<Sender>) -> Result<Self, SetupError> {
        let tables = Tables::from_env()?;
        Ok(Self {
            callbacks: CallbacksStore::from_env(client.clone(), &*tables.webhooks)?,
            endpoints: EndpointsStore::from_env(client.clone(), &*tables.webhooks)?,
            secrets: SecretsStore::from_env(client.clone(), &*tables.webhooks)?,
            audit: AuditStore::new(client.clone(), &*tables.webhooks),
            bulk_replays: BulkReplaysStore::new(client.clone(), &*tables.webhooks),
            test_calls: TestCallsStore::new(client.clone(), tables.webhooks, test_calls_per_minute()?),
            deliveries: DeliveriesStore::from_env(client.clone(), tables.deliveries)?,
            wake_ups,
            sender,
            access: Arc::new(AccessSettings::from_env()?),
            world: Arc::new(Machine),
        })
    }
}

impl AccessSettings {
    /// From `ADMINISTRATOR_GROUP`, `DEVELOPER_GROUP`, `GROUPS_CLAIM` and `WORKSPACE_CLAIM`.
    ///
    /// # Errors
    /// When one could not be told apart in a list of names.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        let default = Self::default();
        let name = |variable, default| {
            let name: String = read(variable, default)?;
            let invalid =
                |error: InvalidName| InvalidSetting { variable, value: name.clone(), reason: error.to_string() };
            Self::checked(name.clone()).map_err(invalid)
        };
        Ok(Self {
            administrator_group: name("ADMINISTRATOR_GROUP", default.administrator_group)?,
            developer_group: name("DEVELOPER_GROUP", default.developer_group)?,
            groups_claim: name("GROUPS_CLAIM", default.groups_claim)?,
            workspace_claim: name("WORKSPACE_CLAIM", default.workspace_claim)?,
        })
    }
}

/// `TEST_CALLS_PER_MINUTE` (default 30), of one workspace.
fn test_calls_per_minute() -> Result<u32, InvalidSetting> {
    read_within("TEST_CALLS_PER_MINUTE", 30, 1, 1_000)
}

/// Reads a variable, or takes its default when it is not set or empty.
fn read<T: FromStr<Err: Display>>(variable: &'static str, default: T) -> Result<T, InvalidSetting> {
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => {
            value.parse().map_err(|error: T::Err| InvalidSetting { variable, value, reason: error.to_string() })
        }
        _ => Ok(default),
    }
}

/// A number within bounds.
fn read_within<T>(variable: &'static str, default: T, min: T, max: T) -> Result<T, InvalidSetting>
where
    T: FromStr<Err: Display> + PartialOrd + Display + Copy,
{
    let value = read(variable, default)?;
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    Err(InvalidSetting { variable, value: value.to_string(), reason: format!("it must be from {min} to {max}") })
}

fn read_milliseconds(variable: &'static str, default: Duration, max: Duration) -> Result<Duration, InvalidSetting> {
    let milliseconds = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    read_within(variable, milliseconds(default), 1, milliseconds(max)).map(Duration::from_millis)
}

impl Tables {
    /// From `WEBHOOKS_TABLE` and `DELIVERIES_TABLE`.
    ///
    /// # Errors
    /// Never at present; a name is checked by DynamoDB.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        Ok(Self {
            webhooks: read("WEBHOOKS_TABLE", "Webhooks".to_owned())?,
            deliveries: read("DELIVERIES_TABLE", "Deliveries".to_owned())?,
        })
    }
}

impl EventSettings {
    /// From `INSTANCE_ID_ATTRIBUTE`, `PROCESS_NAME_ATTRIBUTE`, `WORKSPACE_ID_ATTRIBUTE` and `TTL_EXPIRY_IS_DELETED`.
    ///
    /// # Errors
    /// When the last is neither `true` nor `false`.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        let default = Self::default();
        Ok(Self {
            instance_id_attribute: read("INSTANCE_ID_ATTRIBUTE", default.instance_id_attribute)?,
            process_name_attribute: read("PROCESS_NAME_ATTRIBUTE", default.process_name_attribute)?,
            workspace_id_attribute: read("WORKSPACE_ID_ATTRIBUTE", default.workspace_id_attribute)?,
            ttl_expiry_is_deleted: read("TTL_EXPIRY_IS_DELETED", default.ttl_expiry_is_deleted)?,
        })
    }
}

impl Sender {
    /// The sender that the environment describes, to be shared by all who make attempts in one process: it bounds how many
    /// there are at a time.
    ///
    /// # Errors
    /// When a variable is wrong.
    pub fn from_env() -> Result<Arc<Self>, SetupError> {
        Ok(Arc::new(Self::new(SenderSettings::from_env()?)?))
    }
}

impl SenderSettings {
    /// From `CALLBACK_TIMEOUT_MS`, `MAX_IN_FLIGHT`, `PRIVATE_CA`, `NAME_SERVERS` and what [`Guard::from_env`] reads; in a function
    /// also from `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, which Lambda sets.
    ///
    /// # Errors
    /// When one is not what it must be, or out of bounds.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        let default = Self::default();
        let timeout = read_milliseconds("CALLBACK_TIMEOUT_MS", default.timeout, Duration::from_secs(60))?;
        let max_in_flight = max_in_flight(default.max_in_flight)?;
        let one_batch_at_a_time = std::env::var_os(MEMORY).is_some();
        let extra_roots = certificates(&read("PRIVATE_CA", String::new())?).map_err(|error| InvalidSetting {
            variable: "PRIVATE_CA",
            value: "…".to_owned(), // it may be a private key, put there by mistake
            reason: error.to_string(),
        })?;
        let lookup = Lookup::from_env()?;
        Ok(Self { timeout, max_in_flight, extra_roots, guard: Guard::from_env()?, one_batch_at_a_time, lookup })
    }
}

impl Lookup {
    /// The name servers in `NAME_SERVERS`, IP addresses with or without a port and with commas between them; the system's,
    /// when it is not set.
    ///
    /// # Errors
    /// When one is no address.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        const VARIABLE: &str = "NAME_SERVERS";
        let value = read(VARIABLE, String::new())?;
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

/// Lambda sets it, to MiB, and nothing else does.
const MEMORY: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";

/// A setting counts as it is; one for which the function's memory has no room is logged.
fn max_in_flight(default: usize) -> Result<usize, InvalidSetting> {
    let memory_mib: usize = read(MEMORY, 0)?;
    let room = if memory_mib == 0 { default } else { SenderSettings::max_in_flight_within(memory_mib) };
    let max_in_flight = read_within("MAX_IN_FLIGHT", room, 1, 900)?;
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

impl Guard {
    /// From `ALLOWED_NETWORKS`, `HTTPS_ONLY` and `ALLOWED_PORTS`.
    ///
    /// # Errors
    /// When one is not what it must be.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        Ok(Self {
            allowed_networks: read("ALLOWED_NETWORKS", Networks::default())?,
            https_only: read("HTTPS_ONLY", false)?,
            allowed_ports: read("ALLOWED_PORTS", Ports::default())?,
        })
    }
}

impl FanoutSettings {
    /// From `HOLD_MS`, `MAX_IN_FLIGHT_PER_ENDPOINT`, `LOG_DELIVERIES` and what [`RetrySchedule::from_env`] reads.
    ///
    /// # Errors
    /// When one is no number or out of bounds.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        let default = Self::default();
        let max_in_flight = default.max_in_flight_per_endpoint;
        Ok(Self {
            hold: hold_from_env(default.hold)?,
            schedule: RetrySchedule::from_env()?,
            max_in_flight_per_endpoint: read_within("MAX_IN_FLIGHT_PER_ENDPOINT", max_in_flight, 1, 900)?,
            log: Log::from_env()?,
        })
    }
}

impl RetrySettings {
    /// From `MAX_IN_FLIGHT_PER_DRAIN`, `HOLD_MS`, `LOG_DELIVERIES` and what [`RetrySchedule::from_env`] reads.
    ///
    /// # Errors
    /// When one is no number or out of bounds.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        let default = Self::default();
        Ok(Self {
            schedule: RetrySchedule::from_env()?,
            max_in_flight: read_within("MAX_IN_FLIGHT_PER_DRAIN", default.max_in_flight, 1, 900)?,
            hold: hold_from_env(default.hold)?,
            log: Log::from_env()?,
            ..default
        })
    }
}

/// At most two seconds: an attempt has ten, and a batch that holds its part of the stream for longer holds every receiver.
fn hold_from_env(default: Duration) -> Result<Duration, InvalidSetting> {
    read_milliseconds("HOLD_MS", default, Duration::from_secs(2))
}

impl RetrySchedule {
    /// From `INLINE_RETRY_MS`, `PAUSE_IN_PLACE_MS` and `ASIDE_GIVE_UP_S`.
    ///
    /// # Errors
    /// When one is no number or out of bounds.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        let default = Self::default();
        let give_up_after = read_within("ASIDE_GIVE_UP_S", default.give_up_after.as_secs(), 1, 30 * 24 * 60 * 60)?;
        Ok(Self {
            inline_pause: read_milliseconds("INLINE_RETRY_MS", default.inline_pause, Duration::from_secs(10))?,
            pause_in_place: read_milliseconds("PAUSE_IN_PLACE_MS", default.pause_in_place, Duration::from_secs(10))?,
            tries_in_place: default.tries_in_place,
            give_up_after: Duration::from_secs(give_up_after),
        })
    }
}

impl HealthSettings {
    /// `BACKOFF_STEPS_S` (default `5,30,120,600,1800,3600,7200,14400`), `WARN_AFTER_S` (default 4 days) and
    /// `GIVE_UP_AFTER_S` (default 5 days).
    ///
    /// # Errors
    /// When one is no number of seconds.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        const VARIABLE: &str = "BACKOFF_STEPS_S";
        let default = Self::default();
        let text = read(VARIABLE, String::new())?;
        let steps: Result<Vec<f64>, _> =
            text.split(',').filter(|step| !step.is_empty()).map(|step| step.trim().parse()).collect();
        let invalid =
            |reason: &str| InvalidSetting { variable: VARIABLE, value: text.clone(), reason: reason.to_owned() };
        let steps = steps.map_err(|error| invalid(&error.to_string()))?;
        if steps.iter().any(|step| !(0.01..=86_400.0).contains(step)) {
            return Err(invalid("each step must be from 0.01 to 86400 seconds"));
        }
        let steps: Vec<_> = steps.into_iter().map(Duration::from_secs_f64).collect();
        let seconds = |variable, default: Duration| {
            read_within(variable, default.as_secs(), 1, 30 * 24 * 60 * 60).map(Duration::from_secs)
        };
        Ok(Self {
            steps: if steps.is_empty() { default.steps } else { steps },
            warn_after: seconds("WARN_AFTER_S", default.warn_after)?,
            give_up_after: seconds("GIVE_UP_AFTER_S", default.give_up_after)?,
            ..Self::default()
        })
    }
}

impl Log {
    fn from_env() -> Result<Self, InvalidSetting> {
        let value = read("LOG_DELIVERIES", "all".to_owned())?;
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

#[cfg(test)]
mod tests {
    use super::*;

    // The environment belongs to the whole process, so these use variables of their own or one that is never set.
    #[test]
    fn a_variable_that_is_not_set_has_its_default() {
        assert_eq!(read("A_VARIABLE_THAT_IS_NOT_SET", 7).unwrap(), 7);
    }

    #[test]
    fn an_error_names_the_variable() {
        // `PATH` is set, to no number, wherever a test runs.
        let error = read("PATH", 7).unwrap_err().to_string();
        assert!(error.starts_with("the environment variable PATH is "), "{error}");
        let error = read_within("A_VARIABLE_THAT_IS_NOT_SET", 7, 8, 9).unwrap_err().to_string();
        assert_eq!(error, r#"the environment variable A_VARIABLE_THAT_IS_NOT_SET is "7": it must be from 8 to 9"#);
    }
}

//! Settings from environment variables, shared by the Lambda functions and the local program.
//!
//! The documentation of each setting's field names its variable and its default; each error names the variable.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use webhooks_model::access::{AccessSettings, InvalidName};
use webhooks_model::address::{Networks, OutboundPolicy, Ports};
use webhooks_model::endpoint::HealthSettings;
use webhooks_model::event::EventSettings;

use crate::metrics::Metrics;

/// Error for a variable with an invalid value.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {variable} is {value:?}: {reason}")]
pub struct InvalidSetting {
    /// Name of the variable.
    pub variable: &'static str,
    /// Value of the variable, redacted if it must not be logged.
    pub value: String,
    /// Description of valid values.
    pub reason: String,
}

/// Settings from environment variables.
pub trait FromEnv: Sized {
    /// Reads the variables of the settings.
    ///
    /// # Errors
    /// [`InvalidSetting`] for the first invalid one.
    fn from_env() -> Result<Self, InvalidSetting>;
}

/// Reads a variable, or returns `default` if it is not set or empty.
///
/// # Errors
/// [`InvalidSetting`] if it cannot be parsed.
pub fn var_or<T: FromStr<Err: Display>>(variable: &'static str, default: T) -> Result<T, InvalidSetting> {
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => {
            value.parse().map_err(|error: T::Err| InvalidSetting { variable, value, reason: error.to_string() })
        }
        _ => Ok(default),
    }
}

/// Reads a required variable.
///
/// # Errors
/// [`InvalidSetting`] if it is not set or empty.
pub fn required_var(variable: &'static str) -> Result<String, InvalidSetting> {
    let value = var_or(variable, String::new())?;
    if value.is_empty() {
        return Err(InvalidSetting { variable, value, reason: "it has to be set".to_owned() });
    }
    Ok(value)
}

/// Reads a number from `min` to `max`.
///
/// # Errors
/// [`InvalidSetting`] if it is not a number or out of bounds.
pub fn bounded_var_or<T>(variable: &'static str, default: T, min: T, max: T) -> Result<T, InvalidSetting>
where
    T: FromStr<Err: Display> + PartialOrd + Display + Copy,
{
    let value = var_or(variable, default)?;
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    Err(InvalidSetting { variable, value: value.to_string(), reason: format!("it must be from {min} to {max}") })
}

/// Reads a number of milliseconds from 1 to `max`.
///
/// # Errors
/// [`InvalidSetting`] if it is not a number or out of bounds.
pub fn milliseconds_var_or(
    variable: &'static str,
    default: Duration,
    max: Duration,
) -> Result<Duration, InvalidSetting> {
    let milliseconds = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    bounded_var_or(variable, milliseconds(default), 1, milliseconds(max)).map(Duration::from_millis)
}

/// Destination from `DEPLOYMENT_NAME`: CloudWatch for the deployment of that name; the log if it is not set.
impl FromEnv for Metrics {
    fn from_env() -> Result<Self, InvalidSetting> {
        let deployment = var_or("DEPLOYMENT_NAME", String::new())?;
        Ok(if deployment.is_empty() { Self::Log } else { Self::CloudWatch { deployment } })
    }
}

/// Names from `ADMINISTRATOR_GROUP`, `DEVELOPER_GROUP`, `OPERATOR_GROUP`, `GROUPS_CLAIM` and `WORKSPACE_CLAIM`, unambiguous in
/// a list.
impl FromEnv for AccessSettings {
    fn from_env() -> Result<Self, InvalidSetting> {
        let default = Self::default();
        let name = |variable, default| {
            let name: String = var_or(variable, default)?;
            let invalid =
                |error: InvalidName| InvalidSetting { variable, value: name.clone(), reason: error.to_string() };
            Self::checked(name.clone()).map_err(invalid)
        };
        Ok(Self {
            administrator_group: name("ADMINISTRATOR_GROUP", default.administrator_group)?,
            developer_group: name("DEVELOPER_GROUP", default.developer_group)?,
            operator_group: name("OPERATOR_GROUP", default.operator_group)?,
            groups_claim: name("GROUPS_CLAIM", default.groups_claim)?,
            workspace_claim: name("WORKSPACE_CLAIM", default.workspace_claim)?,
        })
    }
}

/// Settings from `INSTANCE_ID_ATTRIBUTE`, `PROCESS_NAME_ATTRIBUTE`, `WORKSPACE_ID_ATTRIBUTE` and
/// `TTL_EXPIRY_IS_DELETED` (`true` or `false`).
impl FromEnv for EventSettings {
    fn from_env() -> Result<Self, InvalidSetting> {
        let default = Self::default();
        Ok(Self {
            instance_id_attribute: var_or("INSTANCE_ID_ATTRIBUTE", default.instance_id_attribute)?,
            process_name_attribute: var_or("PROCESS_NAME_ATTRIBUTE", default.process_name_attribute)?,
            workspace_id_attribute: var_or("WORKSPACE_ID_ATTRIBUTE", default.workspace_id_attribute)?,
            ttl_expiry_is_deleted: var_or("TTL_EXPIRY_IS_DELETED", default.ttl_expiry_is_deleted)?,
        })
    }
}

/// Policy from `ALLOWED_NETWORKS`, `HTTPS_ONLY` and `ALLOWED_PORTS`.
impl FromEnv for OutboundPolicy {
    fn from_env() -> Result<Self, InvalidSetting> {
        Ok(Self {
            allowed_networks: var_or("ALLOWED_NETWORKS", Networks::default())?,
            https_only: var_or("HTTPS_ONLY", false)?,
            allowed_ports: var_or("ALLOWED_PORTS", Ports::default())?,
        })
    }
}

/// Settings from `BACKOFF_STEPS_S` (default `5,30,120,600,1800,3600,7200,14400`), `DISABLE_WARNING_AFTER_S` (default 4
/// days) and `DISABLE_AFTER_S` (default 5 days).
impl FromEnv for HealthSettings {
    fn from_env() -> Result<Self, InvalidSetting> {
        const VARIABLE: &str = "BACKOFF_STEPS_S";
        let default = Self::default();
        let text = var_or(VARIABLE, String::new())?;
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
            bounded_var_or(variable, default.as_secs(), 1, 30 * 24 * 60 * 60).map(Duration::from_secs)
        };
        Ok(Self {
            steps: if steps.is_empty() { default.steps } else { steps },
            disable_warning_after: seconds("DISABLE_WARNING_AFTER_S", default.disable_warning_after)?,
            disable_after: seconds("DISABLE_AFTER_S", default.disable_after)?,
            ..Self::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The whole process shares the environment, so these tests use variables of their own, or one that is never set.
    #[test]
    fn a_variable_that_is_not_set_has_its_default() {
        assert_eq!(var_or("A_VARIABLE_THAT_IS_NOT_SET", 7).unwrap(), 7);
    }

    #[test]
    fn an_error_names_the_variable() {
        // `PATH` is set, and not a number, wherever a test runs.
        let error = var_or("PATH", 7).unwrap_err().to_string();
        assert!(error.starts_with("the environment variable PATH is "), "{error}");
        let error = bounded_var_or("A_VARIABLE_THAT_IS_NOT_SET", 7, 8, 9).unwrap_err().to_string();
        assert_eq!(error, r#"the environment variable A_VARIABLE_THAT_IS_NOT_SET is "7": it must be from 8 to 9"#);
        let error = required_var("A_VARIABLE_THAT_IS_NOT_SET").unwrap_err().to_string();
        assert_eq!(error, r#"the environment variable A_VARIABLE_THAT_IS_NOT_SET is "": it has to be set"#);
    }
}

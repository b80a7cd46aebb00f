//! The tables that environment variables describe.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use webhooks_runtime::env::{FromEnv, InvalidSetting, bounded_var_or, var_or};

use crate::{CallbacksStore, DeliveriesStore, EndpointsStore, SecretsStore, Tables};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// `WEBHOOKS_TABLE` and `DELIVERIES_TABLE`; DynamoDB checks the names.
impl FromEnv for Tables {
    fn from_env() -> Result<Self, InvalidSetting> {
        Ok(Self {
            webhooks: var_or("WEBHOOKS_TABLE", "Webhooks".to_owned())?,
            deliveries: var_or("DELIVERIES_TABLE", "Deliveries".to_owned())?,
        })
    }
}

impl DeliveriesStore {
    /// Deliveries in the given table; completed ones are kept for `LOG_RETENTION_DAYS` (1 to 365, default 30).
    ///
    /// # Errors
    /// When the variable is wrong.
    pub fn from_env(client: Client, table: impl Into<String>) -> Result<Self, InvalidSetting> {
        let days = bounded_var_or("LOG_RETENTION_DAYS", 30, 1, 365)?;
        Ok(Self::new(client, table).retaining(DAY * days))
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
    Ok(DAY * bounded_var_or("AUDIT_RETENTION_DAYS", 365, 1, 3_653)?)
}

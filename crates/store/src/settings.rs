//! The stores from environment variables.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use webhooks_runtime::env::{FromEnv, InvalidSetting, bounded_var_or, var_or};

use crate::{AuditStore, CallbacksStore, DeliveriesStore, EndpointsStore, SecretsStore, Tables};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Table names from `WEBHOOKS_TABLE` and `DELIVERIES_TABLE`; DynamoDB checks them.
impl FromEnv for Tables {
    fn from_env() -> Result<Self, InvalidSetting> {
        Ok(Self {
            webhooks: var_or("WEBHOOKS_TABLE", "Webhooks".to_owned())?,
            deliveries: var_or("DELIVERIES_TABLE", "Deliveries".to_owned())?,
        })
    }
}

impl DeliveriesStore {
    /// Creates the store of the given table. Completed deliveries are kept for `LOG_RETENTION_DAYS` (1 to 365, default
    /// 30).
    ///
    /// # Errors
    /// [`InvalidSetting`] if the variable is invalid.
    pub fn from_env(client: Client, table: impl Into<String>) -> Result<Self, InvalidSetting> {
        let days = bounded_var_or("LOG_RETENTION_DAYS", 30, 1, 365)?;
        Ok(Self::new(client, table).retaining(DAY * days))
    }
}

impl CallbacksStore {
    /// Creates the store of the given table. Audit entries are kept for `AUDIT_RETENTION_DAYS`.
    ///
    /// # Errors
    /// [`InvalidSetting`] if the variable is invalid.
    pub fn from_env(client: Client, table: impl Into<String>) -> Result<Self, InvalidSetting> {
        Ok(Self::new(client, table).keeping_audit_for(audit_retention()?))
    }
}

impl EndpointsStore {
    /// Creates the store of the given table. Audit entries are kept for `AUDIT_RETENTION_DAYS`.
    ///
    /// # Errors
    /// [`InvalidSetting`] if the variable is invalid.
    pub fn from_env(client: Client, table: impl Into<String>) -> Result<Self, InvalidSetting> {
        Ok(Self::new(client, table).keeping_audit_for(audit_retention()?))
    }
}

impl SecretsStore {
    /// Creates the store of the given table. Audit entries are kept for `AUDIT_RETENTION_DAYS`.
    ///
    /// # Errors
    /// [`InvalidSetting`] if the variable is invalid.
    pub fn from_env(client: Client, table: impl Into<String>) -> Result<Self, InvalidSetting> {
        Ok(Self::new(client, table).keeping_audit_for(audit_retention()?))
    }
}

impl AuditStore {
    /// Creates the store of the given table. Entries are kept for `AUDIT_RETENTION_DAYS`.
    ///
    /// # Errors
    /// [`InvalidSetting`] if the variable is invalid.
    pub fn from_env(client: Client, table: impl Into<String>) -> Result<Self, InvalidSetting> {
        Ok(Self::new(client, table).keeping_for(audit_retention()?))
    }
}

/// Reads `AUDIT_RETENTION_DAYS` (1 to 3,653, default 365).
fn audit_retention() -> Result<Duration, InvalidSetting> {
    Ok(DAY * bounded_var_or("AUDIT_RETENTION_DAYS", 365, 1, 3_653)?)
}
